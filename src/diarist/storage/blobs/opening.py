"""From a URL to the place that it names. Nothing is asked or made yet."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from diarist.storage.blobs.bucket import Bucket
from diarist.storage.blobs.failures import reason_of, setup_error
from diarist.storage.blobs.folder import Folder
from diarist.storage.blobs.keys import checked_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from diarist.storage.blobs.options import BlobOptions
    from diarist.storage.blobs.protocols import Place

_CONNECT_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_TRIES_AGAIN = 10

_ADDRESS = re.compile(r"https?://[^/\s]+\S*")
_ADDRESS_OPTION = re.compile(r"(^|_)(endpoint|base)(_url)?$", re.IGNORECASE)


def place_for(options: BlobOptions) -> Place:
    """Return the place that a URL names.

    Raises:
        StorageSetupError: if it names none.
    """
    scheme, separator, _ = options.url.partition("://")
    if not separator or scheme == "file":
        return _folder(options)
    return Bucket(_store(scheme, options), _where(options))


def _where(options: BlobOptions) -> str:
    return f"the blob store {options.shown}"


def _folder(options: BlobOptions) -> Folder:
    if options.options:
        raise setup_error(_where(options), "a folder takes no options")
    path = options.url
    if "://" in path:
        parts = urlsplit(path)
        if parts.netloc or parts.query or parts.fragment:
            raise setup_error(_where(options), "the URL of a folder begins with file:///")
        path = unquote(parts.path)
    if not path or "\0" in path:
        raise setup_error(_where(options), "that is not the name of a folder")
    return Folder(Path(path).absolute(), _where(options))


def _store(scheme: str, options: BlobOptions) -> ObjectStore:
    from obstore import store  # noqa: PLC0415 - heavy
    from obstore.exceptions import BaseError  # noqa: PLC0415 - heavy

    if options.url == "memory://" and not options.options:
        return store.MemoryStore()
    kinds: dict[str, Any] = {
        "s3": store.S3Store,
        "gs": store.GCSStore,
        "az": store.AzureStore,
    }
    if scheme not in kinds:
        raise setup_error(_where(options), "it is none of file://, s3://, gs://, az://, memory://")
    bucket, prefix = _bucket_and_prefix(options)
    _check_addresses(options)
    try:
        opened: ObjectStore = kinds[scheme](
            bucket,
            prefix=prefix or None,
            config=dict(options.options),
            client_options=_client(options),
            retry_config=_retries(options),
        )
    except (BaseError, ValueError) as error:
        raise setup_error(_where(options), reason_of(error)) from error
    return opened


def _bucket_and_prefix(options: BlobOptions) -> tuple[str, str]:
    try:
        parts = urlsplit(options.url)
        prefix = checked_folder(parts.path.strip("/"))
    except ValueError as error:
        raise setup_error(_where(options), "nothing can have that address") from error
    if not parts.netloc or re.search("[@:]", parts.netloc) or parts.query or parts.fragment:
        raise setup_error(_where(options), "a bucket is all that belongs behind ://")
    return parts.netloc, prefix


def _check_addresses(options: BlobOptions) -> None:
    """Refuse an endpoint that is no URL: obstore would panic and end the process."""
    for name, value in options.options.items():
        if _ADDRESS_OPTION.search(name) and not _ADDRESS.fullmatch(value):
            raise setup_error(_where(options), f"the option {name} is not a URL")


def _client(options: BlobOptions) -> dict[str, object]:
    return {
        "timeout": timedelta(seconds=options.request_timeout_s),
        "connect_timeout": timedelta(seconds=min(_CONNECT_TIMEOUT_S, options.request_timeout_s)),
        "allow_http": any("http://" in value for value in options.options.values()),
    }


def _retries(options: BlobOptions) -> dict[str, object]:
    return {
        "max_retries": _TRIES_AGAIN,
        "retry_timeout": timedelta(seconds=options.retry_timeout_s),
        "backoff": {
            "init_backoff": timedelta(seconds=_FIRST_PAUSE_S),
            "max_backoff": timedelta(seconds=_LONGEST_PAUSE_S),
            "base": 2,
        },
    }
