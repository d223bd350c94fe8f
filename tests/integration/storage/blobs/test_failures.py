"""An error of the blob store says whose turn it is and gives no secret away."""

from __future__ import annotations

import asyncio
import json
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from diarist.errors import (
    BlobMissingError,
    DiaristError,
    StorageFullError,
    StorageSetupError,
    StorageUnavailableError,
)
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from support.blobs import MIB, all_of, listed, noise, using
from support.mounts import run_on_mount
from support.s3_server import READER, SECRET, S3Server
from support.serving import QuietHandler, serving

SHORT_S = 0.2
LONG_S = 60.0  # a deadline that is not meant to pass
Use = Callable[[Blobs], Awaitable[object]]


async def list_all(store: Blobs) -> dict[str, int]:
    return await listed(store)


async def stream_all(store: Blobs) -> bytes:
    return await all_of(store.stream("memo"))


async def put_much(store: Blobs) -> int:
    return await store.put("memo", bytes(12 * MIB))


USES: dict[str, Use] = {
    "put": lambda store: store.put("memo", b"x"),
    "put_much": put_much,
    "get": lambda store: store.get("memo"),
    "size": lambda store: store.size("memo"),
    "exists": lambda store: store.exists("memo"),
    "stream": stream_all,
    "keys": list_all,
    "delete": lambda store: store.delete(["memo"]),
    "delete_prefix": lambda store: store.delete_prefix("folder/"),
    "check": lambda store: store.check(),
}
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


def failure_of(options: BlobOptions, use: Use) -> DiaristError:
    """Return the error of a use, which gives no secret away, not even to a log."""

    async def in_time(store: Blobs) -> None:
        async with asyncio.timeout(LONG_S):
            await use(store)

    with pytest.raises(DiaristError) as raised:
        using(options, in_time)
    shown = "".join(traceback.format_exception(raised.value))
    assert SECRET not in shown + raised.value.message + raised.value.hint + repr(options)
    return raised.value


def is_passing(error: DiaristError) -> bool:
    return isinstance(error, StorageUnavailableError) and error.is_passing


FILL = """
import asyncio, sys
from pathlib import Path
from diarist.errors import StorageFullError
from diarist.storage.blobs import BlobOptions, BlobStore

async def content():
    for _ in range(40):
        yield bytes(1 << 20)

async def main(folder):
    store = BlobStore(BlobOptions(str(folder / "blobs")))
    await store.put("before", bytes(1 << 20))
    for much in (content(), bytes(40 << 20)):
        try:
            await store.put("much", much)
        except StorageFullError as error:
            print(error.code)
    print({key: size async for key, size in store.keys()})
    print(list((folder / "blobs" / ".incoming").iterdir()))
    print(await store.put("after", bytes(1 << 20)))
    elsewhere = BlobStore(BlobOptions("memory://"))
    await elsewhere.put("much", bytes(40 << 20))
    try:
        async with elsewhere.as_file("much", folder / "scratch"):
            pass
    except StorageFullError as error:
        print(error.message.replace(str(folder), ""))
    print(list((folder / "scratch").iterdir()))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_full_disk_is_told_as_such_and_nothing_fills_it_further(tmp_path: Path) -> None:
    told = run_on_mount("size=16m", tmp_path, FILL)

    assert told.splitlines() == [
        "storage/full",
        "storage/full",
        "{'before': 1048576}",
        "[]",
        "1048576",
        "the folder /scratch has no room left (No space left on device)",
        "[]",
    ]


WRITE = """
import asyncio, sys
from diarist.errors import StorageSetupError
from diarist.storage.blobs import BlobOptions, BlobStore

try:
    asyncio.run(BlobStore(BlobOptions(sys.argv[1] + "/blobs")).check())
except StorageSetupError as error:
    print(error.message.replace(sys.argv[1], ""))
"""


def test_a_disk_that_cannot_be_written_to_is_the_operators_turn(tmp_path: Path) -> None:
    told = run_on_mount("ro", tmp_path, WRITE)

    assert told == "the blob store /blobs cannot be used (Read-only file system)\n"


def test_a_folder_that_is_a_file_is_the_operators_turn(tmp_path: Path) -> None:
    path = tmp_path / "blobs"
    path.write_bytes(b"")

    assert isinstance(failure_of(BlobOptions(str(path)), USES["check"]), StorageSetupError)


@pytest.mark.parametrize("key", ["memo/below", "folder"])
def test_a_key_below_a_key_is_refused_by_a_folder(folder: BlobOptions, key: str) -> None:
    async def use(store: Blobs) -> None:
        await store.put("memo", b"x")
        await store.put("folder/memo", b"x")
        await store.put(key, b"y")

    assert not is_passing(failure_of(folder, use))
    assert using(folder, listed) == {"memo": 1, "folder/memo": 1}


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense://bucket", "https://host/bucket", "file://folder", "file:///a?b", "a\0b"),
        *("s3://", "s3:///prefix", "s3://bucket?x=1", "s3://bucket/../other", "s3://bucket:80"),
        *("memory://something", f"s3://user:{SECRET}@bucket", f"s3://bucket?key={SECRET}"),
        *("s3://[", f"nonsense://user:{SECRET}@host/part?{SECRET}#{SECRET}"),
    ],
)
def test_an_address_that_names_nothing_is_the_operators_turn(url: str) -> None:
    error = failure_of(BlobOptions(url), USES["get"])

    assert isinstance(error, StorageSetupError)
    assert "DIARIST_BLOBS__URL" in error.hint


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("/somewhere", {"endpoint": SECRET}),
        ("memory://", {"endpoint": SECRET}),
        ("s3://bucket", {"no_such_option": SECRET}),
        ("s3://bucket", {"endpoint": SECRET, "secret_access_key": SECRET}),
        ("s3://bucket", {"endpoint": "http://", "secret_access_key": SECRET}),
        ("gs://bucket", {"service_account_key": SECRET}),
        ("gs://bucket", {"base_url": SECRET}),
        ("az://bucket", {"account_name": "me", "account_key": f"{SECRET}!"}),
    ],
)
def test_an_option_that_cannot_be_meant_is_the_operators_turn(
    url: str, options: Mapping[str, str]
) -> None:
    assert isinstance(failure_of(BlobOptions(url, options), USES["get"]), StorageSetupError)


def test_options_and_stores_show_where_they_are_and_no_more() -> None:
    options = BlobOptions(f"s3://user:{SECRET}@bucket/part?{SECRET}", {"secret_access_key": SECRET})

    assert repr(options) == "BlobOptions('s3://bucket/part')"
    assert repr(BlobStore(options)) == "BlobStore('s3://bucket/part')"


@every_use
def test_wrong_credentials_are_the_operators_turn(s3: S3Server, bucket: str, use: Use) -> None:
    error = failure_of(s3.options(bucket, secret=f"not-{SECRET}"), use)

    assert isinstance(error, StorageSetupError)
    assert "403" in error.message


@every_use
def test_an_unknown_bucket_is_the_operators_turn(s3: S3Server, use: Use) -> None:
    error = failure_of(s3.options("no-such-bucket"), use)

    assert isinstance(error, StorageSetupError)
    assert "NoSuchBucket" in error.message


@pytest.mark.parametrize("name", ["put", "put_much", "delete", "check"])
def test_a_bucket_that_may_only_be_read_is_the_operators_turn(
    s3: S3Server, s3_place: BlobOptions, name: str
) -> None:
    using(s3_place, USES["put"])
    reader = s3.options(s3_place.url.removeprefix("s3://"), user=READER)

    assert isinstance(failure_of(reader, USES[name]), StorageSetupError)
    assert using(reader, listed) == {"memo": 1}


def test_a_server_that_goes_away_in_the_middle_is_awaited(s3: S3Server) -> None:
    s3.create_bucket("outage")
    options = s3.options("outage/ours", retry_timeout_s=SHORT_S)
    content = noise(30 * MIB)

    async def put_and_lose_the_server(store: Blobs) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield content[: 12 * MIB]
            s3.kill()
            yield content[12 * MIB :]

        await store.put("new", pieces())

    async def stream_and_lose_the_server(store: Blobs) -> None:
        async for _ in store.stream("old"):
            s3.kill()

    using(options, lambda store: store.put("old", content))
    try:
        for lose_the_server in (put_and_lose_the_server, stream_and_lose_the_server):
            assert is_passing(failure_of(options, lose_the_server))
            assert is_passing(failure_of(options, USES["check"]))
            s3.start()
    finally:
        if not s3.daemon.is_running:
            s3.start()

    assert using(options, listed) == {"old": len(content)}
    assert using(options, lambda store: store.put("new", content)) == len(content)
    assert using(options, lambda store: store.get("new")) == content


def closed_port() -> str:
    """Return an address at which nobody listens, since whoever did has left."""
    with serving(QuietHandler) as address:
        return address


def of_google(address: str) -> BlobOptions:
    key = {
        "gcs_base_url": address,
        "disable_oauth": True,
        "client_email": "me",
        "private_key": SECRET,
        "private_key_id": "1",
    }
    return BlobOptions("gs://bucket/part", {"service_account_key": json.dumps(key)}, 5.0, SHORT_S)


def of_microsoft(address: str) -> BlobOptions:
    options = {"endpoint": address, "account_name": "me", "sas_token": f"sv=1&sig={SECRET}"}
    return BlobOptions("az://container/part", options, 5.0, SHORT_S)


def of_amazon(address: str) -> BlobOptions:
    options = {"endpoint": address, "access_key_id": "me", "secret_access_key": SECRET}
    return BlobOptions("s3://bucket/part", options, 5.0, SHORT_S)


@every_use
@pytest.mark.parametrize("cloud", [of_amazon, of_google, of_microsoft])
def test_a_cloud_that_cannot_be_reached_is_told_in_time(
    cloud: Callable[[str], BlobOptions], use: Use
) -> None:
    """GCS and Azure have no server that runs here: only how they fail is tested."""
    error = failure_of(cloud(closed_port()), use)

    assert is_passing(error)
    assert "connection refused" in error.message


def answering(status: int, code: str) -> type[QuietHandler]:
    """Return a server that has one answer to everything."""

    class Answering(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base's name
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"
            self.answer(status, {"Content-Type": "application/xml"}, body.encode())

        do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the base's names

    return Answering


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (503, "SlowDown", "passing"),
        (500, "InternalError", "passing"),
        (502, "", "passing"),
        (429, "TooManyRequests", "passing"),
        (408, "RequestTimeout", "passing"),
        (409, "OperationAborted", "passing"),
        (403, "userRateLimitExceeded", "passing"),
        (507, "InsufficientStorage", "full"),
        (403, "QuotaExceeded", "full"),
        (400, "XMinioStorageFull", "full"),
        (403, "AccessDenied", "setup"),
        (403, "RequestTimeTooSkewed", "setup"),
        (401, "Unauthorized", "setup"),
        (301, "PermanentRedirect", "setup"),
        (400, "AuthorizationHeaderMalformed", "setup"),
        (404, "NoSuchBucket", "setup"),
        (501, "NotImplemented", "setup"),
    ],
)
@pytest.mark.parametrize("cloud", [of_amazon, of_google])
@pytest.mark.parametrize("name", ["put", "get"])
def test_what_a_server_answers_says_whose_turn_it_is(
    cloud: Callable[[str], BlobOptions], name: str, status: int, code: str, meaning: str
) -> None:
    with serving(answering(status, code)) as address:
        error = failure_of(cloud(address), USES[name])

    assert {
        "passing": is_passing(error),
        "full": isinstance(error, StorageFullError),
        "setup": isinstance(error, StorageSetupError),
    } == {"passing": False, "full": False, "setup": False} | {meaning: True}


def test_a_server_that_never_answers_is_told_in_time() -> None:
    is_over = threading.Event()

    class Silent(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base's name
            is_over.wait()

    with serving(Silent) as address:
        options = BlobOptions("s3://bucket", of_amazon(address).options, SHORT_S, SHORT_S)
        try:
            error = failure_of(options, USES["get"])
        finally:
            is_over.set()

    assert is_passing(error)
    assert "too long" in error.message


def test_an_answer_that_breaks_off_may_be_asked_for_again() -> None:
    class Breaking(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base's name
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT")
            self.end_headers()
            self.wfile.write(b"half")

    with serving(Breaking) as address:
        error = failure_of(of_amazon(address), USES["get"])

    assert is_passing(error)


def test_a_blob_that_is_gone_already_keeps_no_other_from_being_deleted() -> None:
    """GCS deletes one by one and stops at what is missing; it is played here, in part."""
    asked: list[str] = []

    class Google(QuietHandler):
        def do_DELETE(self) -> None:  # noqa: N802 - the base's name
            asked.append(unquote(self.path))
            self.answer(404 if "gone" in self.path else 204, {}, b"")

    keys = ["gone", *(f"key-{number}" for number in range(40))]
    with serving(Google) as address:
        using(of_google(address), lambda store: store.delete(keys))

    assert {f"/bucket/part/{key}" for key in keys} <= set(asked)


def test_a_lost_blob_is_named(place: BlobOptions) -> None:
    error = failure_of(place, lambda store: store.get("recordings/lost"))

    assert isinstance(error, BlobMissingError)
    assert "recordings/lost" in error.message
    assert BlobOptions(place.url).shown in error.message
