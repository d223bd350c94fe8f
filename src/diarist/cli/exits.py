"""Exit codes: one for each kind of outcome, fixed, so that scripts can tell them apart."""

from __future__ import annotations

from collections.abc import Iterable

from diarist import errors
from diarist.errors import DiaristError

OK = 0
BUG = 1
USAGE = 2
INPUT = 3
NO_SPEECH = 4
OUTPUT = 5
SETUP = 6
UPSTREAM = 7
SEVERAL = 8
INTERRUPTED = 130

_CODES: tuple[tuple[type[DiaristError], int], ...] = (
    # The first class that fits decides, so the more special ones stand first.
    (errors.NoSpeechError, NO_SPEECH),
    (errors.OutputExistsError, OUTPUT),
    (errors.OutputNotWrittenError, OUTPUT),
    (errors.UnknownLanguageError, USAGE),
    (errors.UnsupportedRequestError, USAGE),
    (errors.SettingsError, USAGE),
    (errors.UnknownModelError, USAGE),
    (errors.UnknownEngineError, USAGE),
    (errors.InputError, INPUT),
    (errors.UpstreamError, UPSTREAM),
    (errors.SetupError, SETUP),
)


def exit_code_of(error: DiaristError) -> int:
    """Return the exit code for an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)


def exit_code_of_all(failures: Iterable[DiaristError]) -> int:
    """Return the exit code for a batch: that of its failures if they agree, else `SEVERAL`."""
    codes = {exit_code_of(error) for error in failures}
    if not codes:
        return OK
    return codes.pop() if len(codes) == 1 else SEVERAL
