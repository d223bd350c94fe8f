"""An entry as Markdown to keep: Obsidian reads its front matter, links lead to the audio."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Sequence
from urllib.parse import quote

from diarist.diary.entry import ActionItem, Entry
from diarist.transcription.transcript import Segment, Transcript


def to_markdown(
    entry: Entry,
    transcript: Transcript,
    audio: str | None = None,
    recorded_at: dt.datetime | None = None,
) -> str:
    """Return an entry and its transcript as one Markdown file.

    Args:
        entry: what was written.
        transcript: what it rests on.
        audio: path of the recording as seen from the file, for links to its seconds.
        recorded_at: when it was recorded.
    """
    times = _Times(transcript, audio)
    parts = [
        _front_matter(entry, transcript, audio, recorded_at),
        f"# {_plain(entry.title)}",
        f"> {_plain(entry.summary)}",
        *(f"{_plain(part.text)}{times.of(part.evidence)}" for part in entry.paragraphs),
        *_section(
            "Highlights", [f"- {_plain(h.text)}{times.of(h.evidence)}" for h in entry.highlights]
        ),
        *_section("To do", [_task(item, times) for item in entry.action_items]),
        *_section("Transcript", [_spoken(segment, times) for segment in transcript.segments]),
    ]
    return "\n\n".join(parts) + "\n"


class _Times:
    """Where in the recording things were said; nothing where only the text is known."""

    def __init__(self, transcript: Transcript, audio: str | None) -> None:
        self._by_id = {segment.id: segment for segment in transcript.segments}
        self._is_timed, self._audio = transcript.is_timed, audio

    def of(self, evidence: Sequence[int]) -> str:
        """Return one link for each run of segments that follow each other, a space before each."""
        starts = [i for n, i in enumerate(evidence) if n == 0 or evidence[n - 1] != i - 1]
        return "".join(f" {self._link(self._by_id[i])}" for i in starts) if self._is_timed else ""

    def _link(self, segment: Segment) -> str:
        """Return where a segment begins, as a link to that second if there is audio to link to.

        Source of the fragment: W3C Media Fragments URI 1.0, section 4.2.1.
        """
        stamp = clock(segment.start_s)
        if self._audio is None:
            return f"[{stamp}]"
        return f"[{stamp}]({quote(os.fsencode(self._audio))}#t={segment.start_s:.1f})"


def _front_matter(
    entry: Entry, transcript: Transcript, audio: str | None, recorded_at: dt.datetime | None
) -> str:
    """Return YAML. Every text is written as JSON, which is YAML and cannot break out of it."""
    lines = [
        f"date: {entry.date.isoformat()}",
        f"title: {_yaml(entry.title)}",
        f"summary: {_yaml(entry.summary)}",
        f"mood: {entry.mood.label}",
        f"valence: {entry.mood.valence}",
        f"people: {_yaml(entry.people)}",
        f"places: {_yaml(entry.places)}",
        f"topics: {_yaml(entry.topics)}",
        f"language: {_code(entry.language)}",
        f"writer: {_yaml(f'{entry.writer.provider}/{entry.writer.model}')}",
        f"support: {round(entry.support, 3)}",
    ]
    if transcript.is_timed:
        lines.append(f"duration_s: {round(transcript.duration_s, 1)}")
    if recorded_at is not None:
        lines.insert(1, f"recorded_at: {recorded_at.isoformat(timespec='seconds')}")
    if audio is not None:
        lines.append(f"audio: {_yaml(os.fsencode(audio).decode('utf-8', 'replace'))}")
    return "---\n" + "\n".join(lines) + "\n---"


def _code(language: str) -> str:
    """Return the code of a language; Norwegian in quotes, since YAML reads a bare "no" as false."""
    return (
        language if re.fullmatch("[a-z]{2,3}", language) and language != "no" else _yaml(language)
    )


def _yaml(value: str | Sequence[str]) -> str:
    """Return JSON, in which what YAML does not let stand as it is, is escaped too."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# Source: YAML 1.2.2, production [1] c-printable, without breaks of lines.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _section(name: str, lines: Sequence[str]) -> list[str]:
    return [f"## {name}", "\n".join(lines)] if lines else []


def _task(item: ActionItem, times: _Times) -> str:
    """Return a task with its day as the Tasks plug-in of Obsidian writes it."""
    due = f" 📅 {item.due.isoformat()}" if item.due else ""
    return f"- [ ] {_plain(item.text)}{due}{times.of(item.evidence)}"


def _spoken(segment: Segment, times: _Times) -> str:
    return f"-{times.of((segment.id,))} {_plain(segment.text)}"


def clock(seconds: float) -> str:
    """Return a time as people write it: 4:05, or 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain(text: str) -> str:
    """Return text on one line that Markdown, and Obsidian's, shows as it is, whatever was said."""
    line = _ANYWHERE.sub(r"\\\g<0>", " ".join(text.split()))
    line = _PAIRED.sub(lambda pair: "".join(f"\\{char}" for char in pair[0]), line)
    return _AT_START.sub(r"\g<1>\\\g<2>", line)


_ANYWHERE = re.compile(r"[\\`*_\[\]<>#|~&$]")
_PAIRED = re.compile(r"==+|%%+")  # marks and comments of Obsidian
_AT_START = re.compile(r"^(\d*)([-+=.)])")  # lists, rules, and underlines of headings
