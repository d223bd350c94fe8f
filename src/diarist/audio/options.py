"""What can be chosen about audio. Apart from the code, so that settings load no library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DecodeOptions:
    """How much to decode, and which track.

    Attributes:
        max_duration_s: the most audio that is decoded, counted in decoded samples, so that a
            tiny file which unpacks to days of silence is stopped.
        track: which audio track, 0 for the one that the file marks as default.
    """

    max_duration_s: float = 24 * 3600.0
    track: int = 0


@dataclass(frozen=True)
class SpeechOptions:
    """What counts as speech.

    Attributes:
        threshold: probability from which a frame starts speech.
        end_threshold: probability below which it may end.
        min_speech_s: shorter stretches are clicks and coughs, not words. Of a short word said alone
            only three frames of 32 ms may be clear speech; of music, two frames often are.
        min_silence_s: shorter silences do not separate two stretches.
        pad_s: how much is added at both ends, since words begin softly.
    """

    threshold: float = 0.5
    end_threshold: float = 0.35
    min_speech_s: float = 0.09
    min_silence_s: float = 0.2
    pad_s: float = 0.2


@dataclass(frozen=True)
class ChunkingOptions:
    """How long chunks are.

    Attributes:
        first_target_s: length wished for the first chunk, short so that text appears early.
        target_s: length wished for, from which the next clear silence is a cut.
        longest_s: length that no chunk exceeds.
        clear_silence_s: a silence this long is clear.
    """

    first_target_s: float = 45.0
    target_s: float = 210.0
    longest_s: float = 300.0
    clear_silence_s: float = 0.7

    def __post_init__(self) -> None:
        if not 0 < self.first_target_s <= self.target_s < self.longest_s:
            raise ValueError("lengths must rise: first_target_s, target_s, longest_s")
