"""What lives in a media child: a file in, chunks with speech out, memory constant.

Decoders see bytes of strangers, so that they are what crashes first.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from diarist.audio.spans import total_s
from diarist.transcription.options import RecordingOptions
from diarist.workers.children.pcm import to_pcm
from diarist.workers.steps import Prepared, PreparedChunk

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from diarist.audio.chunk import Chunk
    from diarist.audio.decode import DecodeReport


class MediaReader:
    """Prepares recordings; see `Steps.prepare`. The detector of speech is loaded once."""

    def prepare(
        self, path: Path, name: str, options: RecordingOptions
    ) -> Iterator[PreparedChunk | Prepared]:
        """Decode a recording and cut it where nobody speaks.

        Audio tracks are tried in the file's own order of preference until one of them holds
        speech. Whether words are recognised in it is not known yet: to try those behind it, prepare
        again with `options.decode.track` set to the next.

        Args:
            path: of a file.
            name: what to call it in errors and warnings.
            options: how.

        Yields:
            Chunks in which somebody speaks, then one `Prepared`.

        Raises:
            InputError: if it is not audio, or nobody speaks in it.
        """
        from diarist.audio.decode import DecodeReport  # noqa: PLC0415 - loads numpy
        from diarist.audio.probe import probe  # noqa: PLC0415 - loads numpy
        from diarist.transcription.recording import no_speech  # noqa: PLC0415 - loads numpy

        report = DecodeReport()
        with path.open("rb") as stream:
            info = probe(stream, name)
            for number in range(options.decode.track, info.tracks):
                report = DecodeReport()
                track = _Track(stream, name, number, options, report)
                speech_s = yield from track.chunks(self._detector)
                if speech_s:
                    yield Prepared(
                        duration_s=report.duration_s,
                        speech_s=speech_s,
                        track=number,
                        tracks=info.tracks,
                        warnings=(f"{name} {report.damage}",) if report.damage else (),
                        tagged_at=info.recorded_at,
                    )
                    return
        raise no_speech(name, report.duration_s, has_voices=False)

    @cached_property
    def _detector(self) -> InferenceSession:
        from diarist.audio.speech import load_detector  # noqa: PLC0415 - loads numpy

        return load_detector()


@dataclass(frozen=True)
class _Track:
    """One of the audio tracks of a recording."""

    stream: BinaryIO
    name: str
    number: int
    options: RecordingOptions
    report: DecodeReport

    def chunks(self, detector: InferenceSession) -> Generator[PreparedChunk, None, float]:
        """Yield what somebody speaks in, and return for how many seconds somebody does."""
        speech_s = 0.0
        for chunk in self._all_chunks(detector):
            if chunk.speech:
                speech_s += total_s(chunk.speech)
                yield _prepared(chunk)
        return speech_s

    def _all_chunks(self, detector: InferenceSession) -> Iterator[Chunk]:
        from diarist.audio.chunk import chunk_stream  # noqa: PLC0415 - loads numpy
        from diarist.audio.decode import decode  # noqa: PLC0415 - loads numpy

        self.stream.seek(0)
        wanted = replace(self.options.decode, track=self.number)
        blocks = decode(self.stream, self.name, wanted, self.report)
        return chunk_stream(blocks, self.options.speech, self.options.chunking, detector)


def _prepared(chunk: Chunk) -> PreparedChunk:
    return PreparedChunk(
        number=chunk.number,
        start_s=chunk.start_s,
        duration_s=chunk.duration_s,
        speech=chunk.speech,
        pcm=to_pcm(chunk.samples),
    )
