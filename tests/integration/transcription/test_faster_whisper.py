"""The engine with real models on real speech: what it says, when, and what it never says."""

from __future__ import annotations

import io
import wave
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import jiwer
import numpy as np
import pytest
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from diarist.audio.options import ChunkingOptions
from diarist.audio.spans import Span
from diarist.errors import NoSpeechError, UnknownLanguageError, UnsupportedRequestError
from diarist.transcription.config import FasterWhisperConfig
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.faster_whisper import FasterWhisper
from diarist.transcription.guards import plain
from diarist.transcription.options import RecordingOptions
from diarist.transcription.recording import transcribe
from diarist.transcription.transcript import Transcript
from support.media import DIMANCHE, EVENING, NOTA, RAMBLING, Sound, noise, silence, speech, tone

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = (Span(0.0, 9.0),)
ONE_WORD_OF_EACH_SENTENCE = (
    "balcony",
    "lease",
    "landlord",
    "bristol",
    "lunch",
    "manchester",
    "lunches",
    "afternoon",
    "supplier",
    "borrow",
)
"""Of the first 49 seconds of the evening memo; each is said once."""


def wav(sound: Sound) -> io.BytesIO:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    buffer.seek(0)
    return buffer


def heard(engine: FasterWhisper, path: Path, **wanted: object) -> Transcript:
    options = RecordingOptions(transcribe=TranscribeOptions(**wanted))  # type: ignore[arg-type]  # as given
    with path.open("rb") as stream:
        return transcribe(stream, path.name, engine, options)


@pytest.fixture(scope="module")
def evening(base_engine: FasterWhisper) -> Transcript:
    return heard(base_engine, EVENING)


@lru_cache(maxsize=1)
def _english() -> Callable[[str], str]:
    return EnglishTextNormalizer()  # type: ignore[no-any-return]  # it is untyped


def word_error_rate(transcript: Transcript, path: Path) -> float:
    reference = path.with_name(path.name.removesuffix(path.suffix) + ".txt").read_text("utf-8")
    normal = _english() if transcript.language == "en" else BasicTextNormalizer()
    return float(jiwer.wer(normal(reference), normal(transcript.text)))


def test_words_are_in_order_and_make_up_their_segment(evening: Transcript) -> None:
    for segment in evening.segments:
        assert segment.text == "".join(word.text for word in segment.words).strip()
        assert segment.start_s == segment.words[0].start_s
        assert all(a.start_s <= b.start_s for a, b in pairwise(segment.words))
        assert all(0.0 <= word.probability <= 1.0 for word in segment.words)
    assert [segment.id for segment in evening.segments] == list(range(len(evening.segments)))
    assert all(a.start_s <= b.start_s for a, b in pairwise(evening.segments))


def test_words_are_timed_where_they_are_said(evening: Transcript) -> None:
    timed = {plain(word.text): word for segment in evening.segments for word in segment.words}

    for name in ("bristol", "manchester", "edinburgh"):
        word = timed[name]
        around = speech(word.end_s - word.start_s, word.start_s)
        assert 0.1 < word.end_s - word.start_s < 1.5, name
        assert np.abs(around).max() > 0.05, name


@pytest.mark.parametrize(
    ("path", "language", "most_errors"),
    [(DIMANCHE, "fr", 0.12), (NOTA, "es", 0.12)],
    ids=["French", "Spanish"],
)
def test_speech_is_understood_in_the_language_that_is_spoken(
    base_engine: FasterWhisper, path: Path, language: str, most_errors: float
) -> None:
    transcript = heard(base_engine, path, beam_size=1)

    assert transcript.language == language
    assert transcript.language_probability > 0.8
    assert word_error_rate(transcript, path) < most_errors


def test_speech_is_understood_by_default(evening: Transcript) -> None:
    assert (evening.language, evening.model) == ("en", "base")
    assert word_error_rate(evening, EVENING) < 0.06


def test_a_rambling_speaker_is_understood(tiny_engine: FasterWhisper) -> None:
    transcript = heard(tiny_engine, RAMBLING, beam_size=1)

    assert "rowing team" in transcript.text
    assert word_error_rate(transcript, RAMBLING) < 0.3  # the script counts every "uh"


def test_translation_is_in_english(base_engine: FasterWhisper) -> None:
    transcript = heard(base_engine, DIMANCHE, translate=True, beam_size=1)

    words = Counter(plain(transcript.text).split())
    assert (transcript.language, transcript.spoken_language) == ("en", "fr")
    assert words["the"] + words["i"] > words["le"] + words["je"]


def test_a_forced_language_is_taken_as_said(base_engine: FasterWhisper) -> None:
    options = RecordingOptions(transcribe=TranscribeOptions(language="es", beam_size=1))

    transcript = transcribe(wav(speech(9.0, path=NOTA)), "nota.wav", base_engine, options)

    assert (transcript.language, transcript.language_probability) == ("es", 1.0)


def test_a_vocabulary_hint_spells_a_rare_word(base_engine: FasterWhisper) -> None:
    samples = speech(12.0, start_s=36.9)
    options = TranscribeOptions(language="en")
    hinted = TranscribeOptions(language="en", vocabulary=("kiln", "workshop", "Mill Street"))

    without = base_engine.transcribe(samples, (Span(0.0, 12.0),), options)
    told = base_engine.transcribe(samples, (Span(0.0, 12.0),), hinted)

    assert "kiln" not in without[0].text.lower()
    assert "kiln" in told[0].text.lower()


@pytest.mark.parametrize(
    "sound",
    [
        silence(20.0),
        tone(20.0, 50.0),
        noise(20.0, level=0.2),
        sum(
            (tone(20.0, hertz, level=0.1) for hertz in (220.0, 277.2, 329.6, 440.0)),
            start=noise(20.0, level=0.001),
        ),
    ],
    ids=["silence", "hum", "noise", "chord"],
)
def test_nothing_is_invented_where_nobody_speaks(tiny_engine: FasterWhisper, sound: Sound) -> None:
    with pytest.raises(NoSpeechError):
        transcribe(wav(sound), "sound.wav", tiny_engine)


def test_nothing_is_invented_between_two_sentences(tiny_engine: FasterWhisper) -> None:
    said = speech(9.0, start_s=7.4)
    sound = np.concatenate([said, noise(30.0, level=0.01), said])

    transcript = transcribe(wav(sound), "sound.wav", tiny_engine)

    assert plain(transcript.text).split().count("landlord") == 2
    assert not [s for s in transcript.segments if 10.0 < s.start_s < 38.0]


def test_no_sentence_is_lost_or_doubled_where_chunks_are_cut(tiny_engine: FasterWhisper) -> None:
    once = speech(49.0)
    sound = np.concatenate([once] * 3)
    options = RecordingOptions(
        chunking=ChunkingOptions(first_target_s=20.0, target_s=30.0, longest_s=60.0),
        transcribe=TranscribeOptions(beam_size=1),
    )

    transcript = transcribe(wav(sound), "sound.wav", tiny_engine, options)

    words = Counter(plain(transcript.text).split())
    for word in ONE_WORD_OF_EACH_SENTENCE:
        assert words[word] == 3, word


def test_speech_without_a_pause_is_cut_without_loss(tiny_engine: FasterWhisper) -> None:
    sound = speech(75.0)
    quiet = np.abs(sound) < 0.02
    sound[quiet] += noise(75.0, level=0.004)[quiet]

    segments = tiny_engine.transcribe(
        sound, (Span(0.0, 75.0),), TranscribeOptions(language="en", beam_size=1)
    )

    words = Counter(plain(" ".join(segment.text for segment in segments)).split())
    for word in ("bristol", "manchester", "edinburgh", "landlord", "hospital", "december"):
        assert words[word] == 1, word


def test_several_calls_at_once_give_what_each_gives_alone(tiny_engine: FasterWhisper) -> None:
    pieces = [speech(9.0, start_s=start_s) for start_s in (0.0, 7.4, 23.0)]
    options = TranscribeOptions(language="en", beam_size=1)

    alone = [tiny_engine.transcribe(piece, WHOLE, options) for piece in pieces]
    with ThreadPoolExecutor(3) as pool:
        together = list(
            pool.map(lambda piece: tiny_engine.transcribe(piece, WHOLE, options), pieces)
        )

    assert [[s.text for s in said] for said in together] == [
        [s.text for s in said] for said in alone
    ]


def test_words_may_go_without_alignment(tiny_engine: FasterWhisper) -> None:
    options = TranscribeOptions(language="en", beam_size=1, word_times=False)

    (segment,) = tiny_engine.transcribe(speech(9.0, start_s=7.4), WHOLE, options)

    assert segment.text == "".join(word.text for word in segment.words).strip()
    assert segment.words[-1].end_s <= 9.0


def test_a_language_that_the_model_does_not_know_is_an_error(base_engine: FasterWhisper) -> None:
    with pytest.raises(UnknownLanguageError, match="'xx'"):
        base_engine.transcribe(speech(9.0), WHOLE, TranscribeOptions(language="xx"))


@pytest.mark.parametrize(
    "options", [TranscribeOptions(language="fr"), TranscribeOptions(translate=True)]
)
def test_an_english_model_refuses_what_it_cannot(
    tiny_engine: FasterWhisper, options: TranscribeOptions
) -> None:
    with pytest.raises(UnsupportedRequestError, match="only English"):
        tiny_engine.transcribe(speech(9.0), WHOLE, options)


def test_an_engine_may_be_closed_twice(tiny_folder: Path) -> None:
    engine = FasterWhisper(tiny_folder, "tiny.en", FasterWhisperConfig(device="cpu", replicas=1))

    engine.close()
    engine.close()

    assert engine.model == "tiny.en"
