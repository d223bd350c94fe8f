"""Every recording becomes 16 kHz mono float32 of the right length, pitch and loudness."""

from __future__ import annotations

import io
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from diarist.audio.decode import SAMPLE_RATE, DecodeReport, decode
from diarist.audio.options import DecodeOptions
from diarist.errors import (
    EmptyFileError,
    InputError,
    NoAudioTrackError,
    TooLongError,
    UnreadableAudioError,
)
from support.decoding import Decoded, decoded, decoded_bytes, loudness, pitch_hz
from support.media import Sound, encode, encode_video, noise, silence, speech, tone, write_wav

TONE_LOUDNESS = 0.3 / 2**0.5
ONE_DB = 0.11
AAC_FRAME_S = 1024 / 8_000  # its last frame is filled up
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
FORMATS = [
    ("libmp3lame", "mp3"),
    ("aac", "m4a"),
    ("aac", "aac"),
    ("alac", "m4a"),
    ("flac", "flac"),
    ("libopus", "opus"),
    ("libopus", "webm"),
    ("pcm_u8", "wav"),
    ("pcm_s16le", "wav"),
    ("pcm_s24le", "wav"),
    ("pcm_s32le", "wav"),
    ("pcm_f32le", "wav"),
    ("pcm_f64le", "wav"),
    ("pcm_alaw", "wav"),
    ("pcm_mulaw", "wav"),
    ("pcm_s16be", "aiff"),
]


def assert_is_the_tone(found: Decoded, seconds: float, hertz: float = 440.0) -> None:
    assert found.samples.dtype == np.float32
    assert found.samples.ndim == 1
    assert found.duration_s == pytest.approx(seconds, abs=AAC_FRAME_S)
    assert pitch_hz(found.samples, 0.5) == pytest.approx(hertz, abs=4)
    assert loudness(found.samples) == pytest.approx(TONE_LOUDNESS, rel=ONE_DB)
    assert found.report.damage is None


@pytest.mark.parametrize(("codec", "suffix"), FORMATS)
def test_every_format_is_decoded(tmp_path: Path, codec: str, suffix: str) -> None:
    path = encode(tmp_path / f"a.{suffix}", tone(2.0, rate=48_000), codec, 48_000)

    assert_is_the_tone(decoded(path), 2.0)


def test_ogg_vorbis_is_decoded(tmp_path: Path) -> None:
    stereo = np.stack([tone(2.0, rate=44_100)] * 2)  # the encoder knows nothing else

    assert_is_the_tone(decoded(encode(tmp_path / "a.ogg", stereo, "vorbis", 44_100)), 2.0)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_the_sound_of_a_video_is_decoded(tmp_path: Path, suffix: str) -> None:
    assert_is_the_tone(decoded(encode_video(tmp_path / f"a.{suffix}", tone(2.0))), 2.0)


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_becomes_16_khz(tmp_path: Path, rate: int) -> None:
    found = decoded(write_wav(tmp_path / "a.wav", tone(2.0, rate=rate), rate))

    assert_is_the_tone(found, 2.0)
    assert found.duration_s == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_every_number_of_channels_becomes_one_as_loud(tmp_path: Path, channels: int) -> None:
    path = write_wav(tmp_path / "a.wav", np.stack([tone(2.0)] * channels))

    assert_is_the_tone(decoded(path), 2.0)


def test_compressed_surround_sound_is_decoded(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.m4a", np.stack([tone(2.0, rate=48_000)] * 6), "aac", 48_000)

    found = decoded(path)

    # The channel for low frequencies loses the tone, so that the mix is 5/6 as loud.
    assert pitch_hz(found.samples, 0.5) == pytest.approx(440, abs=4)
    assert loudness(found.samples) == pytest.approx(TONE_LOUDNESS, rel=0.2)


@pytest.mark.parametrize("codec", ["pcm_s16le", "flac"])
def test_channels_in_opposite_phase_do_not_cancel_out(tmp_path: Path, codec: str) -> None:
    stereo = np.stack([tone(2.0), -tone(2.0)])

    assert_is_the_tone(decoded(encode(tmp_path / "a.mka", stereo, codec)), 2.0)


def test_a_channel_that_turns_into_opposite_phase_is_still_heard(tmp_path: Path) -> None:
    left = tone(4.0)
    right = np.concatenate([left[: 2 * SAMPLE_RATE], -left[2 * SAMPLE_RATE :]])

    found = decoded(write_wav(tmp_path / "a.wav", np.stack([left, right])))

    for half in (found.samples[: 2 * SAMPLE_RATE], found.samples[2 * SAMPLE_RATE :]):
        assert loudness(half) == pytest.approx(TONE_LOUDNESS, rel=ONE_DB)


@pytest.mark.parametrize("channels", [2, 8])
def test_dead_channels_do_not_make_the_live_one_quieter(tmp_path: Path, channels: int) -> None:
    dead = [silence(2.0)] * (channels - 1)

    found = decoded(write_wav(tmp_path / "a.wav", np.stack([*dead, tone(2.0)])))

    assert_is_the_tone(found, 2.0)


def test_two_voices_on_two_channels_are_both_heard(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.stack([tone(2.0, 440), tone(2.0, 1_000)]))

    spectrum = np.abs(np.fft.rfft(decoded(path).samples[:SAMPLE_RATE]))

    assert spectrum[1_000] == pytest.approx(spectrum[440], rel=0.05)


def test_float_samples_beyond_full_scale_or_not_a_number_are_made_usable(tmp_path: Path) -> None:
    wild = tone(2.0, level=5.0)
    wild[100:200] = np.nan
    wild[300:400] = np.inf

    samples = decoded(encode(tmp_path / "a.wav", wild, "pcm_f32le")).samples

    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1.0


def chained(tmp_path: Path, codec: str, suffix: str, *forms: tuple[int, int]) -> bytes:
    """Streams of 2 s behind each other; the pitch of each is 440 Hz above the one before."""
    content = b""
    for number, (rate, channels) in enumerate(forms, start=1):
        sound = np.stack([tone(2.0, 440.0 * number, rate)] * channels)
        content += encode(tmp_path / f"{number}.{suffix}", sound, codec, rate).read_bytes()
    return content


@pytest.mark.parametrize(
    ("codec", "suffix", "forms"),
    [
        ("libmp3lame", "mp3", [(44_100, 2), (16_000, 1)]),
        ("libmp3lame", "mp3", [(16_000, 1), (48_000, 2)]),
        ("aac", "aac", [(16_000, 1), (44_100, 2)]),
        ("vorbis", "ogg", [(16_000, 2), (16_000, 2)]),
        ("libopus", "opus", [(48_000, 2), (48_000, 2)]),
    ],
)
def test_what_is_chained_is_followed_through_changes_of_rate_and_channels(
    tmp_path: Path, codec: str, suffix: str, forms: list[tuple[int, int]]
) -> None:
    found = decoded_bytes(chained(tmp_path, codec, suffix, *forms), f"a.{suffix}")

    assert found.duration_s == pytest.approx(4.0, abs=0.25)
    assert pitch_hz(found.samples, 0.5) == pytest.approx(440, abs=4)
    assert pitch_hz(found.samples, 3.0) == pytest.approx(880, abs=4)


def test_a_chained_ogg_that_cannot_be_followed_is_reported(tmp_path: Path) -> None:
    content = chained(tmp_path, "vorbis", "ogg", (16_000, 2), (44_100, 2))

    found = decoded_bytes(content, "a.ogg")

    assert found.duration_s == pytest.approx(2.0, abs=0.1)
    assert found.report.damage == "ends early (the rest of the file is not readable)"


def test_a_chosen_track_is_decoded(tmp_path: Path) -> None:
    path = two_tracks(tmp_path)

    found = decoded(path, DecodeOptions(track=1))

    assert_is_the_tone(found, 2.0, hertz=1_000)


def test_a_track_that_the_file_does_not_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoAudioTrackError, match=r"a\.mka has 2 audio tracks") as caught:
        decoded(two_tracks(tmp_path), DecodeOptions(track=2))

    assert caught.value.code == "audio/no-track"


def two_tracks(tmp_path: Path) -> Path:
    import av

    path = tmp_path / "a.mka"
    with av.open(str(path), "w") as out:
        tracks = [out.add_stream("pcm_s16le", rate=SAMPLE_RATE) for _ in range(2)]
        for track in tracks:
            track.layout = "mono"
        for track, hertz in zip(tracks, (440, 1_000), strict=True):
            frame = av.AudioFrame.from_ndarray(tone(2.0, hertz)[None], "flt", "mono")
            frame.sample_rate = SAMPLE_RATE
            out.mux(track.encode(frame))
            out.mux(track.encode(None))
    return path


# What is too long, and what is too much for memory


@pytest.fixture(scope="session")
def silent_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour that is smaller than a picture."""
    hour: Sound = np.broadcast_to(np.float32(0.0), (1, 3600 * 8_000))
    path = encode(tmp_path_factory.mktemp("hour") / "hour.flac", hour, "flac", 8_000)
    assert path.stat().st_size < 1_000_000
    return path


def test_an_hour_in_a_tiny_file_is_stopped_as_soon_as_it_is_too_long(silent_hour: Path) -> None:
    report = DecodeReport()

    with silent_hour.open("rb") as stream, pytest.raises(TooLongError) as caught:
        list(decode(stream, "hour.flac", DecodeOptions(max_duration_s=60.0), report))

    assert caught.value.code == "audio/too-long"
    assert caught.value.message == "hour.flac holds more than 60 s of audio"
    assert 60.0 < report.duration_s < 62.0


def test_nothing_beyond_the_limit_is_handed_out(silent_hour: Path) -> None:
    pieces: list[Sound] = []

    with silent_hour.open("rb") as stream, pytest.raises(TooLongError):
        pieces.extend(decode(stream, "hour.flac", DecodeOptions(max_duration_s=60.0)))

    assert 58.0 < sum(map(len, pieces)) / SAMPLE_RATE <= 60.0


def test_as_much_as_the_limit_allows_is_decoded(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(2.0))

    assert decoded(path, DecodeOptions(max_duration_s=2.0)).duration_s == 2.0


@pytest.mark.parametrize(("codec", "suffix"), FORMATS)
def test_pieces_are_small_whatever_the_format(tmp_path: Path, codec: str, suffix: str) -> None:
    path = encode(tmp_path / f"a.{suffix}", noise(20.0, rate=48_000), codec, 48_000)

    pieces = decoded(path).pieces

    assert max(pieces) <= 1.0 * SAMPLE_RATE
    assert len(pieces) >= 20


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    minutes: Sound = np.broadcast_to(np.float32(0.0), (1, 300 * SAMPLE_RATE))
    path = encode(tmp_path / "a.flac", minutes, "flac")

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            decoded_samples = sum(map(len, decode(stream, "a.flac")))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert decoded_samples == 300 * SAMPLE_RATE
    assert peak_bytes < decoded_samples * 4 / 20


# Damage


@pytest.fixture(scope="session")
def said() -> Sound:
    return speech(10.0, start_s=7.0)


def encoded(tmp_path: Path, said: Sound, codec: str, suffix: str) -> bytes:
    sound = np.stack([said] * 2) if codec == "vorbis" else said
    return encode(tmp_path / f"a.{suffix}", sound, codec).read_bytes()


CUT = [
    ("libmp3lame", "mp3"),
    ("flac", "flac"),
    ("libopus", "webm"),
    ("pcm_s16le", "wav"),
    ("aac", "aac"),
]


@pytest.mark.parametrize(("codec", "suffix"), CUT)
def test_of_a_file_that_was_cut_off_the_beginning_is_kept_and_the_loss_reported(
    tmp_path: Path, said: Sound, codec: str, suffix: str
) -> None:
    content = encoded(tmp_path, said, codec, suffix)
    whole = decoded_bytes(content, "a").samples

    found = decoded_bytes(content[: len(content) // 2], "a")

    assert 4.0 < found.duration_s < 5.5
    sure = len(found.samples) - SAMPLE_RATE // 10
    assert np.allclose(found.samples[:sure], whole[:sure], atol=0.01)
    assert found.report.damage is not None
    assert found.report.damage.startswith("is damaged (")


def test_the_loss_is_counted_in_seconds(tmp_path: Path, said: Sound) -> None:
    content = encoded(tmp_path, said, "pcm_s16le", "wav")

    found = decoded_bytes(content[: len(content) * 7 // 10], "a.wav")

    assert found.report.damage == "is damaged (3.0 of its 10.0 s could not be read)"


HURT = [
    ("libmp3lame", "mp3"),
    ("aac", "m4a"),
    ("alac", "m4a"),
    ("vorbis", "ogg"),
    ("libopus", "opus"),
    ("libopus", "webm"),
]  # a bare AAC stream says neither how long it is nor where a packet ends: its loss goes unnoticed


@pytest.mark.parametrize(("codec", "suffix"), HURT)
def test_what_lies_before_a_damaged_place_is_kept_and_the_damage_reported(
    tmp_path: Path, said: Sound, codec: str, suffix: str
) -> None:
    content = bytearray(encoded(tmp_path, said, codec, suffix))
    whole = decoded_bytes(bytes(content), "a").samples
    middle = len(content) // 2
    content[middle : middle + 3_000] = np.random.default_rng(5).bytes(3_000)

    found = decoded_bytes(bytes(content), "a")

    assert found.duration_s < 10.0
    assert np.allclose(found.samples[: 3 * SAMPLE_RATE], whole[: 3 * SAMPLE_RATE], atol=0.01)
    assert found.report.damage is not None


@pytest.mark.parametrize(
    ("codec", "suffix"), [("libmp3lame", "mp3"), ("aac", "m4a"), ("aac", "aac")]
)
def test_what_lies_behind_a_damaged_place_is_kept(
    tmp_path: Path, said: Sound, codec: str, suffix: str
) -> None:
    content = bytearray(encoded(tmp_path, said, codec, suffix))
    whole = decoded_bytes(bytes(content), "a").samples
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)

    found = decoded_bytes(bytes(content), "a").samples

    # What was lost moved the rest, so look for it.
    ending = whole[-2 * SAMPLE_RATE : -SAMPLE_RATE]
    likeness = np.correlate(found[-3 * SAMPLE_RATE :], ending).max() / (ending @ ending)
    assert likeness == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("codec", "suffix"), [*HURT, ("aac", "aac"), ("flac", "flac"), ("pcm_s16le", "wav")]
)
def test_flipped_bits_anywhere_end_in_usable_samples_or_a_clear_error(
    tmp_path: Path, codec: str, suffix: str, seed: int
) -> None:
    content = bytearray(encoded(tmp_path, tone(1.0), codec, suffix))
    random = np.random.default_rng(seed)
    for position in random.integers(0, len(content), 20):
        content[position] ^= 1 << int(random.integers(8))

    samples, message = silence(0.0), f"memo.{suffix}"
    try:
        samples = decoded_bytes(bytes(content), f"memo.{suffix}").samples
    except InputError as error:
        message = error.message

    assert f"memo.{suffix}" in message
    assert np.isfinite(samples).all()
    assert np.abs(samples).max(initial=0.0) <= 1.0


def test_a_file_of_which_nothing_can_be_decoded_is_an_error(tmp_path: Path) -> None:
    content = bytearray(encode(tmp_path / "a.m4a", tone(3.0), "aac").read_bytes())
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    content[start:end] = b"\xff" * (end - start)

    with pytest.raises(UnreadableAudioError, match=r"memo\.m4a is damaged: none of its") as caught:
        decoded_bytes(bytes(content), "memo.m4a")

    assert caught.value.code == "audio/unreadable"


def test_a_wav_header_without_audio_is_empty(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "memo.wav", silence(0.0))

    with pytest.raises(EmptyFileError, match=r"memo\.wav has a header but no audio") as caught:
        decoded(path)

    assert caught.value.code == "audio/empty"


@pytest.mark.parametrize("size", [0, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_wav_whose_length_was_never_written_is_decoded_without_complaint(
    tmp_path: Path, size: int
) -> None:
    content = bytearray(write_wav(tmp_path / "a.wav", tone(2.0)).read_bytes())
    content[4:8] = content[40:44] = size.to_bytes(4, "little")

    assert_is_the_tone(decoded_bytes(bytes(content), "a.wav"), 2.0)


def test_a_tag_that_lies_about_its_size_costs_no_audio(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.mp3", tone(2.0), "libmp3lame").read_bytes()
    lying = content[:6] + b"\x7f\x7f\x7f\x7f" + content[10:]

    assert_is_the_tone(decoded_bytes(lying, "a.mp3"), 2.0)


def test_rubbish_behind_the_audio_is_not_heard(tmp_path: Path) -> None:
    content = write_wav(tmp_path / "a.wav", tone(2.0)).read_bytes() + b"LIST of rubbish" * 1_000

    assert decoded_bytes(content, "a.wav").duration_s == pytest.approx(2.0)


def test_an_odd_rate_is_no_reason_to_fail(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(7_919)
        out.writeframes((tone(2.0, rate=7_919) * 32_767).astype("<i2").tobytes())

    assert_is_the_tone(decoded(tmp_path / "a.wav"), 2.0)


def test_samples_come_before_the_whole_file_was_read(tmp_path: Path) -> None:
    stream = io.BytesIO(write_wav(tmp_path / "a.wav", tone(60.0)).read_bytes())

    first = next(decode(stream, "a.wav"))

    assert 0 < len(first) <= SAMPLE_RATE
    assert stream.tell() < len(stream.getvalue()) / 4
