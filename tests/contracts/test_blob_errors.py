"""No error of obstore comes out untranslated."""

from __future__ import annotations

import inspect

import obstore.exceptions
import pytest

from diarist.errors import BlobMissingError, DiaristError, StorageSetupError, UpstreamError
from diarist.storage.blobs.failures import KINDS, translated

OF_PYTHON = {"FileNotFoundError", "ValueError"}  # obstore raises them too
CLASSES = [
    kind
    for _, kind in inspect.getmembers(obstore.exceptions, inspect.isclass)
    if issubclass(kind, Exception)
]


def test_every_class_of_obstore_has_a_meaning_and_none_has_that_does_not_exist() -> None:
    assert {kind.__name__ for kind in CLASSES} | OF_PYTHON == set(KINDS)


@pytest.mark.parametrize("kind", [*CLASSES, FileNotFoundError, ValueError, OSError, TimeoutError])
def test_every_error_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = translated(kind("secret of the server"), "the blob store s3://bucket", "memo")

    assert isinstance(error, UpstreamError | StorageSetupError | BlobMissingError)
    assert "s3://bucket" in error.message
    assert "secret" not in error.message + error.hint


def test_an_error_of_obstore_is_caught_by_its_base() -> None:
    assert all(issubclass(kind, obstore.exceptions.BaseError) for kind in CLASSES)


@pytest.mark.parametrize("bucket", ["credentials", "certificate", "redirect"])
def test_the_name_of_a_bucket_means_nothing(bucket: str) -> None:
    text = (
        f"Generic S3 error: Error performing PUT http://{bucket}.localhost/{bucket}/a in 1ms - "
        f'HTTP error: error sending request\\n path: "{bucket}/a", Connection refused'
    )

    error: DiaristError = translated(obstore.exceptions.GenericError(text), "the blob store")

    assert getattr(error, "is_passing", False)
