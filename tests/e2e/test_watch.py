"""A watched folder: files are taken when they are complete, and never twice."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from support.background import eventually, in_background, rows
from support.command import Command
from support.media import speech, write_wav

INPUT = 3
QUICK = ("--settle", "0.3", "--interval", "0.1")


@pytest.fixture
def inbox(diarist: Command) -> Path:
    """A folder to be watched."""
    folder = diarist.folder / "inbox"
    folder.mkdir()
    return folder


def results(diarist: Command) -> dict[str, bytes]:
    folder = diarist.folder / "diary"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_file_that_grows_is_taken_when_it_is_complete(
    diarist: Command, inbox: Path, short_wav: Path
) -> None:
    whole = write_wav(diarist.folder / "whole.wav", speech(6.0, start_s=20.0)).read_bytes()
    with (
        (inbox / "growing.wav").open("wb") as growing,
        in_background(diarist, "watch", "inbox", *QUICK) as watch,
    ):
        growing.write(whole[: len(whole) // 3])
        growing.flush()
        shutil.copy(short_wav, inbox / "lease.wav")
        eventually(lambda: "lease.md" in watch.out)
        taken_meanwhile = rows(diarist, "SELECT path FROM watched_files")
        growing.write(whole[len(whole) // 3 :])
        growing.close()
        eventually(lambda: "growing.md" in watch.out)
        watch.send(signal.SIGTERM)
        code = watch.exit_code()

    assert code == 0, watch.err
    assert taken_meanwhile == [(str(inbox / "lease.wav"),)]
    lengths = rows(diarist, "SELECT round(duration_s) FROM recordings WHERE name = 'growing.wav'")
    assert lengths == [(6.0,)]
    assert set(results(diarist)) == {"growing.md", "growing.json", "lease.md", "lease.json"}


def test_a_watch_that_is_killed_goes_on_where_it_was_and_does_nothing_twice(
    diarist: Command, inbox: Path, short_wav: Path
) -> None:
    leases = {"DIARIST_WORK__LEASE_S": "1", "DIARIST_WORK__HEARTBEAT_S": "0.2"}
    shutil.copy(short_wav, inbox / "lease.wav")
    with in_background(diarist, "watch", "inbox", *QUICK, environ=leases) as watch:
        eventually(lambda: rows(diarist, "SELECT 1 FROM tasks WHERE stage = 'transcribe'"))
        watch.kill()

    first = diarist("watch", "inbox", *QUICK, "--once", environ=leases)
    written = results(diarist)
    (inbox / "lease.wav").rename(inbox / "renamed.wav")
    second = diarist("watch", "inbox", *QUICK, "--once", environ=leases)

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert set(written) == {"lease.md", "lease.json"}
    assert results(diarist) == written
    assert second.out == ""
    assert rows(diarist, "SELECT count(*) FROM jobs") == [(1,)]
    assert rows(diarist, "SELECT count(*) FROM entries") == [(1,)]


def test_a_file_that_cannot_be_used_is_reported_once_until_it_changes(
    diarist: Command, inbox: Path, short_wav: Path
) -> None:
    (inbox / "empty.wav").write_bytes(b"")
    first = diarist("watch", "inbox", *QUICK, "--once")
    second = diarist("watch", "inbox", *QUICK, "--once")
    shutil.copy(short_wav, inbox / "empty.wav")
    third = diarist("watch", "inbox", *QUICK, "--once", "--format", "txt")

    assert (first.code, "empty.wav is empty" in first.err) == (INPUT, True)
    assert (second.code, second.out, second.err) == (0, "", "")
    assert third.code == 0, third.err
    assert set(results(diarist)) == {"empty.txt"}


def test_nothing_that_is_there_is_overwritten(
    diarist: Command, inbox: Path, short_wav: Path
) -> None:
    (inbox / "trip").mkdir()
    shutil.copy(short_wav, inbox / "trip" / "lease.wav")
    mine = diarist.folder / "diary" / "trip" / "lease.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    done = diarist("watch", "inbox", *QUICK, "--once", "--format", "txt")

    assert done.code == 0, done.err
    assert mine.read_text() == "mine"
    assert set(results(diarist)) == {"trip/lease.txt", "trip/lease.wav.txt"}


def test_what_is_no_folder_is_said_to_be_none(diarist: Command, memo: Path) -> None:
    for name in (memo.name, "nowhere"):
        done = diarist("watch", name, "--once")

        assert done.code == INPUT
        assert name in done.err
