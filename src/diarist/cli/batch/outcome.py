"""What became of a recording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from diarist.audio.probe import RecordingInfo
from diarist.cli.inputs import Source, shown
from diarist.diary.entry import Entry
from diarist.errors import DiaristError
from diarist.transcription.formats import to_json
from diarist.transcription.transcript import Transcript

Status = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Prepared:
    """A recording whose header was read and whose results have a place to go.

    Attributes:
        source: the recording.
        info: its header.
        recorded_at: when it was recorded.
        paths: of its results, by format; none if nothing is to be written.
    """

    source: Source
    info: RecordingInfo
    recorded_at: datetime
    paths: Mapping[str, Path]

    @property
    def name(self) -> str:
        """What messages call it."""
        return name_of(self.source)


@dataclass(frozen=True)
class Outcome:
    """What became of a recording.

    Attributes:
        name: of the recording.
        status: `skipped` if its results were there already.
        recorded_at: when it was recorded, if that far was come.
        transcript: what was said.
        entry: what was written.
        outputs: paths of what was written to disk, by format.
        took_s: seconds of work, on the clock.
        error: why it failed.
        job: key of the job that did it; empty if it was none.
        source: the recording, if that far was come.
    """

    name: str
    status: Status
    recorded_at: datetime | None = None
    transcript: Transcript | None = None
    entry: Entry | None = None
    outputs: Mapping[str, Path] = field(default_factory=dict)
    took_s: float = 0.0
    error: DiaristError | None = None
    job: str = ""
    source: Source | None = None


@dataclass(frozen=True)
class Row:
    """An outcome in short, for a summary; the transcript itself is not kept.

    Attributes:
        title: of the entry, if one was written.
        result: path of the first file that was written, or the code of the error.
    """

    name: str
    status: Status
    duration_s: float
    took_s: float
    words: int
    title: str
    result: str
    error: DiaristError | None


def row_of(outcome: Outcome) -> Row:
    """Return an outcome in short."""
    transcript, entry = outcome.transcript, outcome.entry
    first = next((shown(path) for path in outcome.outputs.values()), "")
    return Row(
        name=outcome.name,
        status=outcome.status,
        duration_s=transcript.duration_s if transcript else 0.0,
        took_s=outcome.took_s,
        words=transcript.word_count if transcript else 0,
        title=entry.title if entry else "",
        result=outcome.error.code if outcome.error else first,
        error=outcome.error,
    )


def name_of(source: Source) -> str:
    """Return what messages call a recording: its path, so that it can be found."""
    return source.name if source.is_stream else shown(source.path)


def to_json_line(outcome: Outcome) -> str:
    """Return an outcome as one line of JSON."""
    body: dict[str, Any] = {"job": outcome.job} if outcome.job else {}
    body |= {
        "input": outcome.name,
        "status": outcome.status,
        "recorded_at": outcome.recorded_at and outcome.recorded_at.isoformat(timespec="seconds"),
        "took_s": round(outcome.took_s, 3),
        "outputs": {fmt: shown(path) for fmt, path in outcome.outputs.items()},
        "error": outcome.error and as_plain(outcome.error),
        "entry": outcome.entry and outcome.entry.model_dump(mode="json", by_alias=True),
        "transcript": outcome.transcript and json.loads(to_json(outcome.transcript)),
    }
    return json.dumps(body, ensure_ascii=False)


def as_plain(error: DiaristError) -> dict[str, str]:
    """Return an error as plain values."""
    return {"code": error.code, "message": error.message, "hint": error.hint}
