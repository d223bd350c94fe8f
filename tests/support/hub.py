"""A model hub on this machine: as much of its protocol as fetching a file takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from diarist.transcription.catalogue import Model
from support.serving import QuietHandler, serving

REVISION = "a1" * 20


def tiny_model(files: dict[str, bytes], name: str = "pocket") -> Model:
    """Return a model made of some bytes, as the catalogue would describe it."""
    return Model(
        name=name,
        repository=f"somebody/faster-whisper-{name}",
        revision=REVISION,
        files={file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
        weights_mb=1,
        multilingual=True,
    )


@dataclass
class LocalHub:
    """What it holds, how it misbehaves, and what it was asked.

    Attributes:
        files: content by `/{repository}/resolve/{revision}/{file}`.
        url: where it listens.
        cut_after: bytes after which the first answer breaks off, by path.
        refused: status of the answer, by path.
        asked: method, path and wanted range of each request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    url: str = ""
    cut_after: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    def put(self, model: Model, files: dict[str, bytes]) -> None:
        for file, content in files.items():
            self.files[self.path(model, file)] = content

    def path(self, model: Model, file: str) -> str:
        return f"/{model.repository}/resolve/{model.revision}/{file}"

    def fetched(self) -> list[str]:
        """Return the names of the files whose content was asked for, in order."""
        return [path.rpartition("/")[2] for method, path, _ in self.asked if method == "GET"]


@contextmanager
def local_hub() -> Iterator[LocalHub]:
    """Run a hub that holds nothing yet."""
    hub = LocalHub()

    class Handler(QuietHandler):
        def do_HEAD(self) -> None:  # noqa: N802 - the base's name
            self._resolve()

        def do_GET(self) -> None:  # noqa: N802 - the base's name
            self._resolve()

        def _resolve(self) -> None:
            wanted = self.headers["Range"]
            hub.asked.append((self.command, self.path, wanted))
            content = hub.files.get(self.path)
            if self.path in hub.refused:
                self.answer(hub.refused[self.path], {}, b"")
            elif content is None:
                self.answer(404, {"X-Error-Code": "EntryNotFound"}, b"")
            elif wanted:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                place = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.answer(206, {**_identity(content), "Content-Range": place}, content[start:])
            elif self.command == "GET" and self.path in hub.cut_after:
                self._break_off(content[: hub.cut_after.pop(self.path)], len(content))
            else:
                self.answer(200, _identity(content), content)

        def _break_off(self, beginning: bytes, promised: int) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(beginning)

    with serving(Handler) as hub.url:
        yield hub


def _identity(content: bytes) -> dict[str, str]:
    etag = hashlib.sha256(content).hexdigest()
    return {"ETag": f'"{etag}"', "X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
