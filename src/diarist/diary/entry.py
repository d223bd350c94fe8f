"""A diary entry: what was written, and which seconds of the recording each part rests on."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "diarist.entry/1"

MoodLabel = Literal[
    "happy",
    "content",
    "grateful",
    "calm",
    "proud",
    "excited",
    "hopeful",
    "relieved",
    "neutral",
    "mixed",
    "tired",
    "sad",
    "lonely",
    "anxious",
    "stressed",
    "angry",
    "frustrated",
    "guilty",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Evidence = tuple[int, ...]
"""Ids of transcript segments, ascending."""


class Paragraph(_Frozen):
    """Sentences that belong together."""

    text: str
    evidence: Evidence = Field(min_length=1)


class Highlight(_Frozen):
    """A sentence worth finding again."""

    text: str
    evidence: Evidence = Field(min_length=1)


class ActionItem(_Frozen):
    """Something that the speaker means to do.

    Attributes:
        text: what, as a short command.
        due: by when, resolved against the date of the recording; None if nothing was said.
    """

    text: str
    due: dt.date | None = None
    evidence: Evidence = Field(min_length=1)


class Mood(_Frozen):
    """How the speaker seemed to feel.

    Attributes:
        label: in English in every language, so that moods can be compared.
        valence: -1 is bad, 0 is even, 1 is good.
    """

    label: MoodLabel = "neutral"
    valence: float = Field(default=0.0, ge=-1.0, le=1.0)
    evidence: Evidence = ()


class Author(_Frozen):
    """Who wrote an entry.

    Attributes:
        provider: `local`, or the provider of the model.
        model: which model or version of the local writer.
        prompt_version: of the prompt that a model was given.
    """

    provider: str
    model: str
    prompt_version: str | None = None


class Entry(_Frozen):
    """A diary entry.

    Attributes:
        date: the day that it belongs to.
        title: as a person would call it.
        summary: one sentence.
        language: ISO 639 code of its text.
        people, places, topics: in the order in which they come up, topics by weight.
        mentions: for each of these names, where it comes up.
        support: share of its sentences that the evidence bears out, 0 to 1.
    """

    date: dt.date
    title: str
    summary: str
    language: str
    paragraphs: tuple[Paragraph, ...] = Field(min_length=1)
    mood: Mood = Mood()
    highlights: tuple[Highlight, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    mentions: dict[str, Evidence] = Field(default_factory=dict)
    writer: Author
    support: float = Field(default=1.0, ge=0.0, le=1.0)
    schema_: str = Field(default=SCHEMA, alias="schema")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def text(self) -> str:
        """The whole entry as plain text."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)
