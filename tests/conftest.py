"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from diarist.transcription.config import FasterWhisperConfig
from diarist.transcription.faster_whisper import FasterWhisper
from diarist.transcription.models import ModelStore


@pytest.fixture(scope="session")
def models_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for models that no other process writes to."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def base_folder(models_root: Path) -> Path:
    """Multilingual base, from the packages."""
    return ModelStore(models_root).verified("base")


@pytest.fixture(scope="session")
def base_engine(base_folder: Path) -> Iterator[FasterWhisper]:
    """An engine with multilingual base, loaded once for all tests of a worker."""
    engine = FasterWhisper(base_folder, "base", FasterWhisperConfig(device="cpu"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def tiny_folder(models_root: Path) -> Path:
    """English tiny, from a package."""
    return ModelStore(models_root).verified("tiny.en")


@pytest.fixture(scope="session")
def tiny_engine(tiny_folder: Path) -> Iterator[FasterWhisper]:
    """An engine with English tiny, which is fast."""
    engine = FasterWhisper(tiny_folder, "tiny.en", FasterWhisperConfig(device="cpu"))
    yield engine
    engine.close()
