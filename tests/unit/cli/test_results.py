"""Results of a watched folder are written once, and never over another file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from diarist.cli.batch.outcome import Outcome
from diarist.cli.folder.results import write_results
from diarist.cli.inputs import Source
from diarist.errors import OutputNotWrittenError
from diarist.transcription.transcript import Segment, Transcript

AT = datetime(2026, 11, 18, 20, 15, tzinfo=UTC)
SOURCE = Source(Path("/inbox/trip/memo.wav"), Path("trip"))


def outcome(text: str = "I walked.") -> Outcome:
    transcript = Transcript("en", 2.0, (Segment(0, 0.0, 2.0, text),))
    return Outcome("memo.wav", "done", recorded_at=AT, transcript=transcript)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_written_already_is_not_written_again(tmp_path: Path) -> None:
    first = write_results(outcome(), SOURCE, tmp_path, ("txt", "srt"))
    (tmp_path / "trip" / "memo.srt").unlink()  # as if it had been killed between the two
    before = (tmp_path / "trip" / "memo.txt").stat().st_mtime_ns

    second = write_results(outcome(), SOURCE, tmp_path, ("txt", "srt"))

    assert first == second
    assert names(tmp_path) == ["trip/memo.srt", "trip/memo.txt"]
    assert (tmp_path / "trip" / "memo.txt").stat().st_mtime_ns == before


def test_another_recording_of_that_name_gets_another_name(tmp_path: Path) -> None:
    for text in ("I walked.", "I swam.", "I slept.", "I swam."):
        write_results(outcome(text), SOURCE, tmp_path, ("txt",))

    assert names(tmp_path) == ["trip/memo.txt", "trip/memo.wav-2.txt", "trip/memo.wav.txt"]


def test_a_folder_or_a_broken_link_has_its_name_for_itself(tmp_path: Path) -> None:
    (tmp_path / "trip" / "memo.txt").mkdir(parents=True)
    (tmp_path / "trip" / "memo.wav.txt").symlink_to("nowhere")

    paths = write_results(outcome(), SOURCE, tmp_path, ("txt",))

    assert paths["txt"].name == "memo.wav-2.txt"


def test_without_an_entry_only_the_transcript_is_written(tmp_path: Path) -> None:
    paths = write_results(outcome(), SOURCE, tmp_path, ("md", "json"))

    assert list(paths) == ["json"]
    assert names(tmp_path) == ["trip/memo.json"]


def test_nothing_is_written_of_what_failed(tmp_path: Path) -> None:
    assert write_results(Outcome("memo.wav", "failed"), SOURCE, tmp_path, ("md", "json")) == {}
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "trip").write_text("a file")

    with pytest.raises(OutputNotWrittenError):
        write_results(outcome(), SOURCE, tmp_path, ("txt",))
