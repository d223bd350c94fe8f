"""Open a media file with every door closed that a recording does not need.

Left to itself, FFmpeg opens `memo.mp3` as a script that names other files, or as a playlist of
URLs, if the bytes say so. Here only demuxers of ordinary recordings are allowed, and no protocol:
a file can refer to nothing outside itself. This is the one place where PyAV's errors are
translated into ours.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from diarist.audio import sniff
from diarist.errors import (
    EmptyFileError,
    NoAudioTrackError,
    NotAudioError,
    UnreadableAudioError,
)

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.codec.context import CodecContext
    from av.container import InputContainer

DEMUXERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,g722,gsm,iff,"
    "matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,nut,ogg,oma,rm,shn,tak,truehd,tta,voc,w64,wav,wsd,wv"
)
"""Demuxers that read one file and nothing else. No playlist, no script, no device, no network."""

_OPTIONS = {
    "format_whitelist": DEMUXERS,
    "protocol_whitelist": "none",
}


class _FileBehindTag(io.RawIOBase):
    """A view of a file from an offset on, for a demuxer that must not see what is before it."""

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        self._stream, self._offset = stream, offset
        stream.seek(offset)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET:
            offset += self._offset
        return self._stream.seek(offset, whence) - self._offset

    def tell(self) -> int:
        return self._stream.tell() - self._offset


@contextlib.contextmanager
def open_container(stream: BinaryIO, name: str) -> Iterator[InputContainer]:
    """Open a recording for probing or decoding.

    Args:
        stream: a seekable binary file.
        name: what to call it in errors.

    Raises:
        EmptyFileError, NotAudioError, UnreadableAudioError, NoAudioTrackError.
    """
    _check_head(stream, name)
    container = _open(stream, name)
    try:
        if not container.streams.audio:
            raise NoAudioTrackError(
                f"{name} has no audio track",
                hint="Choose the recording itself; this file holds only pictures or data.",
            )
        if not ordered_tracks(container):
            raise UnreadableAudioError(
                f"{name} is in a container that can be read, but its audio is in an unknown codec",
                hint="Convert it where it was made, for instance to M4A, MP3, FLAC or WAV.",
            )
        yield container
    finally:
        container.close()


def ordered_tracks(container: InputContainer) -> list[AudioStream]:
    """Return the audio tracks that can be decoded, the one marked as default first."""
    tracks = [stream for stream in container.streams.audio if _has_decoder(stream)]
    return sorted(tracks, key=lambda stream: (not _is_default(stream), stream.index))


def _has_decoder(stream: AudioStream) -> bool:
    context: CodecContext | None = stream.codec_context  # typed as if it were always there
    return context is not None


def _is_default(stream: AudioStream) -> bool:
    return bool(stream.disposition & 1)


def _check_head(stream: BinaryIO, name: str) -> None:
    stream.seek(0)
    head = stream.read(sniff.HEAD_BYTES)
    if not head:
        raise EmptyFileError(
            f"{name} is empty", hint="The recording was never written, or its copy was cut off."
        )
    if not any(head) and sniff.is_all_zero(stream):
        raise NotAudioError(f"{name} holds only zero bytes", hint="Copy the recording again.")
    meaning = sniff.what_it_is_instead(head)
    if meaning:
        raise NotAudioError(
            f"{name} is not audio: it is {meaning}",
            hint="Give the recording itself; its name does not matter, its content does.",
        )


def _open(stream: BinaryIO, name: str) -> InputContainer:
    import av  # noqa: PLC0415 - heavy
    from av.error import FFmpegError  # noqa: PLC0415 - heavy

    offset = sniff.offset_behind_lying_tag(stream)
    source = stream if offset is None else _FileBehindTag(stream, offset)
    try:
        return av.open(source, mode="r", metadata_errors="ignore", options=_OPTIONS)
    except (FFmpegError, ValueError, OSError) as error:
        raise UnreadableAudioError(
            f"{name} is not a recording that can be read ({reason_of(error)})",
            hint=_hint_for(stream),
        ) from error


_PLAIN_WORDS = {
    "end of file": "it ends before any audio begins",
    "invalid data found when processing input": "no known audio format",
    "invalid argument": "no known audio format",
}


def reason_of(error: BaseException) -> str:
    """Return what FFmpeg found, in words without numbers and paths."""
    words = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    words = words.strip().splitlines()[0].lower()
    return _PLAIN_WORDS.get(words, words)


def _hint_for(stream: BinaryIO) -> str:
    stream.seek(0)
    head = stream.read(12)
    if head[4:8] == b"ftyp":
        return (
            "The recording was cut off before its index was written. If the phone still has it, "
            "copy it again; else a repair tool such as untrunc may bring it back."
        )
    return (
        "Supported are MP3, WAV, M4A, FLAC, OGG, Opus, WebM, MP4 and most others. Headerless PCM "
        "needs a header first: ffmpeg -f s16le -ar 16000 -ac 1 -i FILE out.wav"
    )
