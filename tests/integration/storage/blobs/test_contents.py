"""What goes into a blob store comes out again, and what is deleted is gone."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarist.errors import BlobMissingError, StorageUnavailableError
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from support.blobs import MIB, FailingBlobStore, all_of, in_pieces, listed, noise, using
from support.s3_server import S3Server


@pytest.mark.parametrize("length", [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1])
def test_bytes_come_out_as_they_went_in(place: BlobOptions, length: int) -> None:
    content = noise(length)

    async def use(store: Blobs) -> tuple[int, bytes, bytes, int]:
        written = await store.put("recordings/memo", content)
        got, size = await store.get("recordings/memo"), await store.size("recordings/memo")
        return written, got, await all_of(store.stream("recordings/memo")), size

    assert using(place, use) == (length, content, content, length)


@pytest.mark.parametrize("piece", [7 * 1024 + 1, 9 * MIB])
def test_a_stream_comes_out_as_it_went_in_whatever_its_pieces(
    place: BlobOptions, piece: int
) -> None:
    content = noise(20 * MIB + 3)

    async def use(store: Blobs) -> tuple[int, bool, list[int]]:
        written = await store.put("a/b/c", in_pieces(content, piece))
        pieces = [one async for one in store.stream("a/b/c")]
        return written, b"".join(pieces) == content, [len(one) for one in pieces]

    written, is_same, lengths = using(place, use)

    assert (written, is_same) == (len(content), True)
    assert max(lengths) <= MIB


def test_a_stream_of_nothing_is_an_empty_blob(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[int, bytes, bytes]:
        written = await store.put("empty", in_pieces(b"", 1))
        return written, await store.get("empty"), await all_of(store.stream("empty"))

    assert using(place, use) == (0, b"", b"")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, None),
        (0, 0),
        (0, 1),
        (1, 1),
        (3 * MIB - 1, 3 * MIB + 1),
        (MIB, 19 * MIB),
        (20 * MIB - 1, None),
        (20 * MIB, None),
        (20 * MIB - 1, 99 * MIB),
        (30 * MIB, 40 * MIB),
        (30 * MIB, None),
    ],
)
def test_a_range_is_what_slicing_gives(place: BlobOptions, start: int, end: int | None) -> None:
    content = noise(20 * MIB)

    async def use(store: Blobs) -> bytes:
        await store.put("memo", content)
        return await all_of(store.stream("memo", start, end))

    assert using(place, use) == content[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 4)])
def test_a_range_that_makes_no_sense_is_refused(
    place: BlobOptions, start: int, end: int | None
) -> None:
    async def use(store: Blobs) -> None:
        await store.put("memo", b"0123456789")
        with pytest.raises(ValueError, match="no bytes from"):
            await all_of(store.stream("memo", start, end))

    using(place, use)


def test_what_is_put_again_takes_the_place_of_what_was_there(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[bytes, dict[str, int]]:
        await store.put("memo", noise(6 * MIB))
        await store.put("memo", b"short")
        return await store.get("memo"), await listed(store)

    assert using(place, use) == (b"short", {"memo": 5})


def test_nobody_sees_a_blob_before_all_of_it_is_there(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[bytes, dict[str, int], bytes]:
        seen: list[tuple[bytes, dict[str, int]]] = []

        async def content() -> AsyncIterator[bytes]:
            yield bytes(12 * MIB)
            seen.append((await store.get("memo"), await listed(store)))
            yield b"end"

        await store.put("memo", b"before")
        await store.put("memo", content())
        return *seen[0], (await store.get("memo"))[-3:]

    assert using(place, use) == (b"before", {"memo": 6}, b"end")


def test_a_reader_never_gets_a_mixture_of_two_versions(place: BlobOptions) -> None:
    async def use(store: Blobs) -> set[bytes]:
        await store.put("memo", b"a" * 20 * MIB)
        pieces = store.stream("memo")
        seen = {(await anext(pieces))[:1]}
        await store.put("memo", b"b" * 20 * MIB)
        with suppress(StorageUnavailableError):  # a file's old version can be read to its end
            async for piece in pieces:
                seen.add(piece[:1])
        return seen

    assert using(place, use) == {b"a"}


def test_a_reader_may_leave_early(place: BlobOptions) -> None:
    async def use(store: Blobs) -> bytes:
        await store.put("memo", noise(20 * MIB))
        pieces = store.stream("memo")
        first = await anext(pieces)
        await pieces.aclose()
        return first

    assert using(place, use) == noise(20 * MIB)[:MIB]


def test_a_blob_that_is_not_there_is_missing_for_everyone(
    place: BlobOptions, tmp_path: Path
) -> None:
    async def use(store: Blobs) -> bool:
        await store.put("there/memo", b"x")
        for missing in ("memo", "there", "there/other", "there/memo/below"):
            with pytest.raises(BlobMissingError, match=missing):
                await store.get(missing)
            with pytest.raises(BlobMissingError, match=missing):
                await store.size(missing)
            with pytest.raises(BlobMissingError, match=missing):
                await all_of(store.stream(missing))
            with pytest.raises(BlobMissingError, match=missing):
                async with store.as_file(missing, tmp_path):
                    pass
            assert not await store.exists(missing)
        return await store.exists("there/memo")

    assert using(place, use)


def test_an_unused_store_is_empty(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[dict[str, int], int, bool]:
        await store.delete(["memo"])
        return await listed(store), await store.delete_prefix("a/"), await store.exists("memo")

    assert using(place, use) == ({}, 0, False)


def test_what_is_deleted_is_gone_and_what_is_missing_is_no_trouble(place: BlobOptions) -> None:
    async def use(store: Blobs) -> dict[str, int]:
        for key in ("a/1", "a/2", "b/1"):
            await store.put(key, b"x")
        await store.delete(iter(["missing", "a", "a/1", "a/1", "a/1/below", "b/1"]))
        return await listed(store)

    assert using(place, use) == {"a/2": 1}


def test_a_folder_is_deleted_whole_and_its_namesakes_stay(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[int, int, dict[str, int]]:
        for key in ("chunks/ab/1", "chunks/ab/deep/er/2", "chunks/abc/3", "chunks/a/4", "other/5"):
            await store.put(key, b"x")
        return (
            await store.delete_prefix("chunks/ab/"),
            await store.delete_prefix("chunks/ab/"),
            await listed(store),
        )

    assert using(place, use) == (2, 0, {"chunks/abc/3": 1, "chunks/a/4": 1, "other/5": 1})


def test_more_blobs_than_a_page_holds_are_listed_and_deleted(place: BlobOptions) -> None:
    keys = [f"many/{number % 7}/{number}" for number in range(2_100)]

    async def use(store: Blobs) -> tuple[dict[str, int], int, dict[str, int]]:
        for start in range(0, len(keys), 50):
            await asyncio.gather(*(store.put(key, b"x") for key in keys[start : start + 50]))
        found = await listed(store, "many/")
        await store.delete(keys[:1_050])
        return found, await store.delete_prefix("many"), await listed(store)

    assert using(place, use) == (dict.fromkeys(keys, 1), 1_050, {})


def test_only_the_blobs_of_a_folder_are_listed(place: BlobOptions) -> None:
    async def use(store: Blobs) -> tuple[dict[str, int], dict[str, int]]:
        for key in ("a/1", "a/b/2", "ab/3"):
            await store.put(key, key.encode())
        return await listed(store, "a/"), await listed(store, "nothing/")

    assert using(place, use) == ({"a/1": 3, "a/b/2": 5}, {})


def test_nobody_deletes_everything_by_mistake(place: BlobOptions) -> None:
    async def use(store: Blobs) -> dict[str, int]:
        await store.put("memo", b"x")
        for everything in ("", "/"):
            with pytest.raises(ValueError, match="no"):
                await store.delete_prefix(everything)
        return await listed(store)

    assert using(place, use) == {"memo": 1}


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/etc/passwd", "a/", "a//b", ".", "..", "a/../b", "../b", ".incoming/x"),
        *("a/.hidden", "a\\b", "a\nb", "a\0b", "\ud800", "é" * 128, "a/" * 500 + "b"),
    ],
)
def test_a_key_that_could_lead_elsewhere_is_refused(place: BlobOptions, key: str) -> None:
    async def use(store: Blobs) -> None:
        with pytest.raises(ValueError, match="no blob can have the key"):
            await store.put(key, b"x")
        with pytest.raises(ValueError, match="no blob can have the key"):
            await store.get(key)
        with pytest.raises(ValueError, match="no blob can have the key"):
            await store.delete([key])

    using(place, use)


parts = st.text(
    st.characters(exclude_characters="/\\", codec="utf-8"), min_size=1, max_size=20
).filter(lambda part: part.isprintable() and not part.startswith("."))


@given(key=st.lists(parts, min_size=1, max_size=3).map("/".join), content=st.binary(max_size=99))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_key_may_be_of_any_script(place: BlobOptions, key: str, content: bytes) -> None:
    async def use(store: Blobs) -> tuple[bytes, dict[str, int], dict[str, int]]:
        await store.put(f"any/{key}", content)
        got, before = await store.get(f"any/{key}"), await listed(store)
        await store.delete([f"any/{key}"])
        return got, before, await listed(store)

    assert using(place, use) == (content, {f"any/{key}": len(content)}, {})


def test_a_file_is_lent_and_a_copy_is_taken_back(place: BlobOptions, tmp_path: Path) -> None:
    content, scratch = noise(3 * MIB), tmp_path / "scratch"

    async def use(store: Blobs) -> tuple[bytes, bool, bool]:
        await store.put("memo", content)
        async with store.as_file("memo", scratch) as path:
            return path.read_bytes(), path == store.local_path("memo"), scratch in path.parents

    got, is_itself, is_copy = using(place, use)

    is_folder = "://" not in place.url
    assert (got, is_itself, is_copy) == (content, is_folder, not is_folder)
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_a_copy_is_private_and_gone_after_an_error(s3_place: BlobOptions, tmp_path: Path) -> None:
    async def use(store: Blobs) -> int:
        mode = 0
        await store.put("memo", b"secret")
        with suppress(KeyError):
            async with store.as_file("memo", tmp_path) as path:
                mode = stat.S_IMODE(path.stat().st_mode)
                raise KeyError
        return mode

    assert using(s3_place, use) == 0o600
    assert list(tmp_path.iterdir()) == []


def test_files_and_folders_are_only_ours(folder: BlobOptions) -> None:
    async def use(store: Blobs) -> None:
        await store.put("a/b/memo", b"secret")

    using(folder, use)

    root = Path(folder.url)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    assert modes == {"blobs": 0o700, ".incoming": 0o700, "a": 0o700, "b": 0o700, "memo": 0o600}


def test_no_empty_folder_stays_behind(folder: BlobOptions) -> None:
    async def use(store: Blobs) -> None:
        for key in ("a/b/1", "a/c/2", "d/e/f/3", "d/e/4"):
            await store.put(key, b"x")
        await store.delete(["a/b/1"])
        await store.delete_prefix("d/")

    using(folder, use)

    root = Path(folder.url)
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*")) == [
        ".incoming",
        "a",
        "a/c",
        "a/c/2",
    ]


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_folder_may_be_named_by_path_or_url(tmp_path: Path, form: str) -> None:
    path = tmp_path / "blobs"

    async def use(store: Blobs) -> Path | None:
        await store.put("memo", b"x")
        return store.local_path("memo")

    assert using(BlobOptions(form.format(path)), use) == path / "memo"
    assert (path / "memo").read_bytes() == b"x"


def test_a_url_may_name_a_folder_with_any_characters(tmp_path: Path) -> None:
    async def use(store: Blobs) -> Path | None:
        return store.local_path("memo")

    url = (tmp_path / "ein Ordner#1").as_uri()

    assert using(BlobOptions(url), use) == tmp_path / "ein Ordner#1" / "memo"


def test_a_prefix_keeps_two_stores_in_one_bucket_apart(s3: S3Server) -> None:
    bucket = "two-stores"
    s3.create_bucket(bucket)

    async def put(store: Blobs) -> None:
        await store.put("memo", b"x")

    async def found(store: Blobs) -> dict[str, int]:
        return await listed(store)

    using(s3.options(f"{bucket}/one"), put)

    assert using(s3.options(f"{bucket}/one"), found) == {"memo": 1}
    assert using(s3.options(f"{bucket}/other"), found) == {}
    assert using(s3.options(bucket), found) == {"one/memo": 1}


def test_every_store_in_memory_is_one_of_its_own() -> None:
    async def use() -> tuple[bool, bool]:
        one, other = BlobStore(BlobOptions("memory://")), BlobStore(BlobOptions("memory://"))
        await one.put("memo", b"x")
        return await one.exists("memo"), await other.exists("memo")

    assert asyncio.run(use()) == (True, False)


def test_a_check_leaves_nothing_behind(place: BlobOptions) -> None:
    async def use(store: Blobs) -> dict[str, int]:
        await store.check()
        return await listed(store)

    assert using(place, use) == {}


def test_a_closed_store_can_be_used_again(lasting_place: BlobOptions) -> None:
    async def use(store: Blobs) -> bytes:
        await store.put("memo", b"x")
        await store.close()
        await store.close()
        return await store.get("memo")

    assert using(lasting_place, use) == b"x"


def test_building_a_store_makes_and_asks_nothing(tmp_path: Path) -> None:
    BlobStore(BlobOptions(str(tmp_path / "blobs")))
    BlobStore(BlobOptions("nonsense://"))

    assert list(tmp_path.iterdir()) == []


def test_a_failing_store_fails_until_it_is_told_not_to(place: BlobOptions, tmp_path: Path) -> None:
    async def use(real: Blobs) -> bytes:
        store = FailingBlobStore(real)
        await store.put("memo", b"x")
        store.failing = True
        for attempt in (store.get("memo"), store.put("memo", b"y"), store.check()):
            with pytest.raises(Exception, match="away") as raised:
                await attempt
            assert getattr(raised.value, "is_passing", False)
        store.failing = False
        async with store.as_file("memo", tmp_path) as path:
            return path.read_bytes()

    assert using(place, use) == b"x"
