"""A progress bar for models on their way here."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from diarist.transcription.models import ModelStore


def pull_with_bar(store: ModelStore, name: str) -> Path:
    """Fetch a model; on a terminal a bar for each file shows how far it is.

    Raises:
        DiaristError: as `ModelStore.pull`.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    tasks: dict[str, TaskID] = {}

    def progress(file: str, done: int, total: int) -> None:
        if file not in tasks:
            tasks[file] = bar.add_task(f"{name}/{file}", total=total or None)
        bar.update(tasks[file], completed=done, total=total or None)

    with bar:
        return store.pull(name, progress)
