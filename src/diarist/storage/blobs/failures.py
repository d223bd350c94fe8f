"""What an error of obstore or of a disk means, and whose turn it is: the one place that knows.

Texts of obstore go no further than here, since they hold what servers answered. Of those only
the status and the code are passed on.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from diarist.errors import (
    BlobMissingError,
    DiaristError,
    StorageFullError,
    StorageSetupError,
    StorageUnavailableError,
)

Meaning = Literal["missing", "full", "setup", "passing", "broken"]

KINDS: Mapping[str, Meaning] = {
    "AlreadyExistsError": "passing",  # somebody else is at it, as are the next two
    "PreconditionError": "passing",
    "NotModifiedError": "passing",
    "JoinError": "passing",
    "NotFoundError": "missing",
    "FileNotFoundError": "missing",
    "PermissionDeniedError": "setup",
    "UnauthenticatedError": "setup",
    "UnknownConfigurationKeyError": "setup",
    "NotSupportedError": "setup",
    "ValueError": "setup",  # of an address or an option
    "InvalidPathError": "broken",
    "GenericError": "broken",
    "BaseError": "broken",
}
"""What each class of obstore means when neither a code nor a word says more."""

_CODE = re.compile(r"<Code>(\w+)</Code>|\(code: (\w+)\)")
_STATUS = re.compile(r"status code: (\d{3})")

# Sources: the lists of error codes of S3, GCS (XML API) and Azure Blob Storage; MinIO's and Ceph's.
_CODES: Mapping[str, Meaning] = {
    "QuotaExceeded": "full",
    "QuotaExceededException": "full",
    "XMinioStorageFull": "full",
    "XMinioAdminBucketQuotaExceeded": "full",
    "InsufficientStorage": "full",
    "SlowDown": "passing",
    "RequestTimeout": "passing",
    "OperationTimedOut": "passing",
    "ServerBusy": "passing",
    "Throttling": "passing",
    "ThrottlingException": "passing",
    "RequestLimitExceeded": "passing",
    "BandwidthLimitExceeded": "passing",
    "rateLimitExceeded": "passing",
    "userRateLimitExceeded": "passing",
    "InternalError": "passing",
    "ServiceUnavailable": "passing",
    "AccessDenied": "setup",
    "NoSuchBucket": "setup",
    "ContainerNotFound": "setup",
}

_STATUSES: Mapping[int, Meaning] = {
    404: "missing",
    408: "passing",
    409: "passing",
    412: "passing",
    425: "passing",
    429: "passing",
    501: "setup",
    507: "full",
}

_METADATA_SERVICES = ("//169.254.169.254/", "//metadata.google.internal/")
_NAMES = re.compile(r'https?://\S+|path: "[^"]*"')  # anything may be in them

_WORDS: tuple[tuple[str, Meaning, str], ...] = (
    ("redirect", "setup", "it is at another address or in another region"),
    ("credential", "setup", "the credentials cannot be read"),
    ("access key", "setup", "the credentials cannot be read"),
    ("pem file", "setup", "the credentials cannot be read"),
    ("certificate", "setup", "its certificate is not trusted"),
    ("builder error", "setup", "its address is none"),
    ("dns error", "passing", "its name is not known"),
    ("connection refused", "passing", "connection refused"),
    ("connectionrefused", "passing", "connection refused"),
    ("timed out", "passing", "it took too long"),
    ("timedout", "passing", "it took too long"),
    ("connection", "passing", "the connection broke"),
    ("error sending request", "passing", "no answer"),
    ("http error", "passing", "no answer"),
    ("body", "passing", "the answer broke off"),
)

_ERRNOS: Mapping[int, Meaning] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
    **dict.fromkeys((errno.ENOENT, errno.EISDIR, errno.ENOTDIR), "missing"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ELOOP), "setup"),
    **dict.fromkeys(
        (errno.EIO, errno.ESTALE, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM), "passing"
    ),
    **dict.fromkeys((errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN, errno.ENOLCK), "passing"),
}


@contextmanager
def translating(
    where: str, kinds: tuple[type[Exception], ...] = (OSError,), key: str | None = None
) -> Iterator[None]:
    """Raise our errors for those of some kinds that come out of the block.

    Args:
        where: "the blob store s3://…", or another place that bytes lie in.
        kinds: of what lies below.
        key: of the blob that should be there, if one should.
    """
    try:
        yield
    except kinds as error:
        raise translated(error, where, key) from error


def translated(error: Exception, where: str, key: str | None = None) -> DiaristError:
    """Return our error for one of obstore or of the operating system."""
    meaning, reason = _meaning_of(error)
    if meaning == "missing" and key is not None:
        return BlobMissingError(
            f"{where} holds no blob {key}",
            hint="It was deleted, or the store is not the one that it was put into.",
        )
    if meaning == "full":
        return StorageFullError(
            f"{where} has no room left ({reason})",
            hint="Free space or raise its quota; work goes on by itself after that.",
        )
    if meaning in ("setup", "missing"):
        return setup_error(where, reason)
    passing = StorageUnavailableError(
        f"{where} did not do its part ({reason})",
        hint="Check that it is there and can be reached; work goes on by itself after that.",
    )
    passing.is_passing = meaning == "passing"
    return passing


def setup_error(where: str, reason: str) -> StorageSetupError:
    """Return the error for a place that cannot be used as it is configured."""
    return StorageSetupError(
        f"{where} cannot be used ({reason})",
        hint="Check DIARIST_BLOBS__URL, DIARIST_BLOBS__OPTIONS, credentials and permissions.",
    )


def reason_of(error: Exception) -> str:
    """Return what happened in words that hold no secret."""
    return _meaning_of(error)[1]


def _meaning_of(error: Exception) -> tuple[Meaning, str]:
    if isinstance(error, OSError) and error.errno is not None:
        return _ERRNOS.get(error.errno, "broken"), os.strerror(error.errno)
    text = str(error)
    if any(address in text for address in _METADATA_SERVICES):
        return "passing", "no credentials were given, and it got none from the cloud"
    kind = KINDS.get(type(error).__name__, "broken")
    status, code = _STATUS.search(text), _CODE.search(text)
    if status or code:
        named = next(filter(None, code.groups())) if code else ""
        number = int(status[1]) if status else 0
        return _answered(number, named, kind), f"{number or ''} {named}".strip()
    lowered = _NAMES.sub("", text).lower()
    for word, meaning, reason in _WORDS if kind == "broken" else ():
        if word in lowered:
            return meaning, reason
    return kind, type(error).__name__


def _answered(status: int, code: str, kind: Meaning) -> Meaning:
    """Return what a server's answer means."""
    if code in _CODES:
        return _CODES[code]
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return "passing"
    return "setup" if status >= 300 else kind
