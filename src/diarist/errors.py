"""Every error a user can meet, in one tree that answers "whose turn is it now?".

The drawing is compared with the classes by a test:

    DiaristError
    ├─ InputError                    the caller's turn: never retried
    │  ├─ FileNotFoundInputError
    │  ├─ UnreadableFileError
    │  ├─ EmptyFileError
    │  ├─ NotAudioError
    │  ├─ UnreadableAudioError
    │  ├─ NoAudioTrackError
    │  ├─ NoSpeechError
    │  ├─ TooLongError
    │  ├─ UnreadableTranscriptError
    │  ├─ UnknownLanguageError
    │  ├─ UnsupportedRequestError
    │  ├─ OutputExistsError
    │  ├─ NotFoundError
    │  ├─ ConflictError
    │  └─ BlobMissingError
    ├─ UpstreamError                 the world's turn: worth another try later
    │  ├─ UpstreamUnavailableError
    │  ├─ UpstreamRejectedError
    │  ├─ RateLimitedError
    │  ├─ StorageUnavailableError
    │  ├─ StorageFullError
    │  ├─ WorkerDiedError
    │  ├─ TooSlowError
    │  └─ LeaseLostError
    ├─ SetupError                    the operator's turn: `diarist doctor` explains
    │  ├─ SettingsError
    │  ├─ MissingExtraError
    │  ├─ UnknownEngineError
    │  ├─ UnknownModelError
    │  ├─ ModelMissingError
    │  ├─ ModelDigestError
    │  ├─ ModelTooLargeError
    │  ├─ ModelUnusableError
    │  ├─ OutputNotWrittenError
    │  ├─ StorageSetupError
    │  └─ SchemaError
    └─ UnexpectedError               our turn: a bug, to be reported

A `message` says what happened and to what; a `hint` says what to do. Every `code` has a
heading in docs/reference/errors.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class DiaristError(Exception):
    """Something went wrong in a way that diarist understands.

    Attributes:
        code: stable identifier, `area/kind`.
        message: what happened, and to what, in one line.
        hint: what the reader can do about it, in one line.
    """

    code: ClassVar[str] = "diarist/error"

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., DiaristError], tuple[object, ...]]:
        """Let it travel between processes, with everything that it says."""
        return _rebuilt, (type(self), self.message, self.hint, dict(vars(self)))


class InputError(DiaristError):
    """What came in cannot be used as it is."""

    code = "input/unusable"


class FileNotFoundInputError(InputError):
    """A named file or folder does not exist."""

    code = "input/not-found"


class UnreadableFileError(InputError):
    """A file exists, but the operating system does not let us read it."""

    code = "input/unreadable"


class EmptyFileError(InputError):
    """A file has no bytes, or a recording no samples."""

    code = "audio/empty"


class NotAudioError(InputError):
    """The bytes are those of something else: a picture, an archive, a document."""

    code = "audio/not-audio"


class UnreadableAudioError(InputError):
    """The bytes claim to be audio, but nothing could be decoded from them."""

    code = "audio/unreadable"


class NoAudioTrackError(InputError):
    """A container without an audio track, such as a silent video."""

    code = "audio/no-track"


class NoSpeechError(InputError):
    """Audio that was decoded in full and in which nobody speaks."""

    code = "audio/no-speech"


class TooLongError(InputError):
    """More audio than the limit allows, as counted while decoding."""

    code = "audio/too-long"


class UnreadableTranscriptError(InputError):
    """A file given as a transcript that no reader understands."""

    code = "transcript/unreadable"


class UnknownLanguageError(InputError):
    """A language code that the model does not know."""

    code = "language/unknown"


class UnsupportedRequestError(InputError):
    """A valid request that this model or engine cannot fulfil."""

    code = "request/unsupported"


class OutputExistsError(InputError):
    """The result would overwrite a file, and nobody said that it may."""

    code = "output/exists"


class NotFoundError(InputError):
    """Nothing of that id belongs to the one who asks."""

    code = "jobs/not-found"


class ConflictError(InputError):
    """Something is not in a state in which that can be done to it."""

    code = "jobs/conflict"


class BlobMissingError(InputError):
    """The blob store does not hold what the database says it does, or it was deleted."""

    code = "storage/missing"


class UpstreamError(DiaristError):
    """A service that we depend on did not do its part."""

    code = "upstream/error"


class UpstreamUnavailableError(UpstreamError):
    """A service could not be reached, was too slow, or broke."""

    code = "upstream/unavailable"


class UpstreamRejectedError(UpstreamError):
    """A service understood the request and refused it."""

    code = "upstream/rejected"


class RateLimitedError(UpstreamError):
    """A service asked us to slow down.

    Attributes:
        retry_after_s: seconds that the service asked us to wait, if it said so.
    """

    code = "upstream/rate-limited"

    def __init__(self, message: str, *, hint: str, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class StorageUnavailableError(UpstreamError):
    """The database or the blob store could not be reached, was too slow, or broke.

    Attributes:
        is_passing: the same work, done again a moment later, may succeed.
    """

    code = "storage/unavailable"
    is_passing = False


class StorageFullError(UpstreamError):
    """The disk or the quota of the database or of the blob store is full."""

    code = "storage/full"


class WorkerDiedError(UpstreamError):
    """The process that worked on something ended in the middle of it."""

    code = "jobs/worker-died"


class TooSlowError(UpstreamError):
    """Work took longer than the length of the recording can explain, and was stopped."""

    code = "jobs/too-slow"


class LeaseLostError(UpstreamError):
    """Work was given to another worker meanwhile, or cancelled: what was done here is void."""

    code = "jobs/lease-lost"


class SetupError(DiaristError):
    """This installation lacks something or is configured wrongly."""

    code = "setup/broken"


class SettingsError(SetupError):
    """A setting has a wrong name or a wrong value."""

    code = "setup/settings"


class MissingExtraError(SetupError):
    """An optional part of diarist is needed and not installed."""

    code = "setup/missing-extra"


class UnknownEngineError(SetupError):
    """No engine of that name is installed."""

    code = "engine/unknown"


class UnknownModelError(SetupError):
    """No model of that name is known, and no folder of that name exists."""

    code = "model/unknown"


class ModelMissingError(SetupError):
    """A known model whose weights are not on this machine."""

    code = "model/missing"


class ModelDigestError(SetupError):
    """A model file is not the one that was published."""

    code = "model/digest"


class ModelTooLargeError(SetupError):
    """No usable model fits into the memory that is free."""

    code = "model/too-large"


class ModelUnusableError(SetupError):
    """Weights that are what they should be, but that could not be loaded.

    Attributes:
        is_out_of_memory: a smaller model might be loaded.
    """

    code = "model/unusable"

    def __init__(self, message: str, *, hint: str, is_out_of_memory: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_out_of_memory = is_out_of_memory


class OutputNotWrittenError(SetupError):
    """The result could not be written: no space, no permission, no folder."""

    code = "output/not-written"


class StorageSetupError(SetupError):
    """The address, the credentials or the permissions of the database or blob store are wrong."""

    code = "storage/setup"


class SchemaError(SetupError):
    """The tables of the database are not those that this version of diarist works with."""

    code = "storage/schema"


class UnexpectedError(DiaristError):
    """Something that nobody foresaw: a defect of diarist."""

    code = "diarist/unexpected"


def _rebuilt(
    kind: type[DiaristError], message: str, hint: str, said: dict[str, object]
) -> DiaristError:
    error = kind.__new__(kind, message)
    DiaristError.__init__(error, message, hint=hint)
    vars(error).update(said)
    return error
