"""A real S3 server, SeaweedFS, on the loopback interface: it checks signatures and permissions."""

from __future__ import annotations

import json
import os
import socket
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diarist.storage.blobs import BlobOptions
from support.servers import Account, Daemon

OWNER = "AKIAOWNER"
READER = "AKIAREADER"
SECRET = "correct-horse-battery-staple"  # noqa: S105 - guards nothing
"""Of every user. No message may ever contain it."""

_PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"),
)


@dataclass
class S3Server:
    """SeaweedFS with its data in a folder.

    Attributes:
        endpoint: where S3 is spoken; it stays the same.
        filer: where the server can be looked into.
        daemon: the process.
    """

    endpoint: str
    filer: str = field(repr=False)
    daemon: Daemon = field(repr=False)

    def start(self) -> None:
        self.daemon.start(self._is_ready)

    def kill(self) -> None:
        self.daemon.kill()

    def create_bucket(self, name: str) -> None:
        self._ask(f"/buckets/{name}/", method="POST")

    def options(
        self,
        place: str,
        user: str = OWNER,
        secret: str = SECRET,
        request_timeout_s: float = 30.0,
        retry_timeout_s: float = 60.0,
    ) -> BlobOptions:
        """Return how to reach a bucket, or a folder in one."""
        return BlobOptions(
            f"s3://{place}",
            {
                "endpoint": self.endpoint,
                "region": "us-east-1",
                "access_key_id": user,
                "secret_access_key": secret,
            },
            request_timeout_s=request_timeout_s,
            retry_timeout_s=retry_timeout_s,
        )

    def unfinished_uploads(self, bucket: str) -> list[str]:
        """Return what uploads in parts have left in a bucket."""
        try:
            listed = self._ask(f"/buckets/{bucket}/.uploads/")
        except urllib.error.HTTPError as error:
            with error:
                return []  # no blob was ever uploaded in parts
        return [entry["FullPath"] for entry in listed["Entries"] or []]

    def _ask(self, path: str, method: str = "GET", content: bytes | None = None) -> Any:
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(  # noqa: S310 - of our own server
            self.filer + path, content, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def _is_ready(self) -> bool:
        """Return whether S3 is spoken and what is stored can be read."""
        try:
            self._ask("/ready", method="PUT", content=b'"yes"')
            with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=5):  # noqa: S310
                return bool(self._ask("/ready") == "yes")
        except OSError:
            return False


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Run a server whose data, log and users are in a folder."""
    ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
    users = folder / "users.json"
    users.write_text(json.dumps({"identities": [*_users()]}))
    (folder / "data").mkdir()
    chosen = {
        **ports,
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "master.electionTimeout": "1s",  # it is the only one, but waits for others when restarted
        "master.volumeSizeLimitMB": "128",
        "volume.max": "400",
        "filer": "true",
        "filer.localSocket": folder / "filer.sock",
        "s3": "true",
        "s3.localSocket": folder / "s3.sock",
        "s3.config": users,
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
    }
    binary = Path(sysconfig.get_path("scripts")) / "weed"
    command = [str(binary), "server", *(f"-{name}={value}" for name, value in chosen.items())]
    daemon = Daemon(command, folder / "log", Account(os.geteuid(), os.getegid()))
    server = S3Server(
        f"http://127.0.0.1:{ports['s3.port']}", f"http://127.0.0.1:{ports['filer.port']}", daemon
    )
    server.start()
    try:
        yield server
    finally:
        server.kill()  # asked to end, it takes half a minute
        for port in ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its choice
                left.unlink()


def _users() -> Iterator[dict[str, object]]:
    for user, actions in ((OWNER, ["Admin"]), (READER, ["Read", "List"])):
        credentials = [{"accessKey": user, "secretKey": SECRET}]
        yield {"name": user, "credentials": credentials, "actions": actions}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
