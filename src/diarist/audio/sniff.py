"""What the first bytes of a file say, before any decoder sees them.

A name is only a claim. Demuxers search for anything they can play, also inside an archive
that was named `.mp3`; these signatures refuse what is plainly something else and say what it is.
"""

from __future__ import annotations

import os
from typing import BinaryIO

HEAD_BYTES = 4096

_NOT_AUDIO: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"(\xb5/\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"ffconcat version", "a script that names other files"),
    (b"#EXTM3U", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"v=0\r\n", "a session description"),
    (b"MThd", "a MIDI file: notes to be played, not a recording"),
)
_TEXT_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"webvtt", "a subtitle file"),
    (b"{", "a text file"),
)
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\n\r\f") | frozenset(range(0x80, 0x100))

_ID3_HEADER_BYTES = 10
_MPEG_SEARCH_BYTES = 4 << 20
_RIFF_ENDLESS_BYTES = 0x7F00_0000  # from here on, a size is what is written for "not known yet"
_READ_BYTES = 1 << 20


def what_it_is_instead(head: bytes) -> str | None:
    """Return what a file is if it is certainly not audio, else None.

    Args:
        head: the first bytes of the file, up to `HEAD_BYTES`.
    """
    for magic, meaning in _NOT_AUDIO:
        if head.startswith(magic):
            return meaning
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    for magic, meaning in _TEXT_HEADS:
        if start.startswith(magic) and _is_text(head):
            return meaning
    if len(head) >= 16 and _is_text(head):
        return "a text file"
    return None


def _is_text(head: bytes) -> bool:
    """Tell text from audio: no control bytes, and valid UTF-8 up to a cut at the end."""
    if not _TEXT_BYTES.issuperset(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3
    return True


def is_all_zero(stream: BinaryIO) -> bool:
    """Return whether a file holds nothing but zero bytes, as after a copy that failed."""
    stream.seek(0)
    while piece := stream.read(_READ_BYTES):
        if piece.count(0) < len(piece):
            return False
    return True


def missing_wav_bytes(stream: BinaryIO) -> int:
    """Return how many bytes a WAV file lacks of what its header claims; 0 if it claims nothing.

    Demuxers take what is there and say nothing. Leaves the stream at its start.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(12)
    stream.seek(0)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 0
    claimed = 8 + int.from_bytes(head[4:8], "little")
    return claimed - size if size < claimed < _RIFF_ENDLESS_BYTES else 0


def offset_behind_lying_tag(stream: BinaryIO) -> int | None:
    """Return where MPEG audio starts if an ID3v2 tag claims to be longer than its file.

    Demuxers believe the tag and seek past the end. Leaves the stream at its start.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    header = stream.read(_ID3_HEADER_BYTES)
    if len(header) < _ID3_HEADER_BYTES or not header.startswith(b"ID3"):
        stream.seek(0)
        return None
    claimed = _ID3_HEADER_BYTES + _synchsafe(header[6:10])
    body = stream.read(_MPEG_SEARCH_BYTES)
    stream.seek(0)
    if claimed < size:
        return None
    found = _first_mpeg_frame(body)
    return None if found is None else _ID3_HEADER_BYTES + found


def _synchsafe(four: bytes) -> int:
    """Read an ID3v2 size: 28 bits, seven in each byte."""
    return (four[0] & 0x7F) << 21 | (four[1] & 0x7F) << 14 | (four[2] & 0x7F) << 7 | four[3] & 0x7F


def _first_mpeg_frame(body: bytes) -> int | None:
    """Find the first of two MPEG audio layer III frames in a row."""
    position = body.find(b"\xff")
    while 0 <= position < len(body) - 4:
        length = _mpeg_frame_bytes(body[position : position + 4])
        if length and body[position + length : position + length + 1] == b"\xff":
            following = body[position + length : position + length + 4]
            if len(following) == 4 and _mpeg_frame_bytes(following):
                return position
        position = body.find(b"\xff", position + 1)
    return None


_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MPEG1_HZ = (44_100, 48_000, 32_000, 0)


def _mpeg_frame_bytes(header: bytes) -> int:
    """Return the length of an MPEG layer III frame, or 0 if the header is not one.

    Source: ISO/IEC 11172-3, 2.4.1.3.
    """
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0 or version == 1 or layer != 1:
        return 0
    is_mpeg1 = version == 3
    kbps = (_MPEG1_KBPS if is_mpeg1 else _MPEG2_KBPS)[header[2] >> 4]
    hertz = _MPEG1_HZ[header[2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}[version]
    if not kbps or not hertz:
        return 0
    return (144 if is_mpeg1 else 72) * kbps * 1000 // hertz + (header[2] >> 1 & 1)
