"""What is shown of a passage that was found: the words around the best place, from the original."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from diarist.storage.folding import FoldedWord, words_of
from diarist.storage.search_passages import Piece
from diarist.storage.search_query import Term

_LONGEST = 240  # characters of a snippet
_LEAD_IN = 60  # of them before the first word that was looked for
_TERMS = 50  # that are marked, of a query with more
_CUT = "…"


@dataclass(frozen=True)
class Snippet:
    """Some words of a text.

    Attributes:
        text: on one line, with "…" where the original goes on.
        marks: first and behind the last character of each part that was looked for, in order.
        segment: of the transcript where the first of these was said.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    segment: int


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    term: Term


def snippet_of(pieces: Sequence[Piece], terms: Sequence[Term]) -> Snippet:
    """Return the place of a passage where most of what was looked for stands together.

    Args:
        pieces: of the passage; at least one.
        terms: that were looked for. Where none is found, the snippet is the beginning.
    """
    text = " ".join(piece.text for piece in pieces)
    words = list(words_of(text))
    found = _best(sorted(_found(words, terms[:_TERMS]), key=lambda one: (one.start, -one.end)))
    at = found[0].start if found else 0
    start, end = _window(words, at, len(text))
    head = f"{_CUT} " if start > 0 else ""
    tail = f" {_CUT}" if end < len(text) else ""
    shown = "".join(" " if char.isspace() else char for char in text[start:end])
    shift = len(head) - start
    marks = tuple((one.start + shift, min(one.end, end) + shift) for one in _apart(found, end))
    return Snippet(f"{head}{shown}{tail}", marks, _piece_at(pieces, at).segment)


def _found(words: Sequence[FoldedWord], terms: Sequence[Term]) -> Iterator[_Found]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        places[word.text].append(index)
    for term in terms:
        if term.is_prefix and len(term.words) == 1:
            begun = [word for word in places if word.startswith(term.words[0])]
            starts = [index for word in begun for index in places[word]]
        else:
            starts = places.get(term.words[0], [])
        for index in starts:
            stretch = words[index : index + len(term.words)]
            if _is_of(term, [word.text for word in stretch]):
                yield _Found(stretch[0].start, stretch[-1].end, term)


def _is_of(term: Term, words: Sequence[str]) -> bool:
    if len(words) < len(term.words):
        return False
    *before, last = words
    *wanted, final = term.words
    return before == wanted and (last.startswith(final) if term.is_prefix else last == final)


def _best(found: Sequence[_Found]) -> Sequence[_Found]:
    """Return what is found in the window that has most of the terms, the first of such windows."""
    best: Sequence[_Found] = ()
    most = 0
    for index, first in enumerate(found):
        limit = first.start + _LONGEST - _LEAD_IN
        end = index
        while end < len(found) and found[end].end <= limit:
            end += 1
        window = found[index : max(end, index + 1)]
        terms = len({one.term for one in window})
        if terms > most:
            best, most = window, terms
    return best


def _window(words: Sequence[FoldedWord], at: int, length: int) -> tuple[int, int]:
    """Return where a snippet begins and ends, so that no word is cut."""
    start = next((word.start for word in words if word.start >= at - _LEAD_IN), at)
    if at <= _LEAD_IN:
        start = 0
    limit = start + _LONGEST
    if limit >= length:
        return start, length
    ends = [word.end for word in words if at < word.end <= limit]
    return start, ends[-1] if ends else limit


def _apart(found: Sequence[_Found], limit: int) -> Iterator[_Found]:
    """Leave out what lies in another mark or behind the end."""
    end = 0
    for one in found:
        if end <= one.start < limit:
            yield one
            end = one.end


def _piece_at(pieces: Sequence[Piece], at: int) -> Piece:
    ends = list(accumulate(len(piece.text) + 1 for piece in pieces))
    return pieces[min(bisect_right(ends, at), len(pieces) - 1)]
