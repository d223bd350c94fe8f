"""Markdown that keeps its shape, whatever was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from diarist.diary.entry import ActionItem, Author, Entry, Highlight, Mood, Paragraph
from diarist.diary.markdown import clock, to_markdown
from diarist.transcription.transcript import Transcript
from support.transcripts import transcript_of

TRANSCRIPT = transcript_of("We signed the lease.", "I am happy.", "I need to call Marcus.", "Bye.")
ENTRY = Entry(
    date=dt.date(2026, 11, 18),
    title="The lease",
    summary="We signed the lease.",
    language="en",
    paragraphs=(Paragraph(text="We signed the lease. I am happy.", evidence=(0, 1, 3)),),
    mood=Mood(label="happy", valence=0.8),
    highlights=(Highlight(text="We signed the lease.", evidence=(0,)),),
    action_items=(
        ActionItem(text="Call Marcus", due=dt.date(2026, 11, 20), evidence=(2,)),
        ActionItem(text="Rest", evidence=(3,)),
    ),
    people=("Marcus",),
    writer=Author(provider="local", model="local-writer/1"),
)
HOSTILE = [
    "[x](https://example.org)",
    "---",
    "- [ ] a task",
    "1. first",
    "+ plus",
    "=====",
    "# no heading",
    "> no quote",
    "<script>alert(1)</script>",
    "a | b |",
    "`code` and **bold** and _thin_",
    "a\\",
    "%%hidden%% ==marked== $x$ $y$",
    "&lt;b&gt;",
    "two\nlines\r\nand a\u2028third",
    "![[embed]] and #tag",
    'a "quoted": #word',
]


def front_matter(text: str) -> dict[str, Any]:
    head, opening, body = text.partition("---\n")
    assert (head, opening) == ("", "---\n")
    loaded: dict[str, Any] = yaml.safe_load(body.partition("\n---\n")[0])
    return loaded


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the kind and the visible text of each block behind the front matter."""
    tokens = MarkdownIt("commonmark").parse(text.split("\n---\n", 1)[1])
    return [
        (tokens[index - 1].type, "".join(_visible(token.children or [])))
        for index, token in enumerate(tokens)
        if token.type == "inline"
    ]


def _visible(children: list[Token]) -> Iterator[str]:
    in_link = False
    for child in children:
        in_link = (in_link or child.type == "link_open") and child.type != "link_close"
        if not in_link:
            yield child.content if child.type != "softbreak" else "\n"


def with_text(text: str) -> Entry:
    return ENTRY.model_copy(
        update={
            "title": text,
            "summary": text,
            "paragraphs": (Paragraph(text=text, evidence=(0,)),),
            "people": (text,),
        }
    )


def saying(text: str) -> Transcript:
    first, *rest = TRANSCRIPT.segments
    return replace(TRANSCRIPT, segments=(replace(first, text=text), *rest))


def test_the_front_matter_says_what_a_vault_searches_for() -> None:
    recorded_at = dt.datetime(2026, 11, 18, 21, 5, 9, tzinfo=dt.UTC)

    matter = front_matter(to_markdown(ENTRY, TRANSCRIPT, "../a memo.mp3", recorded_at))

    assert matter == {
        "date": dt.date(2026, 11, 18),
        "recorded_at": recorded_at,
        "title": "The lease",
        "summary": "We signed the lease.",
        "mood": "happy",
        "valence": 0.8,
        "people": ["Marcus"],
        "places": [],
        "topics": [],
        "language": "en",
        "duration_s": round(TRANSCRIPT.duration_s, 1),
        "writer": "local/local-writer/1",
        "support": 1.0,
        "audio": "../a memo.mp3",
    }


def test_a_language_is_a_text_even_if_yaml_would_read_a_no() -> None:
    entry = ENTRY.model_copy(update={"language": "no"})

    assert front_matter(to_markdown(entry, TRANSCRIPT))["language"] == "no"


@pytest.mark.parametrize("text", HOSTILE)
def test_the_front_matter_survives_any_title(text: str) -> None:
    matter = front_matter(to_markdown(with_text(text), TRANSCRIPT))

    assert (matter["title"], matter["people"], matter["support"]) == (text, [text], 1.0)


@settings(deadline=None, max_examples=100)
@given(text=st.text(min_size=1, max_size=40))
def test_the_front_matter_survives_every_character(text: str) -> None:
    matter = front_matter(to_markdown(with_text(text), TRANSCRIPT))

    assert (matter["title"], matter["support"]) == (text, 1.0)


def test_a_paragraph_links_to_the_second_where_each_run_of_segments_begins() -> None:
    text = to_markdown(ENTRY, TRANSCRIPT, "audio/a memo (1).mp3")

    first, last = TRANSCRIPT.segments[0].start_s, TRANSCRIPT.segments[3].start_s
    href = "audio/a%20memo%20%281%29.mp3"
    links = f"[0:00]({href}#t={first:.1f}) [0:06]({href}#t={last:.1f})"
    assert f"We signed the lease. I am happy. {links}\n" in text


def test_without_audio_times_stand_alone() -> None:
    text = to_markdown(ENTRY, TRANSCRIPT)

    assert "We signed the lease. I am happy. [0:00] [0:06]\n" in text


def test_times_that_were_only_invented_are_not_written() -> None:
    text = to_markdown(ENTRY, replace(TRANSCRIPT, is_timed=False), "memo.mp3")

    assert "We signed the lease. I am happy.\n" in text
    assert "- [ ] Rest\n" in text
    assert "- I need to call Marcus.\n" in text
    assert "duration_s" not in text


def test_tasks_carry_their_day_as_the_plugin_reads_it() -> None:
    text = to_markdown(ENTRY, TRANSCRIPT)

    assert "## To do\n\n- [ ] Call Marcus 📅 2026-11-20 [0:03]\n- [ ] Rest [0:06]\n" in text


def test_sections_without_content_are_left_out() -> None:
    entry = ENTRY.model_copy(update={"highlights": (), "action_items": ()})

    headings = [text for kind, text in blocks(to_markdown(entry, TRANSCRIPT)) if "heading" in kind]
    assert headings == ["The lease", "Transcript"]


@pytest.mark.parametrize("text", HOSTILE)
def test_recorded_text_cannot_break_the_file(text: str) -> None:
    written = to_markdown(with_text(text), saying(text))

    shown = " ".join(text.split())
    assert blocks(written)[:3] == [
        ("heading_open", shown),
        ("paragraph_open", shown),
        ("paragraph_open", f"{shown} [0:00]"),
    ]
    assert ("paragraph_open", f"[0:00] {shown}") in blocks(written)


@settings(deadline=None, max_examples=100)
@given(text=st.text("ab 1-+=.)(*_`~#<>[]|&;!$%\\\"'\n", min_size=1, max_size=30).filter(str.strip))
def test_any_mixture_of_marks_is_shown_as_it_was_said(text: str) -> None:
    written = to_markdown(with_text(text), TRANSCRIPT)

    shown = " ".join(text.split())
    assert blocks(written)[2] == ("paragraph_open", f"{shown} [0:00]")


def test_the_marks_of_obsidian_are_escaped_too() -> None:
    text = to_markdown(with_text("%%hidden%% ==marked== $x$ #tag 50% a=b"), TRANSCRIPT)

    assert r"# \%\%hidden\%\% \=\=marked\=\= \$x\$ \#tag 50% a=b" in text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59.9, "0:59"), (245, "4:05"), (3600, "1:00:00"), (36_123, "10:02:03")],
)
def test_a_time_is_shown_as_people_write_it(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_file_name_that_is_not_utf8_is_linked_by_its_bytes() -> None:
    written = to_markdown(ENTRY, TRANSCRIPT, audio="caf\udce9.wav")

    assert "](caf%E9.wav#t=" in written
    assert 'audio: "caf�.wav"' in written
