"""Long recordings, made of the project's samples in no time and with no memory to speak of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from measure.speech import SAMPLES

if TYPE_CHECKING:
    from diarist.audio import Samples

_RATE = 16_000  # Hz
_BITS_PER_S = 48_000  # constant, so that the length follows from the size
_FRAME_SAMPLES = 576  # of MPEG-2 layer III
_FRAME_BYTES = _FRAME_SAMPLES * _BITS_PER_S // _RATE // 8
_SHORT_PAUSE_S = 1.0
LONG_PAUSES_S = (2.0, 7.5, 0.8, 20.0)  # of somebody who thinks between two thoughts


@dataclass(frozen=True)
class MadeRecording:
    """A file, and how long it plays."""

    path: Path
    duration_s: float


def repeated_speech(
    path: Path, wanted_s: float, pauses_s: Sequence[float] = (_SHORT_PAUSE_S,)
) -> MadeRecording:
    """Write the English samples, over and over, as an MP3 of constant bit rate.

    A passage is encoded once and its bytes are written as often as needed: MP3 has no table of
    contents, so that a file of many hours costs as much memory as one of minutes.

    Args:
        path: to be written; one of the right size is left as it is.
        wanted_s: its length, met to a frame of 36 ms.
        pauses_s: silences between the samples, in turn.
    """
    frames = round(wanted_s * _RATE / _FRAME_SAMPLES)
    size = frames * _FRAME_BYTES
    if not path.is_file() or path.stat().st_size != size:
        passage = _encoded(_passage(pauses_s))
        unfinished = path.with_name(f"{path.name}.part")
        with unfinished.open("wb") as out:
            for at in range(0, size, len(passage)):
                out.write(passage[: size - at])
        unfinished.replace(path)
    return MadeRecording(path, frames * _FRAME_SAMPLES / _RATE)


def _passage(pauses_s: Sequence[float]) -> Samples:
    """Return every English sample once for each pair of pauses, silences in between."""
    import numpy as np

    from diarist.audio.decode import decode

    spoken: list[Samples] = []
    for path in sorted(SAMPLES.glob("*.en.*")):
        if path.suffix != ".txt":
            with path.open("rb") as stream:
                spoken.append(np.concatenate(list(decode(stream, path.name))))
    pieces: list[Samples] = []
    for index in range(max(len(spoken), len(pauses_s))):
        pause_s = pauses_s[index % len(pauses_s)]
        pieces += [spoken[index % len(spoken)], np.zeros(round(pause_s * _RATE), np.float32)]
    passage = np.concatenate(pieces)
    return np.pad(passage, (0, -len(passage) % _FRAME_SAMPLES))


def _encoded(sound: Samples) -> bytes:
    import av

    buffer = io.BytesIO()
    plain = {"write_xing": "0", "id3v2_version": "0"}  # a header would claim one passage's length
    with av.open(buffer, "w", format="mp3", options=plain) as out:
        stream = out.add_stream("libmp3lame", rate=_RATE, layout="mono")
        stream.bit_rate = _BITS_PER_S
        frame = av.AudioFrame.from_ndarray(sound[None], "fltp", "mono")
        frame.sample_rate = _RATE
        frame.time_base = Fraction(1, _RATE)
        frame.pts = 0
        resampler = av.AudioResampler(
            stream.format, "mono", _RATE, frame_size=stream.codec_context.frame_size
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return buffer.getvalue()
