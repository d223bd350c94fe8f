"""What cannot be a recording is refused in words; nothing outside a file is ever opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from av.error import FFmpegError

from diarist.audio.container import DEMUXERS, open_container, ordered_tracks, reason_of
from diarist.errors import (
    EmptyFileError,
    InputError,
    NoAudioTrackError,
    NotAudioError,
    UnreadableAudioError,
)
from support.media import encode, encode_video, noise, silence, tone, write_wav

Make = Callable[[Path], object]


def an_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("memo.txt", "hello " * 100)


def a_picture(path: Path) -> None:
    with av.open(str(path), "w", format="image2") as out:
        stream = out.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        out.mux(stream.encode(av.VideoFrame(16, 16, "rgb24")))
        out.mux(stream.encode(None))


def an_unknown_codec(path: Path) -> None:
    content = bytearray(write_wav(path, tone(1.0)).read_bytes())
    content[20:22] = b"\x34\x12"  # a format tag that nobody registered
    path.write_bytes(content)


def an_unfinished_m4a(path: Path) -> None:
    content = encode(path.with_suffix(".m4a"), tone(3.0), "aac").read_bytes()
    path.write_bytes(content[: len(content) // 2])


REFUSED: dict[str, tuple[Make, type[InputError], str, str]] = {
    "no bytes": (lambda p: p.write_bytes(b""), EmptyFileError, "audio/empty", "is empty"),
    "zero bytes": (
        lambda p: p.write_bytes(bytes(200)),
        NotAudioError,
        "audio/not-audio",
        "holds only zero bytes",
    ),
    "megabytes of zeros": (
        lambda p: p.write_bytes(bytes(3_000_000)),
        NotAudioError,
        "audio/not-audio",
        "holds only zero bytes",
    ),
    "text": (
        lambda p: p.write_text("Dear diary, today I walked home. " * 20),
        NotAudioError,
        "audio/not-audio",
        "is not audio: it is a text file",
    ),
    "a picture": (a_picture, NotAudioError, "audio/not-audio", "it is a PNG picture"),
    "an archive": (an_archive, NotAudioError, "audio/not-audio", "it is a ZIP archive"),
    "a document": (
        lambda p: p.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 10),
        NotAudioError,
        "audio/not-audio",
        "it is a PDF document",
    ),
    "random bytes": (
        lambda p: p.write_bytes(noise(1.0).tobytes()),
        UnreadableAudioError,
        "audio/unreadable",
        "is not a recording that can be read (no known audio format)",
    ),
    "half a WAV header": (
        lambda p: p.write_bytes(write_wav(p, tone(0.1)).read_bytes()[:30]),
        UnreadableAudioError,
        "audio/unreadable",
        "is not a recording that can be read",
    ),
    "an M4A without its index": (
        an_unfinished_m4a,
        UnreadableAudioError,
        "audio/unreadable",
        "is not a recording that can be read",
    ),
    "a codec that nobody knows": (
        an_unknown_codec,
        UnreadableAudioError,
        "audio/unreadable",
        "its audio is in an unknown codec",
    ),
    "a video without sound": (
        lambda p: encode_video(p.with_suffix(".mp4"), None).rename(p),
        NoAudioTrackError,
        "audio/no-track",
        "has no audio track",
    ),
}


@pytest.mark.parametrize(("make", "kind", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_recording_is_refused_by_name(
    tmp_path: Path, make: Make, kind: type[InputError], code: str, words: str
) -> None:
    path = tmp_path / "memo of monday.mp3"
    make(path)

    with path.open("rb") as stream, pytest.raises(InputError) as caught:
        open_container(stream, path.name).__enter__()

    assert type(caught.value) is kind
    assert caught.value.code == code
    assert path.name in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint


def test_an_m4a_without_its_index_comes_with_the_way_to_repair_it(tmp_path: Path) -> None:
    path = tmp_path / "memo.mp3"
    an_unfinished_m4a(path)

    with path.open("rb") as stream, pytest.raises(UnreadableAudioError) as caught:
        open_container(stream, path.name).__enter__()

    assert "cut off before its index was written" in caught.value.hint


SCRIPTS = {
    "ffconcat": "ffconcat version 1.0\nfile secret.wav\n",
    "m3u": "#EXTM3U\n#EXTINF:1,Memo\nsecret.wav\n",
    "m3u without a head": "secret.wav\n",
    "HLS": (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXTINF:1.0,\nsecret.wav\n#EXT-X-ENDLIST\n"
    ),
    "pls": "[playlist]\nNumberOfEntries=1\nFile1=secret.wav\n",
    "SDP": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n",
    "DASH": '<?xml version="1.0"?><MPD><BaseURL>secret.wav</BaseURL></MPD>',
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_that_names_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.chdir(tmp_path)  # so that the other file would be found
    write_wav(tmp_path / "secret.wav", tone(1.0))
    path = tmp_path / "memo.mp3"
    path.write_text(script)

    with path.open("rb") as stream, pytest.raises((NotAudioError, UnreadableAudioError)):
        open_container(stream, path.name).__enter__()


@pytest.mark.parametrize("kind", ["ffconcat", "HLS", "DASH"])
def test_the_demuxers_alone_would_not_open_a_script_either(tmp_path: Path, kind: str) -> None:
    write_wav(tmp_path / "secret.wav", tone(1.0))
    path = tmp_path / "memo.mp3"
    path.write_text(SCRIPTS[kind])

    with pytest.raises(FFmpegError):
        av.open(str(path), options={"format_whitelist": DEMUXERS, "safe": "0"})


def test_no_demuxer_that_opens_other_files_is_allowed() -> None:
    allowed = set(DEMUXERS.split(","))

    assert not allowed & {
        "concat",
        "hls",
        "dash",
        "sdp",
        "rtsp",
        "image2",
        "lavfi",
        "imf",
        "vapour",
    }


def test_a_format_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.sox", tone(1.0), "pcm_s32le")
    with av.open(str(path)) as container:
        assert container.format.name == "sox"  # it could be read

    with path.open("rb") as stream, pytest.raises(UnreadableAudioError, match="no known audio"):
        open_container(stream, path.name).__enter__()


def test_a_tag_that_lies_about_its_size_does_not_hide_the_audio(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.mp3", tone(1.0), "libmp3lame").read_bytes()
    lying = content[:6] + b"\x7f\x7f\x7f\x7f" + content[10:]

    with open_container(io.BytesIO(lying), "memo.mp3") as container:
        assert container.format.name == "mp3"
        assert ordered_tracks(container)[0].sample_rate == 16_000


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", tone(1.0), "flac").rename(tmp_path / "a.txt")

    with path.open("rb") as stream, open_container(stream, path.name) as container:
        assert container.format.name == "flac"


def test_the_file_stays_open_and_belongs_to_the_caller(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", silence(0.1))

    with path.open("rb") as stream:
        with open_container(stream, path.name):
            pass
        assert not stream.closed


def test_the_track_that_is_marked_as_default_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        tracks = [out.add_stream("pcm_s16le", rate=rate) for rate in (8_000, 16_000)]
        tracks[0].disposition = av.stream.Disposition(0)
        tracks[1].disposition = av.stream.Disposition.default
        for track in tracks:
            track.layout = "mono"
        for track in tracks:
            frame = av.AudioFrame.from_ndarray(silence(0.5)[None], "flt", "mono")
            frame.sample_rate = track.rate
            out.mux(track.encode(frame))
            out.mux(track.encode(None))

    with path.open("rb") as stream, open_container(stream, path.name) as container:
        rates = [track.sample_rate for track in ordered_tracks(container)]

    assert rates == [16_000, 8_000]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(5, "Input/output error"), "input/output error"),
        (ValueError("Invalid data found when processing input"), "no known audio format"),
        (ValueError("first line\nsecond line"), "first line"),
        (EOFError(), "eoferror"),
    ],
)
def test_the_reason_is_one_line_in_plain_words(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
