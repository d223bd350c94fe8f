"""Where the blob store is, without showing to anybody what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, repr=False)
class BlobOptions:
    """Where the blob store is and how it is asked.

    Attributes:
        url: a path or `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix`,
            `az://container/prefix`, or `memory://`, which every store has for itself.
        options: of the store, under the names that obstore gives them, such as `endpoint`,
            `region`, `access_key_id`, `secret_access_key`. Never shown. What is not given is
            looked for where the cloud's own tools look.
        request_timeout_s: the longest that one request takes, a part of a blob included.
        retry_timeout_s: after how long no request is tried again.
    """

    url: str
    options: Mapping[str, str] = field(default_factory=dict)
    request_timeout_s: float = 30.0
    retry_timeout_s: float = 60.0

    @property
    def shown(self) -> str:
        """The address, without a password that somebody may have written into it."""
        scheme, separator, rest = self.url.partition("://")
        if not separator or scheme == "file":
            return self.url
        place = rest.partition("?")[0].partition("#")[0].rpartition("@")[2]
        return f"{scheme}://{place}"

    def __repr__(self) -> str:
        """Say where it is, and nothing that opens it."""
        return f"BlobOptions({self.shown!r})"
