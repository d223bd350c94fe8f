"""Transcripts made of sentences, and those of the project's own recordings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from diarist.diary.language import language_of
from diarist.diary.local.sentences import Sentence, written_sentences
from diarist.diary.local.tokens import Token, tokens_of
from diarist.transcription.reading import read_transcript
from diarist.transcription.transcript import Segment, Transcript
from support.media import SAMPLES

SAID_ON = {
    "evening-memo.en.txt": dt.date(2026, 11, 18),
    "rambling-walk.en.txt": dt.date(2026, 11, 21),
    "dimanche-soir.fr.txt": dt.date(2026, 11, 22),
    "nota-del-viernes.es.txt": dt.date(2026, 11, 20),
}
"""The scripts of the sample recordings, and the days on which they were spoken."""

_WORD_S = 0.4
_PAUSE_S = 0.4


def segments_of(texts: Sequence[str], pause_s: float = _PAUSE_S) -> tuple[Segment, ...]:
    """Return one segment for each text, at the pace of speech."""
    segments: list[Segment] = []
    at_s = 0.0
    for index, text in enumerate(texts):
        end_s = at_s + _WORD_S * max(1, len(text.split()))
        segments.append(Segment(index, at_s, end_s, text))
        at_s = end_s + pause_s
    return tuple(segments)


def transcript_of(*texts: str, language: str = "en") -> Transcript:
    """Return a transcript with one segment for each text."""
    segments = segments_of(texts)
    return Transcript(language, segments[-1].end_s if segments else 0.0, segments)


def sample(name: str) -> Transcript:
    """Return what is said in a sample recording, its language left open."""
    return read(SAMPLES / name)


def read(path: Path) -> Transcript:
    return read_transcript(path.read_bytes(), path.name)


def in_language(transcript: Transcript, language: str) -> Transcript:
    return replace(transcript, language=language)


def sentences_of(*texts: str, language: str = "en") -> list[Sentence]:
    """Return the sentences that are written for some segments."""
    return written_sentences(segments_of(texts), language_of(language))


def tokens(*texts: str) -> list[Token]:
    return tokens_of(segments_of(texts))
