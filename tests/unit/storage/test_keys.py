"""Keys of rows."""

from __future__ import annotations

from uuid import UUID

from diarist.storage.keys import new_id


def test_keys_sort_in_the_order_in_which_they_were_made() -> None:
    keys = [new_id() for _ in range(10_000)]

    assert keys == sorted(set(keys))


def test_a_key_is_a_uuid_of_version_7() -> None:
    key = new_id()

    assert type(key) is UUID
    assert key.version == 7
