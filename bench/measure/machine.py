"""Where a benchmark ran, in terms that say nothing about whose machine it was."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

_GIB = 2**30


def cores() -> int:
    """Return how many cores this process may use."""
    return len(psutil.Process().cpu_affinity()) if _has_affinity() else psutil.cpu_count() or 1


def _has_affinity() -> bool:
    return hasattr(psutil.Process, "cpu_affinity")


def machine_lines(libraries: Sequence[str]) -> list[str]:
    """Describe machine, libraries and moment, one a line.

    Args:
        libraries: names of the distributions that matter for what was measured.
    """
    memory_gib = psutil.virtual_memory().total / _GIB
    system = f"{platform.system()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in libraries)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"Machine: {_cpu_model()}, {cores()} cores, {memory_gib:.0f} GiB of memory, {system}",
        f"Libraries: {versions}",
        f"Date: {datetime.now(UTC):%Y-%m-%d}; load average at the end {load} (1, 5, 15 minutes)",
    ]


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def command_line(arguments: Sequence[str]) -> str:
    """Return a command as others would type it: paths of this machine become FOLDER or FILE."""
    script, *options = arguments
    return " ".join(
        ["python", f"bench/{Path(script).name}", *(_without_path(option) for option in options)]
    )


def _without_path(option: str) -> str:
    name, equals, value = option.rpartition("=")
    if os.sep not in value and not Path(value).expanduser().is_absolute():
        return option
    return f"{name}{equals}{'FOLDER' if Path(value).is_dir() else 'FILE'}"
