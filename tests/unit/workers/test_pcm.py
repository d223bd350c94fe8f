"""Samples on their way to another process."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diarist.workers.children.pcm import from_pcm, to_pcm


@given(st.binary(max_size=200).filter(lambda pcm: len(pcm) % 2 == 0))
def test_sixteen_bits_come_back_as_they_were(pcm: bytes) -> None:
    assert to_pcm(from_pcm(pcm)) == pcm


def test_samples_come_back_to_half_a_bit() -> None:
    samples = np.linspace(-1.0, 0.9999, 1001, dtype=np.float32)

    assert np.abs(from_pcm(to_pcm(samples)) - samples).max() <= 0.5 / 32_768


def test_what_is_too_loud_is_clipped() -> None:
    loud = np.array([1.0, 1.5, -2.0], np.float32)

    assert from_pcm(to_pcm(loud)).tolist() == [32_767 / 32_768, 32_767 / 32_768, -1.0]
