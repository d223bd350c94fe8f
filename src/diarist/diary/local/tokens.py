"""Words that remember where they come from, so that whatever is made of them has evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from diarist.diary.language import bare
from diarist.transcription.transcript import Segment

STOPS = tuple(".?!…。？！")
_COMMAS = tuple(",;:–—-，、")
_CLOSERS = "\"')]”’»"


@dataclass(frozen=True, slots=True)
class Token:
    """One spoken word.

    Attributes:
        text: with its punctuation, without spaces.
        segment: id of the segment that it was said in.
        start_s: seconds from the start of the recording.
        end_s: likewise.
    """

    text: str
    segment: int
    start_s: float
    end_s: float

    @property
    def bare(self) -> str:
        """In lower case, without punctuation around it."""
        return bare(self.text)

    @property
    def ends_sentence(self) -> bool:
        return self.text.rstrip(_CLOSERS).endswith(STOPS)

    @property
    def ends_clause(self) -> bool:
        return self.ends_sentence or self.text.rstrip(_CLOSERS).endswith(_COMMAS)

    def with_text(self, text: str) -> Token:
        """Return it with another text."""
        return replace(self, text=text)

    def without_end(self) -> Token:
        """Return it without the punctuation behind it."""
        return replace(self, text=self.text.rstrip(".?!…。？！,;:–—-，、"))

    def ended_by(self, mark: str) -> Token:
        """Return it with other punctuation behind it."""
        return replace(self, text=self.without_end().text + mark)


def tokens_of(segments: Iterable[Segment]) -> list[Token]:
    """Return the words of segments; where they are not timed, they share the segment's time."""
    tokens: list[Token] = []
    for segment in segments:
        pieces = segment.text.split()
        times = _times(segment, len(pieces))
        tokens.extend(
            Token(piece, segment.id, start_s, end_s)
            for piece, (start_s, end_s) in zip(pieces, times, strict=True)
        )
    return tokens


def _times(segment: Segment, count: int) -> list[tuple[float, float]]:
    if len(segment.words) == count:
        return [(word.start_s, word.end_s) for word in segment.words]
    step_s = (segment.end_s - segment.start_s) / max(1, count)
    return [
        (segment.start_s + i * step_s, segment.start_s + (i + 1) * step_s) for i in range(count)
    ]


def text_of(tokens: Iterable[Token]) -> str:
    """Return tokens as a line of text."""
    return " ".join(token.text for token in tokens if token.text)


def bares(tokens: Iterable[Token]) -> tuple[str, ...]:
    """Return the bare words of tokens."""
    return tuple(token.bare for token in tokens)


def segments_of(tokens: Iterable[Token]) -> tuple[int, ...]:
    """Return the ids of the segments that tokens come from, ascending."""
    return tuple(sorted({token.segment for token in tokens}))


def starts_with(tokens: Sequence[Token], at: int, phrase: Sequence[str]) -> bool:
    """Say whether a phrase stands at a position, whatever the punctuation."""
    if not phrase or at + len(phrase) > len(tokens) or tokens[at].bare != phrase[0]:
        return False
    return all(tokens[at + i].bare == word for i, word in enumerate(phrase))
