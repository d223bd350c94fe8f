"""Recordings with references: the project's samples, and folders of anybody's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diarist.audio.probe import probe

SAMPLES = Path(__file__).parents[2] / "samples"
LAYOUTS = """\
layouts of a folder with references:
  manifest.jsonl in FOLDER or above it, a recording a line, with the keys
      file     path, relative to the manifest
      ref      what is said; "" if nobody speaks; recordings without a reference are left out
      lang     ISO 639 code of the speech (optional)
      set      which corpus it belongs to (optional; else its folder's name)
      seconds  its length (optional)
      kind     odd-format and malformed keep it out of the second total (optional)
      decodes  false or null leaves it out (optional)
  or a text file beside each recording, of the same name but for the ending, with what is said;
  a name such as walk.en.mp3 tells the language.
"""
_MANIFEST = "manifest.jsonl"
_ODD_KINDS = frozenset({"odd-format", "malformed"})
_PROPER_NAMES = {
    "ami": "AMI",
    "asterisk": "Asterisk",
    "harvard": "Harvard",
    "librispeech": "LibriSpeech",
    "ljspeech": "LJSpeech",
    "mfa": "MFA",
    "vctk": "VCTK",
}


@dataclass(frozen=True)
class Recording:
    """A recording and what is said in it.

    Attributes:
        path: where it lies.
        reference: what is said; empty if nobody speaks.
        corpus: title of the table's row that it is counted in.
        language: ISO 639 code, if known.
        duration_s: its length.
        is_odd: an unusual or damaged file: more a test of reading than of hearing.
    """

    path: Path
    reference: str
    corpus: str
    language: str | None
    duration_s: float
    is_odd: bool = False


def samples() -> list[Recording]:
    """Return the project's own recordings."""
    return list(_beside_text(SAMPLES, "the project's samples"))


def recordings_in(folder: Path) -> list[Recording]:
    """Return the recordings of a folder that have a reference; see `LAYOUTS`."""
    folder = folder.resolve()
    for holder in (folder, folder.parent):
        if (holder / _MANIFEST).is_file():
            return list(_in_manifest(holder / _MANIFEST, folder))
    return list(_beside_text(folder, _extra(folder.name)))


def _in_manifest(manifest: Path, folder: Path) -> Iterator[Recording]:
    for line in manifest.read_text(encoding="utf-8").splitlines():
        entry: dict[str, Any] = json.loads(line) if line.strip() else {}
        if entry.get("ref") is None or not entry.get("decodes", True):
            continue
        path = manifest.parent / entry["file"]
        if not path.is_relative_to(folder):
            continue
        yield Recording(
            path=path,
            reference=entry["ref"],
            corpus=_extra(entry.get("set") or path.parent.name),
            language=entry.get("lang"),
            duration_s=entry.get("seconds") or _duration_s(path),
            is_odd=entry.get("kind") in _ODD_KINDS,
        )


def _beside_text(folder: Path, corpus: str) -> Iterator[Recording]:
    for text in sorted(folder.glob("*.txt")):
        for path in sorted(folder.glob(f"{text.stem}.*")):
            if path != text:
                yield Recording(
                    path=path,
                    reference=text.read_text(encoding="utf-8"),
                    corpus=corpus,
                    language=_language_in(text.stem),
                    duration_s=_duration_s(path),
                )


def _language_in(stem: str) -> str | None:
    code = stem.rpartition(".")[2]
    return code if code != stem and len(code) in (2, 3) and code.islower() else None


def _duration_s(path: Path) -> float:
    with path.open("rb") as stream:
        return probe(stream, path.name).duration_s or 0.0


def _extra(name: str) -> str:
    """Name a corpus that is no part of the project in words, not by where it lies."""
    words = name.replace("_", " ").replace("test other", "test-other").split()
    return f"{' '.join(_PROPER_NAMES.get(word, word) for word in words)} (extra)"
