"""Many chunks to one transcript: shifted, in order, and divided into sentences.

Engines return what suits their windows; a reader, a subtitle and a piece of evidence need
sentences. Where words are timed, segments are made anew from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diarist.transcription.transcript import Segment, Transcript, Word, numbered

_LONG_PAUSE_S = 1.6  # ends a sentence even where the model put no full stop
_LONGEST_S = 24.0
_MANY_WORDS = 60  # a sentence longer than either is divided at a comma or a breath
_FEW_WORDS = 8  # no part of it is shorter than this


@dataclass(frozen=True)
class ChunkText:
    """What an engine made of one chunk.

    Attributes:
        start_s: where the chunk starts on the recording.
        segments: timed from the start of the chunk.
    """

    start_s: float
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Origin:
    """What a transcript says about where it comes from; see `Transcript`."""

    language: str
    duration_s: float
    spoken_language: str | None = None
    language_probability: float = 1.0
    engine: str = ""
    model: str = ""
    source: str = ""
    warnings: tuple[str, ...] = ()


def assemble(chunks: Iterable[ChunkText], origin: Origin) -> Transcript:
    """Join what was made of each chunk.

    Args:
        chunks: in any order; together the whole recording.
        origin: what is known about the recording.

    Returns:
        A transcript whose segments are sentences, numbered from 0.
    """
    segments = [
        sentence
        for chunk in chunks
        for segment in chunk.segments
        for sentence in sentences(segment.shifted(chunk.start_s), origin.language)
    ]
    return Transcript(
        language=origin.language,
        duration_s=origin.duration_s,
        segments=numbered(_rejoined(numbered(segments))),
        spoken_language=origin.spoken_language,
        language_probability=origin.language_probability,
        engine=origin.engine,
        model=origin.model,
        source=origin.source,
        warnings=origin.warnings,
    )


def sentences(segment: Segment, language: str) -> Iterator[Segment]:
    """Divide a segment into sentences, where its words are timed.

    A sentence ends where the text says so, or at a pause that no speaker makes inside of one.
    """
    if not segment.words:
        if segment.text:
            yield segment
        return
    ends = _sentence_ends(segment.words, language)
    sentence: list[Word] = []
    for index, word in enumerate(segment.words):
        if sentence and word.start_s - sentence[-1].end_s > _LONG_PAUSE_S:
            yield from _parts(segment, sentence)
            sentence = []
        sentence.append(word)
        if index in ends:
            yield from _parts(segment, sentence)
            sentence = []
    if sentence:
        yield from _parts(segment, sentence)


def _sentence_ends(words: Sequence[Word], language: str) -> set[int]:
    """Return the positions of words that end a sentence."""
    from sentencex import segment  # noqa: PLC0415 - 4 MB of rules, needed only here

    text = "".join(word.text for word in words)
    ends: set[int] = set()
    position, index, passed = 0, 0, 0
    for sentence in segment(language, text):
        position = text.index(sentence, position) + len(sentence)
        end = position - (len(sentence) - len(sentence.rstrip()))
        while index < len(words) and passed + len(words[index].text) <= end:
            passed += len(words[index].text)
            index += 1
        ends.add(index - 1)
    return ends


def _parts(segment: Segment, words: Sequence[Word]) -> Iterator[Segment]:
    """Divide a sentence that is too long to be read at once."""
    rest = list(words)
    while len(rest) > _MANY_WORDS or rest[-1].end_s - rest[0].start_s > _LONGEST_S:
        cut = _breathing_place(rest)
        if cut is None:
            break
        yield _of_words(segment, rest[:cut])
        rest = rest[cut:]
    yield _of_words(segment, rest)


def _breathing_place(words: Sequence[Word]) -> int | None:
    """Return where to divide: after a comma if there is one, else at the longest breath."""
    possible = range(_FEW_WORDS, min(_MANY_WORDS, len(words) - _FEW_WORDS) + 1)
    if not possible:
        return None

    def fitness(cut: int) -> tuple[bool, float]:
        after_comma = words[cut - 1].text.rstrip().endswith((",", ";", ":", "，", "、", "–", "-"))
        return after_comma, words[cut].start_s - words[cut - 1].end_s

    return max(possible, key=fitness)


def _of_words(segment: Segment, words: Sequence[Word]) -> Segment:
    return replace(
        segment,
        start_s=words[0].start_s,
        end_s=max(words[0].start_s, words[-1].end_s),
        text="".join(word.text for word in words).strip(),
        words=tuple(words),
    )


def _rejoined(segments: Sequence[Segment]) -> list[Segment]:
    """Join a sentence that was divided where one window ended and the next began."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if last is not None and _continues(last, segment):
            joined[-1] = replace(
                last,
                end_s=max(last.end_s, segment.end_s),
                text=f"{last.text} {segment.text}",
                words=last.words + segment.words,
                avg_logprob=min(last.avg_logprob, segment.avg_logprob),
                no_speech_prob=max(last.no_speech_prob, segment.no_speech_prob),
                compression_ratio=max(last.compression_ratio, segment.compression_ratio),
                temperature=max(last.temperature, segment.temperature),
            )
        else:
            joined.append(segment)
    return joined


def _continues(last: Segment, segment: Segment) -> bool:
    """Say whether a segment goes on with the sentence before it: no stop, then a small letter."""
    if not last.words or not segment.words or last.text.endswith(tuple(".?!…。？！")):
        return False
    if segment.start_s - last.end_s > _LONG_PAUSE_S or segment.end_s - last.start_s > _LONGEST_S:
        return False
    return segment.text[:1].islower()
