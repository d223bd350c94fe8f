"""Words to subtitles that can be read: SRT and WebVTT.

The limits are those of common style guides (Netflix Timed Text, BBC Subtitle Guidelines): two
lines of 42 characters, five sixths of a second to seven seconds, and time enough to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diarist.transcription.languages import UNSPACED
from diarist.transcription.transcript import Segment, Transcript, Word


@dataclass(frozen=True)
class SubtitleOptions:
    """What a cue may be.

    Attributes:
        line_chars: the most characters on a line; half of it where characters are wide.
        lines: the most lines.
        longest_s: the longest a cue stays.
        shortest_s: the shortest a cue stays, where the next one leaves room.
        chars_per_s: reading speed that cues are stretched for, where there is room.
        gap_s: two cues closer than this touch; others keep at least this apart.
    """

    line_chars: int = 42
    lines: int = 2
    longest_s: float = 7.0
    shortest_s: float = 5 / 6
    chars_per_s: float = 17.0
    gap_s: float = 0.08


@dataclass(frozen=True)
class Cue:
    """One subtitle: its lines, and when it is shown."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


_STRONG_ENDS = tuple(".?!…。？！")
_WEAK_ENDS = tuple(",;:，、–—")
_PAUSE_S = 0.7
_BALANCE = 0.4  # a break earlier than this share of a cue is not worth its comma


def cues(
    transcript: Transcript,
    options: SubtitleOptions = SubtitleOptions(),  # noqa: B008 - frozen
) -> list[Cue]:
    """Divide a transcript into cues.

    Returns:
        Cues in order that do not overlap, each within the limits. A single word that is longer
        than a line stands alone on its line.
    """
    if transcript.language in UNSPACED:
        options = replace(options, line_chars=options.line_chars // 2)
    groups = [
        group
        for segment in transcript.segments
        for group in _groups(list(_words(segment, transcript.language)), options)
    ]
    return _timed([_cue(group, options) for group in groups], options)


def srt(transcript: Transcript) -> str:
    """Return subtitles as SubRip."""
    blocks = (
        f"{number}\n{_stamp(cue.start_s, ',')} --> {_stamp(cue.end_s, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues(transcript), start=1)
    )
    return "\n".join(blocks)


def vtt(transcript: Transcript) -> str:
    """Return subtitles as WebVTT."""
    blocks = (
        f"{_stamp(cue.start_s, '.')} --> {_stamp(cue.end_s, '.')}\n{_escaped(cue.text)}\n"
        for cue in cues(transcript)
    )
    return "\n".join([f"WEBVTT\nLanguage: {transcript.language}\n", *blocks])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _stamp(seconds: float, separator: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, milliseconds = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{separator}{milliseconds:03}"


def _words(segment: Segment, language: str) -> Iterable[Word]:
    """Return the words of a segment; where they are not timed, share its time among them."""
    if segment.words:
        return segment.words
    texts = list(segment.text) if language in UNSPACED else [f" {w}" for w in segment.text.split()]
    per_char_s = (segment.end_s - segment.start_s) / max(1, sum(map(len, texts)))
    words: list[Word] = []
    at_s = segment.start_s
    for text in texts:
        words.append(Word(text, at_s, at_s + len(text) * per_char_s))
        at_s = words[-1].end_s
    return words


def _groups(words: Sequence[Word], options: SubtitleOptions) -> Iterator[list[Word]]:
    """Divide the words of a sentence into cues."""
    rest = list(words)
    while rest:
        fitting = _how_many_fit(rest, options)
        if fitting < len(rest):
            fitting = _best_break(rest, fitting)
        yield rest[:fitting]
        rest = rest[fitting:]


def _how_many_fit(words: Sequence[Word], options: SubtitleOptions) -> int:
    for count in range(2, len(words) + 1):
        taken = words[:count]
        too_long = taken[-1].end_s - taken[0].start_s > options.longest_s
        paused = taken[-1].start_s - taken[-2].end_s > 2 * _PAUSE_S
        if too_long or paused or len(_lines(_text(taken), options.line_chars)) > options.lines:
            return count - 1
    return len(words)


def _best_break(words: Sequence[Word], fitting: int) -> int:
    """Return where to end a cue that cannot hold its sentence: at a stop, a breath, or in full."""

    def fitness(count: int) -> tuple[int, int]:
        last, following = words[count - 1].text.rstrip(), words[count]
        if last.endswith(_STRONG_ENDS) or following.start_s - words[count - 1].end_s > _PAUSE_S:
            return 2, count
        return (1 if last.endswith(_WEAK_ENDS) else 0), count

    earliest = max(1, round(fitting * _BALANCE))
    orphan = len(words) - fitting <= 2 and fitting > 4
    latest = fitting - 2 if orphan else fitting
    return max(range(earliest, latest + 1), key=fitness)


def _text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words).strip()


def _cue(words: Sequence[Word], options: SubtitleOptions) -> Cue:
    lines = _balanced(_text(words), options.line_chars)
    return Cue(words[0].start_s, max(word.end_s for word in words), tuple(lines))


def _lines(text: str, width: int) -> list[str]:
    """Wrap greedily. Text without spaces is wrapped anywhere."""
    if " " not in text.strip():
        return [text[i : i + width] for i in range(0, len(text), width)] or [""]
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _balanced(text: str, width: int) -> list[str]:
    """Wrap into as few lines as `_lines` needs, but as even as they can be."""
    lines = _lines(text, width)
    for narrower in range(max(1, len(text) // max(1, len(lines))), width):
        candidate = _lines(text, narrower)
        if len(candidate) == len(lines) and max(map(len, candidate)) <= width:
            return candidate
    return lines


def _timed(cues_: Sequence[Cue], options: SubtitleOptions) -> list[Cue]:
    """Stretch cues that are too short to be read, as far as the next one lets them."""
    timed: list[Cue] = []
    for index, cue in enumerate(cues_):
        start_s = max(cue.start_s, timed[-1].end_s if timed else 0.0)
        wish_s = max(options.shortest_s, len(cue.text) / options.chars_per_s)
        end_s = max(cue.end_s, start_s + min(wish_s, options.longest_s))
        if index + 1 < len(cues_):
            next_s = max(cues_[index + 1].start_s, start_s + 0.2)
            if next_s - end_s < options.gap_s:
                end_s = next_s
        timed.append(replace(cue, start_s=start_s, end_s=min(end_s, start_s + options.longest_s)))
    return timed
