"""Engines of other packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from diarist.errors import UnknownEngineError
from diarist.transcription.engine import EngineConfig, installed_engines, load_engine

NIGHTINGALE = """
class Nightingale:
    name, parallel_chunks = "nightingale", 1

    def __init__(self, config):
        self.model = config.model
        self.options = config.options
"""


@pytest.fixture
def nightingale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution that brings an engine."""
    record = tmp_path / "nightingale-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: nightingale\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(
        "[diarist.engines]\nnightingale = nightingale_engine:Nightingale\n"
    )
    (tmp_path / "nightingale_engine.py").write_text(NIGHTINGALE)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("nightingale")
def test_an_engine_of_another_package_is_built_with_its_configuration() -> None:
    engine = load_engine("nightingale", EngineConfig("woods", options=(("pitch", "high"),)))

    assert (engine.name, engine.model) == ("nightingale", "woods")
    assert vars(engine)["options"] == (("pitch", "high"),)


@pytest.mark.usefixtures("nightingale")
def test_an_engine_that_is_not_installed_lists_those_that_are() -> None:
    with pytest.raises(UnknownEngineError, match="'robin'") as caught:
        load_engine("robin", EngineConfig())

    assert caught.value.hint == "Installed are: faster-whisper, openai, nightingale."


def test_no_other_engine_is_installed_by_default() -> None:
    assert installed_engines() == ()
