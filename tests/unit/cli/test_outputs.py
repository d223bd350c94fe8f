"""Results get names of their own, are written whole, and never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from diarist.cli.inputs import Source
from diarist.cli.outputs import OutputPlan, check, write_whole
from diarist.errors import OutputExistsError, OutputNotWrittenError


def test_recordings_of_one_name_get_different_results() -> None:
    plan = OutputPlan(Path("o"), ("md",))

    names = [
        plan.paths_for(Source(Path(name)))["md"].name
        for name in ("memo.mp3", "memo.m4a", "old/memo.m4a")
    ]

    assert names == ["memo.md", "memo.m4a.md", "memo.m4a-2.md"]


def test_results_stand_where_the_recording_stood() -> None:
    plan = OutputPlan(Path("o"), ("md", "verbose_json"))

    paths = plan.paths_for(Source(Path("in/trip/memo.mp3"), Path("trip")))

    assert paths == {
        "md": Path("o/trip/memo.md"),
        "verbose_json": Path("o/trip/memo.verbose.json"),
    }


def test_nothing_is_planned_where_nothing_is_wanted() -> None:
    assert OutputPlan(Path("o"), ()).paths_for(Source(Path("memo.mp3"))) == {}


def test_an_existing_result_is_refused_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "memo.md"
    kept.write_text("mine")

    with pytest.raises(OutputExistsError, match=r"memo\.md"):
        check({"md": kept}, may_overwrite=False)
    check({"md": kept}, may_overwrite=True)

    assert kept.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "o").write_text("a file")

    with pytest.raises(OutputNotWrittenError):
        check({"md": tmp_path / "o" / "memo.md"}, may_overwrite=False)


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "memo.md"
    path.write_text("old")

    write_whole(path, "new \udcff and é")

    assert path.read_text(encoding="utf-8") == "new ? and é"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "memo.md"
    target.mkdir()

    with pytest.raises(OutputNotWrittenError):
        write_whole(target, "text")

    assert list(tmp_path.iterdir()) == [target]
