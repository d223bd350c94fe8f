"""What the tests of the diary share."""

from __future__ import annotations

import pytest

from diarist.privacy.names import RampartNames, load_names


@pytest.fixture(scope="session")
def names() -> RampartNames:
    """The real model of names, loaded once."""
    finder = load_names()
    if finder is None:
        pytest.fail("the extra `names` is not installed; run `make setup`")
    return finder
