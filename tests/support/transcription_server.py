"""A server that speaks OpenAI's transcription API, and says what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Lock

from diarist.audio.spans import Span
from diarist.transcription.config import RemoteConfig
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.remote import RemoteEngine
from diarist.transcription.transcript import Segment
from support.media import tone
from support.serving import QuietHandler, serving


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def ok(**body: object) -> Answer:
    return Answer(200, json.dumps(body).encode())


def failed(status: int, message: str = "no reason", **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message}}).encode()
    return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Request:
    """What was received: one form, in which `file` is the sound."""

    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, list[str]]
    sound: bytes


@dataclass
class TranscriptionServer:
    """The answers to come, of which the last one stays, and the requests so far."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def next_answer(self, request: Request) -> Answer:
        with self.lock:
            self.asked.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def transcription_server(*answers: Answer) -> Iterator[TranscriptionServer]:
    """Run a server that gives these answers, one after another."""
    server = TranscriptionServer(list(answers))

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the base's name
            content = self.rfile.read(int(self.headers["Content-Length"]))
            fields, sound = _form(content, self.headers["Content-Type"])
            answer = server.next_answer(Request(self.path, dict(self.headers), fields, sound))
            headers = {"Content-Type": "application/json", **answer.headers}
            self.answer(answer.status, headers, answer.body)

    with serving(Handler) as base:
        server.url = f"{base}/v1"
        yield server


def _form(content: bytes, content_type: str) -> tuple[dict[str, list[str]], bytes]:
    """Take a multipart form apart into its text fields and its one file."""
    boundary = b"--" + content_type.partition("boundary=")[2].encode()
    fields: dict[str, list[str]] = {}
    sound = b""
    for part in content.split(boundary)[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        if b"filename=" in head:
            sound = value
        else:
            name = head.decode().partition('name="')[2].partition('"')[0]
            fields.setdefault(name, []).append(value.decode())
    return fields, sound


SOUND = tone(10.0)
SPEECH = (Span(2.0, 4.0), Span(5.0, 9.0))
ENGLISH = TranscribeOptions(language="en")
VERBOSE = ok(
    text="We signed it. Daniel said, yes!",
    language="english",
    words=[
        {"word": "We", "start": 0.1, "end": 0.4},
        {"word": "signed", "start": 0.4, "end": 0.9},
        {"word": "it", "start": 0.9, "end": 1.2},
        {"word": "Daniel", "start": 3.2, "end": 3.6},
        {"word": "said", "start": 3.6, "end": 3.9},
        {"word": "yes", "start": 4.0, "end": 4.4},
    ],
    segments=[
        {
            "id": 0,
            "start": 0.0,
            "end": 1.5,
            "text": " We signed it.",
            "avg_logprob": -0.2,
            "no_speech_prob": 0.02,
            "compression_ratio": 1.1,
            "temperature": 0.2,
        },
        {"id": 1, "start": 3.0, "end": 5.0, "text": " Daniel said, yes!"},
    ],
)


class Talk:
    """An engine, the server that it talks to, and how long it would have waited."""

    def __init__(self, server: TranscriptionServer, config: RemoteConfig) -> None:
        self.waited_s: list[float] = []
        self.server = server
        self.engine = RemoteEngine("whisper-1", config, sleep=self.waited_s.append)

    def transcribe(self, options: TranscribeOptions = ENGLISH) -> list[Segment]:
        return self.engine.transcribe(SOUND, SPEECH, options)


@contextmanager
def talk(
    *answers: Answer, attempts: int = 4, api_key: str | None = None, word_times: bool = True
) -> Iterator[Talk]:
    with transcription_server(*answers) as server:
        config = RemoteConfig(
            server.url, api_key=api_key, attempts=attempts, timeout_s=30.0, word_times=word_times
        )
        talking = Talk(server, config)
        with closing(talking.engine):
            yield talking
