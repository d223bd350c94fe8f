"""Windows of audio to tokens: batched, and tried again where the first answer is doubtful.

Source: the thresholds and the idea of trying again are Radford et al. 2022, "Robust Speech
Recognition via Large-Scale Weak Supervision", section 4.5. Unlike there, the second try forbids
repeated phrases before any try draws at random, so that most answers are reproducible.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from ctranslate2.models import WhisperGenerationResult
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    from diarist.audio import Samples

WINDOW_FRAMES = 3000  # log-mel frames of 10 ms
_TOO_REPETITIVE = 2.4  # compression ratio
_TOO_UNSURE = -1.0  # mean log-probability
_PROBABLY_SILENCE = 0.6  # no-speech probability
_MAX_PROMPT_TOKENS = 200


@dataclass(frozen=True)
class Attempt:
    """One way to decode.

    Attributes:
        temperature: 0 takes the likeliest token, above it draws at random.
        arguments: for CTranslate2's `generate`.
    """

    temperature: float
    arguments: dict[str, Any]


def attempts(beam_size: int) -> tuple[Attempt, ...]:
    """Return the ways to decode a window, in the order in which they are tried."""
    careful = max(5, beam_size)
    return (
        Attempt(0.0, {"beam_size": beam_size}),
        Attempt(0.0, {"beam_size": careful, "no_repeat_ngram_size": 4, "repetition_penalty": 1.1}),
        Attempt(0.4, _drawing(0.4)),
        Attempt(0.8, _drawing(0.8)),
    )


def _drawing(temperature: float) -> dict[str, Any]:
    return {
        "beam_size": 1,
        "num_hypotheses": 5,
        "sampling_topk": 0,
        "sampling_temperature": temperature,
    }


@dataclass(frozen=True)
class Decoded:
    """What the model made of one window.

    Attributes:
        tokens: of the text.
        text: what they say.
        avg_logprob, no_speech_prob, compression_ratio, temperature: as in `Segment`.
    """

    tokens: tuple[int, ...]
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float

    @property
    def is_silence(self) -> bool:
        return self.no_speech_prob > _PROBABLY_SILENCE and self.avg_logprob < _TOO_UNSURE

    @property
    def is_doubtful(self) -> bool:
        if self.is_silence:
            return False
        return self.is_repetitive or self.avg_logprob < _TOO_UNSURE

    @property
    def is_repetitive(self) -> bool:
        return self.compression_ratio > _TOO_REPETITIVE


class Decoder:
    """Decodes batches of windows with one loaded model; safe to use from several threads."""

    def __init__(self, model: WhisperModel) -> None:
        self._model = model

    def features(self, windows: Sequence[Samples]) -> Samples:
        """Return log-mel spectrograms, float32 of shape (windows, mels, 3000)."""
        return np.stack([self._log_mel(samples) for samples in windows])

    def _log_mel(self, samples: Samples) -> Samples:
        mel: Samples = self._model.feature_extractor(samples)[:, :WINDOW_FRAMES]
        # What follows the audio is silence as the model knows it: the floor, not zero.
        floor = float(mel.max()) - 2.0
        return np.pad(
            mel, ((0, 0), (0, WINDOW_FRAMES - mel.shape[1])), constant_values=floor
        ).astype(np.float32)

    def encode(self, features: Samples) -> StorageView:
        """Run the encoder on a batch."""
        return self._model.encode(features)

    def decode(
        self,
        features: Samples,
        encoded: StorageView,
        tokenizer: Tokenizer,
        vocabulary: Sequence[str],
        beam_size: int,
    ) -> list[Decoded]:
        """Decode a batch, and doubtful windows again.

        Args:
            features: what was encoded, for windows that are tried again.
            encoded: the encoder's output for `features`.
            tokenizer: knows language and task.
            vocabulary: words that may occur.
            beam_size: for the first try.

        Returns:
            The best answer found for each window, in their order.
        """
        first, *others = attempts(beam_size)
        best = self._generate(encoded, tokenizer, vocabulary, first, len(features))
        for attempt in others:
            doubtful = [index for index, decoded in enumerate(best) if decoded.is_doubtful]
            if not doubtful:
                break
            again = self._generate(
                self.encode(features[doubtful]), tokenizer, vocabulary, attempt, len(doubtful)
            )
            for index, decoded in zip(doubtful, again, strict=True):
                best[index] = better_of(best[index], decoded)
        return best

    def _generate(
        self,
        encoded: StorageView,
        tokenizer: Tokenizer,
        vocabulary: Sequence[str],
        attempt: Attempt,
        count: int,
    ) -> list[Decoded]:
        prompt = prompt_tokens(tokenizer, vocabulary)
        results = self._model.model.generate(
            encoded,
            [prompt] * count,
            max_length=self._model.max_length,  # CTranslate2 writes at most half of it
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=_suppressed(tokenizer),
            **attempt.arguments,
        )
        return [_decoded(result, tokenizer, attempt.temperature) for result in results]


def better_of(one: Decoded, other: Decoded) -> Decoded:
    """Choose between two answers: not repetitive first, then the surer one."""
    return max(one, other, key=lambda d: (not d.is_repetitive, d.avg_logprob))


def prompt_tokens(tokenizer: Tokenizer, vocabulary: Sequence[str]) -> list[int]:
    """Return the tokens before the first one that the model adds itself.

    The model is told to write no timestamps: asked for them it sometimes leaves out the rest of
    a window (10.5 % word errors instead of 9.2 % with base on 40 minutes of mixed speech), and
    alignment times words better anyway.
    """
    start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    if not vocabulary:
        return start
    words = tokenizer.encode(" " + ", ".join(vocabulary) + ".")
    return [tokenizer.sot_prev, *words[:_MAX_PROMPT_TOKENS], *start]


def _suppressed(tokenizer: Tokenizer) -> list[int]:
    control = {
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
        tokenizer.no_speech,
    }
    return sorted({*tokenizer.non_speech_tokens, *control})


def _decoded(result: WhisperGenerationResult, tokenizer: Tokenizer, temperature: float) -> Decoded:
    tokens = tuple(result.sequences_ids[0])
    text = tokenizer.decode(list(tokens)).strip()
    return Decoded(
        tokens=tokens,
        text=text,
        # CTranslate2 divides by the length; the end token counts as well.
        avg_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1),
        no_speech_prob=result.no_speech_prob,
        compression_ratio=compression_ratio(text),
        temperature=temperature,
    )


def compression_ratio(text: str) -> float:
    """Return bytes of text ÷ bytes compressed: high where it repeats itself."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw))
