"""What the machine could do at most: CTranslate2 alone, with features that are ready."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from measure.engines import model_folder
from measure.machine import cores

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from diarist.audio import Samples

_BATCH_SIZE = 4
_WINDOW_SAMPLES = 30 * 16_000


class Ceiling:
    """Encoder and decoder on back-to-back windows of 30 s: nothing else is done.

    One replica a core, one thread each, which is the fastest arrangement on a CPU.
    """

    def __init__(self, model: str, path: Path, beam_size: int) -> None:
        from ctranslate2.models import Whisper
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer

        folder = str(model_folder(model))
        features_of = WhisperModel(folder, device="cpu", compute_type="int8")
        tokenizer = Tokenizer(
            features_of.hf_tokenizer,
            features_of.model.is_multilingual,
            task="transcribe",
            language="en",
        )
        self._prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        self._batches = _batches(features_of, path)
        self._beam_size = beam_size
        self._model = Whisper(
            folder, device="cpu", compute_type="int8", inter_threads=cores(), intra_threads=1
        )
        self._pool = ThreadPoolExecutor(cores())

    def run(self, _path: Path) -> str:
        """Generate for every window; the text is not put together."""
        list(self._pool.map(self._generate, self._batches))
        return ""

    def _generate(self, batch: Samples) -> None:
        from ctranslate2 import StorageView

        self._model.generate(
            StorageView.from_array(batch), [self._prompt] * len(batch), beam_size=self._beam_size
        )

    def close(self) -> None:
        """Give the memory back."""
        self._pool.shutdown()
        self._model.unload_model()


def _batches(whisper: WhisperModel, path: Path) -> list[Samples]:
    """Return log-mel spectrograms of the whole recording, `_BATCH_SIZE` windows each."""
    import numpy as np

    from diarist.audio.decode import decode
    from diarist.transcription.decoding import Decoder

    with path.open("rb") as stream:
        sound = np.concatenate(list(decode(stream, path.name)))
    windows = [sound[at : at + _WINDOW_SAMPLES] for at in range(0, len(sound), _WINDOW_SAMPLES)]
    decoder = Decoder(whisper)
    return [
        np.ascontiguousarray(decoder.features(windows[at : at + _BATCH_SIZE]))
        for at in range(0, len(windows), _BATCH_SIZE)
    ]
