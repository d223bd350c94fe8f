"""The whole of `diarist write`."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from diarist.cli.inputs import NotFound, Source, collect, scratch_folder
from diarist.cli.outputs import check, write_whole
from diarist.diary.entry import Entry
from diarist.diary.local.writer import write_entry
from diarist.diary.markdown import to_markdown
from diarist.errors import UnreadableTranscriptError
from diarist.privacy.names import load_names
from diarist.transcription.languages import code_of
from diarist.transcription.reading import read_transcript
from diarist.transcription.transcript import Transcript

_LARGEST_BYTES = 64 << 20  # the text of about a thousand hours


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    name: str
    on: dt.date | None
    language: str
    as_json: bool
    audio: Path | None
    out: Path | None
    may_overwrite: bool


def write_one(request: Request) -> None:
    """Write the entry of one transcript to where it was asked for.

    Raises:
        DiaristError: if it cannot be read or written.
    """
    if request.out is not None:
        check({"out": request.out}, may_overwrite=request.may_overwrite)
    with scratch_folder() as scratch:
        source = _source(request.name, scratch)
        transcript = _read(source, request)
        recorded_at = source.recorded_at(None)
    on = request.on or recorded_at.date()
    entry = write_entry(transcript, on, load_names())
    text = _rendered(entry, transcript, request)
    if request.out is None:
        sys.stdout.write(text)
    else:
        write_whole(request.out, text)


def _source(name: str, scratch: Path) -> Source:
    if Path(name).is_dir():
        raise UnreadableTranscriptError(
            f"{name} is a folder", hint="Name one transcript; `diarist run` takes folders of audio."
        )
    found = collect([name], scratch)[0]
    if isinstance(found, NotFound):
        raise found.error
    return found


def _read(source: Source, request: Request) -> Transcript:
    with source.opened() as stream:
        content = stream.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise UnreadableTranscriptError(
            f"{source.name} is larger than any transcript",
            hint="For a recording use `diarist run`.",
        )
    transcript = read_transcript(content, source.name)
    if request.language:
        return replace(transcript, language=code_of(request.language))
    return transcript


def _rendered(entry: Entry, transcript: Transcript, request: Request) -> str:
    if request.as_json:
        return entry.model_dump_json(by_alias=True, indent=2) + "\n"
    audio = request.audio
    if audio is not None:
        folder = request.out.parent if request.out else Path()
        return to_markdown(entry, transcript, os.path.relpath(audio, folder))
    return to_markdown(entry, transcript)
