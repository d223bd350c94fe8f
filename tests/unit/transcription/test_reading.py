"""Transcripts of other people, in the formats that they have them in."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diarist.errors import EmptyFileError, InputError, UnreadableTranscriptError
from diarist.transcription.formats import RENDERERS, to_json
from diarist.transcription.reading import read_transcript
from diarist.transcription.transcript import Segment, Transcript, Word

SRT = """1
00:00:01,000 --> 00:00:03,500
<i>We signed</i> the lease

2
00:00:03,600 --> 00:00:06,000
for the workshop.

3
00:01:00,000 --> 00:01:02,000
{\\an8}Then we had lunch.
"""
VTT = """WEBVTT
Language: en

NOTE made by hand

intro
00:01.000 --> 00:03.500 align:start
<v Daniel>We signed the lease.</v>

00:04.000 --> 00:06.000
<v Priya>At last!
"""


def texts(content: str | bytes, name: str = "memo") -> list[str]:
    raw = content.encode() if isinstance(content, str) else content
    return [segment.text for segment in read_transcript(raw, name).segments]


def test_cues_that_divide_a_sentence_are_joined() -> None:
    transcript = read_transcript(SRT.encode(), "memo.srt")

    assert [(s.start_s, s.end_s, s.text) for s in transcript.segments] == [
        (1.0, 6.0, "We signed the lease for the workshop."),
        (60.0, 62.0, "Then we had lunch."),
    ]


def test_webvtt_brings_speakers_and_language() -> None:
    transcript = read_transcript(VTT.encode(), "memo.vtt")

    assert transcript.language == "en"
    assert [(s.speaker, s.text) for s in transcript.segments] == [
        ("Daniel", "We signed the lease."),
        ("Priya", "At last!"),
    ]


def test_what_two_people_say_is_not_joined() -> None:
    assert texts(VTT.replace("lease.", "lease")) == ["We signed the lease", "At last!"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + SRT.encode(),
        SRT.replace("\n", "\r\n").encode(),
        SRT.encode("utf-16"),
        SRT.replace("1\n00", "00", 1).encode(),
    ],
    ids=["byte order mark", "Windows line ends", "UTF-16", "no number"],
)
def test_srt_is_read_however_it_was_saved(content: bytes) -> None:
    assert texts(content) == texts(SRT)


def test_old_encodings_are_read() -> None:
    assert texts("Ça va très bien.".encode("cp1252")) == ["Ça va très bien."]


def test_plain_text_becomes_sentences_on_an_imagined_recording() -> None:
    transcript = read_transcript(b"One thing. Another thing.\n\nA third.", "memo.txt")

    assert [s.text for s in transcript.segments] == ["One thing.", "Another thing.", "A third."]
    assert not transcript.is_timed
    gaps = [
        b.start_s - a.end_s
        for a, b in zip(transcript.segments, transcript.segments[1:], strict=False)
    ]
    assert gaps[1] > gaps[0]


def test_our_own_json_is_read_with_its_words() -> None:
    ours = Transcript(
        "en", 2.0, (Segment(0, 0.0, 1.0, "Hello.", (Word(" Hello.", 0.0, 1.0, 0.5),)),)
    )

    assert read_transcript(to_json(ours).encode(), "memo.json") == ours


@pytest.mark.parametrize("name", ["srt", "vtt", "json", "verbose_json", "txt"])
def test_what_we_write_we_can_read(name: str) -> None:
    words = (Word(" We", 1.0, 1.4), Word(" signed.", 1.5, 2.0))
    ours = Transcript("en", 3.0, (Segment(0, 1.0, 2.0, "We signed.", words),), source="memo.mp3")

    assert texts(RENDERERS[name](ours)) == ["We signed."]


@pytest.mark.parametrize(
    "body",
    [
        {"segments": [{"start": 1, "end": 2, "text": " Hello."}], "language": "english"},
        {"segments": [{"start": 1, "end": 2, "text": "Hello.", "words": []}]},
        [{"start": 1.0, "end": 2.0, "text": "Hello."}],
        [{"start_s": 1.0, "end_s": 2.0, "text": "Hello."}],
        {"text": "Hello."},
        {
            "segments": [
                {
                    "start": 1,
                    "end": 2,
                    "text": "Hello.",
                    "words": [
                        {"word": "Hello.", "start": 1, "end": 2, "score": 0.9},
                        {"word": "5"},
                    ],
                }
            ]
        },
    ],
)
def test_json_of_other_programs_is_read(body: object) -> None:
    assert texts(json.dumps(body)) == ["Hello."]


@pytest.mark.parametrize(
    "content",
    [b'{"some": "json"}', b"[1, 2, 3]", b'{"segments": 5}', b'{"segments": [{"text": "a"}]}', b"{"],
)
def test_json_that_is_no_transcript_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableTranscriptError, match=r"memo\.json"):
        read_transcript(content, "memo.json")


def test_binary_is_refused_with_a_hint_to_run() -> None:
    with pytest.raises(UnreadableTranscriptError) as caught:
        read_transcript(b"\x00\x01\x02\x03" * 100, "memo.mp3")

    assert "diarist run" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"  \n\n ", b"WEBVTT\n\n", b"[]"])
def test_a_transcript_without_words_is_empty(content: bytes) -> None:
    with pytest.raises(EmptyFileError):
        read_transcript(content, "memo")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(["segments", "words", "text", "start", "end", "word", "language"]),
            values,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=80)
    | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
    | JSON.map(lambda body: json.dumps(body).encode())
)
@example(b'{"segments": [{"start": NaN, "end": 2, "text": "a"}]}')
@example(b'[{"start": 0, "end": Infinity, "text": "a"}]')
@example(b'[{"start": 9, "end": 2, "text": "a"}]')
@example(b'{"segments": [{"start": -Infinity, "end": 2, "text": "a"}]}')
@example(b'[{"start": -3, "end": 1' + b"0" * 400 + b', "text": "a"}]')
@example(b'[{"start": 0, "end": 1, "text": "a", "words": [{"word": "a", "start": NaN, "end": 1}]}]')
@example(b'[{"start": -3, "end": 1, "text": "a"}]')
@example(b'{"text": 5}')
@example(b'{"transcript": {"text": "a"}}')
@example(b"[" * 100_000)
@example(b"00:00:01,000 --> 00:00:00,000\na\n")
@example(b"9" * 5000 + b":00:01,000 --> " + b"9" * 400 + b":00:02,000\na\n")
@settings(deadline=None, max_examples=150)
def test_whatever_is_given_is_read_or_refused(content: bytes) -> None:
    try:
        transcript = read_transcript(content, "memo")
    except InputError:
        return

    assert transcript.text.strip()
    assert math.isfinite(transcript.duration_s)
    times = [(s.start_s, s.end_s) for s in transcript.segments]
    times += [(word.start_s, word.end_s) for s in transcript.segments for word in s.words]
    assert all(0 <= start_s <= end_s < math.inf for start_s, end_s in times)


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-Infinity", "1" + "0" * 400, "null", '"x"'])
def test_a_time_that_is_no_number_makes_no_transcript(time: str) -> None:
    content = f'[{{"start": {time}, "end": 5, "text": "a"}}]'.encode()

    with pytest.raises(UnreadableTranscriptError):
        read_transcript(content, "memo.json")


@pytest.mark.parametrize(
    ("said", "code"),
    [("french", "fr"), ("zh_CN", "zh"), ("pt-BR", "pt"), ("elvish", "und"), (None, "und")],
)
def test_a_language_is_known_or_left_open(said: str | None, code: str) -> None:
    body = {"language": said, "segments": [{"start": 0, "end": 1, "text": "a", "speaker": 3}]}

    transcript = read_transcript(json.dumps(body).encode(), "memo.json")

    assert transcript.language == code
    assert transcript.segments[0].speaker == "3"
