"""An entry as Markdown that a person keeps: Obsidian reads its front matter, links lead to the audio."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date as Date
from datetime import datetime
from urllib.parse import quote

from diarist.diary.entry import Entry
from diarist.transcription.transcript import Segment, Transcript


def to_markdown(
    entry: Entry,
    transcript: Transcript,
    audio: str | None = None,
    recorded_at: datetime | None = None,
) -> str:
    """Return an entry and its transcript as one Markdown file.

    Args:
        entry: what was written.
        transcript: what it rests on.
        audio: path of the recording as seen from the file, for links to its seconds.
        recorded_at: when it was recorded.
    """
    by_id = {segment.id: segment for segment in transcript.segments}
    parts = [
        _front_matter(entry, transcript, audio, recorded_at),
        f"# {_plain(entry.title)}",
        f"> {_plain(entry.summary)}",
        *(
            f"{_plain(paragraph.text)} {_links(paragraph.evidence, by_id, audio)}"
            for paragraph in entry.paragraphs
        ),
        *_section("Highlights", _highlights(entry, by_id, audio)),
        *_section("To do", _action_items(entry, by_id, audio)),
        *_section("Transcript", _transcript(transcript, audio)),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(
    entry: Entry, transcript: Transcript, audio: str | None, recorded_at: datetime | None
) -> str:
    """Return YAML. Every text is written as JSON, which is YAML and cannot break out of it."""
    lines = [
        f"date: {entry.date.isoformat()}",
        f"title: {_yaml(entry.title)}",
        f"summary: {_yaml(entry.summary)}",
        f"mood: {entry.mood.label}",
        f"valence: {entry.mood.valence}",
        f"people: {_names(entry.people)}",
        f"places: {_names(entry.places)}",
        f"topics: {_names(entry.topics)}",
        f"language: {entry.language}",
        f"duration_s: {round(transcript.duration_s, 1)}",
        f"writer: {_yaml(f'{entry.writer.provider}/{entry.writer.model}')}",
        f"support: {round(entry.support, 3)}",
    ]
    if recorded_at is not None:
        lines.insert(1, f"recorded_at: {recorded_at.isoformat(timespec='seconds')}")
    if audio is not None:
        lines.append(f"audio: {_yaml(audio)}")
    return "---\n" + "\n".join(lines) + "\n---"


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _names(names: Sequence[str]) -> str:
    return json.dumps(names, ensure_ascii=False)


def _section(name: str, lines: Sequence[str]) -> list[str]:
    return [f"## {name}", "\n".join(lines)] if lines else []


def _highlights(entry: Entry, by_id: dict[int, Segment], audio: str | None) -> list[str]:
    return [f"- {_plain(h.text)} {_links(h.evidence, by_id, audio)}" for h in entry.highlights]


def _action_items(entry: Entry, by_id: dict[int, Segment], audio: str | None) -> list[str]:
    return [
        f"- [ ] {_plain(item.text)}{_due(item.due)} {_links(item.evidence, by_id, audio)}"
        for item in entry.action_items
    ]


def _due(due: Date | None) -> str:
    """Return a due date as the Tasks plug-in of Obsidian writes it."""
    return f" 📅 {due.isoformat()}" if due else ""


def _transcript(transcript: Transcript, audio: str | None) -> list[str]:
    return [f"- {_link(segment, audio)} {_plain(segment.text)}" for segment in transcript.segments]


def _links(evidence: Sequence[int], by_id: dict[int, Segment], audio: str | None) -> str:
    """Return one link for each run of segments that follow each other."""
    starts = [i for n, i in enumerate(evidence) if n == 0 or evidence[n - 1] != i - 1]
    return " ".join(_link(by_id[i], audio) for i in starts)


def _link(segment: Segment, audio: str | None) -> str:
    """Return where a segment begins, as a link to that second if there is audio to link to.

    Source of the fragment: W3C Media Fragments URI 1.0, section 4.2.1.
    """
    stamp = clock(segment.start_s)
    if audio is None:
        return f"[{stamp}]"
    return f"[{stamp}]({quote(audio)}#t={segment.start_s:.1f})"


def clock(seconds: float) -> str:
    """Return a time as people write it: 4:05, or 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, whatever was said."""
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


_SPECIAL = frozenset("\\`*_[]<>#|~")
