"""Transcripts that somebody already has: plain text, SRT, WebVTT, and JSON of several kinds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from diarist.errors import EmptyFileError, UnknownLanguageError, UnreadableTranscriptError
from diarist.transcription.formats import from_json
from diarist.transcription.languages import code_of
from diarist.transcription.transcript import (
    SCHEMA,
    UNKNOWN_LANGUAGE,
    Segment,
    Transcript,
    Word,
    numbered,
)

_CHARS_PER_S = 15.0  # at which plain text is laid out on an imagined recording
_TAG = re.compile(r"<[^>]+>|\{\\[^}]*\}")
_SPEAKER = re.compile(r"<v(?:\.[^ >]+)? ([^>]+)>")
_SPACES = re.compile(r"\s+")


def read_transcript(content: bytes, name: str) -> Transcript:
    """Read a transcript in whatever format it is; the name decides nothing.

    Args:
        content: the whole file.
        name: what to call it in errors, and the source of the transcript.

    Returns:
        A transcript; its language is `und` where the file does not say it.

    Raises:
        EmptyFileError: if there are no words in it.
        UnreadableTranscriptError: if it is no transcript.
    """
    text = _text(content, name)
    stripped = text.lstrip()
    if stripped.startswith(("{", "[")):
        transcript = _from_json(stripped, name)
    elif stripped.startswith("WEBVTT") or "-->" in text:
        transcript = _from_subtitles(text, name)
    else:
        transcript = _from_text(text, name)
    if not transcript.text.strip():
        raise EmptyFileError(f"{name} has no words in it", hint="Give a transcript with text.")
    return transcript


def _text(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in _BOMS else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableTranscriptError(
        f"{name} is not text",
        hint="Give a transcript (txt, srt, vtt, json); for a recording use `diarist run`.",
    )


_BOMS = (b"\xff\xfe", b"\xfe\xff")
_NOT_IN_SHAPE = (  # what comes of reading JSON as if it had a shape that it has not
    AttributeError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,  # pydantic's are as well
)


def _from_json(text: str, name: str) -> Transcript:
    try:
        body = json.loads(text)
        if isinstance(body, dict) and body.get("schema") == SCHEMA:
            return from_json(text)
        if isinstance(body, dict) and isinstance(body.get("transcript"), dict):
            return from_json(json.dumps(body["transcript"]))
        return _from_foreign_json(body, name)
    except _NOT_IN_SHAPE as error:
        raise UnreadableTranscriptError(
            f"{name} is JSON, but not a transcript ({_first_line(error)})",
            hint="Known are diarist's own JSON, OpenAI's verbose_json, and lists of segments "
            "with start, end and text.",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _from_foreign_json(body: Any, name: str) -> Transcript:
    segments = body if isinstance(body, list) else body.get("segments")
    if segments is None:
        return _from_text(str(body["text"]), name)
    parsed = [_foreign_segment(segment) for segment in segments]
    language = body.get("language") if isinstance(body, dict) else None
    return _transcript(parsed, name, language)


def _foreign_segment(body: dict[str, Any]) -> Segment:
    words = tuple(
        Word(
            _spaced(str(word.get("word", word.get("text", "")))),
            *_times_s(word["start"], word["end"]),
            probability=float(word.get("probability", word.get("score", 1.0))),
        )
        for word in body.get("words") or ()
        if "start" in word and "end" in word
    )
    start_s, end_s = _times_s(
        body.get("start", body.get("start_s")), body.get("end", body.get("end_s"))
    )
    speaker = body.get("speaker")
    return Segment(
        id=0,
        start_s=start_s,
        end_s=end_s,
        text=_clean(str(body["text"])),
        words=words,
        speaker=None if speaker is None else str(speaker),
    )


def _times_s(start: Any, end: Any) -> tuple[float, float]:
    """Return times that others can rely on: numbers, not before 0, and not backwards."""
    start_s, end_s = float(start), float(end)
    if not (math.isfinite(start_s) and math.isfinite(end_s)):
        raise ValueError("a time is no number")
    start_s = max(0.0, start_s)
    return start_s, max(start_s, end_s)


def _spaced(word: str) -> str:
    return word if word.startswith(" ") else f" {word}"


def _from_subtitles(text: str, name: str) -> Transcript:
    """Read SRT and WebVTT alike: anything that has times, an arrow, and text below."""
    segments = [
        Segment(0, *_times_s(start_s, end_s), _clean(" ".join(lines)), speaker=_speaker_in(lines))
        for start_s, end_s, lines in _cues(text)
    ]
    language = re.search(r"^Language: *([\w-]+)", text[:500], re.MULTILINE)
    return _transcript(_sentences(segments), name, language and language[1])


_ARROW = re.compile(
    r"^\s*(?:(\d{1,6}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->"
    r"\s*(?:(\d{1,6}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
)


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    current: tuple[float, float, list[str]] | None = None
    lines = text.split("\n")
    for index, line in enumerate(lines):
        match = _ARROW.match(line)
        if match:
            if current:
                yield current
            current = (_seconds(match.groups()[:4]), _seconds(match.groups()[4:]), [])
        elif current is not None:
            following = lines[index + 1] if index + 1 < len(lines) else ""
            is_number = line.strip().isdigit() and _ARROW.match(following)
            if line.strip() and not is_number:
                current[2].append(line.strip())
    if current:
        yield current


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def _speaker_in(lines: Sequence[str]) -> str | None:
    match = _SPEAKER.search(" ".join(lines))
    return match[1].strip() if match else None


def _clean(text: str) -> str:
    return _SPACES.sub(" ", _TAG.sub("", text)).strip()


def _sentences(segments: Sequence[Segment]) -> list[Segment]:
    """Join cues that divide a sentence, so that a segment is a sentence again."""
    joined: list[Segment] = []
    for segment in segments:
        if not segment.text:
            continue
        last = joined[-1] if joined else None
        if last is not None and _goes_on(last, segment):
            joined[-1] = Segment(
                0, last.start_s, segment.end_s, f"{last.text} {segment.text}", speaker=last.speaker
            )
        else:
            joined.append(segment)
    return joined


def _goes_on(last: Segment, segment: Segment) -> bool:
    return (
        last.speaker == segment.speaker
        and not last.text.endswith(tuple(".?!…。？！"))
        and segment.start_s - last.end_s < 2.0
        and segment.end_s - last.start_s < 30.0
        and not segment.text.startswith(("-", "–", "[", "("))
    )


def _from_text(text: str, name: str) -> Transcript:
    """Lay plain text out on an imagined recording: a sentence a segment, a pause a paragraph."""
    from sentencex import segment as split  # noqa: PLC0415 - 4 MB of rules, needed only here

    segments: list[Segment] = []
    at_s = 0.0
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in split("en", _SPACES.sub(" ", paragraph).strip()):
            if sentence.strip():
                end_s = at_s + max(0.5, len(sentence) / _CHARS_PER_S)
                segments.append(Segment(0, at_s, end_s, sentence.strip()))
                at_s = end_s + 0.4
        at_s += 2.5
    return replace(_transcript(segments, name, None), is_timed=False)


def _transcript(segments: Sequence[Segment], name: str, language: str | None) -> Transcript:
    spoken = [segment for segment in segments if segment.text]
    return Transcript(
        language=_code_of(language),
        duration_s=max((segment.end_s for segment in spoken), default=0.0),
        segments=numbered(spoken),
        source=Path(name).name,
        engine="given",
    )


def _code_of(language: str | None) -> str:
    try:
        return code_of(language) if language else UNKNOWN_LANGUAGE
    except UnknownLanguageError:
        return UNKNOWN_LANGUAGE
