"""Any server that speaks OpenAI's `/v1/audio/transcriptions`: a GPU host of one's own, or a cloud.

Chunks travel as 16-bit WAV, about 2 MB a minute. Detected speech is known here, so the silence
around it is never sent and never paid for.
"""

from __future__ import annotations

import io
import math
import random
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np
from pydantic import BaseModel, ValidationError

from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.spans import Span
from diarist.errors import (
    DiaristError,
    RateLimitedError,
    SettingsError,
    UnknownLanguageError,
    UnsupportedRequestError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from diarist.transcription.alignment import kept_to_speech, spread_words
from diarist.transcription.config import RemoteConfig
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.languages import UNSPACED, code_of
from diarist.transcription.transcript import Segment, Word
from diarist.transcription.windows import Window

if TYPE_CHECKING:
    from diarist.audio import Samples

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LONGEST_WAIT_S = 60.0
_DETECT_S = 30.0


class _AnswerWord(BaseModel):
    word: str
    start: float
    end: float


class _AnswerSegment(BaseModel):
    text: str
    start: float
    end: float
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None
    temperature: float | None = None


class _Answer(BaseModel):
    """What a server may say; `json` has the text alone, and servers differ in the rest."""

    text: str | None
    language: str | None = None
    words: list[_AnswerWord] | None = None
    segments: list[_AnswerSegment] | None = None

    @property
    def language_code(self) -> str | None:
        try:
            return code_of(self.language) if self.language else None
        except UnknownLanguageError:
            return None


class RemoteEngine:
    """The engine `openai`."""

    name = "openai"

    def __init__(
        self,
        model: str,
        config: RemoteConfig,
        client: httpx2.Client | None = None,
        sleep: Callable[[float], object] = time.sleep,  # noqa: TID251 - the default of a parameter
    ) -> None:
        """Open a connection pool.

        Args:
            model: what the server calls it.
            config: where the server is.
            client: to be used instead of an own one.
            sleep: waits between tries.

        Raises:
            SettingsError: if the key cannot be sent.
        """
        self.model = model
        self.parallel_chunks = config.parallel_chunks
        self._config = config
        self._headers = _headers(config.api_key)
        self._client = client or httpx2.Client(timeout=config.timeout_s)
        self._sleep = sleep
        self._verbose = config.word_times

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:
        """Ask the server about the first half minute, if it answers such questions at all."""
        if not speech or not self._verbose:
            return None
        start = int(speech[0].start_s * SAMPLE_RATE)
        piece = samples[start : start + int(_DETECT_S * SAMPLE_RATE)]
        code = self._post(piece, TranscribeOptions()).language_code
        return LanguageGuess(code, 1.0) if code else None

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        """Transcribe a chunk; see `Engine.transcribe`."""
        if not speech:
            return []
        window = Window((Span(speech[0].start_s, speech[-1].end_s),))
        answer = self._post(window.samples_of(samples), options)
        text = (answer.text or "").strip()
        if not text:
            return []
        if not answer.segments:
            return _estimated(text, speech)
        language = "en" if options.translate else answer.language_code or options.language
        return _segments(answer, window.span.start_s, speech, "" if language in UNSPACED else " ")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, samples: Samples, options: TranscribeOptions) -> _Answer:
        """Send a piece and return the answer, trying again while that can help."""
        audio = _wav(samples)
        for attempt in range(1, self._config.attempts):
            try:
                return self._post_once(audio, options)
            except (UpstreamUnavailableError, RateLimitedError) as error:
                self._sleep(_wait_s(attempt, error))
        return self._post_once(audio, options)

    def _post_once(self, audio: bytes, options: TranscribeOptions) -> _Answer:
        is_verbose = self._verbose  # another thread may be told at the same time that it is refused
        response = self._send(audio, options, is_verbose=is_verbose)
        if is_verbose and _refuses_format(response):
            self._verbose = False
            response = self._send(audio, options, is_verbose=False)
        _raise_for(response, self._config.base_url, self.model)
        return _answer(response, self._config.base_url)

    def _send(
        self, audio: bytes, options: TranscribeOptions, *, is_verbose: bool
    ) -> httpx2.Response:
        server = self._config.base_url
        path = "translations" if options.translate else "transcriptions"
        try:
            return self._client.post(
                f"{server.rstrip('/')}/audio/{path}",
                data=self._form(options, is_verbose=is_verbose),
                files={"file": ("chunk.wav", audio, "audio/wav")},
                headers=self._headers,
            )
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise SettingsError(
                f"{server!r} is not the address of a server",
                hint="Set DIARIST_REMOTE__BASE_URL, such as http://127.0.0.1:8080/v1.",
            ) from error
        except httpx2.RequestError as error:
            raise UpstreamUnavailableError(
                f"the transcription server at {server} does not answer ({type(error).__name__})",
                hint="Check DIARIST_REMOTE__BASE_URL and that the server runs.",
            ) from error

    def _form(self, options: TranscribeOptions, *, is_verbose: bool) -> dict[str, Any]:
        form: dict[str, Any] = {"model": self.model, "temperature": "0"}
        if is_verbose:
            form["response_format"] = "verbose_json"
            if not options.translate:
                form["timestamp_granularities[]"] = ["word", "segment"]
        else:
            form["response_format"] = "json"
        if options.language and not options.translate:
            form["language"] = options.language
        if options.vocabulary:
            form["prompt"] = ", ".join(options.vocabulary)
        return form


def _headers(api_key: str | None) -> dict[str, str]:
    key = (api_key or "").strip()  # a key from a file ends in a line break
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(
            "the key of the transcription server holds characters that no key has",
            hint="Set DIARIST_REMOTE__API_KEY to the key alone.",
        )
    return {"Authorization": f"Bearer {key}"} if key else {}


def _wav(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes())
    return buffer.getvalue()


def _refuses_format(response: httpx2.Response) -> bool:
    return response.status_code in (400, 422) and (
        "response_format" in response.text or "timestamp_granularities" in response.text
    )


def _raise_for(response: httpx2.Response, server: str, model: str) -> None:
    """Translate an error of the server."""
    status = response.status_code
    if status < 400:
        return
    said = _message(response)
    if status == 429:
        raise RateLimitedError(
            f"the transcription server at {server} asks to slow down ({said})",
            hint="Try again later, or lower DIARIST_REMOTE__PARALLEL_CHUNKS.",
            retry_after_s=_retry_after_s(response),
        )
    if status in _RETRIED:
        raise UpstreamUnavailableError(
            f"the transcription server at {server} failed with {status} ({said})",
            hint="Try again later.",
        )
    if status in (401, 403):
        raise UpstreamRejectedError(
            f"the transcription server at {server} did not accept the key ({said})",
            hint="Set DIARIST_REMOTE__API_KEY.",
        )
    if status == 404:
        raise UpstreamRejectedError(
            f"the transcription server at {server} does not know the model {model!r} ({said})",
            hint="Give --model as the server names it, and a base URL that ends in /v1.",
        )
    raise UnsupportedRequestError(
        f"the transcription server at {server} refused the request with {status} ({said})",
        hint="Check the model, the language and the options against what the server supports.",
    )


def _message(response: httpx2.Response) -> str:
    try:
        error = response.json()["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        text = response.text
    return " ".join(str(text).split())[:200] or "no reason given"


def _retry_after_s(response: httpx2.Response) -> float | None:
    try:
        seconds = float(response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _answer(response: httpx2.Response, server: str) -> _Answer:
    try:
        return _Answer.model_validate_json(response.content)
    except ValidationError as error:
        raise UpstreamRejectedError(
            f"the transcription server at {server} sent something that is no transcription",
            hint="Check that the base URL is that of an OpenAI-compatible API.",
        ) from error


def _wait_s(attempt: int, error: DiaristError) -> float:
    """Return how long to wait: what the server asked for, else exponential with full jitter."""
    asked = error.retry_after_s if isinstance(error, RateLimitedError) else None
    if asked is not None:
        return min(_LONGEST_WAIT_S, asked)
    return random.uniform(0, min(_LONGEST_WAIT_S, 2.0**attempt))  # noqa: S311 - no secret


def _segments(answer: _Answer, start_s: float, speech: Sequence[Span], space: str) -> list[Segment]:
    """Read `verbose_json`; the words of the whole are dealt out to its segments by time.

    Args:
        answer: timed from the start of what was sent.
        start_s: where that began on the chunk.
        speech: where somebody speaks, on the chunk.
        space: what the language writes between words.
    """
    words = kept_to_speech(
        [
            Word(space + word.word.strip(), start_s + word.start, start_s + word.end)
            for word in answer.words or ()
        ],
        speech,
    )
    segments: list[Segment] = []
    heard = answer.segments or []
    for index, segment in enumerate(heard):
        is_last = index == len(heard) - 1
        mine = [word for word in words if is_last or word.start_s < start_s + segment.end]
        words = words[len(mine) :]
        segments.append(
            Segment(
                id=0,
                start_s=mine[0].start_s if mine else start_s + segment.start,
                end_s=mine[-1].end_s if mine else start_s + segment.end,
                text=segment.text.strip(),
                words=_as_written(segment.text, mine, space),
                avg_logprob=segment.avg_logprob or 0.0,
                no_speech_prob=segment.no_speech_prob or 0.0,
                compression_ratio=segment.compression_ratio or 1.0,
                temperature=segment.temperature or 0.0,
            )
        )
    return [segment for segment in segments if segment.text]


def _as_written(text: str, words: Sequence[Word], space: str) -> tuple[Word, ...]:
    """Spell words as the text does; OpenAI's words come without punctuation."""
    spellings = _cut_at(text, [word.text.strip() for word in words]) if words else []
    if not spellings:
        return tuple(words)
    spellings[0] = space + spellings[0]
    return tuple(
        replace(word, text=spelling) for word, spelling in zip(words, spellings, strict=True)
    )


def _cut_at(text: str, words: Sequence[str]) -> list[str]:
    """Cut a text into as many pieces as words, each with the marks around it; [] if that fails.

    A mark between two words belongs to the second only if it follows a space: `said, "yes`.
    """
    text = " ".join(text.split())
    cuts: list[int] = []
    at = 0
    for word in words:
        found = text.find(word, at)
        if found < 0:
            pieces = [f" {piece}" for piece in text.split()]
            return [pieces[0].strip(), *pieces[1:]] if len(pieces) == len(words) else []
        space_at = text.rfind(" ", at, found)
        cuts.append(found if space_at < 0 else space_at)
        at = found + len(word)
    return [text[start:end] for start, end in pairwise([0, *cuts[1:], len(text)])]


def _estimated(text: str, speech: Sequence[Span]) -> list[Segment]:
    """Estimate times for text that came without any."""
    window = Window((Span(speech[0].start_s, speech[-1].end_s),))
    words = spread_words(text, window, speech)
    return [Segment(0, words[0].start_s, words[-1].end_s, text, tuple(words))]
