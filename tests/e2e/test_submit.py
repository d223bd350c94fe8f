"""Recordings that are handed in: kept once, done once, whatever is wrong with others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from support.background import data_folder, rows
from support.command import Command

USAGE, INPUT, UPSTREAM, SEVERAL = 2, 3, 7, 8
NO_PATIENCE = {"DIARIST_DATABASE__PATIENCE_S": "0"}


def stored_audio(diarist: Command) -> list[Path]:
    return list((data_folder(diarist) / "blobs").glob("recordings/*"))


def test_a_recording_is_kept_and_queued_and_nothing_is_decoded(
    diarist: Command, memo: Path
) -> None:
    done = diarist("submit", memo.name)

    ((job, status, name),) = done.rows
    assert (done.code, status, name) == (0, "submitted", memo.name)
    assert "diarist worker" in done.err
    assert rows(diarist, "SELECT state, duration_s FROM jobs") == [("queued", None)]
    assert rows(diarist, "SELECT replace(id, '-', '') FROM jobs") == [(job.replace("-", ""),)]
    assert [path.read_bytes() for path in stored_audio(diarist)] == [memo.read_bytes()]


def test_the_same_bytes_are_the_same_job_whatever_they_are_called(
    diarist: Command, memo: Path
) -> None:
    shutil.copy(memo, diarist.folder / "copy.wav")
    first = diarist("submit", memo.name)

    second = diarist("submit", "copy.wav")
    again = diarist("submit", "copy.wav", "--again")

    job = first.rows[0][0]
    assert (second.code, second.rows) == (0, [[job, "already submitted", "copy.wav"]])
    assert job in second.err
    assert again.rows[0][0] != job
    assert len(stored_audio(diarist)) == 1


def test_what_is_wrong_with_one_recording_does_not_stop_the_others(
    diarist: Command, memo: Path
) -> None:
    folder = diarist.folder / "notes"
    folder.mkdir()
    shutil.move(memo, folder / "b.wav")
    (folder / "a.mp3").write_bytes(b"")

    done = diarist("submit", "notes", "missing.wav", "--json")

    told = {Path(one["input"]).name: one for one in map(json.loads, done.out.splitlines())}
    assert done.code == INPUT
    assert told["b.wav"]["status"] == "submitted"
    assert told["a.mp3"]["error"]["code"] == "audio/empty"
    assert told["missing.wav"]["error"]["code"] == "input/not-found"
    assert told["missing.wav"]["job"] is None
    assert "Traceback" not in done.err


def test_standard_input_is_a_recording_of_the_day_that_is_given(
    diarist: Command, memo: Path
) -> None:
    done = diarist("submit", "-", "--date", "2025-03-09", stdin=memo.read_bytes())

    assert done.code == 0, done.err
    found = rows(diarist, "SELECT date(recorded_at), is_date_given, name FROM recordings")
    assert found == [("2025-03-09", 1, "standard input")]


def test_a_date_in_the_name_may_still_be_corrected_by_a_tag(diarist: Command, memo: Path) -> None:
    memo.rename(diarist.folder / "2025-03-09.wav")

    diarist("submit", "2025-03-09.wav")

    found = rows(diarist, "SELECT date(recorded_at), is_date_given FROM recordings")
    assert found == [("2025-03-09", 0)]


def test_what_is_wished_for_is_kept_with_the_job(diarist: Command, memo: Path) -> None:
    wishes = ("--language", "English", "--vocabulary", "Priya, kiln", "--transcript-only")

    done = diarist("submit", memo.name, *wishes, "--priority", "high")

    ((options, priority),) = rows(diarist, "SELECT options, priority FROM jobs")
    assert done.code == 0, done.err
    assert json.loads(options) == {
        "language": "en",
        "vocabulary": ["Priya", "kiln"],
        "wants_entry": False,
    }
    assert priority == 0


def test_a_misspelled_wish_is_said_before_anything_is_kept(diarist: Command, memo: Path) -> None:
    for wrong in (("--language", "klingon"), ("--model", "enormous"), ("--date", "yesterday")):
        done = diarist("submit", memo.name, *wrong)

        assert done.code == USAGE
        assert wrong[1] in done.err
    assert rows(diarist, "SELECT 1 FROM jobs") == []


def test_a_database_that_is_away_is_said_to_be(diarist: Command, memo: Path) -> None:
    nobody = {"DIARIST_DATABASE__URL": "postgresql://me@127.0.0.1:9/diarist", **NO_PATIENCE}

    done = diarist("submit", memo.name, environ=nobody)

    assert done.code == UPSTREAM
    assert "Traceback" not in done.err


def test_who_waits_gets_the_entry_without_any_server(diarist: Command, memo: Path) -> None:
    (diarist.folder / "text.wav").write_text("Dear diary, " * 50)

    done = diarist("submit", memo.name, "text.wav", "--wait", "--json")

    told = {one["input"]: one for one in map(json.loads, done.out.splitlines())}
    assert done.code == INPUT
    assert "Mill Street" in json.dumps(told["memo.wav"]["transcript"])
    assert told["memo.wav"]["entry"]["paragraphs"]
    assert told["text.wav"]["error"]["code"] == "audio/not-audio"
    again = diarist("submit", memo.name, "--wait")
    assert (again.code, again.rows[0][0]) == (0, "done")
    assert again.rows[0][-1] == told["memo.wav"]["job"]
    assert rows(diarist, "SELECT count(*) FROM entries") == [(1,)]
