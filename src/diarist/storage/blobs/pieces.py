"""Content in pieces of one size, whatever sizes it comes in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

PIECE_BYTES = 1 << 20


async def pieces_of(
    content: bytes | AsyncIterable[bytes], piece_bytes: int = PIECE_BYTES
) -> AsyncGenerator[bytes, None]:
    """Yield content in pieces of exactly that size, and what is left over as the last one."""
    if isinstance(content, bytes):
        for start in range(0, len(content), piece_bytes):
            yield content[start : start + piece_bytes]
        return
    waiting = bytearray()
    async for some in content:
        view = memoryview(some)
        while view:
            room = piece_bytes - len(waiting)
            waiting += view[:room]
            view = view[room:]
            if len(waiting) == piece_bytes:
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)
