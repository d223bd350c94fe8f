"""Objects that live in child processes and do there what native libraries do at their worst.

A spawned child is told the parent's `sys.path`, so that it finds this file where pytest does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from diarist.errors import NoSpeechError, RateLimitedError
from diarist.transcription.config import FasterWhisperConfig
from diarist.transcription.engine import Engine
from diarist.workers.paced import PacedEngine

FOREVER_S = 3600


class Troublemaker:
    """Does what it is told, the worst included."""

    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: object) -> object:
        return value

    def segfault(self) -> NoReturn:
        ctypes.string_at(0)
        raise AssertionError("unreachable")

    def send_itself(self, number: int) -> None:
        os.kill(os.getpid(), number)

    def leave(self, code: int) -> NoReturn:
        os._exit(code)

    def leave_with_last_words(self, words: str) -> NoReturn:
        os.write(2, words.encode())
        os._exit(1)

    def hang(self, announcement: Path | None = None) -> None:
        if announcement is not None:
            announcement.write_bytes(b"here")
        threading.Event().wait()

    def pid_and_hold_the_lock(self) -> Iterator[int]:
        """Yield the pid, then hold the interpreter's lock in a native call."""
        yield os.getpid()
        ctypes.PyDLL(None).sleep(FOREVER_S)

    def refuse(self) -> NoReturn:
        raise NoSpeechError("memo.wav holds no speech", hint="Speak.")

    def be_limited(self) -> NoReturn:
        raise RateLimitedError("slow down", hint="Wait.", retry_after_s=7.5)

    def fail(self, secret: str) -> NoReturn:
        raise ValueError(secret)

    def lack_a_library(self) -> None:
        import av_of_tomorrow  # type: ignore[import-not-found]  # noqa: F401 - it does not exist

    def run_out_of_memory(self) -> NoReturn:
        raise MemoryError

    def return_what_cannot_travel(self) -> Callable[[], None]:
        return lambda: None

    def print_much(self, lines: int) -> int:
        for line in range(lines):
            print(f"a line of some length, number {line}", flush=True)  # noqa: T201 - the point
        os.write(1, b"and from native code\n")
        return lines

    def count(self, upto: int, made: Path) -> Iterator[int]:
        """Yield numbers; the length of a file says how many were made."""
        for number in range(upto):
            with made.open("ab") as marks:
                marks.write(b"|")
            yield number

    def count_and_refuse(self, upto: int) -> Iterator[int]:
        yield from range(upto)
        self.refuse()


class Unbuildable:
    """Cannot be built."""

    def __init__(self) -> None:
        raise NoSpeechError("nothing to build from", hint="Bring something.")


class SecondTimeLucky(Troublemaker):
    """Can be built once a file exists."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.touch()
            raise NoSpeechError("not yet", hint="Try again.")


def term_signals() -> tuple[int, ...]:
    """Return the signals that a terminal or a service manager sends to everyone."""
    return (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def load_tiny(folder: Path, model: str, language: str | None) -> Engine:  # noqa: ARG001
    """Build the engine that the tests transcribe with."""
    from diarist.transcription.faster_whisper import FasterWhisper

    return FasterWhisper(folder, "tiny.en", FasterWhisperConfig(device="cpu"))


class LoggedEngine(PacedEngine):
    """Notes in a file when it is built and closed."""

    def __init__(self, log: Path, model: str, language: str | None) -> None:
        super().__init__(1e9, model, language)
        self._log = log
        self._note(f"built {model} for {language}")

    def close(self) -> None:
        super().close()
        self._note(f"closed {self.model}")

    def _note(self, what: str) -> None:
        with self._log.open("a") as log:
            log.write(what + "\n")
