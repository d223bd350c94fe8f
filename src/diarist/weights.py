"""Model files as data: find them in installed packages, and trust them only by digest.

Weights reach a machine through packages of third parties. Their code is never imported;
their files are read only after the SHA-256 of each has been compared with the one that the
model's author published.
"""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from diarist.errors import ModelDigestError

_READ_BYTES = 1 << 20


def packaged_file(distribution: str, name: str) -> Path | None:
    """Return the path of a file in an installed distribution, without importing it.

    Args:
        distribution: name of the distribution, as a package index knows it.
        name: path of the file inside the distribution, with forward slashes.
    """
    try:
        path = Path(str(metadata.distribution(distribution).locate_file(name)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def verify(path: Path, sha256: str) -> None:
    """Return if the file is the one that was published.

    Raises:
        ModelDigestError: if it is not.
    """
    found = sha256_of(path)
    if found != sha256:
        raise ModelDigestError(
            f"{path} is not the published file: its SHA-256 is {found[:12]}…, not {sha256[:12]}…",
            hint="Delete it and fetch it again; do not use it until the digest matches.",
        )
