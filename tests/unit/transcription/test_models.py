"""Weights are found in a fixed order, fetched from a hub, and trusted only by digest."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from diarist.errors import (
    ModelDigestError,
    ModelMissingError,
    OutputNotWrittenError,
    UnknownModelError,
    UpstreamUnavailableError,
)
from diarist.transcription.catalogue import ALIASES, MODELS, Model, PackagedFile
from diarist.transcription.models import ModelStore, verify_folder
from support.hub import LocalHub, local_hub, tiny_model

FILES = {"model.bin": b"weights of the model", "config.json": b"{}"}
POCKET = tiny_model(FILES)


def packaged(model: Model, root: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Install a model in two distributions: its weights in halves, the rest whole."""
    middle = len(FILES["model.bin"]) // 2
    parts = {
        ("pocket-one", "pocket_one/model.000"): FILES["model.bin"][:middle],
        ("pocket-two", "pocket_two/model.001"): FILES["model.bin"][middle:],
        ("pocket-two", "pocket_two/config.json"): FILES["config.json"],
    }
    for (distribution, name), content in parts.items():
        record = root / f"{distribution.replace('-', '_')}-1.0.dist-info"
        record.mkdir(parents=True, exist_ok=True)
        (record / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
    monkeypatch.syspath_prepend(root)
    weights, config = tuple(parts)[:2], tuple(parts)[2:]
    return dataclasses.replace(
        model,
        packaged=(PackagedFile("model.bin", weights), PackagedFile("config.json", config)),
    )


def written(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub client's cache, with nothing of anybody else's in it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    name = f"models--{POCKET.repository.replace('/', '--')}"
    return tmp_path / "cache" / name / "snapshots" / POCKET.revision


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A hub that holds the model."""
    with local_hub() as hub:
        hub.put(POCKET, FILES)
        yield hub


@pytest.fixture
def store(tmp_path: Path, hub: LocalHub) -> ModelStore:
    """A store that knows one model and has none."""
    return ModelStore(tmp_path / "models", hub.url, {"pocket": POCKET})


def test_a_model_that_is_nowhere_is_not_located(store: ModelStore) -> None:
    assert store.locate("pocket") is None
    assert store.installed() == []


def test_places_are_looked_at_in_order(
    store: ModelStore, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    store = dataclasses.replace(store, catalogue={"pocket": model})

    sources = [store.locate("pocket")]
    written(cache)
    sources.append(store.locate("pocket"))
    written(store.root / "pocket")
    sources.append(store.locate("pocket"))

    assert [located and located.source for located in sources] == [
        "packages",
        "hub cache",
        "store",
    ]


def test_a_model_that_lies_whole_in_a_package_is_used_where_it_lies(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_halves = packaged(POCKET, tmp_path / "site", monkeypatch)
    written(tmp_path / "site" / "whole")
    whole = dataclasses.replace(
        in_halves,
        packaged=tuple(PackagedFile(file, (("pocket-one", f"whole/{file}"),)) for file in FILES),
    )
    store = dataclasses.replace(store, catalogue={"pocket": whole})

    assert store.verified("pocket") == tmp_path / "site" / "whole"
    assert not store.root.exists()


def test_a_folder_is_taken_as_it_is(store: ModelStore, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine", {"model.bin": b"anything"})

    located = store.locate(str(mine))

    assert located is not None
    assert (located.name, located.source, located.model) == ("mine", "folder", None)
    assert store.verified(str(mine)) == mine


def test_a_known_name_means_the_model_and_a_path_means_the_folder(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "here" / "pocket", {"model.bin": b"anything"})
    monkeypatch.chdir(tmp_path / "here")

    assert store.locate("pocket") is None
    folder = store.locate("./pocket")
    assert folder is not None
    assert folder.source == "folder"


def test_a_folder_is_named_after_itself_however_it_was_given(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written(tmp_path / "mine"))

    located = store.locate(".")

    assert located is not None
    assert located.name == "mine"


def test_a_model_of_which_a_file_is_missing_is_not_here(store: ModelStore) -> None:
    written(store.root / "pocket", {"model.bin": FILES["model.bin"]})

    assert store.locate("pocket") is None


@pytest.mark.parametrize(
    "name",
    ["enormous", "~nobody-of-that-name/model", "x" * 5000, "", "a\x00b"],
    ids=["unknown", "no home", "too long", "empty", "no name at all"],
)
def test_what_is_neither_a_model_nor_a_folder_lists_the_models(
    store: ModelStore, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnknownModelError) as caught:
        store.locate(name)

    assert caught.value.hint == "Known are: pocket."


def test_a_model_that_is_not_here_says_how_to_get_it(store: ModelStore) -> None:
    with pytest.raises(ModelMissingError) as caught:
        store.verified("pocket")

    assert caught.value.hint == "Fetch it with `diarist models pull pocket`."


@pytest.mark.parametrize("file", FILES)
def test_one_flipped_bit_is_found(store: ModelStore, file: str) -> None:
    folder = written(store.root / "pocket")
    content = bytearray(FILES[file])
    content[-1] ^= 1
    (folder / file).write_bytes(content)

    with pytest.raises(ModelDigestError, match=file):
        store.verified("pocket")


def test_a_folder_without_a_file_does_not_pass_for_the_model(tmp_path: Path) -> None:
    folder = written(tmp_path / "pocket", {"model.bin": FILES["model.bin"]})

    with pytest.raises(ModelMissingError):
        verify_folder(folder, POCKET)


def test_parts_of_packages_are_joined_once(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    store = dataclasses.replace(store, catalogue={"pocket": model})

    folder = store.verified("pocket")

    assert content_of(folder) == FILES
    assert [path.name for path in store.root.iterdir()] == ["pocket"]
    located = store.locate("pocket")
    assert located is not None
    assert located.source == "store"


def test_parts_that_two_join_at_once_are_whole_for_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    together = Barrier(4, timeout=30.0)

    def join(turn: int) -> dict[str, bytes]:
        mine = ModelStore(tmp_path / f"models-{turn}", None, {"pocket": model})
        together.wait()
        return content_of(mine.verified("pocket"))

    with ThreadPoolExecutor(4) as pool:  # four joins of each folder, a hundred times
        found = list(pool.map(join, [turn for turn in range(100) for _ in range(4)]))

    assert found == [FILES] * 400


def test_parts_replace_what_an_earlier_version_left_incomplete(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    store = dataclasses.replace(store, catalogue={"pocket": model})
    written(store.root / "pocket", {"model.bin": b"half"})

    assert content_of(store.verified("pocket")) == FILES


def test_parts_that_are_not_the_published_ones_leave_nothing_behind(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    (tmp_path / "site" / "pocket_two" / "model.001").write_bytes(b"something else")
    store = dataclasses.replace(store, catalogue={"pocket": model})

    with pytest.raises(ModelDigestError):
        store.verified("pocket")

    assert list(store.root.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = packaged(POCKET, tmp_path / "site", monkeypatch)
    (tmp_path / "models").write_text("a file where the folder should be")
    store = dataclasses.replace(store, catalogue={"pocket": model})

    with pytest.raises(OutputNotWrittenError, match="models/pocket") as caught:
        store.verified("pocket")

    assert "DIARIST_MODELS__ROOT" in caught.value.hint


def test_a_model_is_fetched_from_its_pinned_revision(store: ModelStore, hub: LocalHub) -> None:
    folder = store.pull("pocket")

    assert content_of(folder) == FILES
    assert store.verified("pocket") == folder
    assert {path for _, path, _ in hub.asked} == {hub.path(POCKET, file) for file in FILES}


def test_progress_reaches_the_end_of_each_file(store: ModelStore) -> None:
    seen: list[tuple[str, int, int]] = []

    store.pull("pocket", lambda file, done, total: seen.append((file, done, total)))

    last = {file: (done, total) for file, done, total in seen}
    assert last == {file: (len(content), len(content)) for file, content in FILES.items()}


def test_a_model_that_is_here_is_not_fetched_again(store: ModelStore, hub: LocalHub) -> None:
    store.pull("pocket")
    hub.asked.clear()

    store.pull("pocket")

    assert hub.asked == []


def test_files_that_were_put_there_by_hand_are_not_fetched(
    store: ModelStore, hub: LocalHub
) -> None:
    written(store.root / "pocket")

    store.pull("pocket")

    assert hub.asked == []


def test_a_second_try_fetches_only_what_the_first_could_not(
    store: ModelStore, hub: LocalHub
) -> None:
    hub.refused[hub.path(POCKET, "config.json")] = 403
    with pytest.raises(UpstreamUnavailableError, match="403"):
        store.pull("pocket")
    hub.refused.clear()
    hub.asked.clear()

    folder = store.pull("pocket")

    assert hub.fetched() == ["config.json"]
    assert content_of(folder) == FILES


def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    store: ModelStore, hub: LocalHub
) -> None:
    piece = 10 << 20  # the client writes no smaller pieces to the disk
    files = {"model.bin": bytes(range(256)) * (piece // 256 + 5000)}
    vast = tiny_model(files, "vast")
    hub.put(vast, files)
    hub.cut_after[hub.path(vast, "model.bin")] = piece + 100
    store = dataclasses.replace(store, catalogue={"vast": vast})

    folder = store.pull("vast")

    assert content_of(folder) == files
    assert [wanted for method, _, wanted in hub.asked if method == "GET"] == [
        None,
        f"bytes={piece}-",
    ]


def test_bytes_that_are_not_the_published_ones_leave_nothing_behind(
    store: ModelStore, hub: LocalHub
) -> None:
    hub.put(POCKET, {"model.bin": b"weights of the mobel"})

    with pytest.raises(ModelDigestError, match=r"model\.bin is not the published file"):
        store.pull("pocket")

    assert not (store.root / "pocket").exists()
    assert store.locate("pocket") is None


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_hub_that_does_not_give_the_model_is_said_to_be_the_cause(
    store: ModelStore, hub: LocalHub, status: int
) -> None:
    hub.refused[hub.path(POCKET, "model.bin")] = status

    with pytest.raises(UpstreamUnavailableError, match=f"pocket could not be fetched .*{status}"):
        store.pull("pocket")


def test_without_a_network_the_hint_says_what_to_do(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(UpstreamUnavailableError, match="offline mode") as caught:
        store.pull("pocket")

    assert "Check the connection" in caught.value.hint


@pytest.mark.parametrize("endpoint", ["hub", "gopher://127.0.0.1"], ids=["no scheme", "no HTTP"])
def test_an_endpoint_that_is_none_is_no_crash(store: ModelStore, endpoint: str) -> None:
    store = dataclasses.replace(store, hub_endpoint=endpoint)

    with pytest.raises(UpstreamUnavailableError, match="could not be fetched"):
        store.pull("pocket")


def test_a_fetched_model_that_cannot_be_written_is_the_disks_fault(
    store: ModelStore, tmp_path: Path
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")

    with pytest.raises(OutputNotWrittenError, match="models/pocket"):
        store.pull("pocket")


def test_only_known_models_are_fetched(store: ModelStore, hub: LocalHub) -> None:
    with pytest.raises(UnknownModelError):
        store.pull("enormous")

    assert hub.asked == []


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_each_known_model_is_pinned_to_the_byte(model: Model) -> None:
    assert len(bytes.fromhex(model.revision)) == 20
    assert {len(bytes.fromhex(sha256)) for sha256 in model.files.values()} == {32}
    assert {"model.bin", "config.json", "tokenizer.json"} <= set(model.files)
    assert {file.name for file in model.packaged} in (set(), set(model.files))
    assert model.multilingual == (not model.name.endswith(".en"))


def test_another_name_of_a_model_means_the_model() -> None:
    store = ModelStore(Path("nowhere"))

    assert {alias: store.known(alias).name for alias in ALIASES} == ALIASES
