"""Finding again what was said."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import Command


def test_what_was_said_is_found_with_its_place(diarist: Command, memo: Path) -> None:
    assert diarist("run", memo).code == 0

    found = diarist("search", "Street")
    as_json = diarist("search", "street", "--json")

    assert found.code == 0
    assert {row[1] for row in found.rows} <= {"transcript", "entry"}
    assert all(row[2] == "memo.wav" and "Street" in row[3] for row in found.rows)
    (first, *_) = [json.loads(line) for line in as_json.out.splitlines()]
    start, end = first["marks"][0]
    assert first["text"][start:end] == "Street"


def test_what_was_not_said_is_not_found(diarist: Command, memo: Path) -> None:
    assert diarist("run", memo).code == 0

    found = diarist("search", "hippopotamus")
    excluded = diarist("search", "street", "--", "-street")
    before = diarist("search", "street", "--until", "1999-12-31")

    assert [(one.code, one.out) for one in (found, excluded, before)] == [(0, "")] * 3
    assert "nothing was found" in found.err


def test_a_search_for_nothing_says_what_to_do(diarist: Command) -> None:
    empty = diarist("search", "...")
    wrong_day = diarist("search", "street", "--since", "yesterday")

    assert (empty.code, wrong_day.code) == (2, 2)
    assert "→" in empty.err
    assert "--since" in wrong_day.err
