"""Whatever the hub's client raises becomes an error of ours, which says whose turn it is."""

from __future__ import annotations

import errno
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
from huggingface_hub import errors as hub_errors

from diarist.errors import DiaristError, OutputNotWrittenError, UpstreamUnavailableError
from diarist.transcription.catalogue import MODELS
from diarist.transcription.hub import cached_folder, errors_translated
from support.hub import tiny_model

POCKET = tiny_model({"model.bin": b"weights"})
NOT_RAISED_BY_A_DOWNLOAD = frozenset(
    {
        "httpx2.CookieConflict",  # two cookies of one name; nobody asks for cookies
        # Other commands of the hub's client: caches, whole snapshots, uploads, logins, inference.
        "huggingface_hub.errors.CLIError",
        "huggingface_hub.errors.CLIExtensionInstallError",
        "huggingface_hub.errors.CacheNotFound",
        "huggingface_hub.errors.CachedRepoTreeNotFoundError",
        "huggingface_hub.errors.ConfirmationError",
        "huggingface_hub.errors.CorruptedCacheException",
        "huggingface_hub.errors.DDUFCorruptedFileError",
        "huggingface_hub.errors.DDUFError",
        "huggingface_hub.errors.DDUFExportError",
        "huggingface_hub.errors.DDUFInvalidEntryNameError",
        "huggingface_hub.errors.DeviceCodeError",
        "huggingface_hub.errors.EntryNotFoundError",  # only its kinds, which are OSErrors
        "huggingface_hub.errors.FileDuplicationError",
        "huggingface_hub.errors.InferenceEndpointError",
        "huggingface_hub.errors.NotASafetensorsRepoError",
        "huggingface_hub.errors.RevisionResolutionError",
        "huggingface_hub.errors.SafetensorsParsingError",
        "huggingface_hub.errors.SandboxCommandError",
        "huggingface_hub.errors.SandboxError",
        "huggingface_hub.errors.StrictDataclassClassValidationError",
        "huggingface_hub.errors.StrictDataclassDefinitionError",
        "huggingface_hub.errors.StrictDataclassError",
        "huggingface_hub.errors.StrictDataclassFieldValidationError",
        "huggingface_hub.errors.XetDownloadError",  # declared, and raised nowhere
    }
)


def exceptions_of(module: ModuleType) -> Iterator[tuple[str, type[Exception]]]:
    for name, value in sorted(vars(module).items()):
        if inspect.isclass(value) and issubclass(value, Exception):
            yield f"{module.__name__}.{name}", value


FOREIGN = dict([*exceptions_of(httpx2), *exceptions_of(hub_errors)])


def raised_as(error: Exception) -> type[Exception]:
    """Return the class of what comes out where the client raises an error."""
    try:
        with errors_translated(POCKET, Path("model.bin")):
            raise error
    except Exception as outcome:  # noqa: BLE001 - which one it is, is the question
        return type(outcome)


def bare(foreign: type[Exception]) -> Exception:
    """Return an instance without calling a constructor that wants requests and responses."""
    return foreign.__new__(foreign)


def test_every_error_of_the_client_is_translated_or_known_not_to_come() -> None:
    untranslated = {
        name
        for name, foreign in FOREIGN.items()
        if not issubclass(raised_as(bare(foreign)), DiaristError)
    }

    assert untranslated == NOT_RAISED_BY_A_DOWNLOAD


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ConnectError("connection refused"),
        httpx2.InvalidURL("no scheme"),
        hub_errors.OfflineModeIsEnabled("offline mode is enabled"),
        hub_errors.LocalEntryNotFoundError("An error happened while trying to locate the file"),
        hub_errors.HFValidationError("no repository"),
        # These come from the client's native downloader.
        RuntimeError("Task error: CAS Client Error: HTTP status client error (404 Not Found)"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        PermissionError("Authentication failed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_hub_that_does_not_do_its_part_is_worth_another_try(error: Exception) -> None:
    assert raised_as(error) is UpstreamUnavailableError


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_a_disk_that_takes_nothing_is_not_the_hubs_fault(number: int) -> None:
    assert raised_as(OSError(number, "as the system says")) is OutputNotWrittenError


@pytest.mark.parametrize("error", [KeyError("bug"), AttributeError("bug"), TypeError("bug")])
def test_a_bug_stays_a_bug(error: Exception) -> None:
    assert raised_as(error) is type(error)


def test_the_cause_is_named_where_the_client_only_says_that_something_happened() -> None:
    vague = hub_errors.LocalEntryNotFoundError("An error happened")
    vague.__cause__ = httpx2.ConnectError("Name or service not known\nat length")

    with (
        pytest.raises(UpstreamUnavailableError, match=r"\(Name or service not known\)$"),
        errors_translated(POCKET, Path("model.bin")),
    ):
        raise vague


@pytest.mark.parametrize(
    ("name", "ways"), [("base", 1), ("large-v3", 0)], ids=["packaged", "hub only"]
)
def test_the_hint_names_packages_only_for_models_that_are_in_some(name: str, ways: int) -> None:
    with (
        pytest.raises(UpstreamUnavailableError) as caught,
        errors_translated(MODELS[name], Path("model.bin")),
    ):
        raise httpx2.ConnectError("connection refused")

    assert caught.value.hint.count("diarist[offline]") == ways


def test_the_clients_cache_is_looked_for_where_the_client_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    folder = cached_folder(POCKET)

    name = "models--somebody--faster-whisper-pocket"
    assert folder == tmp_path / name / "snapshots" / POCKET.revision
