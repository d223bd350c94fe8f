"""A file of a watched folder is complete when nothing about it has changed for a while."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from diarist.cli.folder.settling import Candidate, Settling, candidate_of, is_being_written
from diarist.cli.inputs import Source


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def found(path: Path) -> Candidate:
    candidate = candidate_of(Source(path))
    assert candidate is not None
    return candidate


def test_a_file_is_complete_after_it_has_not_changed_for_so_long(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "memo.wav"
    settling = Settling(5.0, clock)
    seen = []
    for now_s, content in ((0.0, b"a"), (4.0, b"a"), (4.5, b"ab"), (9.0, b"ab"), (9.5, b"ab")):
        clock.now_s = now_s
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
        seen.append([one.source.path for one in settling.settled([found(path)])])

    assert seen == [[], [], [], [], [path]]


def test_a_file_that_was_away_begins_anew(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "memo.wav"
    settling = Settling(5.0, clock)
    path.write_bytes(b"a")
    one = found(path)

    list(settling.settled([one]))
    list(settling.settled([]))
    clock.now_s = 6.0

    assert list(settling.settled([one])) == []


def test_a_file_that_is_gone_is_no_candidate(tmp_path: Path) -> None:
    assert candidate_of(Source(tmp_path / "gone.wav")) is None


def test_two_names_that_are_no_text_are_two_files(tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in (b"\xff.wav", b"\xfe.wav")]
    for path in paths:
        path.write_bytes(b"a")

    names = {found(path).as_seen.path for path in paths}

    assert len(names) == 2
    assert all(name.encode("utf-8") for name in names)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
def test_a_file_that_is_open_for_writing_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "memo.wav"
    with path.open("wb") as stream:
        stream.write(b"a")
        stream.flush()
        while_written = is_being_written(path)
    with path.open("rb"):
        while_read = is_being_written(path)

    assert (while_written, while_read) == (True, False)
    assert not is_being_written(tmp_path / "gone.wav")
