"""Transcripts and entries as the texts of files, by format."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from diarist.cli.inputs import Source
from diarist.diary.entry import Entry
from diarist.diary.markdown import to_markdown
from diarist.transcription.formats import RENDERERS
from diarist.transcription.transcript import Transcript


def transcript_files(paths: Mapping[str, Path], transcript: Transcript) -> dict[str, str]:
    """Render a transcript in each of its formats that was asked for."""
    return {fmt: RENDERERS[fmt](transcript) for fmt in paths if fmt in RENDERERS}


def entry_files(
    paths: Mapping[str, Path],
    entry: Entry,
    transcript: Transcript,
    source: Source,
    recorded_at: datetime,
) -> dict[str, str]:
    """Render an entry in each of its formats that was asked for.

    Args:
        paths: where they are going to be, since they link to the recording.
        entry: what was written.
        transcript: what it rests on.
        source: the recording.
        recorded_at: when that was made.
    """
    files: dict[str, str] = {}
    if "entry" in paths:
        files["entry"] = entry.model_dump_json(by_alias=True, indent=2) + "\n"
    if "md" in paths:
        audio = _audio_seen_from(paths["md"].parent, source)
        files["md"] = to_markdown(entry, transcript, audio, recorded_at)
    return files


def _audio_seen_from(folder: Path, source: Source) -> str | None:
    return None if source.is_stream else os.path.relpath(source.path, folder)
