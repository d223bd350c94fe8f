"""Files that hold what a job made: written once, and never over another file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from diarist.cli.batch.outcome import Outcome
from diarist.cli.batch.rendering import entry_files, transcript_files
from diarist.cli.inputs import Source
from diarist.cli.outputs import OutputPlan, check, write_whole


def write_results(
    outcome: Outcome, source: Source, root: Path, formats: Sequence[str]
) -> Mapping[str, Path]:
    """Write what was made of a recording, under its name or under one that is free.

    Files that hold the very same are those of a run that was ended before it could say that it
    had written them: they are left as they are.

    Returns:
        The paths of the results, by format.

    Raises:
        OutputNotWrittenError: if they cannot be written.
    """
    plan = OutputPlan(root, formats)
    paths = plan.paths_for(source)
    texts = _rendered(outcome, source, paths)
    while not all(_is_free_for(paths[fmt], text) for fmt, text in texts.items()):
        paths = plan.paths_for(source)
    missing = {fmt: paths[fmt] for fmt in texts if not paths[fmt].exists()}
    check(missing, may_overwrite=False)
    for fmt, path in missing.items():
        write_whole(path, texts[fmt])
    return {fmt: paths[fmt] for fmt in texts}


def _rendered(outcome: Outcome, source: Source, paths: Mapping[str, Path]) -> dict[str, str]:
    transcript, entry, recorded_at = outcome.transcript, outcome.entry, outcome.recorded_at
    if transcript is None or recorded_at is None:
        return {}
    texts = transcript_files(paths, transcript)
    if entry is not None:
        texts |= entry_files(paths, entry, transcript, source, recorded_at)
    return texts


def _is_free_for(path: Path, text: str) -> bool:
    """Say whether a file can have that name: nobody has it, or one that holds the same."""
    if not os.path.lexists(path):
        return True
    try:
        return path.read_bytes() == text.encode("utf-8", "replace")
    except OSError:  # a folder, a broken link, or a file of somebody else
        return False
