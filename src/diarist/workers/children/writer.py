"""What lives in a writer child: everything that is done with text, and the models it takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from diarist.diary.entry import Entry
from diarist.privacy.names import NameFinder, load_names
from diarist.transcription.assemble import ChunkText, Origin, assemble
from diarist.transcription.transcript import Transcript


class EntryWriter:
    """Assembles transcripts and writes entries; see `Steps`. The finder of names is loaded once."""

    def assemble(self, texts: Sequence[ChunkText], origin: Origin) -> Transcript:
        """Join what was made of each chunk.

        Raises:
            NoSpeechError: if no words were recognised in any of them.
        """
        from diarist.transcription.recording import no_speech  # noqa: PLC0415 - loads numpy

        if not any(text.segments for text in texts):
            raise no_speech(origin.source, origin.duration_s, has_voices=bool(texts))
        return assemble(texts, origin)

    def write(self, transcript: Transcript, on: date) -> Entry:
        """Write the diary entry of a recording.

        Raises:
            NoSpeechError: if the transcript has no words, or only fillers.
        """
        from diarist.diary.local.writer import write_entry  # noqa: PLC0415 - tables of words

        return write_entry(transcript, on, self._names)

    @cached_property
    def _names(self) -> NameFinder | None:
        return load_names()
