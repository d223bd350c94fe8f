"""What the user named becomes recordings, and when each was recorded."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diarist.cli.inputs import NotFound, Source, collect
from diarist.errors import FileNotFoundInputError, UnreadableFileError


def test_files_keep_the_order_in_which_they_were_named(tmp_path: Path) -> None:
    for name in ("b.wav", "a.wav"):
        (tmp_path / name).write_bytes(b"x")

    found = collect([str(tmp_path / "b.wav"), str(tmp_path / "a.wav")], tmp_path)

    assert [one.name for one in found] == ["b.wav", "a.wav"]


def test_a_hard_link_is_the_same_recording(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    os.link(tmp_path / "a.wav", tmp_path / "b.wav")

    assert len(collect([str(tmp_path)], tmp_path)) == 1


def test_a_folder_gives_what_looks_like_audio_with_its_place_in_it(tmp_path: Path) -> None:
    (tmp_path / "trip").mkdir()
    (tmp_path / "trip" / "one.MP3").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"x")
    (tmp_path / "folder.mp3").mkdir()

    found = collect([str(tmp_path)], tmp_path)

    assert found == [Source(tmp_path / "trip" / "one.MP3", Path("trip"))]


def test_a_name_that_leads_nowhere_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")

    missing, present = collect([str(tmp_path / "no.wav"), str(tmp_path / "a.wav")], tmp_path)

    assert isinstance(missing, NotFound)
    assert isinstance(missing.error, FileNotFoundInputError)
    assert isinstance(present, Source)


def test_a_link_to_itself_is_an_error_and_no_loop(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "a.wav")

    (found,) = collect([str(tmp_path / "a.wav")], tmp_path)

    assert isinstance(found, NotFound)
    assert isinstance(found.error, UnreadableFileError)


def test_a_pipe_is_copied_since_it_cannot_be_read_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"sound",))
    writer.start()

    (found,) = collect([str(pipe)], tmp_path)
    writer.join()

    assert isinstance(found, Source)
    assert found.is_stream
    assert found.path.read_bytes() == b"sound"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2025-03-09.wav", datetime(2025, 3, 9)),
        ("20250309_221530.m4a", datetime(2025, 3, 9, 22, 15)),
        ("Recording 2025-03-09 22-15.wav", datetime(2025, 3, 9, 22, 15)),
        ("PTT-20250309-WA0001.opus", datetime(2025, 3, 9)),
        ("memo_2025.03.09.mp3", datetime(2025, 3, 9)),
    ],
)
def test_a_date_in_the_name_is_when_it_was_recorded(
    tmp_path: Path, name: str, expected: datetime
) -> None:
    (tmp_path / name).write_bytes(b"x")

    assert Source(tmp_path / name).recorded_at(None).replace(tzinfo=None) == expected


@pytest.mark.parametrize("name", ["20251350.wav", "120250309001.wav", "part-2025.wav"])
def test_digits_that_are_no_date_leave_it_to_the_time_of_the_file(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    os.utime(tmp_path / name, (1_000_000_000, 1_000_000_000))

    assert Source(tmp_path / name).recorded_at(None).timestamp() == 1_000_000_000


def test_a_tag_wins_over_the_name(tmp_path: Path) -> None:
    path = tmp_path / "2025-03-09.wav"
    path.write_bytes(b"x")
    tagged = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)

    assert Source(path).recorded_at(tagged) == tagged
