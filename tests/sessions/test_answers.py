"""Answers of calendars become the RSVP of exactly the person whose token they carry, and nothing else does."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import OneTimeToken, User
from circles.models import Membership
from notifications.calendars import uid
from notifications.models import Message
from pages.departure_services import person_has_left, person_is_here
from pages.ending_services import circle_leave
from pages.erasing_services import person_erase
from sessions.enums import Rsvp
from sessions.guests.services import guest_accept, guest_invite
from sessions.kinds import TIME_WISHED
from sessions.models import AnswerMail, AnswerToken, CircleSession, GuestPass, Participation
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.services import SessionDetails, session_cancel, session_update
from sessions.replies import selectors
from sessions.replies.addresses import answer_address
from sessions.replies.services import Taken, answer_token, mail_take, mails_forget
from tests.factories import NOW, Cast, make_session, make_user
from tests.sessions.test_replies import CORPUS, MEANINGS, TOKEN
from tests.thorough import seldom

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=12)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def address() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
        yield


def ical(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def reply(
    session: CircleSession,
    user: User,
    partstat: str,
    *,
    at: datetime = NOW + MINUTE,
    sequence: int | None = 0,
    starts: datetime | None = None,
    method: str = "REPLY",
    **changed: str,
) -> bytes:
    """An answer as a program sends it; `token`, `event` and `name` may be others than the true ones."""
    token = changed.get("token") or answer_token(user=user, session=session, now=NOW)
    lines = [
        "From: somebody@elsewhere.example",
        f"To: calendar+{token}@circles.example",
        f"Message-ID: <{changed.get('name', f'{partstat}.{ical(at)}.{sequence}')}@home.example>",
        f"Content-Type: text/calendar; method={method}",
        "",
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{changed.get('event') or uid(session.code)}",
        f"DTSTAMP:{ical(at)}",
        *([f"SEQUENCE:{sequence}"] if sequence is not None else []),
        *([f"DTSTART:{ical(starts)}"] if starts else []),
        f"ATTENDEE;PARTSTAT={partstat}:mailto:anybody@alias.example",
        "COMMENT:a canary of mine",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


def take(raw: bytes, *, now: datetime = LATER) -> list[tuple[str, str]]:
    return told(mail_take(raw=raw, now=now))


def told(taken: Taken) -> list[tuple[str, str]]:
    return [(one.outcome, one.why or one.answer) for one in taken.findings]


def said(session: CircleSession, user: User) -> str:
    row = Participation.objects.filter(session=session, user=user).first()
    return row.rsvp if row else ""


def everything() -> list[Any]:
    """All that an answer could change."""
    return [
        list(Participation.objects.order_by("pk").values()),
        list(CircleSession.objects.order_by("pk").values("code", "version", "revision", "status")),
        list(Message.objects.order_by("pk").values_list("key", "state")),
        list(GuestPass.objects.order_by("pk").values_list("code", "revoked_at")),
    ]


def moved(session: CircleSession, *, by: timedelta, now: datetime) -> None:
    details = SessionDetails(
        local_start=(session.starts_at + by).replace(tzinfo=None),
        zone="UTC",
        format=session.format_version,
        minutes=120,
    )
    session_update(session=session, details=details, now=now)  # type: ignore[union-attr]
    session.refresh_from_db()


@pytest.mark.parametrize(("partstat", "answer"), [("ACCEPTED", "yes"), ("TENTATIVE", "maybe"), ("DECLINED", "no")])
def test_an_answer_is_the_rsvp_of_its_person_whoever_it_says_it_is_from(
    people: Cast, partstat: str, answer: str
) -> None:
    session = make_session(people.circle, people.alice)
    assert take(reply(session, people.bob, partstat)) == [("answer", answer)]
    row = Participation.objects.get(session=session)
    assert (row.user, row.rsvp, row.rsvp_by, row.rsvp_at) == (people.bob, answer, "calendar", NOW + MINUTE)


def test_every_answer_of_the_corpus_counts_for_its_person(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "token_of", lambda _row: TOKEN)
    one = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=one.pk).update(code=UUID("5f1d7c52-8a4e-4b0b-9c55-0d6e3f2a1b01"))
    AnswerToken.objects.create(user=people.bob, session=one, token_hash=OneTimeToken.hash_of(TOKEN), made_at=NOW)
    counted = 0
    for name, (outcome, meaning) in MEANINGS.items():
        Participation.objects.all().delete()
        found = take((CORPUS / name).read_bytes())
        if outcome in ("answer", "counter"):
            counted += 1
            answer = meaning.split()[0].split(":")[1]
            assert found[0] == (outcome, answer), name
            assert said(one, people.bob) == answer, name
        else:
            assert (found, Participation.objects.count()) == ([(outcome, meaning)], 0), name
    assert counted == 59


def test_the_same_mail_counts_once_by_whichever_way_it_comes(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "DECLINED")
    assert take(raw) == [("answer", "no")]
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=LATER)
    before = everything()
    assert take(raw) == [("aside", "read_before")]
    assert take(b"Received: from mx.example; now\r\n" + raw) == [("aside", "read_before")]
    assert everything() == before
    assert AnswerMail.objects.count() == 1


def test_whatever_was_said_last_holds_in_whichever_order_it_is_read(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    given = [("ACCEPTED", 1), ("DECLINED", 2), ("TENTATIVE", 3), ("DECLINED", 4)]
    mails = [reply(session, people.bob, what, at=NOW + minutes * MINUTE) for what, minutes in given]
    for order in permutations(mails):
        Participation.objects.all().delete()
        AnswerMail.objects.all().delete()
        for raw in order:
            take(raw)
        assert said(session, people.bob) == "no"


@pytest.mark.parametrize("seed", seldom(range(25), of=4))
def test_the_last_thing_said_about_the_present_date_holds(people: Cast, seed: int) -> None:
    """Dates moved and answers given in any order, read in any other: some say their SEQUENCE, some the hour only."""
    dice = random.Random(seed)
    session = make_session(people.circle, people.alice, in_=timedelta(days=20))
    now, holds = NOW, ""
    mails: list[bytes] = []
    for step in range(dice.randint(3, 9)):
        now += timedelta(minutes=dice.randint(1, 90))
        if dice.random() < 0.35:
            moved(session, by=timedelta(hours=dice.choice([1, 2, 24, 48])), now=now)
            holds = ""
            continue
        partstat, answer = dice.choice([("ACCEPTED", "yes"), ("TENTATIVE", "maybe"), ("DECLINED", "no")])
        sequence = dice.choice([session.revision, session.revision, None])
        names = sequence is None or dice.random() < 0.5
        starts = session.starts_at if names else None
        mails.append(reply(session, people.bob, partstat, at=now, sequence=sequence, starts=starts, name=f"{step}"))
        holds = answer
    dice.shuffle(mails)
    for raw in mails:
        take(raw, now=now + timedelta(minutes=5))
    assert said(session, people.bob) == holds


def test_what_is_said_on_the_page_is_a_later_word_too(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW + 10 * MINUTE)
    assert take(reply(session, people.bob, "DECLINED", at=NOW + 9 * MINUTE)) == [("aside", "older")]
    assert said(session, people.bob) == "yes"
    assert take(reply(session, people.bob, "DECLINED", at=NOW + 11 * MINUTE)) == [("answer", "no")]
    rsvp_set(session=session, user=people.bob, answer=Rsvp.MAYBE, now=NOW + 12 * MINUTE)
    row = Participation.objects.get(session=session)
    assert (row.rsvp, row.rsvp_by) == ("maybe", "page")


def test_a_clock_that_is_ahead_does_not_outlive_what_is_said_next(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    assert take(reply(session, people.bob, "DECLINED", at=NOW + timedelta(days=300)), now=LATER) == [("answer", "no")]
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=LATER + MINUTE)
    assert said(session, people.bob) == "yes"
    assert take(reply(session, people.bob, "DECLINED", at=LATER + 2 * MINUTE), now=LATER + 3 * MINUTE) == [
        ("answer", "no")
    ]


def test_an_answer_to_another_date_does_not_count_and_a_lagging_program_that_names_this_one_does(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    first = session.starts_at
    moved(session, by=timedelta(days=1), now=NOW + 10 * MINUTE)
    assert take(reply(session, people.bob, "ACCEPTED", starts=first)) == [("aside", "moved")]
    assert take(reply(session, people.bob, "ACCEPTED", name="bare")) == [("aside", "moved")]
    at = NOW + 20 * MINUTE
    assert take(reply(session, people.bob, "DECLINED", at=at, starts=session.starts_at)) == [("answer", "no")]
    moved(session, by=timedelta(days=-1), now=NOW + 30 * MINUTE)
    back = reply(session, people.bob, "ACCEPTED", starts=first, name="said of the first date, which is back")
    assert take(back) == [("aside", "moved")]
    assert said(session, people.bob) == ""


def test_another_place_or_name_leaves_answers_under_way_as_they_are(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    details = SessionDetails(session.starts_at.replace(tzinfo=None), "UTC", session.format_version, 120, place="Room 4")
    session_update(session=session, details=details, now=NOW + 10 * MINUTE)
    assert CircleSession.objects.get().revision == 1
    assert take(reply(session, people.bob, "ACCEPTED", sequence=0)) == [("answer", "yes")]


def test_another_time_wished_for_is_a_no_and_the_facilitator_hears_of_it_and_of_no_word(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    assert take(reply(session, people.bob, "TENTATIVE", method="COUNTER")) == [("counter", "no")]
    assert said(session, people.bob) == "no"
    (message,) = Message.objects.filter(kind=TIME_WISHED)
    assert message.user == people.alice
    assert "canary" not in repr(list(Message.objects.values())) + repr(list(AnswerMail.objects.values()))


def test_the_mail_about_a_wish_names_who_and_when_and_goes_while_it_holds(people: Cast, mailoutbox: Any) -> None:
    session = make_session(people.circle, people.alice)
    Message.objects.all().delete()
    with time_machine.travel(LATER, tick=False):
        take(reply(session, people.bob, "DECLINED", method="COUNTER"))
        send()
        (mail,) = mailoutbox
        assert mail.subject == "Alder circle: Bob cannot come, and would rather meet at another time"
        assert "Thursday 14 January" in mail.body
        take(reply(session, people.carol, "DECLINED", method="COUNTER", name="carol"))
        rsvp_set(session=session, user=people.carol, answer=Rsvp.YES, now=LATER)
        send()
    assert len(mailoutbox) == 1


def send() -> None:
    from notifications import outbox

    outbox.turn()


def test_after_the_start_and_for_what_is_off_nothing_counts(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED")
    second = timedelta(seconds=1)
    assert take(raw, now=session.starts_at - second) == [("answer", "yes")]
    later = reply(session, people.bob, "DECLINED", at=NOW + 2 * MINUTE)
    assert take(later, now=session.starts_at) == [("aside", "begun")]
    other = make_session(people.circle, people.alice, in_=timedelta(days=9))
    given = reply(other, people.bob, "ACCEPTED")
    session_cancel(session=other, now=NOW)
    assert take(given) == [("aside", "cancelled")]


def test_whoever_left_answers_no_more_and_who_comes_back_is_sent_another_address(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    before = answer_token(user=people.bob, session=session, now=NOW)
    seat = Membership.objects.get(user=people.bob)
    circle_leave(membership=seat, now=NOW + MINUTE)
    assert take(reply(session, people.bob, "ACCEPTED", token=before)) == [("aside", "left")]
    Membership.objects.create(circle=people.circle, user=people.bob, joined_at=NOW + 5 * MINUTE)
    assert take(reply(session, people.bob, "ACCEPTED", token=before, name="again")) == [("aside", "left")]
    after = answer_token(user=people.bob, session=session, now=NOW + 6 * MINUTE)
    assert after != before
    assert take(reply(session, people.bob, "ACCEPTED", token=before, name="third")) == [("aside", "unknown_token")]
    assert take(reply(session, people.bob, "ACCEPTED", token=after, name="new")) == [("answer", "yes")]


def test_leaving_the_organisation_ends_every_token_at_once_and_coming_back_revives_none(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED")
    sue = User.objects.create_superuser("sue@example.org", "x", name="Sue")
    person_has_left(user=people.bob, by=sue, now=NOW + MINUTE)
    assert take(raw) == [("aside", "unknown_token")]
    person_is_here(user=people.bob, by=sue, now=NOW + 2 * MINUTE)
    assert take(raw.replace(b"Message-ID: <", b"Message-ID: <again.")) == [("aside", "unknown_token")]


def test_erasing_takes_tokens_along(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED")
    person_erase(user=people.bob, now=NOW + MINUTE)
    assert not AnswerToken.objects.exists()
    assert take(raw) == [("aside", "unknown_token")]


def test_another_secret_of_the_site_ends_what_was_sent_before(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED")
    with override_settings(SECRET_KEY="another secret that is long enough for it"):
        assert take(raw) == [("aside", "unknown_token")]
        assert take(reply(session, people.bob, "ACCEPTED", name="new")) == [("answer", "yes")]


def test_two_people_of_one_mailbox_each_answer_for_themselves(people: Cast) -> None:
    """Their programs write the same sender and attendee: the token tells them apart."""
    session = make_session(people.circle, people.alice)
    take(reply(session, people.bob, "ACCEPTED"))
    take(reply(session, people.carol, "DECLINED", name="carol"))
    assert [said(session, user) for user in (people.bob, people.carol, people.dave)] == ["yes", "no", ""]


def test_a_guest_who_cannot_come_takes_their_yes_back(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    guest = guest_invite(session=session, name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    gus = make_user("Gus Guest")
    guest_accept(guest=guest, user=gus, now=NOW)
    assert take(reply(session, gus, "ACCEPTED")) == [("answer", "yes")]
    assert take(reply(session, gus, "DECLINED", at=NOW + 2 * MINUTE)) == [("answer", "no")]
    assert not GuestPass.objects.get().is_accepted
    assert take(reply(session, gus, "ACCEPTED", at=NOW + 3 * MINUTE)) == [("aside", "left")]


def forged(dice: random.Random, people: Cast, session: CircleSession, other: CircleSession, number: int) -> bytes:
    """A mail that must not count: some token, some event, some date or some person in it is not what it says."""
    partstat = dice.choice(["ACCEPTED", "TENTATIVE", "DECLINED"])
    user, at = dice.choice([people.alice, people.bob, people.carol]), NOW + timedelta(seconds=dice.randint(60, 9999))
    token = answer_token(user=user, session=session, now=NOW)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    near = list(token)
    near[dice.randrange(26)] = "8"
    stranger = "".join(dice.choices(letters, k=26))
    said_of = {"at": at, "name": f"forged {number}"}
    ways = [
        lambda: reply(session, user, partstat, token=stranger, **said_of),
        lambda: reply(session, user, partstat, token="".join(near), **said_of),
        lambda: reply(session, user, partstat, token=token[:-1], **said_of),
        lambda: reply(session, user, partstat, token=token, event=uid(other.code), **said_of),
        lambda: reply(session, user, partstat, token=token, event=f"{session.code}@elsewhere.example", **said_of),
        lambda: reply(session, user, partstat, token=token, event=f"{UUID(int=dice.getrandbits(128))}@x", **said_of),
        lambda: reply(session, user, partstat, token=token, sequence=dice.randint(5, 999), **said_of),
        lambda: reply(session, user, dice.choice(["NEEDS-ACTION", "", "COMPLETED", "YES"]), token=token, **said_of),
        lambda: reply(session, user, partstat, token=token, method=dice.choice(["REQUEST", "CANCEL"]), **said_of),
        lambda: reply(session, user, partstat, token=token, **said_of).replace(b"circles.example", b"circles.evil"),
        lambda: reply(session, user, partstat, token=token, **said_of).replace(b"ATTENDEE;", b"ATTENDEE;CUTYPE=ROOM;"),
        lambda: b"Auto-Submitted: auto-replied\r\n" + reply(session, user, partstat, token=token, **said_of),
    ]
    return dice.choice(ways)()


@pytest.mark.long
def test_a_thousand_forged_replayed_and_altered_replies_change_nothing(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    other = make_session(people.circle, people.alice, in_=timedelta(days=6))
    for user in (people.alice, people.bob, people.carol):
        answer_token(user=user, session=session, now=NOW)
    replayed = [reply(session, people.bob, what, at=NOW + n * MINUTE) for n, what in enumerate(["DECLINED"] * 5, 1)]
    for raw in replayed:
        take(raw)
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=LATER)
    before, dice = everything(), random.Random(23)
    for number in range(1000):
        raw = forged(dice, people, session, other, number)
        if number % 5 == 0:  # said once, and sent again under another name
            raw = dice.choice(replayed).replace(b"Message-ID: <", f"Message-ID: <{number}.".encode())
        assert {outcome for outcome, _why in take(raw, now=LATER + MINUTE)} == {"aside"}
    assert everything() == before


def test_the_command_says_what_a_mail_would_do_and_changes_nothing(
    people: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session(people.circle, people.alice)
    mails = {
        "yes": reply(session, people.bob, "ACCEPTED"),
        "counter": reply(session, people.bob, "DECLINED", method="COUNTER"),
        "unknown": reply(session, people.bob, "ACCEPTED", token="a" * 26),
        "bounce": (CORPUS / "bounce_postfix.eml").read_bytes(),
        "away": (CORPUS / "aside_out_of_office_exchange.eml").read_bytes(),
    }
    before = everything()
    found = {}
    with time_machine.travel(LATER, tick=False):
        for name, raw in mails.items():
            (tmp_path / name).write_bytes(raw)
            call_command("calendar_reply", str(tmp_path / name), "--json")
            found[name] = json.loads(capsys.readouterr().out)
    whose = {"session": str(session.code), "person": str(people.bob.code)}
    nobody = {"session": None, "person": None, "answer": None}
    assert found == {
        "yes": {"outcome": "answer", **whose, "answer": "yes", "why": None},
        "counter": {"outcome": "counter", **whose, "answer": "no", "why": None},
        "unknown": {"outcome": "aside", **nobody, "why": "unknown_token"},
        "bounce": {"outcome": "aside", **nobody, "why": "foreign_bounce"},
        "away": {"outcome": "aside", **nobody, "why": "automatic"},
    }
    assert everything() == before
    assert not AnswerMail.objects.exists()


def test_the_command_says_each_of_several_answers_and_plain_words_for_people(
    people: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED")
    entry = raw[raw.index(b"BEGIN:VEVENT") : raw.index(b"END:VCALENDAR")]
    (tmp_path / "two").write_bytes(raw.replace(b"END:VCALENDAR", entry.replace(b"UID:", b"UID:x") + b"END:VCALENDAR"))
    with time_machine.travel(LATER, tick=False):
        call_command("calendar_reply", str(tmp_path / "two"), "--json")
        two = json.loads(capsys.readouterr().out)
        call_command("calendar_reply", str(tmp_path / "two"))
    assert (two["answer"], [one["why"] for one in two["more"]]) == ("yes", ["other_event"])
    first = f"outcome answer, session {session.code}, person {people.bob.code}, answer yes\n"
    assert capsys.readouterr().out == first + "outcome aside, why other_event\n"


def test_the_command_says_when_there_is_no_address_or_no_file(people: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("calendar_reply", str(tmp_path / "nothing"))
    with override_settings(ANSWER_ADDRESS=""):
        assert answer_address() is None
        with pytest.raises(CommandError, match="ANSWER_ADDRESS is not set"):
            call_command("calendar_reply", str(tmp_path / "nothing"))
        assert mail_take(raw=b"To: x", now=NOW).findings == []


def test_digests_of_mails_go_after_sixty_days(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    take(reply(session, people.bob, "ACCEPTED"))
    assert mails_forget(now=LATER + timedelta(days=60)) == 0
    assert mails_forget(now=LATER + timedelta(days=60, seconds=1)) == 1
