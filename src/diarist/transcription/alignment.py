"""When each word was said.

Whisper's cross-attention says roughly when; speech detection says exactly where nobody spoke.
Together they keep a word from being stretched over the pause before or behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from diarist.audio.spans import Span, total_s
from diarist.transcription.transcript import Word
from diarist.transcription.windows import Window

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    from diarist.transcription.decoding import Decoded

_FRAMES_PER_S = 100
_OPENING = frozenset("\"'“¿([{-«¡‘")
_CLOSING = frozenset("\"'.。,，!！?？:：;；”)]}、»…’")
_LONG_WORD_S = 0.5  # a word may last longer, but then it is looked at
_SHORTEST_WORD_S = 0.02


def spread_words(text: str, window: Window, speech: Sequence[Span]) -> list[Word]:
    """Estimate word times from the text alone: each gets its share of the time that was spoken.

    Args:
        text: what was said in the window.
        window: where it was said.
        speech: where somebody speaks, on the chunk.
    """
    pieces = list(text) if _is_unspaced(text) else re.findall(r"\s*\S+", text)
    spoken = [_within(span, window.span) for span in speech if span.overlap_s(window.span) > 0]
    spoken = spoken or [window.span]
    per_char_s = total_s(spoken) / max(1, sum(map(len, pieces)))
    words: list[Word] = []
    heard_s = 0.0
    for piece in pieces:
        end_s = heard_s + len(piece) * per_char_s
        text_of = piece if piece.startswith(" ") or _is_unspaced(text) else f" {piece}"
        words.append(Word(text_of, _at(spoken, heard_s), _at(spoken, end_s, is_end=True)))
        heard_s = end_s
    return words


_UNSPACED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


def _is_unspaced(text: str) -> bool:
    """Say whether a text is in a script without spaces, rather than a single word."""
    if " " in text.strip():
        return False
    return any(unicodedata.name(char, "").startswith(_UNSPACED_SCRIPTS) for char in text)


def _within(span: Span, limits: Span) -> Span:
    return Span(max(span.start_s, limits.start_s), min(span.end_s, limits.end_s))


def _at(spoken: Sequence[Span], heard_s: float, *, is_end: bool = False) -> float:
    """Return when on the chunk `heard_s` seconds of speech have passed."""
    for span in spoken:
        if heard_s < span.duration_s or (is_end and heard_s <= span.duration_s + 1e-6):
            return span.start_s + max(0.0, heard_s)
        heard_s -= span.duration_s
    return spoken[-1].end_s


def align_words(
    model: WhisperModel,
    tokenizer: Tokenizer,
    encoded: StorageView,
    decoded: Sequence[Decoded],
    windows: Sequence[Window],
) -> list[list[Word]]:
    """Return the words of each window, timed on the chunk.

    Args:
        model: that decoded them.
        tokenizer: knows language and task.
        encoded: the encoder's output for the windows.
        decoded: what the model wrote for each.
        windows: where each came from.
    """
    texts = [[token for token in one.tokens if token < tokenizer.eot] for one in decoded]
    frames = [max(2, int(window.duration_s * _FRAMES_PER_S)) for window in windows]
    found = model.find_alignment(tokenizer, texts, encoded, frames)
    return [
        _on_chunk(_with_punctuation(timings), window)
        for timings, window in zip(found, windows, strict=True)
    ]


def _with_punctuation(timings: Sequence[dict[str, object]]) -> list[Word]:
    """Attach punctuation, which has no sound, to the word that it belongs to."""
    words: list[Word] = []
    opening = ""
    for timing in timings:
        text = str(timing["word"])
        bare = text.strip()
        if bare and not set(bare) - _OPENING and text.startswith(" "):
            opening += text
        elif words and bare and not set(bare) - _CLOSING and not text.startswith(" "):
            words[-1] = replace(words[-1], text=words[-1].text + text)
        elif bare:
            words.append(
                Word(
                    text=opening + text.lstrip() if opening else text,
                    start_s=float(timing["start"]),  # type: ignore[arg-type]
                    end_s=float(timing["end"]),  # type: ignore[arg-type]
                    probability=float(timing["probability"]),  # type: ignore[arg-type]
                )
            )
            opening = ""
    return words


def _on_chunk(words: Sequence[Word], window: Window) -> list[Word]:
    return [
        replace(
            word,
            start_s=window.source_s(word.start_s),
            end_s=max(window.source_s(word.start_s), window.source_s(word.end_s, is_end=True)),
        )
        for word in words
    ]


def kept_to_speech(words: Sequence[Word], speech: Sequence[Span]) -> list[Word]:
    """Cut long words down to the stretch of speech that they are mostly in.

    Words that touch no speech stay as they are; whether they were said is for others to judge.
    Times never run backwards.
    """
    kept: list[Word] = []
    for word in words:
        clipped = _clipped(word, speech)
        start_s = max(clipped.start_s, kept[-1].start_s if kept else 0.0)
        end_s = max(clipped.end_s, start_s + _SHORTEST_WORD_S)
        kept.append(replace(clipped, start_s=start_s, end_s=end_s))
    return kept


def _clipped(word: Word, speech: Sequence[Span]) -> Word:
    span = Span(word.start_s, word.end_s)
    if span.duration_s <= _LONG_WORD_S:
        return word
    best = max(speech, key=span.overlap_s, default=None)
    if best is None or span.overlap_s(best) <= 0:
        return word
    return replace(word, start_s=max(word.start_s, best.start_s), end_s=min(word.end_s, best.end_s))
