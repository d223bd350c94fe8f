"""Where results go: one file for each format, written whole or not at all, never over another."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diarist.cli.inputs import Source, shown
from diarist.errors import OutputExistsError, OutputNotWrittenError

FORMATS = ("md", "entry", "json", "verbose_json", "txt", "srt", "vtt")
ENTRY_FORMATS = frozenset({"md", "entry"})
_SUFFIXES = {"verbose_json": ".verbose.json", "entry": ".entry.json"}
_ROOM_BYTES = 2 << 20  # what the results of an hour take, and some


@dataclass
class OutputPlan:
    """Names for the results of a batch, no name twice.

    Attributes:
        root: the output folder.
        formats: what is written for each recording.
        may_overwrite: an existing file is replaced.
    """

    root: Path
    formats: Sequence[str]
    may_overwrite: bool = False
    _taken: set[Path] = field(default_factory=set)

    def paths_for(self, source: Source) -> dict[str, Path]:
        """Choose the paths of a recording's results by format.

        Two recordings of the same name, such as `memo.mp3` and `memo.m4a`, get different ones.
        """
        if not self.formats:
            return {}
        folder = self.root / source.folder
        name = source.stem if source.is_stream else source.path.name
        candidates = [source.stem, name, *(f"{name}-{number}" for number in range(2, 10_000))]
        stem = next(c for c in candidates if folder / c not in self._taken)
        self._taken.add(folder / stem)
        return {fmt: folder / f"{stem}{_SUFFIXES.get(fmt, f'.{fmt}')}" for fmt in self.formats}


def check(paths: Mapping[str, Path], *, may_overwrite: bool) -> None:
    """Return if results can be written, before hours are spent on them.

    Raises:
        OutputExistsError: if one of them is there already and may not be overwritten.
        OutputNotWrittenError: if the folder cannot be made or written, or the disk is full.
    """
    existing = [path for path in paths.values() if path.exists()]
    if existing and not may_overwrite:
        raise OutputExistsError(
            f"{shown(existing[0])} exists already",
            hint="Use --force to replace it, --skip-existing to leave it, or another --out.",
        )
    for folder in {path.parent for path in paths.values()}:
        _make_folder(folder)
        _check_room(folder)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputNotWrittenError(
            f"nothing can be written to {shown(folder)} (permission denied)",
            hint="Choose another folder with --out.",
        )


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _ROOM_BYTES:
        raise OutputNotWrittenError(
            f"the disk of {shown(folder)} is full ({free // 1024} KiB are free)",
            hint="Free some space, or choose a folder on another disk with --out.",
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there in full or not at all, also if the machine stops meanwhile.

    Raises:
        OutputNotWrittenError: if it cannot be written; nothing is left behind then.
    """
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> OutputNotWrittenError:
    return OutputNotWrittenError(
        f"{shown(path)} could not be written ({(error.strerror or 'unknown reason').lower()})",
        hint="Free some space or check the permissions, or choose another folder with --out.",
    )
