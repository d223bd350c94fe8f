"""What `diarist run` made is in the library afterwards, and the check finds it well."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support.background import data_folder, rows
from support.command import Command
from support.media import silence, write_wav

SETUP, OUTPUT, NO_SPEECH = 6, 5, 4


def test_what_a_run_made_is_listed_and_can_be_shown(diarist: Command, memo: Path) -> None:
    write_wav(diarist.folder / "silent.wav", silence(2.0))
    ran = diarist("run", memo.name, "silent.wav")

    listed = [json.loads(line) for line in diarist("jobs", "list", "--json").out.splitlines()]

    by_name = {job["name"]: job for job in listed}
    assert ran.code == NO_SPEECH
    assert by_name["memo.wav"]["state"] == "done"
    assert by_name["memo.wav"]["duration_s"] > 5
    assert by_name["silent.wav"]["error"]["code"] == "audio/no-speech"
    shown = diarist("jobs", "show", by_name["memo.wav"]["job"], "--transcript")
    assert "Mill Street" in shown.out
    kept = rows(diarist, "SELECT blob_key, source_path FROM recordings WHERE name = 'memo.wav'")
    assert kept == [(None, str(memo))]
    assert diarist("db", "check", "--blobs").out == "all is well\n"


@pytest.mark.parametrize(("blocked", "state"), [("memo.json", "partial"), ("memo.md", "done")])
def test_what_cannot_be_written_to_a_file_is_in_the_library(
    diarist: Command, memo: Path, blocked: str, state: str
) -> None:
    (diarist.folder / "diary" / blocked).mkdir(parents=True)

    ran = diarist("run", memo.name, "--force")

    shown = diarist("jobs", "show", "last", "--transcript")
    (job,) = [json.loads(line) for line in diarist("jobs", "list", "--json").out.splitlines()]
    assert ran.code == OUTPUT
    assert blocked in ran.err
    assert "Mill Street" in shown.out
    assert job["state"] == state
    assert diarist("db", "check").out == "all is well\n"


def test_nothing_is_kept_of_a_run_that_is_not_to_be(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo.name, "--no-keep", "--format", "txt")

    assert done.code == 0, done.err
    assert not data_folder(diarist).exists()


def test_a_database_that_cannot_be_used_does_not_spoil_a_run(diarist: Command, memo: Path) -> None:
    nobody = {"DIARIST_DATABASE__URL": "postgresql://me@127.0.0.1:9/diarist"}

    done = diarist("run", memo.name, "--format", "txt", environ=nobody)

    assert (done.code, done.rows[0][0]) == (0, "done")
    assert done.err.count("the results are not in the library") == 1
    assert "Traceback" not in done.err


def test_the_check_finds_blobs_that_are_missing_or_that_nobody_knows(
    diarist: Command, memo: Path
) -> None:
    diarist("submit", memo.name)
    blobs = data_folder(diarist) / "blobs"
    ((key,),) = rows(diarist, "SELECT blob_key FROM recordings")
    shutil.move(blobs / key, blobs / "recordings" / "01900000-0000-7000-8000-000000000000")

    without, found = diarist("db", "check"), diarist("db", "check", "--blobs")
    repaired = diarist("db", "check", "--blobs", "--repair")

    assert without.code == 0
    assert found.code == SETUP
    assert f"the blob {key} is missing" in found.out
    assert "nothing refers to the blob recordings/01900000" in found.out
    assert "deleted the blob recordings/01900000" in repaired.out
    assert not [path for path in blobs.rglob("*") if path.is_file()]
    assert diarist("db", "check", "--repair").code == 2
