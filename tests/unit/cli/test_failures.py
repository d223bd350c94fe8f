"""What a failure means to whoever ran the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from diarist import errors
from diarist.cli.failures import (
    error_as_stored,
    exit_code_of,
    exit_code_of_all,
    missing_extra,
    unexpected_error,
)
from diarist.errors import DiaristError


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UnknownLanguageError, 2),
        (errors.SettingsError, 2),
        (errors.NotAudioError, 3),
        (errors.UnreadableTranscriptError, 3),
        (errors.NoSpeechError, 4),
        (errors.OutputExistsError, 5),
        (errors.OutputNotWrittenError, 5),
        (errors.ModelDigestError, 6),
        (errors.ModelMissingError, 6),
        (errors.RateLimitedError, 7),
        (errors.UnexpectedError, 1),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(kind: type[DiaristError], code: int) -> None:
    assert exit_code_of(kind("it broke", hint="mend it")) == code


def test_a_batch_without_failures_is_a_success() -> None:
    assert exit_code_of_all([]) == 0


def test_a_batch_that_failed_for_one_reason_has_its_code() -> None:
    empty = errors.EmptyFileError("a is empty", hint="")
    text = errors.NotAudioError("b is text", hint="")

    assert exit_code_of_all([empty, text]) == 3


def test_a_batch_that_failed_for_several_reasons_has_a_code_of_its_own() -> None:
    empty = errors.EmptyFileError("a is empty", hint="")
    silent = errors.NoSpeechError("b is silent", hint="")

    assert exit_code_of_all([empty, silent]) == 8


def test_a_library_is_found_in_the_extra_that_brings_it() -> None:
    error = missing_extra(ModuleNotFoundError("no yake", name="yake.highlight"))

    assert "library yake" in error.message
    assert "diarist[writer]" in error.hint


def test_the_details_of_a_defect_are_kept_in_a_file() -> None:
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as caught:
        error = unexpected_error("memo.mp3", caught)

    assert "\n" not in error.message
    log = Path(error.hint.split("report it with ")[1].rstrip("."))
    assert "second line" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.parametrize("kind", [errors.NoSpeechError, errors.RateLimitedError, DiaristError])
def test_an_error_that_a_job_keeps_is_that_error_again(kind: type[DiaristError]) -> None:
    error = error_as_stored({"code": kind.code, "message": "it broke", "hint": "mend it"})

    assert (type(error), error.message, error.hint) == (kind, "it broke", "mend it")


def test_an_error_of_a_newer_version_is_still_told() -> None:
    error = error_as_stored({"code": "moon/full", "message": "it howled", "hint": "wait"})

    assert (type(error), error.message) == (errors.UnexpectedError, "it howled")
