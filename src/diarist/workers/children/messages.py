"""What a child process and its parent say to each other, as pickles over a pipe.

parent                                child
  Request(method, args)  ──────────►
                         ◄──────────   Item(value)      one for a call, any number for a stream
  GoOn()                 ──────────►                    one item was read
                         ◄──────────   Done() or Failed(error)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from diarist.errors import DiaristError

AHEAD = 2  # items of a stream that may be unread before the child waits


@dataclass(frozen=True)
class Request:
    """Asks for a method of the child's object.

    Attributes:
        method: its name.
        args: its arguments.
        is_stream: it returns an iterable, whose items are wanted one by one.
    """

    method: str
    args: tuple[Any, ...]
    is_stream: bool


@dataclass(frozen=True)
class GoOn:
    """Says that an item was read."""


@dataclass(frozen=True)
class Item:
    """A value that the method returned or yielded."""

    value: Any


@dataclass(frozen=True)
class Done:
    """Says that there are no more items."""


@dataclass(frozen=True)
class Failed:
    """Says that the method raised.

    Attributes:
        error: what to tell the caller.
        details: the traceback of a defect, for the log; empty for an error that was foreseen.
        is_spent: the process should not be used any more.
    """

    error: DiaristError
    details: str = ""
    is_spent: bool = False


Answer: TypeAlias = Item | Done | Failed
