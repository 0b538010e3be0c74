"""What mails to the answer address say: a corpus of answers, and mails made to do harm. No database."""

import json
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.calendar_lines import _offset, read_calendars
from sessions.rules.raw_mail import MAIL_AT_MOST, take_apart
from sessions.rules.replies import AnswerAddress, Letter, Reply, Said, read_letter

# Each file is one raw mail, written after the public standards and what people report of each program; those with a
# version in their name after what that very program was seen to send.
CORPUS = Path(__file__).with_name("answers")
MEANINGS: dict[str, list[str]] = json.loads((CORPUS / "meanings.json").read_text())
AT = AnswerAddress("calendar", "circles.example")
TOKEN = "k7q2m4x5n3p6r2s4t7u5v3w6y2"
HEADS = f"From: a@home.example\r\nTo: calendar+{TOKEN}@circles.example\r\n".encode()
NINE = datetime(2027, 1, 14, 9, 0, tzinfo=UTC)


def read(name: str) -> Letter:
    return read_letter((CORPUS / name).read_bytes(), AT)


def meaning(letter: Letter) -> list[str]:
    """Its outcome, and what it says of which entry, by the end of its code, or why it says nothing."""
    told = " ".join(f"{one.uid[34:36]}:{one.answer_of(frozenset())}" for one in letter.replies)
    return [letter.outcome, told or letter.why]


@pytest.mark.parametrize("name", sorted(MEANINGS))
def test_every_mail_of_the_corpus_means_what_is_written_beside_it(name: str) -> None:
    letter = read(name)
    assert meaning(letter) == MEANINGS[name]
    if letter.outcome != "aside":
        assert letter.tokens == (TOKEN,)


def test_the_corpus_is_as_large_as_was_asked_and_nothing_in_it_is_without_a_meaning() -> None:
    assert {path.name for path in CORPUS.glob("*.eml")} == set(MEANINGS)
    understood = [name for name, (outcome, _said) in MEANINGS.items() if outcome in ("answer", "counter")]
    assert len(understood) == 59
    programs = {name.split("_")[0] for name in understood}
    assert programs >= {
        "exchange", "outlook", "google", "apple", "iphone", "icloud", "thunderbird", "nextcloud", "proton", "android",
        "zimbra", "sogo", "evolution", "korganizer", "fastmail", "yahoo",
    }  # fmt: skip


def test_no_word_that_somebody_wrote_is_in_what_is_read() -> None:
    for name in ("exchange_declines_with_a_comment.eml", "google_declines_with_a_note.eml", "aside_words_by_hand.eml"):
        kept = repr(read(name))
        assert [word for word in ("mother", "train", "See you") if word in kept] == []


@pytest.mark.parametrize(
    "name",
    [
        "exchange_accepts.eml", "exchange_in_another_zone.eml", "outlook_com_accepts.eml", "google_accepts.eml",
        "iphone_accepts.eml", "zimbra_accepts.eml",
    ],
)  # fmt: skip
def test_the_hour_an_answer_names_is_known_in_whichever_zone_it_is_written(name: str) -> None:
    (reply,) = read(name).replies
    assert reply.starts
    assert reply.starts.is_at(NINE) is True
    assert reply.starts.is_at(NINE.replace(hour=15)) is False


def test_an_hour_in_a_zone_that_nobody_explains_is_not_guessed() -> None:
    (reply,) = read("evolution_is_not_sure.eml").replies
    assert reply.starts
    assert reply.starts.is_at(NINE) is None


def test_what_was_said_when_is_read_to_the_second() -> None:
    (reply,) = read("thunderbird_accepts.eml").replies
    assert (reply.sequence, reply.stamp) == (0, datetime(2027, 1, 11, 15, 0, tzinfo=UTC))
    assert read("thunderbird_accepts.eml").sent_at == datetime(2027, 1, 11, 14, 0, tzinfo=UTC)
    assert read("exchange_forwarded.eml").sent_at == datetime(2027, 1, 11, 12, 0, tzinfo=UTC)


def test_of_two_answers_in_one_only_the_persons_own_is_taken() -> None:
    raw = (CORPUS / "thunderbird_accepts.eml").read_bytes()
    other = b"ATTENDEE;PARTSTAT=DECLINED:mailto:eve@home.example\r\nX-MOZ-RECEIVED"
    (reply, *_same) = read_letter(raw.replace(b"X-MOZ-RECEIVED", other, 1), AT).replies
    assert reply.answer_of(frozenset()) == ""
    assert reply.answer_of(frozenset({"bob@home.example"})) == "yes"


def test_answers_go_to_an_address_or_to_a_domain_of_their_own() -> None:
    at = AnswerAddress.of("@answers.example.org")
    assert at.with_token(TOKEN) == f"{TOKEN}@answers.example.org"
    assert AnswerAddress.of("calendar@circles.example").with_token(TOKEN) == f"calendar+{TOKEN}@circles.example"
    assert list(at.tokens(f"x <{TOKEN.upper()}@Answers.Example.ORG>, y{TOKEN}@answers.example.org")) == [TOKEN]
    assert list(AT.tokens(f"calendar+{TOKEN}@circles.example.org evil+{TOKEN}@circles.example")) == []


def test_the_same_mail_by_two_ways_is_known_and_another_answer_under_its_name_is_told_apart() -> None:
    raw = (CORPUS / "proton_accepts.eml").read_bytes()
    again = read_letter(b"Received: from a.example\r\nDelivered-To: x@y.example\r\n" + raw, AT)
    assert again.digest() == read_letter(raw, AT).digest()
    assert again.digest("yes") != again.digest("no")


def filled(unit: bytes, size: int = MAIL_AT_MOST - 1000) -> bytes:
    return (unit * (size // len(unit) + 1))[:size]


MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
# Made when asked for: each is as long as a mail may be, and every process of the suite reads this file.
HARMFUL: dict[str, Callable[[], tuple[bytes, str]]] = {
    "thirty megabytes": lambda: (HEADS + b"\r\n" + b"a" * 30_000_000, "too_large"),
    "parts without end": lambda: (HEADS + MIXED + filled(b"--b\r\n\r\nx\r\n"), "cut_short"),
    "levels without end": lambda: (HEADS + filled(MIXED + b"--b\r\n"), "cut_short"),
    "lines like the boundary": lambda: (HEADS + MIXED + filled(b"--bb\r\n"), "no_calendar"),
    "mails in mails": lambda: (HEADS + filled(b"Content-Type: message/rfc822\r\n\r\n"), "no_calendar"),
    "one long head": lambda: (HEADS + b"X: " + filled(b"a"), "no_calendar"),
    "folds": lambda: (HEADS + b"X: " + filled(b"\r\n a"), "no_calendar"),
    "heads without end": lambda: (HEADS + filled(b"X: y\r\n"), "no_calendar"),
    "quotes that do not close": lambda: (HEADS + b"Content-Type: text/calendar" + filled(b';a="'), "no_calendar"),
    "a calendar of one line": lambda: (
        HEADS + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE" + filled(b';X="'),
        "no_reply",
    ),
    "a calendar of levels": lambda: (
        HEADS + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + filled(b"BEGIN:X\r\n"), "no_reply",
    ),
    "zeros": lambda: (filled(b"\0"), "garbage"),
    "line ends": lambda: (filled(b"\r"), "garbage"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HARMFUL))
def test_a_mail_made_to_do_harm_is_put_aside_in_little_memory(name: str) -> None:
    raw, why = HARMFUL[name]()
    tracemalloc.start()
    try:
        letter = read_letter(raw, AT)
        used = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (letter.outcome, letter.why) == ("aside", why)
    assert used < 4 * MAIL_AT_MOST


def test_entries_and_attendees_without_end_are_read_up_to_a_bound() -> None:
    entry = b"BEGIN:VEVENT\r\nUID:%d\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\nEND:VEVENT\r\n"
    body = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"".join(entry % number for number in range(5000))
    assert len(read_calendars(body)[0].entries) == 200
    assert len(read_letter(HEADS + b"Content-Type: text/calendar\r\n\r\n" + body, AT).replies) == 60


def test_an_answer_behind_a_large_attachment_is_found() -> None:
    calendar = (CORPUS / "yahoo_accepts.eml").read_bytes().split(b"\r\n\r\n", 1)[1]
    large = b"--b\r\nContent-Type: image/png\r\n\r\n" + filled(b"a", 3_000_000)
    part = b"\r\n--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + calendar + b"\r\n--b--"
    assert meaning(read_letter(HEADS + MIXED + large + part, AT)) == ["answer", "01:yes"]


@given(st.binary(max_size=600))
def test_no_bytes_make_the_reader_fail(raw: bytes) -> None:
    assert read_letter(raw, AT).outcome in ("aside", "answer")
    take_apart(raw)


@settings(max_examples=200)
@given(st.sampled_from(sorted(MEANINGS)), st.integers(0, 2**32))
def test_no_change_of_some_bytes_makes_the_reader_fail(name: str, seed: int) -> None:
    dice = random.Random(seed)
    raw = bytearray((CORPUS / name).read_bytes())
    for _time in range(dice.randint(1, 8)):
        at = dice.randrange(len(raw))
        raw[at : at + dice.randint(0, 30)] = dice.randbytes(dice.randint(0, 10))
    assert read_letter(bytes(raw), AT).outcome in ("answer", "counter", "bounce", "aside")


@pytest.mark.parametrize(
    ("sender", "path", "outcome"),
    [
        ("Mail Delivery System <mailer-daemon@postmaster.example>", "<>", "bounce"),
        ("mailer-daemon@home.example", "<a@home.example>", "bounce"),
        ("mailer-daemon@postmaster.example", "<a@home.example>", "aside"),
        ("bob@home.example", "<>", "aside"),
    ],
)
def test_who_says_that_a_mail_came_back(sender: str, path: str, outcome: str) -> None:
    raw = f"Return-Path: {path}\r\nFrom: {sender}\r\nTo: calendar+{TOKEN}@circles.example\r\n\r\nStatus: 5.1.1\r\n"
    assert read_letter(raw.encode(), AT).outcome == outcome


def test_an_answer_that_is_none_yet_takes_nothing_from_the_persons_own() -> None:
    said = (Said("bob@home.example", ""), Said("bob@home.example", "yes"), Said("eve@home.example", "no"))
    reply = Reply(uid="x", said=said)
    assert reply.answer_of(frozenset({"bob@home.example"})) == "yes"
    assert reply.answer_of(frozenset({"eve@home.example"})) == "no"
    assert reply.answer_of(frozenset({"bob@home.example", "eve@home.example"})) == ""


@pytest.mark.parametrize(
    ("written", "hours"), [("+2359", 23 + 59 / 60), ("-0530", -5.5), ("+2400", None), ("+24", None), ("0100", None)]
)
def test_an_offset_is_less_than_a_day(written: str, hours: float | None) -> None:
    assert _offset(written) == (None if hours is None else timedelta(hours=hours))
