"""What `diarist doctor` looks at, one small check for each thing that may be missing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Literal

from diarist.bootstrap.engines import LOCAL_ENGINE, REMOTE_ENGINE, model_store
from diarist.errors import DiaristError
from diarist.settings import Settings, load_settings
from diarist.transcription.choice import choose, this_hardware
from diarist.transcription.engine import installed_engines


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what was looked at.
        state: `missing` if recordings cannot become entries without it.
        says: what was found.
        hint: what to do about it, if something should be done.
    """

    subject: str
    state: Literal["ok", "warning", "missing"]
    says: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as plain values."""
        return asdict(self)


def findings() -> Iterator[Finding]:
    """Look at everything, in the order in which a recording meets it."""
    yield Finding("diarist", "ok", f"{metadata.version('diarist')}, Python {_python()}")
    try:
        settings = load_settings()
    except DiaristError as error:
        yield Finding("settings", "missing", error.message, error.hint)
        settings = Settings.model_construct()
    else:
        yield Finding("settings", "ok", "every DIARIST_ variable is known and valid")
    yield _hardware(settings)
    yield _library("audio", "av", "whisper", "decodes recordings")
    yield from _engine(settings)
    yield _library("writer", "yake", "writer", "writes entries without an LLM")
    yield _guarded("names", _names)
    yield _folder(settings)


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _hardware(settings: Settings) -> Finding:
    hardware = this_hardware(settings.transcription.device)
    gpus = f"{hardware.gpus} GPU(s)" if hardware.has_gpu else "no GPU"
    return Finding(
        "hardware", "ok", f"{hardware.cores} cores, {gpus}, {hardware.free_mb} MB of memory free"
    )


def _library(subject: str, module: str, extra: str, purpose: str) -> Finding:
    if find_spec(module) is None:
        hint = f"pip install 'diarist[{extra}]'"
        return Finding(subject, "missing", f"{module} is not installed", hint)
    return Finding(subject, "ok", f"{module} is installed and {purpose}")


def _engine(settings: Settings) -> Iterator[Finding]:
    name = settings.transcription.engine
    if name == REMOTE_ENGINE:
        yield Finding("engine", "ok", f"the server at {settings.remote.base_url}; not asked now")
    elif name == LOCAL_ENGINE:
        yield _library("engine", "faster_whisper", "whisper", "turns speech into text")
        yield _guarded("model", lambda: _model(settings))
    elif name in installed_engines():
        yield Finding("engine", "ok", f"{name}, from a package")
    else:
        known = ", ".join((LOCAL_ENGINE, REMOTE_ENGINE, *installed_engines()))
        yield Finding("engine", "missing", f"no engine is called {name!r}", f"Known are: {known}.")


def _model(settings: Settings) -> Finding:
    store, wanted = model_store(settings), settings.transcription.model
    choice = choose(wanted, store, this_hardware(settings.transcription.device))
    if choice.located.model is not None:
        store.verified(choice.located.name)
    here = ", ".join(located.name for located in store.installed())
    return Finding(
        "model", "ok", f"{choice.located.name} would be used: {choice.reason}. Here are: {here}"
    )


def _names() -> Finding:
    from diarist.privacy.names import load_names  # noqa: PLC0415 - loads a model

    if load_names() is None:
        return Finding(
            "names",
            "warning",
            "the model that finds people and places is not installed; only clear signs count",
            "pip install 'diarist[names]'",
        )
    return Finding("names", "ok", "the model that finds people and places is here, as published")


def _guarded(subject: str, check: Callable[[], Finding]) -> Finding:
    """Turn an error of a check into a finding."""
    try:
        return check()
    except DiaristError as error:
        return Finding(subject, "missing", error.message, error.hint)
    except ModuleNotFoundError as error:
        hint = "pip install 'diarist[laptop]'"
        return Finding(subject, "missing", f"{error.name} is not installed", hint)


def _folder(settings: Settings) -> Finding:
    root = model_store(settings).root
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            "model folder",
            "warning",
            f"nothing can be written to {root}",
            "Set DIARIST_MODELS__ROOT to a folder that can be written.",
        )
    return Finding("model folder", "ok", str(root))
