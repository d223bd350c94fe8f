"""The schema of an entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from diarist.diary.entry import SCHEMA, ActionItem, Author, Entry, Highlight, Mood, Paragraph

ENTRY = Entry(
    date=dt.date(2026, 11, 18),
    title="The workshop on Mill Street",
    summary="We signed the lease.",
    language="en",
    paragraphs=(
        Paragraph(text="We signed the lease.", evidence=(0, 1)),
        Paragraph(text="I am happy.", evidence=(2,)),
    ),
    mood=Mood(label="happy", valence=0.8, evidence=(2,)),
    highlights=(Highlight(text="We signed the lease.", evidence=(0,)),),
    action_items=(ActionItem(text="Call", due=dt.date(2026, 11, 20), evidence=(1,)),),
    people=("Daniel",),
    topics=("lease",),
    mentions={"Daniel": (1,)},
    writer=Author(provider="local", model="local-writer/1"),
)


def body(**changes: Any) -> dict[str, Any]:
    return {**ENTRY.model_dump(mode="json", by_alias=True), **changes}


def test_an_entry_survives_json() -> None:
    text = ENTRY.model_dump_json(by_alias=True)

    assert Entry.model_validate_json(text) == ENTRY


def test_json_names_the_schema_and_writes_dates_as_iso() -> None:
    written = body()

    assert (written["schema"], written["date"]) == (SCHEMA, "2026-11-18")
    assert written["action_items"][0]["due"] == "2026-11-20"


def test_the_text_of_an_entry_is_its_paragraphs() -> None:
    assert ENTRY.text == "We signed the lease.\n\nI am happy."


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"colour": "red"}, id="an unknown field"),
        pytest.param({"paragraphs": []}, id="no paragraphs"),
        pytest.param({"paragraphs": [{"text": "x", "evidence": []}]}, id="a paragraph without"),
        pytest.param({"highlights": [{"text": "x", "evidence": []}]}, id="a highlight without"),
        pytest.param({"action_items": [{"text": "x", "evidence": []}]}, id="a task without"),
        pytest.param({"highlights": [{"text": "x", "evidence": [1], "rank": 1}]}, id="inside"),
        pytest.param({"mood": {"label": "blue", "valence": 0}}, id="an unknown mood"),
        pytest.param({"mood": {"label": "sad", "valence": -1.5}}, id="too low a valence"),
        pytest.param({"support": 1.2}, id="too high a support"),
        pytest.param({"date": "2026-02-30"}, id="no such day"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate(body(**wrong))


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ENTRY.title = "Another"  # type: ignore[misc] # to see that it is refused
