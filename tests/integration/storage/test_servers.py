"""The servers that other tests rely on: what they keep, and when they end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import redis

from diarist.storage.tables import owners
from support.databases import counted, fill, opened
from support.servers import PostgresServer, ValkeyServer, running_postgres, running_valkey

TESTS = Path(__file__).parents[2]
LONG_ENOUGH_S = 30

IS_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support.servers import running_postgres, running_valkey
folder = Path(sys.argv[2])
with running_postgres(folder / "p") as postgres, running_valkey(folder / "v") as valkey:
    print(postgres.daemon.pid, valkey.daemon.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def fill_it(url: str) -> None:
    async with opened(url) as database:
        await fill(database)


async def count_it(url: str) -> int:
    async with opened(url) as database:
        return await counted(database, owners)


def test_every_test_gets_a_database_in_which_nobody_was_before(database_url: str) -> None:
    assert asyncio.run(count_it(database_url)) == 0


def test_postgresql_keeps_its_address_and_its_rows_when_it_is_killed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    asyncio.run(fill_it(postgres_url))

    postgres_server.kill()
    postgres_server.start()

    assert asyncio.run(count_it(postgres_url)) == 1


def test_postgresql_finds_its_databases_in_the_folder_of_an_earlier_run() -> None:
    with TemporaryDirectory(prefix="diarist-pg-") as folder:
        with running_postgres(Path(folder)) as first:
            first.create_database("kept")
        with running_postgres(Path(folder), durable=True) as second:
            second.drop_database("kept")


def test_a_durable_valkey_keeps_what_it_was_told_when_it_is_stopped(tmp_path: Path) -> None:
    with running_valkey(tmp_path, durable=True) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("word", "kept")

        server.restart()

        with redis.Redis.from_url(server.url) as client:
            assert client.get("word") == b"kept"


def test_a_test_finds_nothing_in_valkey(valkey_server: ValkeyServer, valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        client.set("word", "left behind")
        valkey_server.flush()

        assert client.dbsize() == 0


def test_servers_end_when_the_process_that_started_them_is_killed() -> None:
    with TemporaryDirectory(prefix="diarist-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL is somebody else
        killed = subprocess.run(
            [sys.executable, "-c", IS_KILLED, str(TESTS), folder],
            stdout=subprocess.PIPE,
            check=False,
        )
        servers = [psutil.Process(int(pid)) for pid in killed.stdout.split() if _is_there(pid)]
        _, alive = psutil.wait_procs(servers, LONG_ENOUGH_S)

    assert killed.returncode == -signal.SIGKILL
    assert alive == []


def _is_there(pid: bytes) -> bool:
    return psutil.pid_exists(int(pid))
