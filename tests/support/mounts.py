"""File systems of our own: small ones that fill up, and ones that cannot be written to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_MOUNT_AND_RUN = 'mount -t tmpfs -o "$1" tmpfs "$2" && exec "$0" -c "$3" "$2"'


def run_on_mount(mount_options: str, folder: Path, script: str) -> str:
    """Mount a file system in memory on a folder, for one Python script alone; return what it says.

    The script finds the folder in `sys.argv[1]`. Nobody else sees the mount, and it ends with it.
    """
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    unshared = ["unshare", *as_root, "--mount", "--"]
    if subprocess.run([*unshared, "true"], capture_output=True, check=False).returncode:
        assert "CI" not in os.environ, "nothing can be mounted here"
        pytest.skip("nothing can be mounted here")
    shell = ["sh", "-c", _MOUNT_AND_RUN, sys.executable, mount_options, str(folder), script]
    done = subprocess.run(
        [*unshared, *shell],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
