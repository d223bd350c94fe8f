"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest

from diarist.transcription.config import FasterWhisperConfig
from diarist.transcription.faster_whisper import FasterWhisper
from diarist.transcription.models import ModelStore
from support.databases import migrate
from support.servers import PostgresServer, ValkeyServer, running_postgres, running_valkey

_TEMPLATE = "migrated"
_numbers = count()


@pytest.fixture(scope="session")
def models_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for models that no other process writes to."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def base_folder(models_root: Path) -> Path:
    """Multilingual base, from the packages."""
    return ModelStore(models_root).verified("base")


@pytest.fixture(scope="session")
def base_engine(base_folder: Path) -> Iterator[FasterWhisper]:
    """An engine with multilingual base, loaded once for all tests of a worker."""
    engine = FasterWhisper(base_folder, "base", FasterWhisperConfig(device="cpu"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def tiny_folder(models_root: Path) -> Path:
    """English tiny, from a package."""
    return ModelStore(models_root).verified("tiny.en")


@pytest.fixture(scope="session")
def tiny_engine(tiny_folder: Path) -> Iterator[FasterWhisper]:
    """An engine with English tiny, which is fast."""
    engine = FasterWhisper(tiny_folder, "tiny.en", FasterWhisperConfig(device="cpu"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL for all tests of a worker. A test that stops it starts it again."""
    # Not in pytest's own folder, which only its owner may enter: as root, the server is another.
    with TemporaryDirectory(prefix="diarist-pg-") as folder, running_postgres(Path(folder)) as one:
        yield one


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> str:
    migrate(postgres_server.create_database(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Address of a database in PostgreSQL without any table."""
    name = f"empty_{next(_numbers)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """Address of a migrated database in PostgreSQL that is this test's own."""
    name = f"test_{next(_numbers)}"
    yield postgres_server.create_database(name, _postgres_template)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "diarist.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """Address of a migrated database in a file that is this test's own."""
    return f"sqlite:///{copy(_sqlite_template, tmp_path / 'diarist.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a migrated database of either kind that is this test's own."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database of either kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """Valkey for all tests of a worker. A test that stops it starts it again."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> str:
    """Address of a Valkey that holds nothing."""
    valkey_server.flush()
    return valkey_server.url
