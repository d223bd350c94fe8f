"""A transcript as a file: each format is one function from transcript to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from diarist.transcription.languages import NAMES
from diarist.transcription.subtitles import srt, vtt
from diarist.transcription.transcript import Transcript

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PARAGRAPH_PAUSE_S = 2.0


def txt(transcript: Transcript) -> str:
    """Return the words alone: a sentence after another, a blank line at long pauses."""
    paragraphs: list[list[str]] = []
    end_s = 0.0
    for segment in transcript.segments:
        if not paragraphs or segment.start_s - end_s > _PARAGRAPH_PAUSE_S:
            paragraphs.append([])
        paragraphs[-1].append(segment.text)
        end_s = segment.end_s
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def to_json(transcript: Transcript) -> str:
    """Return everything, in diarist's own schema; `from_json` reads it back."""
    return _adapter().dump_json(transcript, indent=2).decode() + "\n"


def from_json(text: str | bytes) -> Transcript:
    """Read what `to_json` wrote.

    Raises:
        pydantic.ValidationError: if it is something else.
    """
    return _adapter().validate_json(text)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Transcript]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s, and txt or srt do not need it

    return TypeAdapter(Transcript)


def verbose_json(transcript: Transcript) -> str:
    """Return the `verbose_json` of OpenAI's transcription API.

    Source: https://platform.openai.com/docs/api-reference/audio/verbose-json-object. Token ids
    are left empty: they mean nothing without the model that wrote them.
    """
    body = {
        "task": "translate" if transcript.is_translated else "transcribe",
        "language": NAMES.get(transcript.language, transcript.language),
        "duration": round(transcript.duration_s, 3),
        "text": transcript.text,
        "segments": [
            {
                "id": segment.id,
                "seek": int(segment.start_s * 100),
                "start": round(segment.start_s, 3),
                "end": round(segment.end_s, 3),
                "text": f" {segment.text}",
                "tokens": [],
                "temperature": segment.temperature,
                "avg_logprob": round(segment.avg_logprob, 4),
                "compression_ratio": round(segment.compression_ratio, 4),
                "no_speech_prob": round(segment.no_speech_prob, 4),
            }
            for segment in transcript.segments
        ],
        "words": [
            {
                "word": word.text.strip(),
                "start": round(word.start_s, 3),
                "end": round(word.end_s, 3),
            }
            for segment in transcript.segments
            for word in segment.words
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


RENDERERS: Mapping[str, Callable[[Transcript], str]] = {
    "txt": txt,
    "srt": srt,
    "vtt": vtt,
    "json": to_json,
    "verbose_json": verbose_json,
}
