"""PostgreSQL, Valkey and worker processes on this machine, as many as are wanted.

Servers come from wheels and listen on this machine only; they and the workers end with the block.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from diarist.settings import Settings
from diarist.workers.paced import Pace
from measure.paced_worker import write_plan

_TESTS = Path(__file__).parents[2] / "tests"
sys.path.insert(0, str(_TESTS))

from support.databases import migrate  # noqa: E402 - found only now
from support.servers import (  # noqa: E402 - found only now
    PostgresServer,
    ValkeyServer,
    running_postgres,
    running_valkey,
)

_END_S = 30.0


@dataclass
class Cluster:
    """What jobs run on.

    Attributes:
        postgres: with its default durability: a commit is on the disk.
        valkey: that hints go through.
        folder: of blobs, logs and settings.
        settings: that every process of it uses.
        pace: of the made-up work.
    """

    postgres: PostgresServer
    valkey: ValkeyServer
    folder: Path
    settings: Settings
    pace: Pace
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker process."""
        number = len(self.workers)
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "measure.paced_worker", str(self.folder)],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},  # noqa: TID251
                stdout=log,
                stderr=log,
            )
        self.workers.append(process)
        return process

    def stop_workers(self) -> None:
        """Stop all workers, and wait until they are gone."""
        for process in self.workers:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.workers:
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def cpu_s(self) -> dict[str, float]:
        """Return the seconds of work that each part has cost the cores so far."""
        own = psutil.Process()
        spent = own.cpu_times()
        parts = {"submitter": spent.user + spent.system, "workers": 0.0, "servers": 0.0}
        of_workers = {process.pid for process in self.workers}
        for process in own.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                part = "workers" if process.pid in of_workers else "servers"
                # Connections of PostgreSQL that were closed count among those of its children.
                parts[part] += (
                    times.user + times.system + times.children_user + times.children_system
                )
        return parts

    def logs(self) -> str:
        """Return what all workers have said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("worker-*.log")))


@contextmanager
def running_cluster(pace: Pace, work: dict[str, float]) -> Iterator[Cluster]:
    """Start servers and give their databases tables; no worker runs yet.

    Args:
        pace: of the made-up work.
        work: settings of the part `work`.
    """
    with (
        TemporaryDirectory(prefix="diarist-pg-") as data,
        TemporaryDirectory(prefix="diarist-") as name,
        running_postgres(Path(data), durable=True, settings=_POSTGRES) as postgres,
        running_valkey(Path(name) / "valkey") as valkey,
    ):
        folder = Path(name)
        url = postgres.create_database("diarist")
        migrate(url)
        settings = {
            "database": {"url": url},
            "queue": {"redis_url": valkey.url},
            "blobs": {"url": str(folder / "blobs")},
            "work": work,
        }
        cluster = Cluster(postgres, valkey, folder, Settings.model_validate(settings), pace)
        write_plan(folder, settings, pace)
        try:
            yield cluster
        finally:
            cluster.stop_workers()


_POSTGRES = {"shared_buffers": "512MB", "max_connections": "100"}
