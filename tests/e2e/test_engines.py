"""Engines that other packages bring, found through their entry point."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support.command import Command

_ENGINE = """
from diarist.transcription.engine import LanguageGuess
from diarist.transcription.transcript import Segment


class Parrot:
    name, model, parallel_chunks = "parrot", "grey", 1

    def __init__(self, config):
        self.says = dict(config.options)["says"]

    def detect_language(self, samples, speech):
        return LanguageGuess("en", 0.9)

    def transcribe(self, samples, speech, options):
        if len(samples) > 12 * 16_000:
            raise RuntimeError("too much for a parrot")
        return [Segment(0, speech[0].start_s, speech[-1].end_s, self.says)]

    def close(self):
        pass
"""


@pytest.fixture
def parrot(diarist: Command) -> dict[str, str]:
    """The environment of a machine with a package that brings an engine."""
    site = diarist.folder / "site"
    (site / "parrot-1.0.dist-info").mkdir(parents=True)
    (site / "parrot.py").write_text(_ENGINE)
    (site / "parrot-1.0.dist-info" / "METADATA").write_text("Name: parrot\nVersion: 1.0\n")
    (site / "parrot-1.0.dist-info" / "entry_points.txt").write_text(
        "[diarist.engines]\nparrot = parrot:Parrot\n"
    )
    return {
        "PYTHONPATH": str(site),
        "DIARIST_TRANSCRIPTION__ENGINE": "parrot",
        "DIARIST_ENGINE_OPTIONS": json.dumps({"says": "I want a cracker by Friday."}),
    }


def test_an_engine_of_another_package_does_the_work(
    diarist: Command, memo: Path, parrot: dict[str, str]
) -> None:
    done = diarist("run", memo.name, "--json", environ=parrot)

    transcript = json.loads(done.out)["transcript"]
    assert (transcript["engine"], transcript["model"]) == ("parrot", "grey")
    assert transcript["segments"][0]["text"] == "I want a cracker by Friday."


def test_a_defect_in_one_recording_is_reported_and_the_others_are_done(
    diarist: Command, memo: Path, evening: Path, parrot: dict[str, str]
) -> None:
    shutil.copy(memo, diarist.folder / "z.wav")

    done = diarist("run", evening.name, "z.wav", "--out", "o", "--format", "txt", environ=parrot)

    assert {row[1]: row[0] for row in done.rows} == {evening.name: "failed", "z.wav": "done"}
    assert done.code == 1
    assert "Traceback" not in done.err
    log = Path(done.err.split("report it with ")[1].strip().rstrip("."))
    assert "too much for a parrot" in log.read_text()
    log.unlink()


def test_an_engine_that_is_not_installed_lists_those_that_are(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo.name, environ={"DIARIST_TRANSCRIPTION__ENGINE": "nightingale"})

    assert done.code == 2
    assert "faster-whisper" in done.err
