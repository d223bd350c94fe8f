"""However large a blob is, it is never held whole."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from diarist.storage.blobs import BlobOptions

MOST_BYTES = 64 << 20

MEASURE = """
import asyncio, json, resource, sys
from pathlib import Path
from diarist.storage.blobs import BlobOptions, BlobStore

async def content(mebibytes):
    for _ in range(16 * mebibytes):
        yield bytes(1 << 16)

def most_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

async def use(store, mebibytes, scratch):
    assert await store.put("memo", content(mebibytes)) == mebibytes << 20
    length = 0
    async for piece in store.stream("memo"):
        length += len(piece)
    assert length == mebibytes << 20
    async with store.as_file("memo", scratch) as path:
        assert path.stat().st_size == length

async def main(options, scratch):
    store = BlobStore(BlobOptions(**options))
    await use(store, 1, scratch)
    before = most_bytes()
    await use(store, 200, scratch)
    print(most_bytes() - before)

asyncio.run(main(json.loads(sys.argv[1]), Path(sys.argv[2])))
"""


def test_memory_does_not_grow_with_the_size_of_a_blob(
    lasting_place: BlobOptions, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    options = json.dumps(asdict(lasting_place))

    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, options, str(scratch)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )

    assert int(measured.stdout) < MOST_BYTES
