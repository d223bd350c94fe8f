"""What shapes a transcript. Apart from the code, so that whoever plans work loads no library."""

from __future__ import annotations

from dataclasses import dataclass, field

from diarist.audio.options import ChunkingOptions, DecodeOptions, SpeechOptions
from diarist.transcription.engine import TranscribeOptions


@dataclass(frozen=True)
class RecordingOptions:
    """Everything that shapes a transcript."""

    decode: DecodeOptions = field(default_factory=DecodeOptions)
    speech: SpeechOptions = field(default_factory=SpeechOptions)
    chunking: ChunkingOptions = field(default_factory=ChunkingOptions)
    transcribe: TranscribeOptions = field(default_factory=TranscribeOptions)
