"""Which model to use: what is wanted, what is here, and what fits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from diarist.errors import ModelTooLargeError
from diarist.transcription.catalogue import MODELS
from diarist.transcription.models import Located, ModelStore, missing

AUTO = "auto"
_MB = 1 << 20
_ON_GPU = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny")
_ON_MANY_CORES = ("small", "base", "tiny", "medium", "large-v3-turbo", "large-v3")
_ON_FEW_CORES = ("base", "tiny", "small", "medium", "large-v3-turbo", "large-v3")
_ENGLISH_ONLY = ("small.en", "tiny.en")
_MANY_CORES = 8


@dataclass(frozen=True)
class Hardware:
    """What a model would run on.

    Attributes:
        cores: that this process may use.
        free_mb: memory that can still be taken, of the machine or of this process's share of it.
        gpus: how many CUDA devices there are.
    """

    cores: int
    free_mb: int
    gpus: int

    @property
    def has_gpu(self) -> bool:
        return self.gpus > 0


@dataclass(frozen=True)
class Choice:
    """A model that is here and fits.

    Attributes:
        located: the model.
        reason: why it was chosen, as a sentence for the user.
        replaces: the model that was wanted and did not fit, if so.
    """

    located: Located
    reason: str
    replaces: str | None = None


def this_hardware(device: str = "auto") -> Hardware:
    """Look at the machine.

    Args:
        device: `cpu` to leave GPUs aside.
    """
    return Hardware(usable_cores(), free_memory_mb(), 0 if device == "cpu" else _gpus())


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_CGROUP = Path("/sys/fs/cgroup")


def free_memory_mb(cgroup: Path = _CGROUP) -> int:
    """Return memory that can still be taken: the machine's, or less where a container caps it.

    Args:
        cgroup: folder in which the kernel describes the container (cgroup v2).
    """
    free = psutil.virtual_memory().available
    limit, used = _number(cgroup / "memory.max"), _number(cgroup / "memory.current")
    if limit is not None and used is not None:
        free = min(free, max(0, limit - used + _given_back(cgroup / "memory.stat")))
    return int(free // _MB)


def _given_back(statistics: Path) -> int:
    """Return the bytes of files that are kept in memory only until somebody needs it."""
    try:
        named = (line.split() for line in statistics.read_text().splitlines())
        return sum(int(value) for name, value in named if name == "inactive_file")
    except (OSError, ValueError):
        return 0


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _gpus() -> int:
    try:
        import ctranslate2  # noqa: PLC0415 - heavy
    except ImportError:
        return 0
    return int(ctranslate2.get_cuda_device_count())


def choose(
    wanted: str,
    store: ModelStore,
    hardware: Hardware,
    language: str | None = None,
    without: Sequence[str] = (),
) -> Choice:
    """Choose a model.

    Args:
        wanted: name of a model, path of a folder, or `auto`.
        store: the models of this machine.
        hardware: what it would run on.
        language: of the speech, if known; models that know only English need it to be `en`.
        without: models that were tried and could not be loaded.

    Raises:
        UnknownModelError: if `wanted` is no model and no folder.
        ModelMissingError: if it is not on this machine, or none is.
        ModelTooLargeError: if neither it nor any smaller one fits into memory.
    """
    if wanted != AUTO:
        return _choose_named(wanted, store, hardware, without)
    names = [name for name in _preference(hardware, language) if name not in without]
    here = [located for name in names if (located := store.locate(name))]
    if not here and without:
        raise _none_could_be_loaded(without)
    if not here:
        raise missing(store.known("base"))
    return _first_that_fits(here, hardware, wanted=None)


def _choose_named(
    wanted: str, store: ModelStore, hardware: Hardware, without: Sequence[str]
) -> Choice:
    located = store.locate(wanted)
    if located is None:
        raise missing(store.known(wanted))
    if located.model is None:
        return Choice(located, f"the folder {located.path} was asked for")
    multilingual = located.model.multilingual
    smaller = [
        other
        for other in reversed(store.installed())
        if other.model is not None
        and other.model.multilingual == multilingual
        and other.model.weights_mb < located.model.weights_mb
    ]
    candidates = [one for one in (located, *smaller) if one.name not in without]
    if not candidates:
        raise _none_could_be_loaded(without)
    return _first_that_fits(candidates, hardware, wanted=located.name)


def _none_could_be_loaded(tried: Sequence[str]) -> ModelTooLargeError:
    return ModelTooLargeError(
        f"there was not enough memory for {', nor for '.join(tried)}",
        hint="Close other programs, give the container more memory, or pull a smaller model.",
    )


def _preference(hardware: Hardware, language: str | None) -> tuple[str, ...]:
    if hardware.has_gpu:
        order = _ON_GPU
    else:
        order = _ON_MANY_CORES if hardware.cores >= _MANY_CORES else _ON_FEW_CORES
    # Better a model that knows only English than none; the engine refuses other languages.
    return order + _ENGLISH_ONLY if language in (None, "en") else order


def _first_that_fits(
    candidates: Sequence[Located], hardware: Hardware, wanted: str | None
) -> Choice:
    for located in candidates:
        if needed_mb(located.name, hardware) <= hardware.free_mb or hardware.has_gpu:
            replaces = wanted if wanted not in (None, located.name) else None
            return Choice(located, _reason(located, hardware, wanted, candidates[0]), replaces)
    smallest = candidates[-1]
    raise ModelTooLargeError(
        f"the model {smallest.name} needs about {needed_mb(smallest.name, hardware)} MB of memory "
        f"and {hardware.free_mb} MB are free",
        hint="Close other programs, give the container more memory, or pull a smaller model.",
    )


def needed_mb(name: str, hardware: Hardware) -> int:
    """Return how much memory a known model takes on this hardware, in MB."""
    model = MODELS[name]
    return model.gpu_mb if hardware.has_gpu else model.ram_mb


def _reason(located: Located, hardware: Hardware, wanted: str | None, first: Located) -> str:
    if located.name == wanted:
        return "it was asked for"
    if located.name != first.name:
        return (
            f"{first.name} needs about {needed_mb(first.name, hardware)} MB of memory "
            f"and {hardware.free_mb} MB are free"
        )
    machine = "a GPU" if hardware.has_gpu else f"{hardware.cores} cores and no GPU"
    return f"of the models on this machine it suits {machine} best"
