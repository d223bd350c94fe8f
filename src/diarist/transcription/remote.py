"""Any server that speaks OpenAI's `/v1/audio/transcriptions`: a GPU host of one's own, or a cloud.

Chunks travel as 16-bit WAV, about 2 MB a minute. Detected speech is known here, so silence is
never sent and never paid for.
"""

from __future__ import annotations

import io
import random
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np

from diarist.audio.decode import SAMPLE_RATE
from diarist.audio.spans import Span
from diarist.errors import (
    DiaristError,
    RateLimitedError,
    UnsupportedRequestError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from diarist.transcription.alignment import kept_to_speech, spread_words
from diarist.transcription.config import RemoteConfig
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.languages import code_of
from diarist.transcription.transcript import Segment, Word
from diarist.transcription.windows import Window

if TYPE_CHECKING:
    from diarist.audio import Samples

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LONGEST_WAIT_S = 60.0
_DETECT_S = 30.0


class RemoteEngine:
    """The engine `openai`."""

    name = "openai"

    def __init__(
        self,
        model: str,
        config: RemoteConfig,
        client: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,  # noqa: TID251 - the default of a parameter
    ) -> None:
        """Open a connection pool.

        Args:
            model: what the server calls it.
            config: where the server is.
            client: to be used instead of an own one.
            sleep: waits between tries.
        """
        self.model = model
        self.parallel_chunks = config.parallel_chunks
        self._config = config
        self._client = client or httpx2.Client(timeout=config.timeout_s)
        self._sleep = sleep
        self._verbose = config.word_times

    def detect_language(self, samples: Samples, speech: Sequence[Span]) -> LanguageGuess | None:
        """Ask the server about the first half minute, if it answers such questions at all."""
        if not speech or not self._verbose:
            return None
        start = int(speech[0].start_s * SAMPLE_RATE)
        piece = samples[start : start + int(_DETECT_S * SAMPLE_RATE)]
        body = self._post(piece, TranscribeOptions())
        language = body.get("language")
        if not language:
            return None
        try:
            return LanguageGuess(code_of(str(language)), 1.0)
        except DiaristError:
            return None

    def transcribe(
        self, samples: Samples, speech: Sequence[Span], options: TranscribeOptions
    ) -> list[Segment]:
        """Transcribe a chunk; see `Engine.transcribe`."""
        if not speech:
            return []
        window = Window((Span(speech[0].start_s, speech[-1].end_s),))
        body = self._post(window.samples_of(samples), options)
        if not str(body.get("text", "")).strip():
            return []
        if body.get("segments"):
            return _segments(body, window.span.start_s, speech)
        return _estimated(str(body["text"]), speech)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, samples: Samples, options: TranscribeOptions) -> Mapping[str, Any]:
        """Send a piece and return the answer, trying again while that can help."""
        audio = _wav(samples)
        for attempt in range(1, self._config.attempts + 1):
            try:
                return self._post_once(audio, options)
            except (UpstreamUnavailableError, RateLimitedError) as error:
                if attempt == self._config.attempts:
                    raise
                self._sleep(_wait_s(attempt, error))
        raise AssertionError("attempts is at least 1")

    def _post_once(self, audio: bytes, options: TranscribeOptions) -> Mapping[str, Any]:
        path = "translations" if options.translate else "transcriptions"
        url = f"{self._config.base_url.rstrip('/')}/audio/{path}"
        key = self._config.api_key
        try:
            response = self._client.post(
                url,
                data=self._form(options),
                files={"file": ("chunk.wav", audio, "audio/wav")},
                headers={"Authorization": f"Bearer {key}"} if key else {},
            )
        except httpx2.TransportError as error:
            raise UpstreamUnavailableError(
                f"the transcription server at {self._config.base_url} does not answer "
                f"({type(error).__name__})",
                hint="Check DIARIST_REMOTE__BASE_URL and that the server runs.",
            ) from error
        if response.status_code == 400 and self._verbose and _refuses_format(response):
            self._verbose = False
            return self._post_once(audio, options)
        _raise_for(response, self._config.base_url, self.model)
        return _body(response, self._config.base_url)

    def _form(self, options: TranscribeOptions) -> dict[str, Any]:
        form: dict[str, Any] = {"model": self.model, "temperature": "0"}
        if self._verbose:
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


def _wav(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes())
    return buffer.getvalue()


def _refuses_format(response: httpx2.Response) -> bool:
    return "response_format" in response.text or "timestamp_granularities" in response.text


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
        return float(response.headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _body(response: httpx2.Response, server: str) -> Mapping[str, Any]:
    try:
        body = response.json()
        body["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamRejectedError(
            f"the transcription server at {server} sent something that is no transcription",
            hint="Check that the base URL is that of an OpenAI-compatible API.",
        ) from error
    return body  # type: ignore[no-any-return]  # it is a mapping, or the line above failed


def _wait_s(attempt: int, error: DiaristError) -> float:
    """Return how long to wait: what the server asked for, else exponential with full jitter."""
    asked = error.retry_after_s if isinstance(error, RateLimitedError) else None
    if asked is not None:
        return min(_LONGEST_WAIT_S, asked)
    return random.uniform(0, min(_LONGEST_WAIT_S, 2.0**attempt))  # noqa: S311 - no secret


def _segments(body: Mapping[str, Any], start_s: float, speech: Sequence[Span]) -> list[Segment]:
    """Read `verbose_json`; the words of the whole are dealt out to its segments by time."""
    words = [
        Word(
            _spaced(str(word["word"])), start_s + float(word["start"]), start_s + float(word["end"])
        )
        for word in body.get("words") or ()
    ]
    words = kept_to_speech(words, speech)
    segments: list[Segment] = []
    for index, segment in enumerate(body["segments"]):
        is_last = index == len(body["segments"]) - 1
        end_s = start_s + float(segment["end"])
        mine = [word for word in words if is_last or word.start_s < end_s]
        words = words[len(mine) :]
        segments.append(
            Segment(
                id=0,
                start_s=mine[0].start_s if mine else start_s + float(segment["start"]),
                end_s=mine[-1].end_s if mine else end_s,
                text=str(segment["text"]).strip(),
                words=_with_punctuation(str(segment["text"]), mine),
                avg_logprob=float(segment.get("avg_logprob") or 0.0),
                no_speech_prob=float(segment.get("no_speech_prob") or 0.0),
                compression_ratio=float(segment.get("compression_ratio") or 1.0),
                temperature=float(segment.get("temperature") or 0.0),
            )
        )
    return [segment for segment in segments if segment.text]


def _spaced(word: str) -> str:
    return word if word.startswith(" ") else f" {word}"


def _with_punctuation(text: str, words: Sequence[Word]) -> tuple[Word, ...]:
    """Give words the spelling that they have in the text; OpenAI's words have no punctuation."""
    written = text.split()
    if len(written) != len(words):
        return tuple(words)
    return tuple(
        Word(f" {spelling}", word.start_s, word.end_s, word.probability)
        for spelling, word in zip(written, words, strict=True)
    )


def _estimated(text: str, speech: Sequence[Span]) -> list[Segment]:
    """Estimate times for text that came without any."""
    window = Window((Span(speech[0].start_s, speech[-1].end_s),))
    words = spread_words(text.strip(), window, speech)
    return [
        Segment(0, words[0].start_s, words[-1].end_s, text.strip(), tuple(words)),
    ]
