"""A put that is cancelled, that fails or whose process dies leaves everything as it was."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from support.blobs import MIB, all_of, listed, using

Leftovers = Callable[[BlobOptions], list[str]]

BEFORE = b"what was there before"
LENGTHS = [0, 1, 12 * MIB]  # nothing; less than a part; two parts and a beginning


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("error", [KeyError("mine"), OSError("mine"), FileNotFoundError(2, "mine")])
def test_an_error_of_the_content_comes_out_unchanged_and_leaves_nothing(
    lasting_place: BlobOptions, leftovers: Leftovers, error: Exception, length: int
) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield bytes(length)
        raise error

    async def use(store: Blobs) -> tuple[Exception, dict[str, int], bytes]:
        await store.put("memo", BEFORE)
        with pytest.raises(type(error)) as raised:
            await store.put("memo", content())
        return raised.value, await listed(store), await store.get("memo")

    assert using(lasting_place, use) == (error, {"memo": len(BEFORE)}, BEFORE)
    assert leftovers(lasting_place) == []


@pytest.mark.parametrize("length", LENGTHS)
def test_a_put_that_is_cancelled_while_it_waits_for_content_leaves_nothing(
    lasting_place: BlobOptions, leftovers: Leftovers, length: int
) -> None:
    async def use(store: Blobs) -> tuple[dict[str, int], bytes]:
        waits = asyncio.Event()

        async def content() -> AsyncIterator[bytes]:
            yield bytes(length)
            waits.set()
            await asyncio.Event().wait()

        await store.put("memo", BEFORE)
        put = asyncio.create_task(store.put("memo", content()))
        await waits.wait()
        put.cancel()
        with pytest.raises(asyncio.CancelledError):
            await put
        return await listed(store), await store.get("memo")

    assert using(lasting_place, use) == ({"memo": len(BEFORE)}, BEFORE)
    assert leftovers(lasting_place) == []


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("turns", [0, 1, 2, 5])
def test_a_put_that_is_cancelled_while_it_writes_leaves_nothing(
    lasting_place: BlobOptions, leftovers: Leftovers, turns: int, calls: int
) -> None:
    async def use(store: Blobs) -> tuple[dict[str, int], bytes]:
        async def cancel(task: asyncio.Task[int]) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            for _ in range(calls):
                task.cancel()
                await asyncio.sleep(0)

        async def content() -> AsyncIterator[bytes]:
            yield bytes(11 * MIB)
            canceller.append(asyncio.create_task(cancel(put)))
            while True:
                yield bytes(5 * MIB)

        canceller: list[asyncio.Task[None]] = []
        await store.put("memo", BEFORE)
        put = asyncio.create_task(store.put("memo", content()))
        with pytest.raises(asyncio.CancelledError):
            await put
        await canceller[0]
        return await listed(store), await store.get("memo")

    assert using(lasting_place, use) == ({"memo": len(BEFORE)}, BEFORE)
    assert leftovers(lasting_place) == []


def test_a_copy_is_removed_when_its_borrower_is_cancelled(
    s3_place: BlobOptions, tmp_path: Path
) -> None:
    async def use(store: Blobs) -> list[Path]:
        lent = asyncio.Event()

        async def borrow() -> None:
            async with store.as_file("memo", tmp_path):
                lent.set()
                await asyncio.Event().wait()

        await store.put("memo", b"secret")
        borrower = asyncio.create_task(borrow())
        await lent.wait()
        copies = list(tmp_path.iterdir())  # noqa: ASYNC240 - of one file
        borrower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await borrower
        return copies

    assert len(using(s3_place, use)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_listing_and_a_reading_can_be_broken_off(lasting_place: BlobOptions) -> None:
    async def use(store: Blobs) -> set[str]:
        for key in ("a", "b"):
            await store.put(key, bytes(3 * MIB))
        found = store.keys()
        first = (await anext(found))[0]
        await found.aclose()
        read = asyncio.create_task(all_of(store.stream("a")))
        await asyncio.sleep(0)
        read.cancel()
        with pytest.raises(asyncio.CancelledError):
            await read
        return {first}

    assert using(lasting_place, use) <= {"a", "b"}


HANG = """
import asyncio, sys
from diarist.storage.blobs import BlobOptions, BlobStore

async def content():
    yield bytes(3 << 20)
    yield b"x"
    print("half of it is written", flush=True)
    await asyncio.Event().wait()

asyncio.run(BlobStore(BlobOptions(sys.argv[1])).put("memo", content()))
"""


def test_what_a_killed_writer_left_is_removed_and_a_living_one_is_left_alone(
    folder: BlobOptions, leftovers: Leftovers
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANG, folder.url], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()

        using(folder, lambda store: store.put("other", b"x"))
        while_it_lives = len(leftovers(folder))
        writer.kill()

    using(folder, lambda store: store.put("other", b"x"))

    assert while_it_lives == 1
    assert leftovers(folder) == []
    assert using(folder, listed) == {"other": 1}


def test_a_second_store_does_not_disturb_a_put(folder: BlobOptions) -> None:
    async def use(store: Blobs) -> dict[str, int]:
        async def content() -> AsyncIterator[bytes]:
            yield b"beginning"
            await BlobStore(folder).put("other", b"x")
            yield b" and end"

        await store.put("memo", content())
        return await listed(store)

    assert using(folder, use) == {"memo": 17, "other": 1}


def test_folders_that_come_and_go_disturb_nobody(folder: BlobOptions) -> None:
    async def use(store: Blobs) -> dict[str, int]:
        async def come_and_go(name: str) -> None:
            for _ in range(100):
                await store.put(f"a/b/c/{name}", b"x")
                await store.delete([f"a/b/c/{name}"])

        await asyncio.gather(*(come_and_go(str(number)) for number in range(8)))
        return await listed(store)

    assert using(folder, use) == {}


def test_of_two_who_put_the_same_one_wins_whole(lasting_place: BlobOptions) -> None:
    async def use(store: Blobs) -> bytes:
        await asyncio.gather(*(store.put("memo", bytes([n]) * 6 * MIB) for n in range(4)))
        return await store.get("memo")

    got = using(lasting_place, use)

    assert got in {bytes([number]) * 6 * MIB for number in range(4)}


def test_a_blob_is_on_the_disk_before_it_has_its_name(
    folder: BlobOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync
    synced: list[str] = []
    named: list[bool] = []
    target = Path(folder.url) / "a" / "b" / "memo"

    def watched(descriptor: int) -> None:
        sync(descriptor)
        synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        named.append(target.exists())

    monkeypatch.setattr(os, "fsync", watched)

    using(folder, lambda store: store.put("a/b/memo", b"x"))

    root = Path(folder.url)
    incoming = [path for path in synced if Path(path).parent == root / ".incoming"]
    assert len(incoming) == 1
    assert not named[synced.index(incoming[0])]
    assert {str(root.parent), str(root), str(root / "a")} <= set(synced)
    assert (synced[-1], named[-1]) == (str(target.parent), True)


def test_a_deletion_is_on_the_disk_too(
    folder: BlobOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    using(folder, lambda store: store.put("a/b/memo", b"x"))
    sync = os.fsync
    synced: list[tuple[str, bool]] = []

    def watched(descriptor: int) -> None:
        sync(descriptor)
        path = os.path.realpath(f"/proc/self/fd/{descriptor}")
        synced.append((path, (Path(folder.url) / "a").exists()))

    monkeypatch.setattr(os, "fsync", watched)

    using(folder, lambda store: store.delete(["a/b/memo"]))

    assert synced == [(folder.url, False)]
