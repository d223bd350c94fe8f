"""What was said, and when. Plain values that every step and format shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from diarist.audio.spans import Span

SCHEMA = "diarist.transcript/1"
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was heard.

    Attributes:
        text: the word with its punctuation, and with a leading space where one belongs.
        start_s: seconds from the start of the recording.
        end_s: likewise.
        probability: how sure the model was, 0 to 1.
    """

    text: str
    start_s: float
    end_s: float
    probability: float = 1.0

    def shifted(self, by_s: float) -> Word:
        """Return it as said so many seconds later."""
        return replace(self, start_s=self.start_s + by_s, end_s=self.end_s + by_s)


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, or as much of one as was said in one breath.

    Attributes:
        id: position in the transcript, from 0; what evidence refers to.
        start_s: seconds from the start of the recording.
        end_s: likewise.
        text: what was said, without outer spaces.
        words: with their times; empty if the engine gives none.
        avg_logprob: mean log-probability of its tokens, 0 is certain.
        no_speech_prob: how likely the model thought that nobody spoke.
        compression_ratio: bytes of text ÷ bytes compressed; above 2.4 it repeats itself.
        temperature: sampling temperature at which it was decoded; 0 is the first try.
        speaker: who spoke, if known.
    """

    id: int
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0
    speaker: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.start_s, self.end_s)

    def shifted(self, by_s: float) -> Segment:
        """Return it and its words as said so many seconds later."""
        return replace(
            self,
            start_s=self.start_s + by_s,
            end_s=self.end_s + by_s,
            words=tuple(word.shifted(by_s) for word in self.words),
        )


@dataclass(frozen=True)
class Transcript:
    """A whole recording as text.

    Attributes:
        language: ISO 639 code of what the text is in; `und` if nobody knows.
        duration_s: length of the recording.
        segments: in the order in which they were said.
        spoken_language: ISO 639 code of what was spoken, where it was translated.
        language_probability: how sure the detection was; 1 if it was not detected but given.
        engine: which engine made it.
        model: which model the engine used.
        source: name of the file.
        is_timed: false if the times are invented, because only the text is known.
        warnings: what a reader should know, such as that the file was damaged.
    """

    language: str
    duration_s: float
    segments: tuple[Segment, ...]
    spoken_language: str | None = None
    language_probability: float = 1.0
    engine: str = ""
    model: str = ""
    source: str = ""
    warnings: tuple[str, ...] = ()
    is_timed: bool = True
    schema: str = SCHEMA

    @cached_property
    def text(self) -> str:
        """All that was said, on one line."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def word_count(self) -> int:
        return sum(len(segment.text.split()) for segment in self.segments)

    @property
    def is_translated(self) -> bool:
        return self.spoken_language is not None and self.spoken_language != self.language


def numbered(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return segments in order of time, numbered from 0."""
    in_order = sorted(segments, key=lambda segment: (segment.start_s, segment.end_s))
    return tuple(replace(segment, id=index) for index, segment in enumerate(in_order))
