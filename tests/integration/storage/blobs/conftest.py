"""Blob stores of every kind that can be run here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from diarist.storage.blobs import BlobOptions
from support.s3_server import S3Server, running_s3


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server for all tests of a worker."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def bucket(s3: S3Server) -> str:
    """The name of a bucket, in which every test has a folder of its own."""
    s3.create_bucket("diarist")
    return "diarist"


@pytest.fixture
def s3_place(s3: S3Server, bucket: str) -> BlobOptions:
    """An empty folder in a bucket."""
    return s3.options(f"{bucket}/{uuid4().hex}/ours")


@pytest.fixture
def folder(tmp_path: Path) -> BlobOptions:
    """A local folder that nobody has made yet."""
    return BlobOptions(str(tmp_path / "blobs"))


@pytest.fixture(params=["folder", "memory", "s3_place"])
def place(request: pytest.FixtureRequest) -> BlobOptions:
    """An empty store of each kind."""
    if request.param == "memory":
        return BlobOptions("memory://")
    options: BlobOptions = request.getfixturevalue(request.param)
    return options


@pytest.fixture(params=["folder", "s3_place"])
def lasting_place(request: pytest.FixtureRequest) -> BlobOptions:
    """An empty store of each kind that other processes see."""
    options: BlobOptions = request.getfixturevalue(request.param)
    return options


@pytest.fixture
def leftovers(request: pytest.FixtureRequest) -> Callable[[BlobOptions], list[str]]:
    """Tells what is left of puts that came to nothing."""

    def found(options: BlobOptions) -> list[str]:
        if options.url.startswith("s3://"):
            server: S3Server = request.getfixturevalue("s3")
            return server.unfinished_uploads(request.getfixturevalue("bucket"))
        return [str(path) for path in (Path(options.url) / ".incoming").iterdir()]

    return found
