"""How a window is tried again, and which answer wins."""

from __future__ import annotations

from dataclasses import replace

from diarist.transcription.decoding import Decoded, attempts, better_of, compression_ratio

FINE = Decoded((1, 2), "We signed the lease.", -0.2, 0.01, 1.1, 0.0)


def test_the_second_try_forbids_repeats_before_any_try_draws_at_random() -> None:
    first, second, *random = attempts(beam_size=1)

    assert (first.temperature, first.arguments) == (0.0, {"beam_size": 1})
    assert second.temperature == 0.0
    assert second.arguments["no_repeat_ngram_size"] > 0
    assert second.arguments["beam_size"] >= 5
    assert [attempt.temperature for attempt in random] == sorted({0.4, 0.8})


def test_a_repetitive_or_unsure_answer_is_doubtful() -> None:
    assert not FINE.is_doubtful
    assert replace(FINE, compression_ratio=2.5).is_doubtful
    assert replace(FINE, avg_logprob=-1.2).is_doubtful


def test_silence_is_not_tried_again() -> None:
    silence = replace(FINE, avg_logprob=-1.2, no_speech_prob=0.8)

    assert silence.is_silence
    assert not silence.is_doubtful


def test_an_answer_without_loops_beats_a_surer_one_with_them() -> None:
    loop = replace(FINE, avg_logprob=-0.05, compression_ratio=8.0)

    assert better_of(loop, FINE) == FINE
    assert better_of(FINE, loop) == FINE


def test_of_two_plain_answers_the_surer_wins() -> None:
    unsure = replace(FINE, avg_logprob=-0.8)

    assert better_of(unsure, FINE) == FINE


def test_text_that_repeats_itself_compresses_well() -> None:
    assert compression_ratio("la la la " * 40) > 2.4
    assert compression_ratio("We signed the lease for the workshop on Mill Street.") < 1.5
