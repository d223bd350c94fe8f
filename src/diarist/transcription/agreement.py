"""When a guess of the language is believed, and how chunks that were heard apart agree on one.

A recording that is worked through in order settles its language on the first chunk that makes it
clear. Chunks that are transcribed at the same time each guess; afterwards they agree, and those
that guessed badly are transcribed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diarist.transcription.engine import LanguageGuess

SURE_OF_LANGUAGE = 0.6
ENOUGH_SPEECH_S = 4.0  # to believe a guess of the language


@dataclass(frozen=True)
class ChunkLanguage:
    """What is known about the language of a chunk.

    Attributes:
        number: of the chunk.
        guess: what it was taken for; None if the engine could not tell.
        speech_s: seconds of speech that the guess was made on.
        used: ISO 639 code of the language in which the chunk was transcribed.
    """

    number: int
    guess: LanguageGuess | None
    speech_s: float
    used: str


@dataclass(frozen=True)
class Agreement:
    """What the chunks of a recording agree on.

    Attributes:
        guess: the language, and the greatest certainty with which it was heard; None if no chunk
            has a guess.
        again: numbers of the chunks that should be transcribed again in that language, ascending.
    """

    guess: LanguageGuess | None
    again: tuple[int, ...] = ()


def is_clear(guess: LanguageGuess, speech_s: float) -> bool:
    """Say whether a guess that was made on so much speech can be believed."""
    return guess.probability >= SURE_OF_LANGUAGE and speech_s >= ENOUGH_SPEECH_S


def agree_on_language(chunks: Sequence[ChunkLanguage]) -> Agreement:
    """Settle the language of a recording whose chunks were transcribed apart from each other.

    The language is the clear one with the most speech, weighted by how likely each guess is; where
    no guess is clear, all of them count. A chunk that is clear in another language stays as it is:
    some recordings are bilingual.

    Args:
        chunks: in any order; what is agreed on does not depend on it.
    """
    clear = [chunk for chunk in chunks if _is_clear(chunk)]
    guess = _heaviest(clear or chunks)
    if guess is None:
        return Agreement(None)
    again = {
        chunk.number for chunk in chunks if not _is_clear(chunk) and chunk.used != guess.language
    }
    return Agreement(guess, tuple(sorted(again)))


def language_warnings(guess: LanguageGuess | None) -> tuple[str, ...]:
    """Return what a reader should know about a language that was detected."""
    if guess is None or guess.probability >= SURE_OF_LANGUAGE:
        return ()
    return (
        f"the language was a guess ({guess.language}, {guess.probability:.0%}); "
        "give --language if it is another",
    )


def _is_clear(chunk: ChunkLanguage) -> bool:
    return chunk.guess is not None and is_clear(chunk.guess, chunk.speech_s)


def _heaviest(chunks: Sequence[ChunkLanguage]) -> LanguageGuess | None:
    weights: dict[str, float] = {}
    likeliest: dict[str, float] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.number):
        if chunk.guess is not None:
            language, probability = chunk.guess.language, chunk.guess.probability
            weights[language] = weights.get(language, 0.0) + probability * chunk.speech_s
            likeliest[language] = max(likeliest.get(language, 0.0), probability)
    if not weights:
        return None
    # Of two that weigh the same, the one that comes first on the recording.
    language = max(weights, key=lambda language: weights[language])
    return LanguageGuess(language, likeliest[language])
