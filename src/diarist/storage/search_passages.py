"""Transcripts and entries as passages: what a search finds, and small enough to be read.

A passage has about a thousand words: some seven minutes of speech, so that most recordings are
one. It ends where a segment of the transcript or a paragraph of the entry ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diarist.diary.entry import Entry
from diarist.storage.folding import folded, words_of
from diarist.transcription.transcript import Transcript

LONGEST_PASSAGE = 1_000
"""Words, as `folding` counts them. PostgreSQL knows places of words up to 16,383."""


@dataclass(frozen=True)
class Piece:
    """Text that is not divided.

    Attributes:
        segment: of the transcript where it was said, or the first of those that it rests on.
        text: as a person reads it.
        folded: its words as they are compared.
    """

    segment: int
    text: str
    folded: str

    @property
    def length(self) -> int:
        return self.folded.count(" ") + 1 if self.folded else 0


@dataclass(frozen=True)
class Passage:
    """Words that a search looks for together.

    Attributes:
        first_segment: of the transcript where it begins.
        folded: its words as they are compared.
    """

    first_segment: int
    folded: str


def transcript_passages(transcript: Transcript) -> list[Passage]:
    """Return the passages of a transcript."""
    return [_passage(pieces) for pieces in said_from(transcript, 0)]


def entry_passages(entry: Entry) -> list[Passage]:
    """Return the passages of an entry."""
    return [_passage(pieces) for pieces in written_in(entry)]


def said_from(transcript: Transcript, segment: int) -> Iterator[list[Piece]]:
    """Return the pieces of the passage that begins in a segment, and of those behind it.

    They are made one by one: to show a place in a recording of hours takes no time for the others.
    """
    return _passages(_said(transcript, segment))


def written_in(entry: Entry) -> Iterator[list[Piece]]:
    """Return the pieces of each passage of an entry."""
    return _passages(_written(entry))


def _passages(texts: Iterator[tuple[int, str]]) -> Iterator[list[Piece]]:
    passage: list[Piece] = []
    room = LONGEST_PASSAGE
    for piece in (piece for segment, text in texts for piece in _pieces(segment, text)):
        if piece.length > room:
            yield passage
            passage, room = [], LONGEST_PASSAGE
        passage.append(piece)
        room -= piece.length
    if passage:
        yield passage


def _passage(pieces: Sequence[Piece]) -> Passage:
    return Passage(pieces[0].segment, " ".join(piece.folded for piece in pieces if piece.folded))


def _said(transcript: Transcript, since: int) -> Iterator[tuple[int, str]]:
    for segment in transcript.segments:
        if segment.id >= since:
            yield segment.id, segment.text


def _written(entry: Entry) -> Iterator[tuple[int, str]]:
    """Return all that a person would look for; highlights are said in the paragraphs already."""
    first = entry.paragraphs[0].evidence[0]
    yield first, entry.title
    yield first, entry.summary
    for paragraph in entry.paragraphs:
        yield paragraph.evidence[0], paragraph.text
    for item in entry.action_items:
        yield item.evidence[0], item.text
    for name in (*entry.people, *entry.places, *entry.topics):
        yield min(entry.mentions.get(name, ()), default=first), name


def _pieces(segment: int, text: str) -> Iterator[Piece]:
    """Return a text as it is; in parts only if it alone is too long for a passage."""
    whole = Piece(segment, text, folded(text))
    if whole.length <= LONGEST_PASSAGE:
        yield whole
        return
    cuts = [word.start for word in words_of(text)][LONGEST_PASSAGE::LONGEST_PASSAGE]
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        yield Piece(segment, text[start:end], folded(text[start:end]))
