"""Engines of other packages."""

from __future__ import annotations

import pytest

from diarist.errors import UnknownEngineError
from diarist.transcription.engine import EngineConfig, load_engine


def test_an_engine_that_is_not_installed_lists_those_that_are() -> None:
    with pytest.raises(UnknownEngineError) as caught:
        load_engine("nightingale", EngineConfig())

    assert "faster-whisper" in caught.value.hint
    assert "openai" in caught.value.hint
