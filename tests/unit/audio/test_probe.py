"""What a recording says about itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import av
import numpy as np
import pytest

from diarist.audio.probe import RecordingInfo, probe
from diarist.errors import UnreadableAudioError
from support.media import (
    DIMANCHE,
    EVENING,
    NOTA,
    RAMBLING,
    encode,
    encode_video,
    silence,
    tone,
    write_wav,
)


def probed(path: Path) -> RecordingInfo:
    with path.open("rb") as stream:
        return probe(stream, path.name)


@pytest.mark.parametrize(
    ("codec", "suffix", "container"),
    [
        ("libmp3lame", "mp3", "mp3"),
        ("aac", "m4a", "mov"),
        ("aac", "aac", "aac"),
        ("flac", "flac", "flac"),
        ("libopus", "opus", "ogg"),
        ("libopus", "webm", "matroska"),
        ("pcm_s16le", "wav", "wav"),
    ],
)
def test_the_header_tells_what_the_recording_is(
    tmp_path: Path, codec: str, suffix: str, container: str
) -> None:
    sound = np.stack([tone(3.0, rate=48_000)] * 2)
    path = encode(tmp_path / f"a.{suffix}", sound, codec, 48_000)

    info = probed(path)

    assert (info.container, info.sample_rate, info.channels, info.tracks) == (
        container,
        48_000,
        2,
        1,
    )
    assert info.duration_s == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(
    ("path", "codec"),
    [(EVENING, "mp3float"), (RAMBLING, "aac"), (DIMANCHE, "opus"), (NOTA, "opus")],
    ids=lambda value: value.suffix if isinstance(value, Path) else value,
)
def test_the_sample_recordings_can_be_probed(path: Path, codec: str) -> None:
    info = probed(path)

    assert codec in info.codec
    assert info.duration_s is not None
    assert info.duration_s > 10


def test_the_title_is_read_and_spaces_around_it_are_not(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(0.5), "libmp3lame", metadata={"title": "  A walk "})

    assert probed(path).title == "A walk"


def test_without_tags_there_is_neither_title_nor_date(tmp_path: Path) -> None:
    info = probed(write_wav(tmp_path / "a.wav", silence(0.5)))

    assert info.title is None
    assert info.recorded_at is None


UTC_PLUS_2 = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("tag", "recorded_at"),
    [
        ("2026-03-14", datetime(2026, 3, 14)),  # noqa: DTZ001 - a tag without a time zone
        ("2026-03-14 21:05", datetime(2026, 3, 14, 21, 5)),  # noqa: DTZ001 - as above
        ("2026-03-14T21:05:09", datetime(2026, 3, 14, 21, 5, 9)),  # noqa: DTZ001 - as above
        ("2026-03-14T21:05:09Z", datetime(2026, 3, 14, 21, 5, 9, tzinfo=UTC)),
        ("2026-03-14T21:05:09.123Z", datetime(2026, 3, 14, 21, 5, 9, tzinfo=UTC)),
        ("2026-03-14T21:05:09+0200", datetime(2026, 3, 14, 21, 5, 9, tzinfo=UTC_PLUS_2)),
        ("2026-03-14T21:05:09+02:00", datetime(2026, 3, 14, 21, 5, 9, tzinfo=UTC_PLUS_2)),
        ("1904-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("2026-13-41", None),
        ("last tuesday", None),
        ("2026", None),
    ],
)
def test_a_tagged_date_is_read_unless_it_cannot_be_true(
    tmp_path: Path, tag: str, recorded_at: datetime | None
) -> None:
    path = encode(tmp_path / "a.flac", tone(0.2), "flac", metadata={"date": tag})

    assert probed(path).recorded_at == recorded_at


def test_the_date_of_a_phone_recording_is_read_from_its_container(tmp_path: Path) -> None:
    tags = {"creation_time": "2026-03-14T21:05:09.000000Z"}
    path = encode(tmp_path / "a.m4a", tone(0.2), "aac", metadata=tags)

    assert probed(path).recorded_at == datetime(2026, 3, 14, 21, 5, 9, tzinfo=UTC)


def test_only_the_sound_of_a_video_counts(tmp_path: Path) -> None:
    info = probed(encode_video(tmp_path / "a.mp4", tone(2.0)))

    assert info.tracks == 1
    assert (info.codec, info.sample_rate, info.channels) == ("aac", 16_000, 1)


def test_all_audio_tracks_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.mka"
    with av.open(str(path), "w") as out:
        tracks = [out.add_stream("pcm_s16le", rate=16_000) for _ in range(3)]
        for track in tracks:
            track.layout = "mono"
        for track in tracks:
            frame = av.AudioFrame.from_ndarray(tone(0.2)[None], "flt", "mono")
            frame.sample_rate = 16_000
            out.mux(track.encode(frame))
            out.mux(track.encode(None))

    assert probed(path).tracks == 3


def test_a_stream_that_was_read_before_is_probed_from_its_start(tmp_path: Path) -> None:
    stream = io.BytesIO(write_wav(tmp_path / "a.wav", tone(1.0)).read_bytes())
    stream.seek(0, io.SEEK_END)

    assert probe(stream, "a.wav").duration_s == pytest.approx(1.0)


def test_a_codec_that_nobody_knows_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    content = bytearray(write_wav(tmp_path / "a.wav", tone(1.0)).read_bytes())
    content[20:22] = b"\x34\x12"

    with pytest.raises(UnreadableAudioError, match=r"monday\.wav .* unknown codec"):
        probe(io.BytesIO(content), "monday.wav")
