"""A transcript as a file, and back."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from diarist.transcription.formats import RENDERERS, from_json, to_json, txt, verbose_json
from diarist.transcription.transcript import Segment, Transcript, Word

MEMO = Transcript(
    language="fr",
    duration_s=12.5,
    segments=(
        Segment(0, 0.5, 1.5, "Bonjour.", (Word(" Bonjour.", 0.5, 1.5, 0.97),), -0.2, 0.01, 1.1),
        Segment(1, 1.7, 3.0, "Ça va ?", (Word(" Ça", 1.7, 2.0), Word(" va ?", 2.1, 3.0))),
        Segment(2, 9.0, 10.0, "À demain."),
    ),
    spoken_language="fr",
    language_probability=0.98,
    engine="faster-whisper",
    model="base",
    source="mémo.mp3",
    warnings=("mémo.mp3 is damaged",),
)


def test_text_has_a_sentence_a_line_and_a_blank_line_at_a_long_pause() -> None:
    assert txt(MEMO) == "Bonjour.\nÇa va ?\n\nÀ demain.\n"


def test_what_is_written_as_json_is_read_back_the_same() -> None:
    assert from_json(to_json(MEMO)) == MEMO


def test_json_names_its_schema() -> None:
    assert json.loads(to_json(MEMO))["schema"] == "diarist.transcript/1"


def test_other_json_is_refused() -> None:
    with pytest.raises(ValidationError):
        from_json('{"text": "hello"}')


def test_verbose_json_has_the_keys_of_the_api() -> None:
    body = json.loads(verbose_json(MEMO))

    assert set(body) == {"task", "language", "duration", "text", "segments", "words"}
    assert (body["task"], body["language"], body["duration"]) == ("transcribe", "french", 12.5)
    assert body["text"] == "Bonjour. Ça va ? À demain."
    assert set(body["segments"][0]) == {
        "id",
        "seek",
        "start",
        "end",
        "text",
        "tokens",
        "temperature",
        "avg_logprob",
        "compression_ratio",
        "no_speech_prob",
    }
    assert body["words"][0] == {"word": "Bonjour.", "start": 0.5, "end": 1.5}


def test_a_translation_says_that_it_is_one() -> None:
    translated = Transcript("en", 1.0, (), spoken_language="fr")

    assert json.loads(verbose_json(translated))["task"] == "translate"


def test_every_format_renders_a_transcript_without_words() -> None:
    empty = Transcript("en", 1.0, ())

    for name, render in RENDERERS.items():
        assert isinstance(render(empty), str), name
