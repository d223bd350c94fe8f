"""The child's side: what a spawned process does from its first instruction to its last.

It answers one request after another and decides nothing by itself. It ends when its parent does,
even in the middle of a native call that holds the interpreter's lock.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Iterable
from multiprocessing import connection as pipes
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, TypeAlias

from diarist.errors import DiaristError, MissingExtraError, UnexpectedError, WorkerDiedError
from diarist.workers.children.messages import AHEAD, Answer, Done, Failed, Item, Request

Pipe: TypeAlias = "Connection[Any, Any]"

PARENTS_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""What a terminal or a service manager sends to all processes, and only the parent acts on."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def serve(name: str, pickled_factory: bytes, connection: Pipe, output: Pipe) -> None:
    """Answer requests until the parent is gone. The main function of a child.

    Args:
        name: what to call it in errors.
        pickled_factory: makes the object whose methods are called, without arguments.
        connection: to the parent.
        output: takes what would be printed.
    """
    _end_with_parent()
    _leave_signals_to_parent()
    _print_to(output)
    server = _Server(name, pickled_factory, connection)
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        while True:
            server.answer(connection.recv_bytes())
    os._exit(0)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "serve() runs in a spawned process"  # noqa: S101 - for mypy
    if sys.platform == "linux":
        # The thread below cannot run while a native call holds the interpreter's lock.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_await_end_of, args=(parent.sentinel,), daemon=True).start()


def _await_end_of(sentinel: int) -> None:
    pipes.wait([sentinel])
    os._exit(0)


def _leave_signals_to_parent() -> None:
    for number in PARENTS_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    # They were blocked from the start, so that none of them could arrive before this.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PARENTS_SIGNALS)


def _print_to(output: Pipe) -> None:
    """Keep what libraries print away from the terminal; the parent logs it if we die."""
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    output.close()
    faulthandler.enable()


class _Server:
    """Builds the object at its first use, and calls its methods."""

    def __init__(self, name: str, pickled_factory: bytes, connection: Pipe) -> None:
        self._name, self._pickled_factory, self._connection = name, pickled_factory, connection
        self._object: Any = None
        self._unread = 0

    def answer(self, pickled_request: bytes) -> None:
        message = pickle.loads(pickled_request)  # noqa: S301 - from our parent
        if isinstance(message, Request):  # else it is the `GoOn` for a last item
            self._send(self._last_answer_to(message))

    def _last_answer_to(self, request: Request) -> Answer:
        """Give all items, and return what comes behind them."""
        self._unread = 0
        try:
            for value in self._values(request):
                self._give(value)
        except DiaristError as error:
            return Failed(error)
        except ModuleNotFoundError as error:
            return Failed(_missing_extra(error), _traceback_of(error))
        except MemoryError:
            return Failed(self._out_of_memory(), is_spent=True)
        except Exception as error:  # noqa: BLE001 - this is the outermost loop of the process
            return self._defect(error)
        return Done()

    def _values(self, request: Request) -> Iterable[Any]:
        if self._object is None:
            self._object = pickle.loads(self._pickled_factory)()  # noqa: S301 - from our parent
        returned = getattr(self._object, request.method)(*request.args)
        return returned if request.is_stream else (returned,)

    def _give(self, value: Any) -> None:
        """Send an item, and wait until there is room for the next before it is made."""
        self._connection.send_bytes(ForkingPickler.dumps(Item(value)))
        self._unread += 1
        while self._unread >= AHEAD:
            self._connection.recv_bytes()
            self._unread -= 1

    def _send(self, answer: Answer) -> None:
        try:
            pickled = ForkingPickler.dumps(answer)
        except Exception as error:  # noqa: BLE001 - whatever keeps an error from being pickled
            pickled = ForkingPickler.dumps(self._defect(error))
        self._connection.send_bytes(pickled)

    def _out_of_memory(self) -> WorkerDiedError:
        return WorkerDiedError(
            f"the {self._name} process ran out of memory",
            hint="It is tried again. If it stays so, give it more memory or a smaller model.",
        )

    def _defect(self, error: Exception) -> Failed:
        unexpected = UnexpectedError(
            f"the {self._name} process failed in a way that nobody foresaw "
            f"({type(error).__name__})",
            hint="This is a defect of diarist. Please report it with what the log says.",
        )
        return Failed(unexpected, _traceback_of(error))


def _missing_extra(error: ModuleNotFoundError) -> MissingExtraError:
    return MissingExtraError(
        f"this needs the library {error.name}, which is not installed",
        hint="pip install 'diarist[laptop]'",
    )


def _traceback_of(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
