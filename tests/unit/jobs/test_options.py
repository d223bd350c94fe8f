"""Wishes survive being stored, and those of other versions do no harm."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from diarist.jobs.options import JobOptions

wishes = st.builds(
    JobOptions,
    model=st.text(max_size=10),
    language=st.none() | st.sampled_from(["en", "fr"]),
    translate=st.booleans(),
    vocabulary=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    beam_size=st.none() | st.integers(1, 20),
    wants_entry=st.booleans(),
)


@given(wishes)
def test_wishes_come_back_as_they_were_stored(options: JobOptions) -> None:
    assert JobOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


def test_what_is_as_usual_is_not_stored() -> None:
    assert JobOptions().to_json() == {}
    assert JobOptions(language="de").to_json() == {"language": "de"}


def test_wishes_of_a_newer_version_are_passed_over() -> None:
    assert JobOptions.from_json({"language": "de", "telepathy": True}) == JobOptions(language="de")
