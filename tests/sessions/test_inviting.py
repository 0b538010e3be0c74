"""Invitations to sessions: one person each, the address that answers go to, and back again into what people said."""

import email.policy
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import override_settings
from icalendar import Calendar

from accounts.models import User
from accounts.services import feed_renew, user_set_calendar
from notifications import outbox
from notifications.calendars import uid
from notifications.models import Message
from pages.ending_services import circle_leave
from sessions.enums import Rsvp
from sessions.models import AnswerToken, CircleSession
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.services import SessionDetails, session_cancel, session_update
from sessions.replies.services import leavers_tell, mail_take
from sessions.rules.calendar_lines import read_calendars
from tests.factories import NOW, Cast, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def invited() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"), time_machine.travel(NOW, tick=False):
        yield


def sent_to(user: User) -> list[EmailMessage]:
    """What goes to somebody now, as it is on the wire."""
    before = len(mail.outbox)
    outbox.turn()
    mine = [one for one in mail.outbox[before:] if one.to == [user.email]]
    return [email.message_from_bytes(one.message().as_bytes(), policy=email.policy.default) for one in mine]  # type: ignore[misc]


def parts_of(message: EmailMessage) -> list[tuple[str, str, bool]]:
    """Type, method and whether it is attached, of each part that is read or kept."""
    found = []
    for part in message.walk():
        if not part.is_multipart():
            method = str(part.get_param("method") or "")
            found.append((part.get_content_type(), method, part.is_attachment()))
    return found


def invitations_in(message: EmailMessage) -> list[Any]:
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar" and part.is_attachment()]
    return [Calendar.from_ical(part.get_payload(decode=True)) for part in parts]


def moved(session: CircleSession, by: User) -> None:
    details = SessionDetails(
        (session.starts_at + timedelta(days=1)).replace(tzinfo=None), "UTC", session.format_version, minutes=120
    )
    session_update(session=session, details=details, now=NOW)
    session.refresh_from_db()


def test_a_mail_about_a_date_is_an_invitation_of_its_reader_alone(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    (message,) = sent_to(people.bob)
    assert parts_of(message) == [
        ("text/plain", "", False),
        ("text/html", "", False),
        ("text/calendar", "REQUEST", False),
        ("text/calendar", "REQUEST", True),
    ]
    assert re.findall(r"^Content-Type: text/calendar;.*(?:\n .*)*", message.as_string(), re.MULTILINE) == [
        'Content-Type: text/calendar; method="REQUEST"; charset="utf-8"',
        'Content-Type: text/calendar; charset="utf-8"; method="REQUEST"',
    ]
    (calendar,) = invitations_in(message)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", uid(session.code), 0)
    assert (event["ATTENDEE"], event["ATTENDEE"].params["PARTSTAT"]) == ("mailto:bob@example.org", "NEEDS-ACTION")
    assert re.fullmatch(r"mailto:calendar\+[a-z2-7]{26}@circles\.example", event["ORGANIZER"])
    assert message["Reply-To"] == event["ORGANIZER"].removeprefix("mailto:")
    assert "carol" not in message.as_string() + "alice@"
    assert AnswerToken.objects.count() == 4


def test_a_parser_that_did_not_write_it_reads_the_same(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    (message,) = sent_to(people.bob)
    raw = next(part for part in message.walk() if part.get_content_type() == "text/calendar").get_payload(decode=True)
    assert isinstance(raw, bytes)
    (calendar,) = read_calendars(raw)
    (entry,) = calendar.entries
    start = calendar.when(entry.one("DTSTART"))
    assert start
    assert (calendar.method, entry.text("UID"), start.is_at(session.starts_at)) == ("REQUEST", uid(session.code), True)
    assert [line.value for line in entry.lines["ATTENDEE"]] == ["mailto:bob@example.org"]


def answered(message: EmailMessage, partstat: str, at: datetime) -> bytes:
    """What a calendar program makes of an invitation and sends back."""
    (calendar,) = invitations_in(message)
    (event,) = calendar.walk("VEVENT")
    event["ATTENDEE"].params["PARTSTAT"] = partstat
    event["DTSTAMP"].dt = at
    calendar["METHOD"] = "REPLY"
    heads = f"To: {message['Reply-To']}\r\nMessage-ID: <{partstat}{at}@x>\r\nContent-Type: text/calendar; method=REPLY"
    return heads.encode() + b"\r\n\r\n" + calendar.to_ical()


def test_the_way_of_a_date_from_invitation_to_answer_move_and_end(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    (first,) = sent_to(people.bob)
    assert mail_take(raw=answered(first, "ACCEPTED", NOW + timedelta(minutes=1)), now=NOW).understood
    moved(session, people.alice)
    (second,) = sent_to(people.bob)
    (before,), (after,) = (invitations_in(one)[0].walk("VEVENT") for one in (first, second))
    assert (before["UID"], before["ORGANIZER"]) == (after["UID"], after["ORGANIZER"])
    assert (before["SEQUENCE"], after["SEQUENCE"], after["ATTENDEE"].params["PARTSTAT"]) == (0, 1, "NEEDS-ACTION")
    late = mail_take(raw=answered(first, "DECLINED", NOW + timedelta(minutes=2)), now=NOW + timedelta(minutes=3))
    assert [(one.outcome, one.why) for one in late.findings] == [("aside", "moved")]
    rsvp_set(session=session, user=people.bob, answer=Rsvp.MAYBE, now=NOW)
    session_cancel(session=session, now=NOW)
    (last,) = sent_to(people.bob)
    (off,) = invitations_in(last)
    (event,) = off.walk("VEVENT")
    assert (off["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert (event["UID"], event["ORGANIZER"]) == (before["UID"], before["ORGANIZER"])
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"


def test_without_an_address_for_answers_everything_is_as_it_was(people: Cast) -> None:
    make_session(people.circle, people.alice)
    with override_settings(ANSWER_ADDRESS=""):
        (message,) = sent_to(people.bob)
    assert parts_of(message)[2:] == [("text/calendar", "PUBLISH", True)]
    assert message["Reply-To"] is None
    assert not AnswerToken.objects.exists()


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("invitations", [("text/calendar", "REQUEST", False), ("text/calendar", "REQUEST", True)]),
        ("files", [("text/calendar", "PUBLISH", True)]),
        ("feed", []),
        ("nothing", []),
    ],
)
def test_each_person_gets_dates_as_they_chose(people: Cast, by: str, found: list[Any]) -> None:
    user_set_calendar(user=people.bob, by=by)
    make_session(people.circle, people.alice)
    (message,) = sent_to(people.bob)
    assert parts_of(message)[2:] == found


def test_whoever_subscribes_to_the_feed_has_no_date_twice(people: Cast) -> None:
    feed_renew(user=people.bob, now=NOW)
    make_session(people.circle, people.alice)
    (message,) = sent_to(people.bob)
    assert parts_of(message)[2:] == [("text/calendar", "PUBLISH", True)]


def test_dates_leave_the_calendar_of_whoever_leaves_once(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    (first,) = sent_to(people.bob)
    assert leavers_tell(now=NOW) == 0
    circle_leave(membership=people.circle.memberships.get(user=people.bob), now=NOW)
    sent_to(people.bob)
    assert [leavers_tell(now=NOW), leavers_tell(now=NOW)] == [1, 1]
    (message,) = sent_to(people.bob)
    assert message["Subject"] == "Alder circle: its dates leave your calendar"
    (calendar,) = invitations_in(message)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["STATUS"]) == ("CANCEL", uid(session.code), "CANCELLED")
    assert event["ORGANIZER"] == invitations_in(first)[0].walk("VEVENT")[0]["ORGANIZER"]
    assert [name for name in ("DESCRIPTION", "LOCATION", "URL") if name in event] == []
    assert Message.objects.filter(kind="calendar_left").count() == 1
