"""Count the words that a transcript got wrong, as the field does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

_WITHOUT_SPACES = frozenset({"ja", "lo", "my", "th", "yue", "zh"})


@dataclass(frozen=True)
class Errors:
    """Errors in words, of one recording or of many.

    Attributes:
        words: in the reference.
        substituted: words that became others.
        left_out: words of the reference that are missing.
        invented: words that nobody said.
    """

    words: int = 0
    substituted: int = 0
    left_out: int = 0
    invented: int = 0

    @property
    def count(self) -> int:
        return self.substituted + self.left_out + self.invented

    @property
    def rate(self) -> float | None:
        """Return the word error rate in percent; None where nobody speaks."""
        return 100 * self.count / self.words if self.words else None

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            words=self.words + other.words,
            substituted=self.substituted + other.substituted,
            left_out=self.left_out + other.left_out,
            invented=self.invented + other.invented,
        )


def pooled(errors: Sequence[Errors]) -> Errors:
    """Add up: the rate of the sum counts every word alike, however short its recording."""
    return sum(errors, Errors())


def errors_in(text: str, reference: str, language: str | None) -> Errors:
    """Compare a transcript with what was said, both normalised.

    Args:
        text: the transcript.
        reference: what was said.
        language: of both; English has rules of its own (contractions, numbers, spelling).
    """
    from jiwer import process_words

    normalise = _normaliser(language)
    said, heard = normalise(reference).strip(), normalise(text).strip()
    if not said:
        return Errors(invented=len(heard.split()))
    found = process_words(said, heard)
    return Errors(len(said.split()), found.substitutions, found.deletions, found.insertions)


class _Normaliser(Protocol):
    def __call__(self, text: str, /) -> str: ...


@cache
def _normaliser(language: str | None) -> _Normaliser:
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    if language == "en":
        english: _Normaliser = EnglishTextNormalizer()
        return english
    basic: _Normaliser = BasicTextNormalizer(split_letters=language in _WITHOUT_SPACES)
    return basic
