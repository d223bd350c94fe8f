"""What is wrong with a recording is said in one line, with a code, and never stops the others."""

from __future__ import annotations

import json
import os
import resource
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import Command, Finished
from support.media import encode, noise, silence, speech, tone, write_wav

INPUT, NO_SPEECH, OUTPUT, SETUP, UPSTREAM, SEVERAL, USAGE = 3, 4, 5, 6, 7, 8, 2


def assert_one_clear_line(done: Finished, name: str) -> None:
    """One line that names the file, one that says what to do, and no traceback."""
    lines = [line for line in done.err.splitlines() if not line.startswith("note:")]
    assert len(lines) == 2, done.err
    assert lines[0].startswith("diarist: ")
    assert name in lines[0]
    assert lines[1].startswith("  → ")
    assert "Traceback" not in done.err


def a_silent_video(path: Path) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for _ in range(5):
            frame = av.VideoFrame(32, 32, "yuv420p")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def an_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("memo.txt", "hello " * 100)


BAD: dict[str, tuple[str, Callable[[Path], object], int, str]] = {
    "empty": ("a.mp3", lambda p: p.write_bytes(b""), INPUT, "audio/empty"),
    "text": ("a.mp3", lambda p: p.write_text("Dear diary, " * 50), INPUT, "audio/not-audio"),
    "an archive": ("a.mp3", an_archive, INPUT, "audio/not-audio"),
    "zero bytes": ("a.mp3", lambda p: p.write_bytes(bytes(1000)), INPUT, "audio/not-audio"),
    "random bytes": (
        "a.mp3",
        lambda p: p.write_bytes(noise(1.0).tobytes()),
        INPUT,
        "audio/unreadable",
    ),
    "no audio track": ("a.mp4", a_silent_video, INPUT, "audio/no-track"),
    "no samples": ("a.wav", lambda p: write_wav(p, silence(0.0)), INPUT, "audio/empty"),
    "silence": ("a.wav", lambda p: write_wav(p, silence(3.0)), NO_SPEECH, "audio/no-speech"),
    "a tone": ("a.wav", lambda p: write_wav(p, tone(3.0)), NO_SPEECH, "audio/no-speech"),
    "a script": (
        "a.mp3",
        lambda p: p.write_text("ffconcat version 1.0\nfile other.wav\n"),
        INPUT,
        "audio/not-audio",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_recording_gets_one_clear_line_and_a_code(diarist: Command, kind: str) -> None:
    name, make, code, expected = BAD[kind]
    make(diarist.folder / name)

    done = diarist("run", name, "--out", "o")

    assert done.code == code
    assert done.rows[0][0] == "failed"
    assert done.rows[0][-1] == expected
    assert_one_clear_line(done, name)
    assert not list(diarist.folder.glob("o/*"))


def test_a_wrong_ending_does_not_matter(diarist: Command, memo: Path) -> None:
    shutil.move(memo, diarist.folder / "memo.docx")

    done = diarist("run", "memo.docx", "--format", "txt")

    assert done.code == 0, done.err


def test_a_recording_that_was_cut_off_is_transcribed_as_far_as_it_goes(diarist: Command) -> None:
    whole = encode(diarist.folder / "whole.flac", speech(16.0, start_s=0.0), "flac")
    (diarist.folder / "cut.flac").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    done = diarist("run", "cut.flac", "--json")

    outcome = json.loads(done.out)
    assert done.code == 0, done.err
    assert 4 < outcome["transcript"]["duration_s"] < 12
    assert outcome["transcript"]["warnings"]
    assert "note: cut.flac" in done.err


def test_a_bad_file_does_not_stop_the_others(diarist: Command, memo: Path) -> None:
    notes = diarist.folder / "notes"
    notes.mkdir()
    shutil.move(memo, notes / "b.wav")
    (notes / "a.mp3").write_bytes(b"")
    write_wav(notes / "c.wav", silence(2.0))

    done = diarist("run", "notes", "missing.mp3", "--format", "txt", "--out", "o")

    outcome = {Path(row[1]).name: (row[0], row[-1]) for row in done.rows}
    assert outcome == {
        "a.mp3": ("failed", "audio/empty"),
        "b.wav": ("done", "o/b.txt"),
        "c.wav": ("failed", "audio/no-speech"),
        "missing.mp3": ("failed", "input/not-found"),
    }
    assert done.code == SEVERAL


def test_an_empty_folder_is_said_to_be_one(diarist: Command) -> None:
    (diarist.folder / "nothing").mkdir()

    done = diarist("run", "nothing")

    assert done.code == INPUT
    assert_one_clear_line(done, "nothing")


def test_a_device_is_not_read(diarist: Command) -> None:
    done = diarist("run", "/dev/zero")

    assert done.code == INPUT
    assert_one_clear_line(done, "/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_to_be_one(diarist: Command, memo: Path) -> None:
    memo.chmod(0)

    done = diarist("run", memo.name)

    assert done.code == INPUT
    assert_one_clear_line(done, memo.name)


def test_what_exists_is_not_overwritten_without_force(diarist: Command, memo: Path) -> None:
    (diarist.folder / "o").mkdir()
    kept = diarist.folder / "o" / "memo.txt"
    kept.write_text("mine")

    refused = diarist("run", memo.name, "--format", "txt", "--out", "o")
    skipped = diarist("run", memo.name, "--format", "txt", "--out", "o", "--skip-existing")

    assert (refused.code, refused.rows[0][-1]) == (OUTPUT, "output/exists")
    assert_one_clear_line(refused, "memo.txt")
    assert (skipped.code, skipped.rows[0][0]) == (0, "skipped")
    assert kept.read_text() == "mine"


def test_force_replaces_what_exists(diarist: Command, memo: Path) -> None:
    (diarist.folder / "o").mkdir()
    (diarist.folder / "o" / "memo.txt").write_text("mine")

    done = diarist("run", memo.name, "--format", "txt", "--out", "o", "--force")

    assert done.code == 0, done.err
    assert "Mill Street" in (diarist.folder / "o" / "memo.txt").read_text()


def test_a_folder_that_cannot_be_made_fails_before_the_work(diarist: Command, memo: Path) -> None:
    (diarist.folder / "o").write_text("a file where a folder should be")

    done = diarist("run", memo.name, "--out", "o")

    assert done.code == OUTPUT
    assert_one_clear_line(done, "o")


def test_a_write_that_fails_leaves_nothing_behind(diarist: Command, memo: Path) -> None:
    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    done = diarist("run", memo.name, "--out", "o", "--format", "json", before=small_files_only)

    assert done.code == OUTPUT
    assert done.rows[0][-1] == "output/not-written"
    assert not list((diarist.folder / "o").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--language", "xx"), "xx"),
        (("--model", "enormous"), "enormous"),
        (("--date", "yesterday"), "yesterday"),
        (("--format", "docx"), "docx"),
        (("--beam-size", "0"), "--beam-size"),
        (("--vocabulary", "@nowhere.txt"), "nowhere.txt"),
    ],
)
def test_a_wrong_option_is_named(
    diarist: Command, memo: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = diarist("run", memo.name, *arguments)

    assert done.code in {USAGE, INPUT}
    assert said in done.err
    assert "Traceback" not in done.err


def test_an_english_model_says_that_it_knows_no_other_language(
    diarist: Command, memo: Path
) -> None:
    done = diarist("run", memo.name, "--language", "fr")

    assert done.code == USAGE
    assert "English" in done.err


def test_a_setting_with_a_wrong_name_is_an_error_that_names_the_right_one(
    diarist: Command, memo: Path
) -> None:
    done = diarist("run", memo.name, environ={"DIARIST_TRANSCRIPTION__MODLE": "base"})

    assert done.code == USAGE
    assert "DIARIST_TRANSCRIPTION__MODEL" in done.err


def test_a_model_that_is_not_here_says_how_to_fetch_it(diarist: Command, memo: Path) -> None:
    done = diarist("run", memo.name, "--model", "small")

    assert done.code == SETUP
    assert "diarist models pull small" in done.err


def test_a_hub_that_cannot_be_reached_is_not_our_fault(diarist: Command) -> None:
    nobody = {"DIARIST_MODELS__HUB_ENDPOINT": "http://127.0.0.1:9"}

    done = diarist("models", "pull", "small", environ=nobody)

    assert done.code == UPSTREAM
    assert_one_clear_line(done, "small")


def test_weights_that_were_changed_are_never_loaded(
    diarist: Command, memo: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    root = tmp_path / "models"
    shutil.copytree(tiny_folder, root / "tiny.en")
    weights = root / "tiny.en" / "model.bin"
    with weights.open("r+b") as stream:
        stream.seek(1_000_000)
        byte = stream.read(1)
        stream.seek(1_000_000)
        stream.write(bytes([byte[0] ^ 1]))

    done = diarist("run", memo.name, environ={"DIARIST_MODELS__ROOT": str(root)})

    assert done.code == SETUP
    assert "SHA-256" in done.err
    assert "Traceback" not in done.err


def test_a_library_that_is_not_installed_is_named_with_its_extra(
    diarist: Command, memo: Path
) -> None:
    blocked = diarist.folder / "blocked"
    blocked.mkdir()
    (blocked / "av.py").write_text("raise ModuleNotFoundError('no av', name='av')\n")

    done = diarist("run", memo.name, environ={"PYTHONPATH": str(blocked)})

    assert done.code == SETUP
    assert "pip install 'diarist[whisper]'" in done.err
    assert "Traceback" not in done.err
