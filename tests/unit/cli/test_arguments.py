"""Arguments as typed to values, or to a message that says what they may be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import typer

from diarist.cli.arguments import date_of, formats_of, vocabulary_of
from diarist.errors import FileNotFoundInputError


def test_formats_may_be_separated_by_commas_or_given_one_by_one() -> None:
    assert formats_of(["md, srt", "srt", "txt"]) == ("md", "srt", "txt")


def test_an_entry_and_a_transcript_are_written_by_default() -> None:
    assert formats_of([]) == ("md", "json")


def test_an_unknown_format_is_named_with_those_that_there_are() -> None:
    with pytest.raises(typer.BadParameter, match="'docx' is none of md"):
        formats_of(["md,docx"])


def test_a_date_is_read_and_no_date_is_none() -> None:
    assert date_of("2026-11-18") == dt.date(2026, 11, 18)
    assert date_of("") is None


def test_what_is_no_date_is_said_to_be_none() -> None:
    with pytest.raises(typer.BadParameter, match="'18.11.' is no date"):
        date_of("18.11.")


def test_vocabulary_comes_from_options_and_files(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Priya\n\nSaoirse \n", encoding="utf-8")

    terms = vocabulary_of(["kiln, Priya", f"@{tmp_path / 'names.txt'}"])

    assert terms == ("kiln", "Priya", "Saoirse")


def test_a_vocabulary_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundInputError):
        vocabulary_of([f"@{tmp_path / 'no.txt'}"])
