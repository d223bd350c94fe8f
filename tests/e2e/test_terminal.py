"""What a person at a terminal sees, through a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path

from support.command import Command
from support.media import speech, write_wav

_PATIENCE_S = 120.0


class Terminal:
    """A process on a terminal of 100 columns."""

    def __init__(self, process: subprocess.Popen[bytes], side: int) -> None:
        self.process, self._side = process, side
        self.screen = ""

    def read_until(self, text: str) -> None:
        while text not in self.screen:
            if not self._read():
                raise AssertionError(f"{text!r} was never shown:\n{self.screen}")

    def type(self, keys: str) -> None:
        os.write(self._side, keys.encode())

    def read_all(self) -> int:
        while self._read():
            pass
        return self.process.wait(_PATIENCE_S)

    def _read(self) -> bool:
        readable, _, _ = select.select([self._side], [], [], _PATIENCE_S)
        piece = b""
        if readable:
            with suppress(OSError):  # Linux says EIO when the other side has closed
                piece = os.read(self._side, 65_536)
        self.screen += piece.decode("utf-8", "replace")
        return bool(piece)


@contextmanager
def on_terminal(diarist: Command, *arguments: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen(
        diarist.line(arguments),
        cwd=diarist.folder,
        env={**diarist.environ, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_one_recording_is_shown_in_full_with_a_table(diarist: Command, memo: Path) -> None:
    with on_terminal(diarist, "run", memo.name) as terminal:
        code = terminal.read_all()

    assert code == 0
    assert "Transcript of memo.wav" in terminal.screen
    assert "Diary entry" in terminal.screen
    assert "diary/memo.md" in terminal.screen
    assert "Speed" in terminal.screen
    assert "using the model tiny.en" in terminal.screen


def test_several_recordings_are_a_table_that_lists_what_failed(
    diarist: Command, memo: Path
) -> None:
    (diarist.folder / "bad.mp3").write_bytes(b"")

    with on_terminal(diarist, "run", memo.name, "bad.mp3") as terminal:
        code = terminal.read_all()

    assert code == 3
    assert "Transcript of" not in terminal.screen
    assert "bad.mp3 is empty" in terminal.screen
    assert "1 failed" in terminal.screen


def test_progress_is_shown_with_its_speed_on_a_long_recording(diarist: Command) -> None:
    import numpy as np

    long = np.tile(speech(60.0), 5)
    write_wav(diarist.folder / "long.wav", long)

    with on_terminal(diarist, "run", "long.wav", "--format", "txt") as terminal:
        terminal.read_until("× real time")
        code = terminal.read_all()

    assert code == 0
    assert "long.wav" in terminal.screen


def test_an_interrupt_ends_it_at_once_and_leaves_nothing_half_written(diarist: Command) -> None:
    import numpy as np

    write_wav(diarist.folder / "long.wav", np.tile(speech(70.0), 20))

    with on_terminal(diarist, "run", "long.wav", "--out", "o") as terminal:
        terminal.read_until("Listening")
        terminal.process.send_signal(signal.SIGINT)
        code = terminal.read_all()

    assert code == 130
    assert "interrupted" in terminal.screen
    assert "Traceback" not in terminal.screen
    assert not list((diarist.folder / "o").iterdir())
