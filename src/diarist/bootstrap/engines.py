"""Engines and their models, as the settings name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from diarist.audio.options import DecodeOptions
from diarist.errors import ModelUnusableError
from diarist.settings import Settings
from diarist.transcription.choice import Choice, choose, this_hardware
from diarist.transcription.config import FasterWhisperConfig, RemoteConfig
from diarist.transcription.engine import Engine, EngineConfig, load_engine
from diarist.transcription.models import ModelStore

_APP = "diarist"
LOCAL_ENGINE, REMOTE_ENGINE = "faster-whisper", "openai"


@dataclass(frozen=True)
class EngineRequest:
    """Which engine a caller wants.

    Attributes:
        model: name, folder or `auto`; empty for what the settings say.
        language: of the speech, if known; it decides whether English models may be chosen.
        expected_s: length of the longest recording, if known: a short one is done sooner by one
            replica with all threads, a long one by many replicas.
    """

    model: str = ""
    language: str | None = None
    expected_s: float | None = None


@dataclass(frozen=True)
class BuiltEngine:
    """An engine, and what to tell the user about how it was chosen."""

    engine: Engine
    reason: str
    replaces: str | None = None


def model_store(settings: Settings) -> ModelStore:
    """Return the models of this machine."""
    root = settings.models.root or Path(platformdirs.user_data_dir(_APP)) / "models"
    return ModelStore(root, settings.models.hub_endpoint)


def decode_options(settings: Settings) -> DecodeOptions:
    """Return the limits on what is decoded."""
    return DecodeOptions(max_duration_s=settings.audio.max_duration_s)


def build_engine(settings: Settings, request: EngineRequest) -> BuiltEngine:
    """Build the engine that the settings name.

    Raises:
        SetupError: if it, its model or a part of it is missing or does not fit.
    """
    name = settings.transcription.engine
    builders: dict[str, Callable[[Settings, EngineRequest], BuiltEngine]] = {
        LOCAL_ENGINE: _local_engine,
        REMOTE_ENGINE: _remote_engine,
    }
    return builders.get(name, _foreign_engine)(settings, request)


def _wanted(settings: Settings, request: EngineRequest) -> str:
    return request.model or settings.transcription.model


def _local_engine(settings: Settings, request: EngineRequest) -> BuiltEngine:
    store = model_store(settings)
    hardware = this_hardware(settings.transcription.device)
    wanted = _wanted(settings, request)
    tried: list[str] = []
    while True:
        choice = choose(wanted, store, hardware, request.language, without=tuple(tried))
        try:
            return _loaded(choice, store, settings, request)
        except ModelUnusableError as error:
            if not error.is_out_of_memory:
                raise
            tried.append(choice.located.name)


def _loaded(
    choice: Choice, store: ModelStore, settings: Settings, request: EngineRequest
) -> BuiltEngine:
    from diarist.transcription.faster_whisper import FasterWhisper  # noqa: PLC0415 - heavy

    located = choice.located
    known_path = located.path if located.model is None else None
    path = known_path or store.verified(located.name)
    engine = FasterWhisper(path, located.name, _run_config(settings, request))
    return BuiltEngine(engine, choice.reason, choice.replaces)


_SHORT_S = 45.0  # up to here one window is most of the work, and only threads speed up a window


def _run_config(settings: Settings, request: EngineRequest) -> FasterWhisperConfig:
    wanted = settings.transcription
    is_short = request.expected_s is not None and request.expected_s <= _SHORT_S
    return FasterWhisperConfig(
        device=wanted.device,
        compute_type=wanted.compute_type,
        replicas=wanted.replicas or (1 if is_short else 0),
        threads=wanted.threads,
        batch_size=wanted.batch_size,
    )


def _remote_engine(settings: Settings, request: EngineRequest) -> BuiltEngine:
    from diarist.transcription.remote import RemoteEngine  # noqa: PLC0415 - needs numpy

    remote = settings.remote
    wanted = _wanted(settings, request)
    model = remote.model if wanted == "auto" else wanted
    config = RemoteConfig(
        base_url=remote.base_url,
        api_key=remote.api_key.get_secret_value() if remote.api_key else None,
        timeout_s=remote.timeout_s,
        attempts=remote.attempts,
        parallel_chunks=remote.parallel_chunks,
    )
    return BuiltEngine(RemoteEngine(model, config), f"the server is {remote.base_url}")


def _foreign_engine(settings: Settings, request: EngineRequest) -> BuiltEngine:
    name = settings.transcription.engine
    wanted = _wanted(settings, request)
    folder = Path(wanted).expanduser()
    config = EngineConfig(
        model="" if wanted == "auto" else wanted,
        model_dir=folder if folder.is_dir() else None,
        device=settings.transcription.device,
        options=tuple(settings.engine_options.items()),
    )
    return BuiltEngine(load_engine(name, config), f"the engine {name} comes from a package")
