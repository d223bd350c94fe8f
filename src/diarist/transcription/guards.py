"""Whisper's known failures, and what is done about each.

* It writes something where nobody speaks: stock phrases of its training data, mostly the ends
  of videos. Windows hold only detected speech; what still looks invented is dropped.
* It falls into a loop and repeats a phrase: such windows are decoded again, and what is left of
  a loop is cut to one turn.
* It ends early and leaves out what follows: speech without words is decoded once more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from diarist.audio.spans import Span, gaps
from diarist.transcription.decoding import Decoded
from diarist.transcription.transcript import Word

_STOCK_PHRASES = frozenset(
    {
        # English
        "you",
        "thank you",
        "thank you very much",
        "thanks",
        "thank you for watching",
        "thanks for watching",
        "thank you so much for watching",
        "thank you for listening",
        "please subscribe",
        "please subscribe to my channel",
        "dont forget to subscribe",
        "like and subscribe",
        "bye",
        "bye bye",
        "ill see you in the next video",
        "see you in the next video",
        "see you next time",
        "subtitles by the amaraorg community",
        # German
        "vielen dank",
        "vielen dank fürs zuschauen",
        "untertitel im auftrag des zdf für funk 2017",
        "untertitel der amaraorg community",
        "untertitelung aufgrund der amaraorg community",
        "bis zum nächsten mal",
        "tschüss",
        # French
        "merci",
        "merci davoir regardé cette vidéo",
        "merci davoir regardé",
        "soustitres réalisés par la communauté damaraorg",
        "soustitres réalisés para la communauté damaraorg",
        "abonnezvous",
        # Spanish
        "gracias",
        "gracias por ver el video",
        "gracias por ver el vídeo",
        "subtítulos realizados por la comunidad de amaraorg",
        "suscríbete al canal",
        # Italian, Portuguese
        "grazie",
        "sottotitoli creati dalla comunità amaraorg",
        "obrigado",
        "legendas pela comunidade amaraorg",
    }
)
_SURE = -0.35  # mean log-probability from which a stock phrase is believed
_ENOUGH_SPEECH_S = 1.0  # and this much speech, or it was a cough
_TOO_SILENT = 0.3  # no-speech probability from which it is not
_UNLIKELY = -1.3  # mean log-probability at which nothing is believed
_FASTEST_CHARS_PER_S = 60.0  # no one speaks faster
_HOLE_S = 1.6  # speech without words for this long was left out
_NEAR_S = 0.4
_LONGEST_LOOP = 12  # words


def looks_invented(decoded: Decoded, speech_s: float) -> bool:
    """Say whether a window's text was probably never spoken.

    Args:
        decoded: what the model wrote.
        speech_s: how many seconds of speech were detected in the window.
    """
    if not decoded.text or decoded.is_silence or decoded.avg_logprob < _UNLIKELY:
        return True
    if decoded.is_repetitive and decoded.temperature > 0:
        return True
    if len(decoded.text) > _FASTEST_CHARS_PER_S * max(0.5, speech_s):
        return True
    if plain(decoded.text) not in _STOCK_PHRASES:
        return False
    return (
        decoded.avg_logprob < _SURE
        or speech_s < _ENOUGH_SPEECH_S
        or decoded.no_speech_prob > _TOO_SILENT
    )


def plain(text: str) -> str:
    """Return text in lower case without punctuation, to compare phrases by."""
    kept = (c for c in text.casefold() if c.isspace() or unicodedata.category(c)[0] in "LN")
    return " ".join("".join(kept).split())


def without_loops(words: Sequence[Word]) -> list[Word]:
    """Cut a phrase that is repeated more often than people repeat themselves to one turn.

    People do say a word four or five times; nobody says it ten times in a transcript worth
    keeping, and the model does.
    """
    kept: list[Word] = []
    bare = [plain(word.text) for word in words]
    index = 0
    while index < len(words):
        length, turns = _loop_at(bare, index)
        kept.extend(words[index : index + length])
        index += length * turns
    return kept


def _most_turns(length: int) -> int:
    """Return how often a phrase of this many words may follow itself."""
    return 8 if length == 1 else 4 if length < 4 else 3


def _loop_at(bare: Sequence[str], index: int) -> tuple[int, int]:
    """Return length and turns of the phrase that loops from here on; (1, 1) if none does."""
    best = (1, 1)
    for length in range(1, min(_LONGEST_LOOP, (len(bare) - index) // 2) + 1):
        phrase = bare[index : index + length]
        turns = 1
        while bare[index + turns * length : index + (turns + 1) * length] == phrase:
            turns += 1
        if turns > _most_turns(length) and turns * length > best[0] * best[1]:
            best = (length, turns)
    return best


def holes(speech: Sequence[Span], words: Sequence[Word], within: Span) -> list[Span]:
    """Return stretches of speech that got no words, long enough to hold a phrase.

    Args:
        speech: where somebody speaks.
        words: what was written, timed.
        within: the window that both belong to.
    """
    covered = [Span(word.start_s - _NEAR_S, word.end_s + _NEAR_S) for word in words]
    silent = list(gaps(sorted(covered), within))
    found: list[Span] = []
    for span in speech:
        for gap in silent:
            part = Span(max(span.start_s, gap.start_s), min(span.end_s, gap.end_s))
            if part.duration_s >= _HOLE_S:
                found.append(part)
    return found
