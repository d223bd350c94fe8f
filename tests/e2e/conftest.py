"""The command line, and recordings to feed it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.command import Command, clean_environ
from support.media import EVENING, speech, write_wav


@pytest.fixture
def diarist(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, models_root: Path) -> Command:
    """The command, with English tiny and greedy decoding, which are fast."""
    return Command(tmp_path, clean_environ(tmp_path_factory.mktemp("home"), models_root))


@pytest.fixture(scope="session")
def short_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven seconds of the evening memo: a place and a name."""
    return write_wav(tmp_path_factory.mktemp("short") / "lease.wav", speech(9.0, start_s=7.4))


@pytest.fixture
def memo(tmp_path: Path, short_wav: Path) -> Path:
    """A short recording in the working directory."""
    return Path(shutil.copy(short_wav, tmp_path / "memo.wav"))


@pytest.fixture
def evening(tmp_path: Path) -> Path:
    """The evening memo in the working directory."""
    return Path(shutil.copy(EVENING, tmp_path / EVENING.name))
