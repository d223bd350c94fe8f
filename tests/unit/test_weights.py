"""Model files are found without importing anything, and trusted only by digest."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from diarist import weights
from diarist.errors import ModelDigestError

_FIND_IN_A_FRESH_PROCESS = """
import sys
from diarist import weights
path = weights.packaged_file("faster-whisper", "faster_whisper/assets/silero_vad_v6.onnx")
assert path is not None and path.is_file(), path
assert "faster_whisper" not in sys.modules
"""


def test_a_file_of_an_installed_package_is_found_without_importing_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FIND_IN_A_FRESH_PROCESS],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("distribution", "name"),
    [
        ("no-such-distribution-of-diarist", "weights.bin"),
        ("pytest", "pytest/no-such-file.bin"),
        ("pytest", "pytest"),
    ],
    ids=["no package", "no file", "a folder"],
)
def test_what_is_not_a_file_of_an_installed_package_is_not_found(
    distribution: str, name: str
) -> None:
    assert weights.packaged_file(distribution, name) is None


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_the_digest_is_that_of_the_whole_file(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    path = tmp_path / "weights.bin"
    path.write_bytes(content[:size])

    assert weights.sha256_of(path) == hashlib.sha256(content[:size]).hexdigest()


def test_a_published_file_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"as published")

    weights.verify(path, hashlib.sha256(b"as published").hexdigest())


def test_a_file_with_one_other_bit_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"as publishee")

    with pytest.raises(ModelDigestError, match=r"weights\.bin is not the published file") as caught:
        weights.verify(path, hashlib.sha256(b"as published").hexdigest())

    assert caught.value.code == "model/digest"
