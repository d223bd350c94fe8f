"""What `diarist run` made is kept in the library, in the background.

The library is opened once the first recording is done, so that nobody waits for its result any
longer, and written to after each of them. What goes wrong here is worth a note, and never stops
the run.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from diarist.cli.batch.outcome import Outcome
from diarist.cli.failures import INPUT, NO_SPEECH, UPSTREAM, exit_code_of, unexpected_error
from diarist.cli.text import note
from diarist.errors import DiaristError, StorageUnavailableError

if TYPE_CHECKING:
    from diarist.cli.library.session import Session
    from diarist.jobs.options import JobOptions
    from diarist.settings import Settings

_PATIENCE_S = 2.0
_LONGEST_S = 15.0  # that anybody waits for a database that does not answer
_ABOUT_THE_RECORDING = (INPUT, NO_SPEECH, UPSTREAM)


class Keeper(Protocol):
    """Keeps outcomes."""

    def keep(self, outcome: Outcome) -> None:
        """Keep an outcome, some time soon."""

    def finish(self) -> None:
        """Return when all is kept, or cannot be kept."""


class KeepsNothing:
    """Keeps nothing, as was asked for."""

    def keep(self, outcome: Outcome) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


class InLibrary:
    """Keeps outcomes in the library, from a thread of its own."""

    def __init__(
        self, settings: Settings, options: Callable[[], JobOptions], on: dt.date | None
    ) -> None:
        """Prepare to keep outcomes; the library is opened with the first one.

        Args:
            settings: where it is.
            options: gives what a job would have been asked for to do the same.
            on: the day that the user gave all recordings; None if they have their own.
        """
        self._settings, self._options, self._on = settings, options, on
        self._outcomes: SimpleQueue[Outcome | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def keep(self, outcome: Outcome) -> None:
        """Keep an outcome, some time soon; not one that says nothing about the recording."""
        error = outcome.error
        is_about_it = error is None or exit_code_of(error) in _ABOUT_THE_RECORDING
        if is_about_it or outcome.transcript is not None:
            self._outcomes.put(outcome)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Return when all is kept, or cannot be kept."""
        if self._thread is not None:
            self._outcomes.put(None)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._keep_all())
        except DiaristError as error:
            note(f"the results are not in the library: {error.message}. {error.hint}")
        except Exception as error:  # noqa: BLE001 - the outermost loop of the thread
            defect = unexpected_error("keeping the results in the library", error)
            note(f"{defect.message}. {defect.hint}")

    async def _keep_all(self) -> None:
        async with AsyncExitStack() as stack:
            async with _in_time():
                here = await stack.enter_async_context(self._session())
            while (outcome := await asyncio.to_thread(self._outcomes.get)) is not None:
                async with _in_time():
                    await self._keep(here, outcome)

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[Session, None]:
        from diarist.cli.library.session import session  # noqa: PLC0415 - in the background

        wanted = self._settings.database.model_copy(update={"patience_s": _PATIENCE_S})
        async with session(self._settings.model_copy(update={"database": wanted})) as here:
            yield here

    async def _keep(self, here: Session, outcome: Outcome) -> None:
        from diarist.cli.library.handing_in import digest_of, on_day  # noqa: PLC0415 - as above
        from diarist.jobs.keeping import Result, keep_result  # noqa: PLC0415 - as above
        from diarist.jobs.submitting import KeptAudio, NewRecording  # noqa: PLC0415 - as above
        from diarist.storage.keys import new_id  # noqa: PLC0415 - as above

        source, recorded_at = outcome.source, outcome.recorded_at
        if source is None or recorded_at is None:
            return
        sha256, size_bytes = await asyncio.to_thread(digest_of, source)
        path = None if source.is_stream else str(source.path.absolute())
        recording = NewRecording(
            owner_id=here.owner_id,
            name=source.name,
            recorded_at=on_day(recorded_at, self._on),
            is_date_given=self._on is not None,
            audio=KeptAudio(new_id(), sha256, size_bytes, blob_key=None, source_path=path),
        )
        # With an entry nothing is missing here, even if a file of it could not be written.
        error = None if outcome.entry is not None else outcome.error
        result = Result(outcome.transcript, outcome.entry, error)
        await keep_result(here.database, recording, self._options(), result)


@asynccontextmanager
async def _in_time() -> AsyncGenerator[None, None]:
    try:
        async with asyncio.timeout(_LONGEST_S):
            yield
    except TimeoutError as error:
        raise StorageUnavailableError(
            "the database does not answer", hint="Check it, or say --no-keep."
        ) from error
