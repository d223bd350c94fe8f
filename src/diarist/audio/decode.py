"""Any recording to 16 kHz mono float32, as a stream that never holds more than a second.

Frames of every sample format, rate and channel count are mixed and resampled as they come.
What a stream may change on the way (rate, channels) is followed; damaged packets are skipped
and counted, and what is there is compared with what the header claims.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from diarist.audio import sniff
from diarist.audio.container import open_container, ordered_tracks
from diarist.audio.options import DecodeOptions
from diarist.errors import EmptyFileError, NoAudioTrackError, TooLongError, UnreadableAudioError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from numpy.typing import NDArray

    from diarist.audio import Samples

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000  # Hz, what Whisper and Silero were trained on
_GROUP_S = 0.5  # seconds of frames that are mixed and resampled at once
_MAX_BAD_PACKETS_IN_A_ROW = 20_000
_MISSING_S = 0.5  # less than that is the padding of codecs and the rounding of headers
_MISSING_SHARE = 0.02
_EXACT_CONTAINERS = frozenset(("flac", "matroska", "mov", "ogg", "wav"))
_CANCELLED = 0.02  # power of a mix relative to its loudest channel below which it cancels out
_SILENT_CHANNEL = 1e-4  # power relative to the loudest channel below which one is left out (-40 dB)
_AUDIBLE = 1e-9  # mean square of a group loud enough to judge its channels by (-90 dBFS)


@dataclass
class DecodeReport:
    """What was noticed while decoding; complete once the stream has ended.

    Attributes:
        decoded_samples: at 16 kHz.
        claimed_s: how long the header says that the track is, where a header says so exactly.
        bad_packets: that were skipped.
        good_packets: that were decoded.
        stopped_by: why decoding ended before the file did.
    """

    decoded_samples: int = 0
    claimed_s: float | None = None
    bad_packets: int = 0
    good_packets: int = 0
    stopped_by: str | None = None

    @property
    def duration_s(self) -> float:
        return self.decoded_samples / SAMPLE_RATE

    @property
    def damage(self) -> str | None:
        """Say in words what is wrong with the file, if anything."""
        if self.stopped_by:
            return f"ends early ({self.stopped_by})"
        claimed_s = self.claimed_s or 0.0
        missing_s = claimed_s - self.duration_s
        if missing_s > max(_MISSING_S, _MISSING_SHARE * claimed_s):
            return f"is damaged ({missing_s:.1f} of its {claimed_s:.1f} s could not be read)"
        if self.bad_packets:
            packets = self.bad_packets + self.good_packets
            return f"is damaged ({self.bad_packets} of its {packets} packets were skipped)"
        return None


def decode(
    stream: BinaryIO,
    name: str,
    options: DecodeOptions = DecodeOptions(),  # noqa: B008 - frozen
    report: DecodeReport | None = None,
) -> Iterator[Samples]:
    """Decode one audio track.

    Args:
        stream: a seekable binary file.
        name: what to call it in errors.
        options: limits, and the track.
        report: filled in while the stream is consumed.

    Yields:
        Mono samples in [-1, 1] at 16 kHz, float32, about half a second at a time.

    Raises:
        NotAudioError, UnreadableAudioError, NoAudioTrackError, EmptyFileError: nothing usable.
        TooLongError: more than `options.max_duration_s` of audio.
    """
    report = DecodeReport() if report is None else report
    missing_bytes = sniff.missing_wav_bytes(stream)
    with open_container(stream, name) as container:
        track = _track(container, options.track, name)
        report.claimed_s = _claimed_s(container, track, missing_bytes)
        for samples in _resampled(_frames(container, track, report)):
            report.decoded_samples += len(samples)
            if report.duration_s > options.max_duration_s:
                raise _too_long(name, options.max_duration_s)
            yield samples
    _check_outcome(report, name)


def _track(container: InputContainer, number: int, name: str) -> AudioStream:
    tracks = ordered_tracks(container)
    if number >= len(tracks):
        raise NoAudioTrackError(
            f"{name} has {len(tracks)} audio tracks, and not a number {number + 1}",
            hint="Choose one that it has.",
        )
    return tracks[number]


def _claimed_s(container: InputContainer, track: AudioStream, missing_bytes: int) -> float | None:
    """Return how long a track should be, or None where that is at best an estimate.

    Of MP3 only a LAME tag tells; it also holds the encoder's delay, where the track then starts.
    """
    kind = container.format.name.split(",")[0]
    if kind not in _EXACT_CONTAINERS and not (kind == "mp3" and track.start_time):
        return None
    claimed_s: float | None = None
    if track.duration is not None and track.time_base is not None:
        claimed_s = float(track.duration * track.time_base)
    elif container.duration is not None and len(container.streams) == 1:
        claimed_s = container.duration / 1_000_000
    if claimed_s is not None and missing_bytes and track.bit_rate:
        claimed_s += missing_bytes * 8 / track.bit_rate
    return claimed_s


def _too_long(name: str, limit_s: float) -> TooLongError:
    limit = f"{limit_s / 3600:.3g} h" if limit_s >= 3600 else f"{limit_s:.3g} s"
    return TooLongError(
        f"{name} holds more than {limit} of audio",
        hint="Split it, or raise DIARIST_AUDIO__MAX_DURATION_S if it is really so long.",
    )


def _check_outcome(report: DecodeReport, name: str) -> None:
    if report.decoded_samples:
        return
    if report.bad_packets or report.stopped_by:
        raise UnreadableAudioError(
            f"{name} is damaged: none of its audio could be decoded",
            hint="Copy the recording again from where it was made.",
        )
    raise EmptyFileError(
        f"{name} has a header but no audio (0 seconds)",
        hint="The recording was stopped at once, or its copy was cut off.",
    )


def _frames(
    container: InputContainer, track: AudioStream, report: DecodeReport
) -> Iterator[AudioFrame]:
    """Yield frames, skipping packets that do not decode."""
    from av.error import EOFError as NothingLeftError  # noqa: PLC0415 - heavy
    from av.error import FFmpegError  # noqa: PLC0415 - heavy

    bad_in_a_row = 0
    for packet in _packets(container, track, report):
        try:
            frames = packet.decode()
        except NothingLeftError:
            continue
        except (FFmpegError, ValueError):
            report.bad_packets += 1
            bad_in_a_row += 1
            if bad_in_a_row > _MAX_BAD_PACKETS_IN_A_ROW:
                report.stopped_by = "nothing more can be decoded"
                return
            continue
        bad_in_a_row = 0
        report.good_packets += 1
        yield from frames


def _packets(
    container: InputContainer, track: AudioStream, report: DecodeReport
) -> Iterator[Packet[AudioStream]]:
    """Yield packets until the file ends, or until its structure is too broken to go on."""
    from av.error import FFmpegError  # noqa: PLC0415 - heavy

    try:
        yield from container.demux(track)
    except (FFmpegError, OSError):
        report.stopped_by = "the rest of the file is not readable"


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[Samples]:
    """Mix to mono and resample, starting anew whenever the rate changes."""
    mixer = _Mixer()
    for rate, groups in groupby(_groups(frames), key=lambda group: group[0].sample_rate):
        resampler = _new_resampler()
        for group in groups:
            yield from _resample(resampler, mixer.mix([_planes(frame) for frame in group]), rate)
        yield from _flush(resampler)


def _groups(frames: Iterator[AudioFrame]) -> Iterator[list[AudioFrame]]:
    """Collect frames of one rate and channel count into groups of about half a second."""
    group: list[AudioFrame] = []
    collected = 0
    for frame in frames:
        if group and (_form(frame) != _form(group[0]) or collected >= _GROUP_S * frame.sample_rate):
            yield group
            group, collected = [], 0
        if frame.samples > 0 and frame.sample_rate > 0:
            group.append(frame)
            collected += frame.samples
    if group:
        yield group


def _form(frame: AudioFrame) -> tuple[int, int]:
    return frame.sample_rate, frame.layout.nb_channels


_FULL_SCALE = {"u8": 128.0, "s16": 32_768.0, "s32": 2_147_483_648.0, "s64": 2.0**63}


def _planes(frame: AudioFrame) -> Samples:
    """Return a frame as float32 of shape (channels, samples), full scale at 1."""
    array: NDArray[np.generic] = frame.to_ndarray()
    channels = max(1, frame.layout.nb_channels)
    if not frame.format.is_planar:
        array = array.reshape(-1, channels).T
    scale = _FULL_SCALE.get(frame.format.name.rstrip("p"))
    planes = array.astype(np.float32)
    if frame.format.name.startswith("u8"):
        planes -= 128.0
    if scale is not None:
        planes /= scale
    finite: Samples = np.nan_to_num(planes, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
    return finite


class _Mixer:
    """Mix channels to one without letting them cancel out.

    Channels that carry nothing are left out, so that speech in one of eight is not made
    an eighth as loud. Where the sum is silent though its channels are not (one microphone wired
    the wrong way round), the loudest channel speaks alone from there on.
    """

    def __init__(self) -> None:
        self._power = np.zeros(0, dtype=np.float64)
        self._soloist: int | None = None

    def mix(self, group: list[Samples]) -> Samples:
        planes: Samples = np.concatenate(group, axis=1)
        if len(planes) == 1:
            return _channel(planes, 0)
        if len(planes) != len(self._power):
            self._power, self._soloist = np.zeros(len(planes)), None
        power = np.array([_mean_square(plane) for plane in planes])
        self._power = np.maximum(self._power, power)
        if self._soloist is not None:
            return _channel(planes, self._soloist)
        active = self._power >= self._power.max() * _SILENT_CHANNEL
        mixed: Samples = planes[active].mean(axis=0)
        loudest = int(power.argmax())
        if power[loudest] > _AUDIBLE and _mean_square(mixed) < _CANCELLED * power[loudest]:
            self._soloist = loudest
            logger.info("audio.mix_cancels channel=%d", loudest)
            return _channel(planes, loudest)
        return mixed


def _channel(planes: Samples, number: int) -> Samples:
    channel: Samples = planes[number]
    return channel


def _mean_square(samples: Samples) -> float:
    return float(np.mean(np.square(samples), dtype=np.float64))


def _new_resampler() -> AudioResampler:
    from av.audio.resampler import AudioResampler  # noqa: PLC0415 - heavy

    return AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)


def _resample(resampler: AudioResampler, mono: Samples, rate: int) -> Iterator[Samples]:
    from av.audio.frame import AudioFrame  # noqa: PLC0415 - heavy

    frame = AudioFrame.from_ndarray(np.ascontiguousarray(mono)[None], format="flt", layout="mono")
    frame.sample_rate = rate
    frame.pts = None
    for resampled in resampler.resample(frame):
        yield _clipped(resampled)


def _flush(resampler: AudioResampler) -> Iterator[Samples]:
    for resampled in resampler.resample(None):
        yield _clipped(resampled)


def _clipped(frame: AudioFrame) -> Samples:
    samples: Samples = np.clip(frame.to_ndarray()[0], -1.0, 1.0)
    return samples
