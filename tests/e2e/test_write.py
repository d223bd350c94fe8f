"""`diarist write`: an entry from a transcript that somebody already has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import Command
from support.media import SAMPLES


def as_plain_text(text: str) -> str:
    return text


def as_srt(text: str) -> str:
    sentences = [part.strip() for part in text.replace("\n", " ").split(". ") if part.strip()]
    return "\n".join(
        f"{n + 1}\n00:{n // 12:02}:{n * 5 % 60:02},000 --> 00:{n // 12:02}:{n * 5 % 60 + 4:02},500"
        f"\n{sentence}.\n"
        for n, sentence in enumerate(sentences)
    )


def as_vtt(text: str) -> str:
    return "WEBVTT\n\n" + as_srt(text).replace(",000", ".000").replace(",500", ".500")


def as_segments(text: str) -> str:
    sentences = text.replace("\n", " ").split(". ")
    return json.dumps(
        {
            "language": "english",
            "segments": [
                {"start": n * 5.0, "end": n * 5.0 + 4.5, "text": f" {sentence}."}
                for n, sentence in enumerate(sentences)
            ],
        }
    )


@pytest.mark.parametrize(
    "render", [as_plain_text, as_srt, as_vtt, as_segments], ids=lambda f: f.__name__
)
def test_a_transcript_of_any_kind_becomes_an_entry(diarist: Command, render: object) -> None:
    assert callable(render)
    text = (SAMPLES / "evening-memo.en.txt").read_text(encoding="utf-8")
    (diarist.folder / "memo.any").write_text(render(text), encoding="utf-8")

    done = diarist("write", "memo.any", "--date", "2026-11-18", "--json")

    entry = json.loads(done.out)
    assert done.code == 0, done.err
    assert "Mill Street" in entry["title"]
    due = {item["text"].split()[0]: item["due"] for item in entry["action_items"]}
    assert due["Send"] == "2026-11-20"
    assert entry["support"] == 1.0


def test_an_entry_goes_to_standard_output_as_markdown(diarist: Command) -> None:
    done = diarist("write", SAMPLES / "dimanche-soir.fr.txt", "--date", "2026-11-15")

    assert done.code == 0, done.err
    assert done.out.startswith("---\ndate: 2026-11-15\n")
    assert "language: fr\n" in done.out


def test_plain_text_gets_no_invented_times(diarist: Command) -> None:
    done = diarist("write", SAMPLES / "evening-memo.en.txt")

    assert "[0:" not in done.out


def test_standard_input_and_an_output_file(diarist: Command) -> None:
    text = (SAMPLES / "evening-memo.en.txt").read_bytes()

    done = diarist("write", "-", "--out", "entry.md", "--date", "2026-11-18", stdin=text)
    again = diarist("write", "-", "--out", "entry.md", "--date", "2026-11-18", stdin=text)

    assert (done.code, done.out) == (0, "")
    assert "# The workshop on Mill Street" in (diarist.folder / "entry.md").read_text()
    assert again.code == 5
    assert "--force" in again.err


def test_what_run_wrote_can_be_written_again(diarist: Command, memo: Path) -> None:
    diarist("run", memo.name, "--out", "o", "--format", "json,srt,vtt,verbose_json")

    for name in ("memo.json", "memo.srt", "memo.vtt", "memo.verbose.json"):
        done = diarist("write", f"o/{name}", "--audio", memo.name)
        assert done.code == 0, (name, done.err)
        assert "](memo.wav#t=" in done.out, name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 3),
        (bytes(range(256)) * 20, 3),
        (b'{"some": "json"}', 3),
        (b"um, uh, er.", 4),
    ],
    ids=["empty", "binary", "other JSON", "only fillers"],
)
def test_a_bad_transcript_gets_one_clear_line(diarist: Command, content: bytes, code: int) -> None:
    (diarist.folder / "t.txt").write_bytes(content)

    done = diarist("write", "t.txt", "--language", "en")

    assert done.code == code
    assert done.err.startswith("diarist: t.txt")
    assert len(done.err.splitlines()) == 2


def test_a_folder_is_no_transcript(diarist: Command) -> None:
    done = diarist("write", ".")

    assert done.code == 3
    assert "folder" in done.err
