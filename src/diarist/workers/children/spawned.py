"""The parent's side of one spawned process, from its start to its end.

All that is done to processes is done by one thread, one thing after another. That thread lives as
long as this process: Linux would end a child with the *thread* that started it. It also makes sure
that no signal is sent to the number of a process that is already gone.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import multiprocessing
import os
import signal
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import connection as pipes
from multiprocessing import resource_tracker
from multiprocessing.reduction import ForkingPickler

from diarist.errors import WorkerDiedError
from diarist.workers.children.messages import Answer, Failed, GoOn, Item, Request
from diarist.workers.children.serving import PARENTS_SIGNALS, serve

logger = logging.getLogger(__name__)

_SPAWN = multiprocessing.get_context("spawn")
_LAST_WORDS_BYTES = 4096
_END_S = 10.0  # that a process has for ending, once it was killed or has closed its pipe
_HINT = "It is tried again. If it stays so, the log has what it said last."


@functools.cache
def _spawner_of(pid: int) -> ThreadPoolExecutor:  # noqa: ARG001 - one each, also after a fork
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class Spawned:
    """A process that was started, and the pipes to it. It is not started again.

    Attributes:
        name: what to call it in errors.
        calls_done: how many requests it has answered.
    """

    def __init__(self, name: str, factory: Callable[[], object]) -> None:
        self.name, self.calls_done = name, 0
        self._connection, self._childs_end = _SPAWN.Pipe()
        self._output, self._childs_output = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(
            target=serve,
            args=(
                name,
                bytes(ForkingPickler.dumps(factory)),
                self._childs_end,
                self._childs_output,
            ),
            name=name,
            daemon=True,
        )
        self._last_words = b""
        self._was_stopped = False
        self._parent = os.getpid()
        self._spawner = _spawner_of(self._parent)
        self._start = self._spawner.submit(self._started)
        _ALL.add(self)

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be given work: it is starting, or was started and has not ended."""
        if self._was_stopped:
            return False
        if not self._start.done():
            return True
        return self._start.exception() is None and not pipes.wait([self._process.sentinel], 0)

    def kill(self) -> Future[int | None]:
        """End it at once, whatever it does, and return when it will be gone. Does not block."""
        self._was_stopped = True
        return self._spawner.submit(self._killed)

    def kill_at_exit(self) -> None:
        """End it when there are no threads any more, unless we are a fork of its parent."""
        if self._parent == os.getpid() and self._process.pid is not None:
            self._process.kill()

    def go_on(self) -> None:
        """Tell it that an item was read."""
        with contextlib.suppress(OSError):  # `exchange` is told when it is gone
            self._connection.send(GoOn())

    def exchange(self, request: Request) -> Iterator[Answer]:
        """Ask it, and yield what it answers, up to `Done` or `Failed`. Blocks; one at a time."""
        try:
            self._start.result()
        except OSError as error:
            yield self._died(f"could not be started ({error})")
            return
        try:
            self._connection.send(request)
            while isinstance(answer := self._received(), Item):
                yield answer
            yield answer
        except (EOFError, OSError):
            yield self._died(self._how_it_ended())

    def _started(self) -> None:
        resource_tracker.ensure_running()  # it unblocks signals, but only when it is started
        signal.pthread_sigmask(signal.SIG_BLOCK, PARENTS_SIGNALS)
        self._process.start()
        self._childs_end.close()
        self._childs_output.close()

    def _killed(self) -> int | None:
        if self._process.pid is None:
            return None
        self._process.kill()
        return self._reaped()

    def _reaped(self) -> int | None:
        self._process.join(_END_S)
        return self._process.exitcode

    def _received(self) -> Answer:
        while True:
            ready = pipes.wait([self._connection, self._output])
            if self._output in ready:
                self._listen()
            if self._connection in ready:
                answer: Answer = self._connection.recv()
                return answer

    def _listen(self) -> bool:
        """Keep what it printed; without this, a full pipe would stop it."""
        printed = os.read(self._output.fileno(), 1 << 16)
        self._last_words = (self._last_words + printed)[-_LAST_WORDS_BYTES:]
        return bool(printed)

    def _how_it_ended(self) -> str:
        if self._was_stopped:
            return "was stopped"
        code = self._spawner.submit(self._reaped).result()
        while self._output.poll() and self._listen():
            pass
        how = _in_words(code)
        printed = self._last_words.decode("utf-8", "replace")
        logger.error("child.died name=%s pid=%s how=%r\n%s", self.name, self.pid, how, printed)
        return how

    def _died(self, how: str) -> Failed:
        error = WorkerDiedError(f"the {self.name} process {how}", hint=_HINT)
        return Failed(error, is_spent=True)


def _in_words(code: int | None) -> str:
    if code is None:
        return "does not answer any more"
    if code >= 0:
        return f"ended with exit code {code}"
    if -code == signal.SIGKILL:
        return "was killed: out of memory?"
    known = {number.value: number.name for number in signal.Signals}
    return f"was killed by {known.get(-code, f'signal {-code}')}"


_ALL: weakref.WeakSet[Spawned] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Let no child keep the interpreter from ending: multiprocessing would wait for them."""
    for spawned in list(_ALL):
        spawned.kill_at_exit()
