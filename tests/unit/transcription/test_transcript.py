"""The plain values that everything else shares."""

from __future__ import annotations

from diarist.transcription.transcript import Segment, Transcript, Word, numbered


def test_a_segment_moves_with_its_words() -> None:
    segment = Segment(3, 1.0, 2.0, "Hello.", (Word(" Hello.", 1.0, 2.0, 0.5),), speaker="Priya")

    moved = segment.shifted(10.0)

    assert moved == Segment(
        3, 11.0, 12.0, "Hello.", (Word(" Hello.", 11.0, 12.0, 0.5),), speaker="Priya"
    )


def test_segments_are_numbered_in_order_of_time() -> None:
    late, early = Segment(0, 5.0, 6.0, "Late."), Segment(0, 1.0, 2.0, "Early.")

    assert [(s.id, s.text) for s in numbered([late, early])] == [(0, "Early."), (1, "Late.")]


def test_segments_that_begin_together_keep_the_shorter_one_first() -> None:
    long, short = Segment(0, 1.0, 6.0, "Long."), Segment(0, 1.0, 2.0, "Short.")

    assert [s.text for s in numbered([long, short])] == ["Short.", "Long."]


def test_the_text_is_that_of_the_segments() -> None:
    transcript = Transcript("en", 9.0, (Segment(0, 0, 1, "One two."), Segment(1, 2, 3, "Three.")))

    assert transcript.text == "One two. Three."
    assert transcript.word_count == 3


def test_a_transcript_is_translated_if_something_else_was_spoken() -> None:
    assert Transcript("en", 1.0, (), spoken_language="fr").is_translated
    assert not Transcript("fr", 1.0, (), spoken_language="fr").is_translated
    assert not Transcript("fr", 1.0, ()).is_translated
