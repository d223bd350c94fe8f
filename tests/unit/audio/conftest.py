"""What the tests of audio share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diarist.audio.speech import load_detector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


@pytest.fixture(scope="session")
def detector() -> InferenceSession:
    """The real speech model, loaded once."""
    return load_detector()
