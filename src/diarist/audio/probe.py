"""What a recording says about itself, read from its header alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from diarist.audio.container import open_container, ordered_tracks

if TYPE_CHECKING:
    from av.container import InputContainer

_DATE_TAGS = ("creation_time", "com.apple.quicktime.creationdate", "date", "tdrc", "icrd")
_DATE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?))?"
    r"(?:\.\d+)?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_EARLIEST_YEAR = 1990  # devices without a clock write 1904 or 1970


@dataclass(frozen=True)
class RecordingInfo:
    """The header of a recording; nothing here was checked against its content.

    Attributes:
        container: FFmpeg's short name of the format, such as `mp3` or `ogg`.
        codec: FFmpeg's short name of the codec of the first track.
        sample_rate: in Hz, as stored.
        channels: as stored.
        duration_s: as the header claims, None if it does not say.
        tracks: how many audio tracks there are.
        title: as tagged.
        recorded_at: when it was made, as tagged; naive if the tag has no time zone.
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    duration_s: float | None
    tracks: int
    title: str | None
    recorded_at: datetime | None


def probe(stream: BinaryIO, name: str) -> RecordingInfo:
    """Read the header of a recording.

    Args:
        stream: a seekable binary file.
        name: what to call it in errors.

    Raises:
        EmptyFileError, NotAudioError, UnreadableAudioError, NoAudioTrackError.
    """
    with open_container(stream, name) as container:
        tracks = ordered_tracks(container)
        track = tracks[0]
        tags = _tags(container)
        return RecordingInfo(
            container=container.format.name.split(",")[0],
            codec=track.codec_context.name,
            sample_rate=track.codec_context.sample_rate,
            channels=track.codec_context.channels,
            duration_s=_duration_s(container),
            tracks=len(tracks),
            title=tags.get("title", "").strip() or None,
            recorded_at=_recorded_at(tags),
        )


def _tags(container: InputContainer) -> dict[str, str]:
    tags: dict[str, str] = {}
    for metadata in (container.metadata, *(s.metadata for s in container.streams.audio)):
        for key, value in metadata.items():
            tags.setdefault(key.lower(), value)
    return tags


def _duration_s(container: InputContainer) -> float | None:
    if container.duration is None or container.duration <= 0:
        return None
    return float(container.duration) / 1_000_000


def _recorded_at(tags: dict[str, str]) -> datetime | None:
    for tag in _DATE_TAGS:
        match = _DATE.match(tags.get(tag, ""))
        if match is None:
            continue
        text = match["day"] + "T" + (match["time"] or "00:00") + (match["zone"] or "")
        try:
            recorded_at = datetime.fromisoformat(text)
        except ValueError:
            continue
        if recorded_at.year >= _EARLIEST_YEAR:
            return recorded_at
    return None
