"""A file on this machine becomes a recording of the library, and a job."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from diarist.cli.inputs import Source, unreadable
from diarist.cli.library.session import Session
from diarist.errors import EmptyFileError
from diarist.jobs.options import JobOptions
from diarist.jobs.states import Priority
from diarist.jobs.submitting import (
    NewRecording,
    Submitted,
    keep_audio,
    known_recording,
    submit,
    submit_known,
)

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Wish:
    """What is to be made of a recording.

    Attributes:
        options: how.
        priority: whose work comes first.
        on: the day that it was made; None if nobody said.
        again: also if it was made before.
    """

    options: JobOptions
    priority: Priority = Priority.NORMAL
    on: dt.date | None = None
    again: bool = False


@dataclass(frozen=True)
class HandedIn:
    """What handing in came to.

    Attributes:
        submitted: the job.
        was_known: the library had the recording already, and copied nothing.
    """

    submitted: Submitted
    was_known: bool


async def hand_in(here: Session, source: Source, wish: Wish) -> HandedIn:
    """Submit a file. One that the library has already is only read, to tell that it is the same.

    Raises:
        InputError: if it cannot be read, or is empty.
        StorageUnavailableError, StorageFullError, StorageSetupError.
    """
    sha256, _ = await asyncio.to_thread(digest_of, source)
    known = await known_recording(here.database, here.owner_id, sha256)
    rest = (wish.options, wish.priority)
    if known is not None:
        submitted = await submit_known(
            here.database, here.hints, here.owner_id, known, *rest, again=wish.again
        )
        return HandedIn(submitted, was_known=True)
    audio = await keep_audio(here.database, here.blobs, _pieces_of(source), source.name)
    recording = NewRecording(
        owner_id=here.owner_id,
        name=source.name,
        recorded_at=recorded_at(source, wish.on),
        is_date_given=wish.on is not None,
        audio=audio,
    )
    submitted = await submit(here.database, here.hints, recording, *rest, again=wish.again)
    return HandedIn(submitted, was_known=False)


def digest_of(source: Source) -> tuple[str, int]:
    """Return the SHA-256 of a file, in hexadecimal, and its size in bytes.

    Raises:
        InputError: if it cannot be read, or is empty.
    """
    digest, size_bytes = hashlib.sha256(), 0
    with source.opened() as stream:
        try:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                size_bytes += len(piece)
        except OSError as error:
            raise unreadable(source.path, error) from error
    if not size_bytes:
        raise EmptyFileError(f"{source.name} is empty", hint="Record it again.")
    return digest.hexdigest(), size_bytes


def recorded_at(source: Source, on: dt.date | None) -> dt.datetime:
    """Return when a recording was made, by its name or file; its owner may have said on which day.

    What its tags say is found out when it is decoded.
    """
    try:
        known = source.recorded_at(None)
    except OSError as error:
        raise unreadable(source.path, error) from error
    return on_day(known, on)


def on_day(when: dt.datetime, on: dt.date | None) -> dt.datetime:
    """Return the same time of another day, by the clock on the wall here; None is the same day."""
    return when if on is None else dt.datetime.combine(on, when.time()).astimezone()


async def _pieces_of(source: Source) -> AsyncIterator[bytes]:
    with source.opened() as stream:
        while True:
            try:
                piece = await asyncio.to_thread(stream.read, _PIECE_BYTES)
            except OSError as error:
                raise unreadable(source.path, error) from error
            if not piece:
                return
            yield piece
