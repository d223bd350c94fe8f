"""Work on recordings whose every step asks a director what shall become of it.

The director lives in the test and knows of each step that is begun, in whichever process. It lets
a step pass, makes it fail, or keeps it waiting in the middle for as long as the test likes:

    worker ── "transcribe memo 1" ──► Director      a test waits for `Stop.reached`,
           ◄─────── Answer ──────────               does its worst, and lets it `go_on`
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.errors import DiaristError, NoSpeechError
from diarist.transcription.assemble import ChunkText, Origin, assemble
from diarist.transcription.engine import LanguageGuess, TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Segment, Transcript
from diarist.workers.children.child import Child
from diarist.workers.paced import Pace, PacedSteps
from diarist.workers.steps import HeardChunk, Prepared, PreparedChunk
from support.child_objects import Troublemaker
from support.waiting import DEADLINE_S

CHUNK_S = 10.0
_SURE = LanguageGuess("en", 0.9)


@dataclass(frozen=True)
class Point:
    """Where a step is.

    Attributes:
        stage: of the step; `child` once a child of it is about to get into trouble.
        name: of the recording.
        number: of the chunk that is heard, or made next.
        pid: of the process that does it.
        language: in which it is to be heard; None if that is to be detected.
        track: that is listened to.
    """

    stage: str
    name: str
    number: int = 0
    pid: int = 0
    language: str | None = None
    track: int = 0


@dataclass(frozen=True)
class Answer:
    """What becomes of a step; as it stands, it goes on.

    Attributes:
        error: it ends with this.
        kills: it takes its whole process with it.
        trouble: method of `Troublemaker` that a child is to call.
        guess: what the language of the chunk is taken for.
        is_silent: no words are recognised.
    """

    error: DiaristError | None = None
    kills: bool = False
    trouble: str = ""
    guess: LanguageGuess = _SURE
    is_silent: bool = False


Ask: TypeAlias = Callable[[Point], Awaitable[Answer]]
GO_ON = Answer()


@dataclass
class Stop:
    """A point at which one step waits for the test.

    Attributes:
        gone: set once whoever waits there does so no more: killed, or cancelled.
    """

    matches: Callable[[Point], bool]
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _at: asyncio.Future[Point] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    _answer: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def reached(self) -> Point:
        """Wait until a step is there."""
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.shield(self._at)

    async def left(self) -> None:
        """Wait until whoever was there has been killed or cancelled."""
        async with asyncio.timeout(DEADLINE_S):
            await self.gone.wait()

    def go_on(self, answer: Answer = GO_ON) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    async def hold(self, point: Point) -> Answer:
        self._at.set_result(point)
        try:
            return await asyncio.shield(self._answer)
        except asyncio.CancelledError:
            self.gone.set()
            raise

    @property
    def is_taken(self) -> bool:
        return self._at.done()


@dataclass(frozen=True)
class _Rule:
    matches: Callable[[Point], bool]
    answer: Answer


class Director:
    """Decides what becomes of each step, and remembers all that were begun.

    Attributes:
        points: where steps were, in that order.
    """

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._stops: list[Stop] = []
        self._rules: list[_Rule] = []

    def stop_at(self, stage: str, number: int | None = None, **where: Any) -> Stop:
        """Keep the next step that comes to such a point waiting there."""
        stop = Stop(_matching(stage, number, where))
        self._stops.append(stop)
        return stop

    def always(self, answer: Answer, stage: str, number: int | None = None, **where: Any) -> None:
        """Answer every step that comes to such a point in the same way. Later rules come first."""
        self._rules.insert(0, _Rule(_matching(stage, number, where), answer))

    def visits(self, stage: str, number: int | None = None, **where: Any) -> list[Point]:
        """Return where steps were, as far as it was at such a point."""
        return list(filter(_matching(stage, number, where), self.points))

    async def ask(self, point: Point) -> Answer:
        """Say what becomes of a step."""
        self.points.append(point)
        for stop in self._stops:
            if not stop.is_taken and stop.matches(point):
                return await stop.hold(point)
        return next((rule.answer for rule in self._rules if rule.matches(point)), GO_ON)

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Answer other processes, through a socket of that path."""
        conversations: set[asyncio.Task[None]] = set()

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            conversation = asyncio.create_task(self._converse(reader, writer))
            conversations.add(conversation)
            conversation.add_done_callback(conversations.discard)

        server = await asyncio.start_unix_server(begin, path)
        try:
            yield
        finally:
            server.close()
            for conversation in list(conversations):
                conversation.cancel()
            await asyncio.gather(*conversations, return_exceptions=True)
            await server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                point = pickle.loads(await _received(reader))  # noqa: S301 - from our own workers
                answer = asyncio.create_task(self.ask(point))
                ended = asyncio.create_task(reader.read())
                await asyncio.wait({answer, ended}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    await _send(writer, pickle.dumps(answer.result()))
                answer.cancel()
                ended.cancel()
                await asyncio.gather(answer, ended, return_exceptions=True)
        finally:
            writer.close()


def asking(path: Path) -> Ask:
    """Return a way to ask the director of another process."""

    async def ask(point: Point) -> Answer:
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            await _send(writer, pickle.dumps(point))
            answer: Answer = pickle.loads(await _received(reader))  # noqa: S301 - from the test
            return answer
        finally:
            writer.close()

    return ask


class DirectedSteps:
    """Makes up what comes out of each step, as the director wants it; see `Steps`."""

    def __init__(self, ask: Ask, chunks: int = 3, tracks: int = 1) -> None:
        self._ask, self._chunks, self._tracks = ask, chunks, tracks
        self._child = Child(Troublemaker, "engine")
        self._writer = PacedSteps(Pace())

    async def prepare(
        self, path: Path, name: str, options: RecordingOptions, deadline_s: float
    ) -> AsyncGenerator[PreparedChunk | Prepared, None]:
        _require_file(path)
        track = options.decode.track
        for number in range(self._chunks):
            await self._visit(Point("prepare", name, number, track=track), deadline_s)
            speech = (Span(0.0, CHUNK_S),)
            pcm = f"{track}/{number}/{name}".encode()
            yield PreparedChunk(number, number * CHUNK_S, CHUNK_S, speech, pcm)
        await self._visit(Point("prepare", name, self._chunks, track=track), deadline_s)
        length_s = self._chunks * CHUNK_S
        yield Prepared(length_s, length_s, track, self._tracks, warnings=(), tagged_at=None)

    async def transcribe(
        self,
        pcm: bytes,
        speech: Sequence[Span],
        options: TranscribeOptions,
        model: str,
        deadline_s: float,
    ) -> HeardChunk:
        track, number, name = pcm.decode().split("/", 2)
        point = Point("transcribe", name, int(number), language=options.language, track=int(track))
        answer = await self._visit(point, deadline_s)
        language = options.language or answer.guess.language
        segment = Segment(0, 1.0, 5.0, f"This is part {number} of {name} in {language}.")
        return HeardChunk(
            segments=() if answer.is_silent else (segment,),
            guess=None if options.language else answer.guess,
            language=language,
            engine="directed",
            model=model,
        )

    async def assemble(
        self, texts: Sequence[ChunkText], origin: Origin, deadline_s: float
    ) -> Transcript:
        await self._visit(Point("assemble", origin.source), deadline_s)
        if not any(text.segments for text in texts):
            raise NoSpeechError(f"no words in {origin.source}", hint="Speak.")
        return assemble(texts, origin)

    async def write(self, transcript: Transcript, on: date, deadline_s: float) -> Entry:
        await self._visit(Point("write", transcript.source), deadline_s)
        return await self._writer.write(transcript, on, deadline_s)

    async def close(self) -> None:
        await self._child.close()

    async def _visit(self, point: Point, deadline_s: float) -> Answer:
        answer = await self._ask(replace(point, pid=os.getpid()))
        if answer.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        if answer.trouble:
            child_pid = await self._child.call("pid", deadline_s=DEADLINE_S)
            await self._ask(replace(point, stage="child", pid=child_pid))
            await self._child.call(answer.trouble, deadline_s=deadline_s)
        if answer.error is not None:
            raise answer.error
        return answer


def _require_file(path: Path) -> None:
    assert path.stat().st_size


def _matching(stage: str, number: int | None, where: dict[str, Any]) -> Callable[[Point], bool]:
    wanted = {"stage": stage, **where, **({} if number is None else {"number": number})}
    return lambda point: all(getattr(point, name) == value for name, value in wanted.items())


async def _send(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(len(message).to_bytes(4) + message)
    await writer.drain()


async def _received(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
