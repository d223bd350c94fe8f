"""The first bytes of a file: what is refused, and what is not."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio import sniff
from support.media import encode, tone, write_wav

LYING_TAG = b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f"  # claims 256 MiB


@pytest.mark.parametrize(
    ("head", "meaning"),
    [
        (b"PK\x03\x04rest", "a ZIP archive (or an office document)"),
        (b"\x1f\x8b\x08rest", "a gzip archive"),
        (b"%PDF-1.7\nrest", "a PDF document"),
        (b"\x89PNG\r\n\x1a\nrest", "a PNG picture"),
        (b"\xff\xd8\xff\xe0rest", "a JPEG picture"),
        (b"\x7fELFrest", "a program"),
        (b"SQLite format 3\x00rest", "a database"),
        (b"ffconcat version 1.0\nfile other.wav\n", "a script that names other files"),
        (b"#EXTM3U\n#EXTINF:1,\nother.wav\n", "a playlist"),
        (b"[playlist]\nFile1=other.wav\n", "a playlist"),
        (b"<!DOCTYPE html><title>", "a web page"),
        (b"\xef\xbb\xbf  <HTML lang=en>", "a web page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", "a subtitle file"),
        (b'{"text": 1}', "a text file"),
        (b"Dear diary, today I walked home.", "a text file"),
        ("Liebes Tagebuch, schöne Grüße!".encode(), "a text file"),
        ("日本語の日記です。".encode(), "a text file"),
    ],
)
def test_what_is_plainly_not_audio_is_named(head: bytes, meaning: str) -> None:
    assert sniff.what_it_is_instead(head) == meaning


def test_text_whose_last_letter_is_cut_in_two_is_text() -> None:
    head = ("x" + "ü" * sniff.HEAD_BYTES).encode()[: sniff.HEAD_BYTES]

    assert sniff.what_it_is_instead(head) == "a text file"


@pytest.mark.parametrize(
    ("codec", "suffix", "channels"),
    [
        ("libmp3lame", "mp3", 1),
        ("aac", "aac", 1),
        ("aac", "m4a", 1),
        ("flac", "flac", 1),
        ("vorbis", "ogg", 2),
        ("libopus", "opus", 1),
        ("libopus", "webm", 1),
        ("pcm_s16le", "wav", 1),
    ],
)
def test_audio_is_not_taken_for_anything_else(
    tmp_path: Path, codec: str, suffix: str, channels: int
) -> None:
    sound = tone(0.5, rate=48_000)
    path = encode(tmp_path / f"a.{suffix}", sound[None].repeat(channels, 0), codec, 48_000)

    assert sniff.what_it_is_instead(path.read_bytes()[: sniff.HEAD_BYTES]) is None


@given(st.binary(min_size=16, max_size=200).filter(lambda head: b"\x00" in head))
@settings(deadline=None, max_examples=100)
def test_bytes_with_a_zero_among_them_are_never_text(head: bytes) -> None:
    assert sniff.what_it_is_instead(head) != "a text file"


def test_a_file_of_nothing_but_zeros_is_all_zero() -> None:
    assert sniff.is_all_zero(io.BytesIO(bytes(5_000_000)))


@pytest.mark.parametrize("zeros_before", [0, 4_096, 2_000_000])
def test_a_single_other_byte_makes_a_file_not_all_zero(zeros_before: int) -> None:
    assert not sniff.is_all_zero(io.BytesIO(bytes(zeros_before) + b"\x01"))


@pytest.mark.parametrize(
    "rate", [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
)
def test_audio_is_found_behind_a_tag_that_claims_more_than_the_file(
    tmp_path: Path, rate: int
) -> None:
    frames = mpeg_frames(tmp_path, rate)
    padding = b"\xff\xfb\x90" + bytes(500)  # looks like the head of a frame, but none follows it
    stream = io.BytesIO(LYING_TAG + padding + frames)

    offset = sniff.offset_behind_lying_tag(stream)

    assert offset == len(LYING_TAG + padding)
    assert stream.tell() == 0


def mpeg_frames(tmp_path: Path, rate: int) -> bytes:
    """An MP3 file without its tag."""
    content = encode(tmp_path / "a.mp3", tone(1.0, rate=rate), "libmp3lame", rate).read_bytes()
    assert content.startswith(b"ID3")
    return content[10 + content[9] :]


def test_an_honest_tag_is_left_to_the_demuxer(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(1.0), "libmp3lame", metadata={"title": "Memo"})

    assert sniff.offset_behind_lying_tag(io.BytesIO(path.read_bytes())) is None


@pytest.mark.parametrize(
    "content", [b"", b"ID3", b"RIFF" + bytes(100), LYING_TAG, LYING_TAG + b"\xff" * 100]
)
def test_without_a_tag_or_without_audio_behind_it_there_is_no_offset(content: bytes) -> None:
    assert sniff.offset_behind_lying_tag(io.BytesIO(content)) is None


@pytest.fixture
def wav(tmp_path: Path) -> bytearray:
    return bytearray(write_wav(tmp_path / "a.wav", tone(1.0)).read_bytes())


def test_a_whole_wav_lacks_nothing(wav: bytearray) -> None:
    assert sniff.missing_wav_bytes(io.BytesIO(wav)) == 0


def test_a_wav_that_was_cut_off_lacks_what_was_cut(wav: bytearray) -> None:
    stream = io.BytesIO(wav[:-10_000])

    assert sniff.missing_wav_bytes(stream) == 10_000
    assert stream.tell() == 0


@pytest.mark.parametrize("size", [0, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_wav_whose_length_was_never_written_claims_nothing(wav: bytearray, size: int) -> None:
    wav[4:8] = size.to_bytes(4, "little")

    assert sniff.missing_wav_bytes(io.BytesIO(wav)) == 0


def test_what_is_no_wav_lacks_nothing() -> None:
    assert sniff.missing_wav_bytes(io.BytesIO(b"RIFF\xff\xff\x00\x00AVI " + os.urandom(50))) == 0
