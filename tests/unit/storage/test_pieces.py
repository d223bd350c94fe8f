"""Content keeps its bytes and their order, however it is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from diarist.storage.blobs.pieces import pieces_of


def cut(content: bytes | AsyncIterable[bytes], piece_bytes: int) -> list[bytes]:
    async def collected() -> list[bytes]:
        return [piece async for piece in pieces_of(content, piece_bytes)]

    return asyncio.run(collected())


async def stream(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@given(st.lists(st.binary(max_size=30)), st.integers(1, 12))
def test_all_pieces_but_the_last_have_the_size_that_was_asked_for(
    parts: list[bytes], size: int
) -> None:
    content = b"".join(parts)

    pieces = cut(stream(parts), size)

    assert pieces == cut(content, size)
    assert b"".join(pieces) == content
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(0 < len(piece) <= size for piece in pieces)
