"""What a failure means to whoever ran the command: an exit code, and a line that helps.

The codes are fixed, one for each kind of outcome, so that scripts can tell them apart.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterable, Iterator, Mapping

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


def error_as_stored(stored: Mapping[str, str]) -> DiaristError:
    """Return the error that a job keeps as code, message and hint."""
    kind = next((one for one in _kinds(DiaristError) if one.code == stored["code"]), None)
    # A newer version may know more kinds.
    return (kind or errors.UnexpectedError)(stored["message"], hint=stored["hint"])


def _kinds(kind: type[DiaristError]) -> Iterator[type[DiaristError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


_EXTRAS = {
    "whisper": ("av", "ctranslate2", "faster_whisper", "huggingface_hub", "numpy", "onnxruntime"),
    "writer": (
        "pysubs2",
        "sentencex",
        "simplemma",
        "stopwordsiso",
        "text_to_num",
        "vader",
        "yake",
    ),
}


def missing_extra(error: ModuleNotFoundError) -> DiaristError:
    """Return what to install for a library that is not there."""
    library = (error.name or "").partition(".")[0]
    extra = next((name for name, modules in _EXTRAS.items() if library in modules), "laptop")
    return errors.MissingExtraError(
        f"this needs the library {library}, which is not installed",
        hint=f"pip install 'diarist[{extra}]', or 'diarist[laptop]' for everything.",
    )


def unexpected_error(name: str, error: Exception) -> errors.UnexpectedError:
    """Keep the details of a defect in a file, and return what the user is told."""
    details = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="diarist-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
    ) as log:
        log.write(details)
    reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return errors.UnexpectedError(
        f"{name} failed in a way that nobody foresaw ({reason})",
        hint=f"This is a defect of diarist. Please report it with {log.name}.",
    )
