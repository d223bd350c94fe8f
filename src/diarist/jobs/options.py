"""What whoever submits a recording wants to be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class JobOptions:
    """What shapes a transcript and an entry; as JSON it is stored with the job.

    Attributes:
        model: that transcribes; empty for the worker's own choice.
        language: ISO 639 code of the speech; None to detect it.
        translate: write English, whatever was spoken.
        vocabulary: names and terms that may occur.
        beam_size: hypotheses kept while decoding; None for the worker's own choice.
        wants_entry: write an entry, not only a transcript.
    """

    model: str = ""
    language: str | None = None
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    beam_size: int | None = None
    wants_entry: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored: only what differs from the defaults."""
        default = asdict(JobOptions())
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != default[name]
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> JobOptions:
        """Return what was stored; what a newer version wanted besides is passed over."""
        known = {field.name for field in fields(JobOptions)}
        wanted = {name: value for name, value in stored.items() if name in known}
        wanted["vocabulary"] = tuple(wanted.get("vocabulary", ()))
        return JobOptions(**wanted)
