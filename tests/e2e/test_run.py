"""`diarist run` on recordings that are as they should be."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pysubs2
import pytest
import webvtt
import yaml

from support.command import Command
from support.media import DIMANCHE, encode, speech


def front_matter(markdown: Path) -> dict[str, object]:
    head = markdown.read_text(encoding="utf-8").split("---\n")[1]
    loaded = yaml.safe_load(head)
    assert isinstance(loaded, dict)
    return loaded


def test_a_recording_becomes_an_entry_and_a_transcript(diarist: Command, evening: Path) -> None:
    done = diarist("run", evening.name, environ={"DIARIST_TRANSCRIPTION__MODEL": "base"})

    assert done.code == 0, done.err
    head = front_matter(diarist.folder / "diary" / "evening-memo.en.md")
    assert str(head["date"]) == "2026-11-18"
    assert "Mill Street" in str(head["title"])
    assert {"Daniel", "Priya", "Marcus", "Leo"} <= set(head["people"])  # type: ignore[call-overload]  # YAML
    text = (diarist.folder / "diary" / "evening-memo.en.md").read_text(encoding="utf-8")
    assert "📅 2026-11-20" in text
    assert "](../evening-memo.en.mp3#t=" in text
    transcript = json.loads((diarist.folder / "diary" / "evening-memo.en.json").read_text())
    assert transcript["language"] == "en"
    assert len(transcript["segments"]) > 10


def test_in_a_pipe_each_recording_is_one_line_of_cells(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo)

    assert [row[0] for row in done.rows] == ["done"]
    _, name, seconds, words, result = done.rows[0]
    assert name == str(memo)
    assert float(seconds) == pytest.approx(9.0, abs=0.1)
    assert int(words) > 10
    assert result == os.path.join("diary", "memo.md")  # noqa: PTH118 - as it is printed


def test_every_format_is_written_and_is_what_it_says(diarist: Command, memo: Path) -> None:
    formats = "md,entry,json,verbose_json,txt,srt,vtt"

    done = diarist("run", memo, "--format", formats, "--out", "all")

    folder = diarist.folder / "all"
    assert done.code == 0, done.err
    assert sorted(path.name for path in folder.iterdir()) == [
        "memo.entry.json",
        "memo.json",
        "memo.md",
        "memo.srt",
        "memo.txt",
        "memo.verbose.json",
        "memo.vtt",
    ]
    assert len(pysubs2.load(str(folder / "memo.srt"))) > 0
    assert len(webvtt.read(str(folder / "memo.vtt"))) > 0
    assert json.loads((folder / "memo.entry.json").read_text())["schema"] == "diarist.entry/1"
    verbose = json.loads((folder / "memo.verbose.json").read_text())
    assert verbose["task"] == "transcribe"
    assert verbose["language"] == "english"
    assert "Mill Street" in (folder / "memo.txt").read_text()


def test_json_is_one_object_a_recording_and_writes_no_file(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo, "--json", "--date", "2024-02-29")

    outcome = json.loads(done.out)
    assert outcome["status"] == "done"
    assert outcome["entry"]["date"] == "2024-02-29"
    assert outcome["transcript"]["segments"][0]["words"]
    assert outcome["error"] is None
    assert not (diarist.folder / "diary").exists()


def test_standard_input_is_a_recording(diarist: Command, memo: Path) -> None:
    done = diarist("run", "-", "--out", "o", stdin=memo.read_bytes())

    assert done.code == 0, done.err
    assert (diarist.folder / "o" / "recording.md").is_file()


def test_a_folder_is_searched_and_its_shape_is_kept(diarist: Command, memo: Path) -> None:
    inside = diarist.folder / "notes" / "2026" / "november"
    inside.mkdir(parents=True)
    shutil.move(memo, inside / "memo.wav")
    (inside / "shopping.txt").write_text("no recording")
    (inside / ".hidden.wav").write_bytes(b"")

    done = diarist("run", "notes", "--out", "o", "--format", "txt")

    assert done.code == 0, done.err
    assert (diarist.folder / "o" / "2026" / "november" / "memo.txt").is_file()
    assert len(done.rows) == 1


def test_a_folder_that_contains_itself_is_visited_once(diarist: Command, memo: Path) -> None:
    notes = diarist.folder / "notes"
    notes.mkdir()
    shutil.move(memo, notes / "memo.wav")
    (notes / "again").symlink_to(notes, target_is_directory=True)

    done = diarist("run", "notes", "--format", "txt")

    assert done.code == 0, done.err
    assert len(done.rows) == 1


def test_a_name_that_is_not_utf8_is_read_and_written(diarist: Command, memo: Path) -> None:
    folder = diarist.folder / "notes"
    folder.mkdir()
    shutil.move(memo, folder / os.fsdecode(b"caf\xe9.wav"))

    done = diarist("run", "notes", "--out", "o")

    assert done.code == 0, done.err
    assert "caf�.wav" in done.out
    assert {os.fsencode(path.name) for path in (diarist.folder / "o").iterdir()} == {
        b"caf\xe9.md",
        b"caf\xe9.json",
    }
    assert "caf%E9.wav#t=" in (diarist.folder / "o" / os.fsdecode(b"caf\xe9.md")).read_text()


def test_two_recordings_of_one_name_get_two_results(diarist: Command, memo: Path) -> None:
    encode(diarist.folder / "memo.flac", speech(4.0, start_s=7.4), "flac")

    done = diarist("run", memo, "memo.flac", "--format", "txt", "--out", "o")

    assert done.code == 0, done.err
    assert sorted(path.name for path in (diarist.folder / "o").iterdir()) == [
        "memo.flac.txt",
        "memo.txt",
    ]


def test_a_name_given_twice_is_transcribed_once(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo, memo, f"./{memo.name}", "--format", "txt")

    assert len(done.rows) == 1
    assert done.code == 0


def test_the_date_comes_from_the_name_where_no_tag_says_it(diarist: Command, memo: Path) -> None:
    named = diarist.folder / "Recording 2025-03-09 22-15.wav"
    shutil.move(memo, named)

    done = diarist("run", named, "--json")

    assert json.loads(done.out)["recorded_at"].startswith("2025-03-09T22:15:00")


def test_translation_writes_english(diarist: Command) -> None:
    done = diarist(
        "run",
        DIMANCHE,
        "--translate",
        "--json",
        environ={"DIARIST_TRANSCRIPTION__MODEL": "base"},
    )

    transcript = json.loads(done.out)["transcript"]
    assert (transcript["language"], transcript["spoken_language"]) == ("en", "fr")
    words = " ".join(segment["text"] for segment in transcript["segments"]).lower().split()
    assert words.count("the") > words.count("le") + words.count("la")
