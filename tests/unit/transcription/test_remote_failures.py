"""An engine on another machine may fail in many ways; each has one error, and some pass."""

from __future__ import annotations

import socket
from contextlib import closing

import httpx2
import pytest

from diarist.errors import (
    DiaristError,
    RateLimitedError,
    SettingsError,
    UnsupportedRequestError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from diarist.transcription.config import RemoteConfig
from diarist.transcription.remote import RemoteEngine
from support.transcription_server import (
    ENGLISH,
    SOUND,
    SPEECH,
    VERBOSE,
    Answer,
    failed,
    ok,
    talk,
)


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 529])
def test_a_failure_that_passes_is_tried_again(status: int) -> None:
    with talk(failed(status), failed(status), VERBOSE) as talking:
        assert len(talking.transcribe()) == 2

    assert len(talking.waited_s) == 2
    assert all(0 <= waited_s <= 2**attempt for attempt, waited_s in enumerate(talking.waited_s, 1))


def test_a_failure_that_stays_is_raised_after_the_last_try() -> None:
    with (
        talk(failed(503, "we are moving"), attempts=3) as talking,
        pytest.raises(UpstreamUnavailableError, match=r"failed with 503 \(we are moving\)"),
    ):
        talking.transcribe()

    assert (len(talking.server.asked), len(talking.waited_s)) == (3, 2)


@pytest.mark.parametrize(
    ("asked", "waited_s"),
    [("7", 7.0), ("0.5", 0.5), ("86400", 60.0), ("-1", 0.0)],
    ids=["seconds", "part of a second", "longer than we care to", "in the past"],
)
def test_a_server_that_asks_for_time_gets_it(asked: str, waited_s: float) -> None:
    with talk(failed(429, "slow down", Retry_After=asked), VERBOSE) as talking:
        assert len(talking.transcribe()) == 2

    assert talking.waited_s == [waited_s]


@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "nan", "inf"])
def test_a_time_that_is_no_number_of_seconds_is_not_taken_for_one(asked: str) -> None:
    with talk(failed(429, Retry_After=asked), VERBOSE) as talking:
        assert len(talking.transcribe()) == 2

    (waited_s,) = talking.waited_s
    assert 0 <= waited_s <= 2


def test_a_server_that_stays_busy_says_for_how_long() -> None:
    with (
        talk(failed(429, "slow down", Retry_After="7"), attempts=1) as talking,
        pytest.raises(RateLimitedError, match="slow down") as caught,
    ):
        talking.transcribe()

    assert caught.value.retry_after_s == 7.0
    assert talking.waited_s == []


@pytest.mark.parametrize(
    ("answer", "error", "message", "hint"),
    [
        (failed(401, "bad key"), UpstreamRejectedError, "bad key", "DIARIST_REMOTE__API_KEY"),
        (failed(403, "no access"), UpstreamRejectedError, "no access", "DIARIST_REMOTE__API_KEY"),
        (failed(404, "no model"), UpstreamRejectedError, "'whisper-1'", "--model"),
        (failed(400, "too short"), UnsupportedRequestError, "400 .too short", "options"),
        (failed(413, "too large"), UnsupportedRequestError, "413 .too large", "options"),
        (Answer(418, b""), UnsupportedRequestError, "no reason given", "options"),
        (Answer(404, b'{"error": "gone"}'), UpstreamRejectedError, "gone", "--model"),
        (Answer(404, b"<h1>Not\n found"), UpstreamRejectedError, "<h1>Not found", "--model"),
        (Answer(200, b"<html>hello"), UpstreamRejectedError, "no transcription", "base URL"),
        (Answer(200, b'{"pong": 1}'), UpstreamRejectedError, "no transcription", "base URL"),
        (Answer(200, b"[1, 2]"), UpstreamRejectedError, "no transcription", "base URL"),
        (ok(text="a", segments=[{"text": 1}]), UpstreamRejectedError, "no transcr", "base URL"),
        (Answer(302, b"", {"Location": "/"}), UpstreamRejectedError, "no transcr", "base URL"),
    ],
)
def test_a_refusal_is_raised_at_once_with_its_reason(
    answer: Answer, error: type[DiaristError], message: str, hint: str
) -> None:
    with talk(answer) as talking, pytest.raises(error, match=message) as caught:
        talking.transcribe()

    assert hint in caught.value.hint
    assert len(talking.server.asked) == 1
    assert talking.waited_s == []


def test_a_server_that_is_away_is_tried_again_and_then_named() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/v1"
    waited_s: list[float] = []
    engine = RemoteEngine("m", RemoteConfig(url, attempts=3), sleep=waited_s.append)

    with (
        closing(engine),
        pytest.raises(UpstreamUnavailableError, match="does not answer .ConnectError"),
    ):
        engine.transcribe(SOUND, SPEECH, ENGLISH)

    assert len(waited_s) == 2


def test_a_server_that_is_too_slow_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        engine = RemoteEngine("m", RemoteConfig(url, timeout_s=0.05, attempts=1))

        with closing(engine), pytest.raises(UpstreamUnavailableError, match="Timeout"):
            engine.transcribe(SOUND, SPEECH, ENGLISH)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080/v1", "gopher://127.0.0.1/v1", "http://127.0.0.1:port/v1", ""],
    ids=["no scheme", "no HTTP", "no port", "nothing"],
)
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    engine = RemoteEngine("m", RemoteConfig(url, attempts=1))

    with closing(engine), pytest.raises(SettingsError) as caught:
        engine.transcribe(SOUND, SPEECH, ENGLISH)

    assert "DIARIST_REMOTE__BASE_URL" in caught.value.hint


def test_every_error_of_the_transport_library_is_a_request_error_or_a_wrong_address() -> None:
    raised_by_requests = {
        name
        for name, value in vars(httpx2).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and not issubclass(value, (httpx2.RequestError, httpx2.InvalidURL, Warning))
    }

    assert raised_by_requests == {
        "CookieConflict",  # two cookies of one name; nobody asks for cookies
        "HTTPError",  # only its kinds
        "HTTPStatusError",  # only from raise_for_status, which is not called
        # The body is read once and whole, before the response is given to us.
        "RequestNotRead",
        "ResponseNotRead",
        "StreamClosed",
        "StreamConsumed",
        "StreamError",
    }
