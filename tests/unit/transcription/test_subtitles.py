"""Subtitles keep the conventions, and readers of other people can read them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.transcription.subtitles import Cue, SubtitleOptions, cues, srt, vtt
from diarist.transcription.transcript import Segment, Transcript, Word, numbered

LIMITS = SubtitleOptions()


def transcript_of(*sentences: str, rate_s: float = 0.35, language: str = "en") -> Transcript:
    segments: list[Segment] = []
    at_s = 0.5
    for sentence in sentences:
        words: list[Word] = []
        for text in sentence.split():
            words.append(Word(f" {text}", at_s, at_s + rate_s * 0.9))
            at_s += rate_s
        segments.append(Segment(0, words[0].start_s, words[-1].end_s, sentence, tuple(words)))
        at_s += 0.4
    return Transcript(language, at_s, numbered(segments))


LONG = (
    "We finally signed the lease for the workshop on Mill Street, and Daniel was so nervous that "
    "he read the contract three times, and then he hugged the landlord who did not know where to "
    "look."
)


def assert_conventions(shown: list[Cue]) -> None:
    assert all(len(cue.lines) <= LIMITS.lines for cue in shown)
    assert all(len(line) <= LIMITS.line_chars for cue in shown for line in cue.lines)
    assert all(0 < cue.end_s - cue.start_s <= LIMITS.longest_s + 1e-9 for cue in shown)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(shown))


def test_a_long_sentence_becomes_cues_of_two_short_lines() -> None:
    shown = cues(transcript_of(LONG))

    assert_conventions(shown)
    assert len(shown) >= 3
    assert " ".join(cue.text.replace("\n", " ") for cue in shown) == LONG


def test_a_cue_breaks_at_a_comma_where_it_can() -> None:
    first = cues(transcript_of(LONG))[0]

    assert first.text.endswith("Mill Street,")


def test_a_short_cue_stays_long_enough_to_be_read() -> None:
    (cue,) = cues(transcript_of("Yes."))

    assert cue.end_s - cue.start_s == pytest.approx(LIMITS.shortest_s)


def test_a_cue_does_not_stay_into_the_next_one() -> None:
    transcript = transcript_of("Yes.", "No.", "Perhaps.", rate_s=0.2)

    shown = cues(transcript)

    assert_conventions(shown)
    assert [cue.start_s for cue in shown] == [s.start_s for s in transcript.segments]


def test_a_cue_is_shown_while_its_words_are_said() -> None:
    transcript = transcript_of(LONG, rate_s=1.2)
    words = [word for segment in transcript.segments for word in segment.words]

    shown = cues(transcript)

    for cue in shown:
        mine, words = words[: len(cue.text.split())], words[len(cue.text.split()) :]
        assert cue.start_s == mine[0].start_s
        assert cue.end_s >= mine[-1].end_s
    assert words == []


def test_lines_are_even() -> None:
    (cue,) = cues(transcript_of("I have wanted a place like that ever since we moved."))

    assert abs(len(cue.lines[0]) - len(cue.lines[1])) < 12


def test_text_without_spaces_gets_half_the_width() -> None:
    words = tuple(Word(c, i * 0.2, i * 0.2 + 0.2) for i, c in enumerate("今日は良い天気です" * 8))
    text = "".join(word.text for word in words)
    whole = Transcript("ja", 20.0, (Segment(0, 0.0, 14.4, text, words),))

    assert all(len(line) <= 21 for cue in cues(whole) for line in cue.lines)


def test_segments_without_word_times_are_divided_all_the_same() -> None:
    whole = Transcript("en", 20.0, (Segment(0, 1.0, 13.0, LONG),))

    shown = cues(whole)

    assert_conventions(shown)
    assert shown[-1].end_s == pytest.approx(13.0, abs=1.0)


@given(
    sentences=st.lists(
        st.lists(
            st.sampled_from(["a", "we", "word", "sentence,", "extraordinary", "<b>", "-->", "&"]),
            min_size=1,
            max_size=40,
        ).map(" ".join),
        min_size=1,
        max_size=6,
    ),
    rate_s=st.floats(0.08, 0.8),
)
@settings(deadline=None, max_examples=60)
def test_conventions_hold_and_no_word_is_lost_at_any_speed(
    sentences: list[str], rate_s: float
) -> None:
    shown = cues(transcript_of(*sentences, rate_s=rate_s))

    assert_conventions(shown)
    assert all(
        cue.end_s - cue.start_s >= LIMITS.shortest_s - 1e-9 or cue.end_s == following.start_s
        for cue, following in pairwise(shown)
    )
    said = " ".join(sentences)
    assert " ".join(cue.text.replace("\n", " ") for cue in shown) == said


def test_readers_of_other_people_find_the_same_cues(tmp_path: Path) -> None:
    transcript = transcript_of(LONG, "Priya & I said <no> --> yes.", "Naïve? Ça va.")
    (tmp_path / "a.srt").write_text(srt(transcript), encoding="utf-8")
    (tmp_path / "a.vtt").write_text(vtt(transcript), encoding="utf-8")

    ours = cues(transcript)
    subrip = pysubs2.load(str(tmp_path / "a.srt"), keep_html_tags=True)
    web = webvtt.read(str(tmp_path / "a.vtt"))

    assert [line.start for line in subrip] == [round(cue.start_s * 1000) for cue in ours]
    assert [line.end for line in subrip] == [round(cue.end_s * 1000) for cue in ours]
    assert [line.plaintext for line in subrip] == [cue.text for cue in ours]
    escaped = [cue.text.replace("&", "&amp;").replace("<", "&lt;") for cue in ours]
    assert [cue.text for cue in web.captions] == [text.replace(">", "&gt;") for text in escaped]


def test_times_of_long_recordings_are_written_in_full() -> None:
    late = Transcript("en", 40_000.0, (Segment(0, 36_610.0, 36_612.5, "Good night."),))

    assert "10:10:10,000 --> 10:10:12,500" in srt(late)
    assert "10:10:10.000 --> 10:10:12.500" in vtt(late)
