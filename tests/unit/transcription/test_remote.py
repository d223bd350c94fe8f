"""An engine on another machine: what it is asked, and how its answers are understood."""

from __future__ import annotations

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import httpx2
import numpy as np
import pytest

from diarist.audio.spans import Span
from diarist.errors import SettingsError
from diarist.transcription.config import RemoteConfig
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.remote import RemoteEngine
from diarist.transcription.transcript import Segment
from support.serving import QuietHandler, serving
from support.transcription_server import (
    ENGLISH,
    SOUND,
    SPEECH,
    VERBOSE,
    failed,
    ok,
    talk,
    transcription_server,
)


def texts(segments: list[Segment]) -> list[str]:
    return [segment.text for segment in segments]


def test_words_are_timed_on_the_chunk_and_spelled_as_in_the_text() -> None:
    with talk(VERBOSE) as talking:
        one, other = talking.transcribe()

    assert [word.text for word in one.words] == [" We", " signed", " it."]
    assert [word.text for word in other.words] == [" Daniel", " said,", " yes!"]
    assert one.words[0].start_s == pytest.approx(2.1)
    assert other.words[-1].end_s == pytest.approx(6.4)
    assert (one.start_s, one.end_s) == pytest.approx((2.1, 3.2))


def test_what_the_server_says_about_its_doubts_is_kept() -> None:
    with talk(VERBOSE) as talking:
        one, other = talking.transcribe()

    doubts = (one.avg_logprob, one.no_speech_prob, one.compression_ratio, one.temperature)
    assert doubts == (-0.2, 0.02, 1.1, 0.2)
    assert (other.avg_logprob, other.compression_ratio) == (0.0, 1.0)


def test_segments_without_words_keep_their_own_times() -> None:
    answer = ok(text="We signed it.", segments=[{"text": "We signed it.", "start": 1, "end": 2.5}])

    with talk(answer) as talking:
        (segment,) = talking.transcribe()

    assert (segment.start_s, segment.end_s, segment.words) == (3.0, 4.5, ())


def test_text_without_times_is_laid_out_on_the_speech() -> None:
    with talk(ok(text=" We signed it. ")) as talking:
        (segment,) = talking.transcribe()

    assert segment.text == "We signed it."
    assert "".join(word.text for word in segment.words).strip() == segment.text
    assert (segment.start_s, segment.end_s) == pytest.approx((2.0, 9.0))


def test_a_language_without_spaces_gets_none() -> None:
    words = [
        {"word": text, "start": index * 0.5, "end": index * 0.5 + 0.4}
        for index, text in enumerate(["今日", "は", "良い"])
    ]
    answer = ok(
        text="今日は良い。",
        language="japanese",
        words=words,
        segments=[{"text": "今日は良い。", "start": 0.0, "end": 2.0}],
    )

    with talk(answer) as talking:
        (segment,) = talking.transcribe(TranscribeOptions())

    assert [word.text for word in segment.words] == ["今日", "は", "良い。"]


@pytest.mark.parametrize(
    ("text", "words", "spelled"),
    [
        ('He said, "yes."', ["He", "said", "yes"], [" He", " said,", ' "yes."']),
        ("Well-known, that.", ["Well", "known", "that"], [" Well-", "known,", " that."]),
        ("THE END.", ["the", "end"], [" THE", " END."]),
        ("It cost 10%.", ["it", "cost", "ten", "percent"], [" it", " cost", " ten", " percent"]),
    ],
    ids=["quotes", "hyphen", "other case", "another number of words"],
)
def test_words_get_the_marks_around_them(text: str, words: list[str], spelled: list[str]) -> None:
    timed = [{"word": word, "start": i, "end": i + 0.4} for i, word in enumerate(words)]
    answer = ok(text=text, words=timed, segments=[{"text": text, "start": 0, "end": 5}])

    with talk(answer) as talking:
        (segment,) = talking.transcribe()

    assert [word.text for word in segment.words] == spelled


@pytest.mark.parametrize("text", ["", "  ", None])
def test_an_answer_without_words_is_no_segment(text: str | None) -> None:
    with talk(ok(text=text, segments=[])) as talking:
        assert talking.transcribe() == []


def test_nothing_is_sent_where_nobody_speaks() -> None:
    with talk(VERBOSE) as talking:
        assert talking.engine.transcribe(SOUND, (), ENGLISH) == []
        assert talking.engine.detect_language(SOUND, ()) is None
        assert talking.server.asked == []


def test_the_sound_from_the_first_word_to_the_last_is_sent_as_wav() -> None:
    with talk(VERBOSE) as talking:
        talking.transcribe()

    (request,) = talking.server.asked
    with wave.open(io.BytesIO(request.sound)) as sound:
        form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
        frames = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    assert form == (1, 2, 16_000)
    assert np.allclose(frames / 32_767, SOUND[2 * 16_000 : 9 * 16_000], atol=1e-4)


def test_sound_that_is_too_loud_is_not_turned_over() -> None:
    with talk(VERBOSE) as talking:
        talking.engine.transcribe(np.full(16_000, 1.5, np.float32), (Span(0.0, 1.0),), ENGLISH)

    with wave.open(io.BytesIO(talking.server.asked[0].sound)) as sound:
        frames = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    assert set(frames) == {32_767}


def test_what_is_wanted_is_asked_for_in_the_words_of_the_api() -> None:
    options = TranscribeOptions(language="fr", vocabulary=("Priya", "Mill Street"))

    with talk(VERBOSE) as talking:
        talking.transcribe(options)

    (request,) = talking.server.asked
    assert request.path == "/v1/audio/transcriptions"
    assert request.fields == {
        "model": ["whisper-1"],
        "temperature": ["0"],
        "response_format": ["verbose_json"],
        "timestamp_granularities[]": ["word", "segment"],
        "language": ["fr"],
        "prompt": ["Priya, Mill Street"],
    }


def test_a_translation_is_asked_for_elsewhere_and_without_a_language() -> None:
    with talk(VERBOSE) as talking:
        talking.transcribe(TranscribeOptions(language="fr", translate=True))

    (request,) = talking.server.asked
    assert request.path == "/v1/audio/translations"
    assert not {"language", "timestamp_granularities[]"} & set(request.fields)


@pytest.mark.parametrize(
    ("api_key", "sent"),
    [("sk-secret", "Bearer sk-secret"), ("sk-secret\n", "Bearer sk-secret"), (None, None)],
    ids=["a key", "a key from a file", "no key"],
)
def test_the_key_is_sent_as_a_bearer_token(api_key: str | None, sent: str | None) -> None:
    with talk(VERBOSE, api_key=api_key) as talking:
        talking.transcribe()

    assert talking.server.asked[0].headers.get("Authorization") == sent


@pytest.mark.parametrize("api_key", ["sk-schlüssel", "sk-one\nsk-two"])
def test_a_key_that_cannot_be_sent_is_a_wrong_setting(api_key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        RemoteEngine("whisper-1", RemoteConfig("http://127.0.0.1:9/v1", api_key=api_key))

    assert "DIARIST_REMOTE__API_KEY" in caught.value.hint
    assert api_key not in str(caught.value)


def test_the_key_is_in_no_description_of_the_settings() -> None:
    assert "sk-secret" not in repr(RemoteConfig("http://127.0.0.1:9/v1", api_key="sk-secret"))


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_only_plain_json_is_asked_for_no_more(status: int) -> None:
    refusal = failed(status, "response_format 'verbose_json' is not compatible with this model")

    with talk(refusal, ok(text="We signed it.")) as talking:
        first, second = talking.transcribe(), talking.transcribe()

    formats = [request.fields["response_format"] for request in talking.server.asked]
    assert formats == [["verbose_json"], ["json"], ["json"]]
    assert texts(first) == texts(second) == ["We signed it."]
    assert talking.waited_s == []


def test_two_chunks_that_are_refused_at_once_are_both_asked_again() -> None:
    both_are_asked = Barrier(2, timeout=30.0)

    class OnlyPlain(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the base's name
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if b"verbose_json" in content:
                both_are_asked.wait()
                self.answer(400, {}, b"response_format: only json")
            else:
                self.answer(200, {}, b'{"text": "We signed it."}')

    with serving(OnlyPlain) as base, ThreadPoolExecutor(2) as pool:
        engine = RemoteEngine("m", RemoteConfig(base, attempts=1))
        with closing(engine):
            heard = list(pool.map(lambda _: engine.transcribe(SOUND, SPEECH, ENGLISH), range(2)))

    assert [texts(segments) for segments in heard] == [["We signed it."]] * 2


def test_plain_json_can_be_asked_for_from_the_start() -> None:
    with talk(ok(text="We signed it."), word_times=False) as talking:
        talking.transcribe()
        assert talking.engine.detect_language(SOUND, SPEECH) is None

    (request,) = talking.server.asked
    assert request.fields["response_format"] == ["json"]


@pytest.mark.parametrize(
    ("said", "code"), [("french", "fr"), ("FR", "fr"), ("elvish", None), (None, None)]
)
def test_the_server_is_asked_for_the_language(said: str | None, code: str | None) -> None:
    with talk(ok(text="Bonjour.", language=said)) as talking:
        guess = talking.engine.detect_language(SOUND, SPEECH)

    assert (guess and guess.language) == code
    assert "language" not in talking.server.asked[0].fields


def test_a_slash_at_the_end_of_the_address_changes_nothing() -> None:
    with transcription_server(VERBOSE) as server:
        engine = RemoteEngine("m", RemoteConfig(f"{server.url}/"))
        with closing(engine):
            engine.transcribe(SOUND, SPEECH, ENGLISH)

    assert server.asked[0].path == "/v1/audio/transcriptions"


def test_closing_twice_is_harmless_and_ends_the_connections() -> None:
    client = httpx2.Client()
    engine = RemoteEngine("m", RemoteConfig("http://127.0.0.1:9/v1"), client)

    engine.close()
    engine.close()

    assert client.is_closed
