"""Assemble: chunks that were heard apart become one transcript."""

from __future__ import annotations

from collections.abc import Sequence

from diarist.audio.spans import total_s
from diarist.errors import NoSpeechError
from diarist.jobs.claims import Order
from diarist.jobs.engine.outcomes import Assembled, LanguageAgreed, NextTrack, Outcome
from diarist.jobs.engine.results import PackedTranscript
from diarist.jobs.reading.library import HeardFacts, heard_chunks_of
from diarist.transcription.agreement import (
    Agreement,
    ChunkLanguage,
    agree_on_language,
    language_warnings,
)
from diarist.transcription.assemble import ChunkText, Origin
from diarist.transcription.transcript import UNKNOWN_LANGUAGE
from diarist.workers.stages.tools import Tools


async def assemble(order: Order, tools: Tools) -> Outcome:
    """Join what was heard in each chunk, once all agree on the language."""
    heard = await heard_chunks_of(tools.database, order.claim.job_id)
    agreement = _agreement(heard)
    if agreement.again and agreement.guess and not _is_settled(order):
        return LanguageAgreed(agreement.guess.language, agreement.again)
    texts = [ChunkText(chunk.start_s, chunk.segments) for chunk in heard]
    duration_s = order.recording.duration_s or 0.0
    try:
        transcript = await tools.steps.assemble(
            texts, _origin(order, heard, agreement), tools.limit_s(order, duration_s)
        )
    except NoSpeechError:
        if order.track + 1 < (order.tracks or 1):
            return NextTrack(order.track + 1)
        raise
    return Assembled(PackedTranscript.of(transcript))


def _is_settled(order: Order) -> bool:
    return order.options.language is not None or order.language is not None


def _agreement(heard: Sequence[HeardFacts]) -> Agreement:
    return agree_on_language(
        [
            ChunkLanguage(chunk.number, chunk.guess, total_s(chunk.speech), chunk.language)
            for chunk in heard
        ]
    )


def _origin(order: Order, heard: Sequence[HeardFacts], agreement: Agreement) -> Origin:
    wanted, guess = order.options, agreement.guess
    first = heard[0].language if heard else UNKNOWN_LANGUAGE
    spoken = wanted.language or order.language or (guess.language if guess else first)
    probability = guess.probability if guess is not None and wanted.language is None else 1.0
    warnings = () if wanted.language else language_warnings(guess)
    return Origin(
        language="en" if wanted.translate else spoken,
        spoken_language=spoken,
        language_probability=probability,
        duration_s=order.recording.duration_s or 0.0,
        engine=heard[0].engine if heard else "",
        model=heard[0].model if heard else "",
        source=order.recording.name,
        warnings=(*order.warnings, *warnings),
    )
