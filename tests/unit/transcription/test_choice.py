"""Which model is chosen, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from diarist.errors import ModelMissingError, ModelTooLargeError, UnknownModelError
from diarist.transcription.catalogue import MODELS, Model
from diarist.transcription.choice import (
    Hardware,
    choose,
    free_memory_mb,
    needed_mb,
    this_hardware,
)
from diarist.transcription.models import ModelStore

LAPTOP = Hardware(cores=4, free_mb=8_000, gpus=0)
SERVER = Hardware(cores=32, free_mb=64_000, gpus=0)
WITH_GPU = Hardware(cores=8, free_mb=16_000, gpus=1)


def unpackaged(name: str) -> Model:
    """A model as the catalogue knows it, but in no package, so that a test decides what is here."""
    model = MODELS[name]
    return Model(
        name, model.repository, "0" * 40, model.files, model.weights_mb, model.multilingual
    )


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, catalogue={name: unpackaged(name) for name in MODELS})


def put(store: ModelStore, *names: str) -> None:
    for name in names:
        (store.root / name).mkdir()
        for file in store.catalogue[name].files:
            (store.root / name / file).write_bytes(b"weights")


def test_a_laptop_prefers_base_and_says_why(store: ModelStore) -> None:
    put(store, "tiny", "base", "small")

    choice = choose("auto", store, LAPTOP)

    assert choice.located.name == "base"
    assert "4 cores" in choice.reason
    assert choice.replaces is None


def test_a_gpu_gets_the_largest(store: ModelStore) -> None:
    put(store, "base", "large-v3-turbo")

    choice = choose("auto", store, WITH_GPU)

    assert choice.located.name == "large-v3-turbo"
    assert "GPU" in choice.reason


def test_many_cores_get_more_than_base(store: ModelStore) -> None:
    put(store, "base", "small")

    assert choose("auto", store, SERVER).located.name == "small"


def test_an_english_model_is_chosen_only_for_english(store: ModelStore) -> None:
    put(store, "tiny.en")

    assert choose("auto", store, LAPTOP, language="en").located.name == "tiny.en"
    with pytest.raises(ModelMissingError):
        choose("auto", store, LAPTOP, language="fr")


def test_a_model_that_does_not_fit_gives_way_to_one_that_does(store: ModelStore) -> None:
    put(store, "tiny", "base", "large-v3")
    tight = Hardware(cores=4, free_mb=needed_mb("base", LAPTOP) + 10, gpus=0)

    choice = choose("large-v3", store, tight)

    assert (choice.located.name, choice.replaces) == ("base", "large-v3")
    assert str(tight.free_mb) in choice.reason


def test_a_model_that_could_not_be_loaded_is_not_tried_again(store: ModelStore) -> None:
    put(store, "tiny", "base")

    assert choose("base", store, LAPTOP, without=("base",)).located.name == "tiny"
    with pytest.raises(ModelTooLargeError, match="base, nor for tiny"):
        choose("auto", store, LAPTOP, without=("base", "tiny"))


def test_nothing_fits_into_no_memory(store: ModelStore) -> None:
    put(store, "tiny")

    with pytest.raises(ModelTooLargeError, match="100 MB are free"):
        choose("auto", store, Hardware(cores=1, free_mb=100, gpus=0))


def test_nothing_here_says_how_to_get_something(store: ModelStore) -> None:
    with pytest.raises(ModelMissingError) as caught:
        choose("auto", store, LAPTOP)

    assert "diarist models pull base" in caught.value.hint


def test_a_name_that_nobody_knows_lists_those_that_are_known(store: ModelStore) -> None:
    with pytest.raises(UnknownModelError) as caught:
        choose("enormous", store, LAPTOP)

    assert "large-v3-turbo" in caught.value.hint


def test_a_folder_of_ones_own_is_taken_as_it_is(store: ModelStore, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "model.bin").write_bytes(b"weights")

    choice = choose(str(mine), store, LAPTOP)

    assert choice.located.path == mine
    assert choice.located.model is None


def test_another_device_than_the_gpu_leaves_gpus_aside() -> None:
    hardware = this_hardware("cpu")

    assert not hardware.has_gpu
    assert hardware.cores >= 1
    assert hardware.free_mb > 0


@pytest.mark.parametrize(
    ("files", "free_mb"),
    [
        ({"memory.max": "50000000", "memory.current": "20000000"}, 28),
        (
            {
                "memory.max": "50000000",
                "memory.current": "49000000",
                "memory.stat": "anon 9000000\ninactive_file 40000000\nactive_file 0\n",
            },
            39,
        ),
        ({"memory.max": "50000000", "memory.current": "60000000"}, 0),
    ],
    ids=["capped", "full of files that were read", "over its limit"],
)
def test_a_container_has_what_its_limit_leaves(
    tmp_path: Path, files: dict[str, str], free_mb: int
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    assert free_memory_mb(tmp_path) == free_mb


@pytest.mark.parametrize("limit", ["max\n", None], ids=["no limit", "no container"])
def test_without_a_limit_the_machines_memory_counts(tmp_path: Path, limit: str | None) -> None:
    if limit:
        (tmp_path / "memory.max").write_text(limit)
        (tmp_path / "memory.current").write_text("20000000")

    assert free_memory_mb(tmp_path) > 100
