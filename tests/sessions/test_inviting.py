"""Invitations to sessions: one person each, the address that answers go to, and back again into what people said."""

import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import override_settings
from django.urls import reverse
from icalendar import Calendar

from accounts.models import User
from accounts.services import feed_renew, user_set_calendar
from notifications import outbox
from notifications.calendars import uid
from notifications.models import Message
from notifications.selectors import notices_of
from notifications.services import About, messages_put
from pages.ending_services import circle_leave
from sessions.enums import Rsvp
from sessions.formats.library import version_of
from sessions.models import AnswerToken, CircleSession, Series
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.series_services import SeriesDetails, series_cancel, series_schedule
from sessions.planning.services import SessionDetails, session_cancel, session_update
from sessions.replies.services import answer_token, calendars_tell, mail_take
from sessions.rules.calendar_lines import read_calendars
from sessions.rules.recurrence import Rhythm
from tests.factories import NOW, Cast, make_session, make_user

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
    assert calendars_tell(now=NOW) == 0
    circle_leave(membership=people.circle.memberships.get(user=people.bob), now=NOW)
    sent_to(people.bob)
    assert [calendars_tell(now=NOW), calendars_tell(now=NOW)] == [1, 1]
    (message,) = sent_to(people.bob)
    assert message["Subject"] == "Alder circle: Thursday 14 January leaves your calendar"
    (calendar,) = invitations_in(message)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["STATUS"]) == ("CANCEL", uid(session.code), "CANCELLED")
    assert event["ORGANIZER"] == invitations_in(first)[0].walk("VEVENT")[0]["ORGANIZER"]
    assert [name for name in ("DESCRIPTION", "LOCATION", "URL") if name in event] == []
    assert Message.objects.filter(kind="calendar_left").count() == 1


def six_planned(people: Cast, *, count: int = 6) -> Series:
    details = SessionDetails(datetime(2027, 2, 4, 16, 0), "Europe/London", version_of("council"), 120)
    rhythm = Rhythm(first=date(2027, 2, 4), times=(time(16),), weeks=3, count=count)
    # 25 March is before the change of clocks, 15 April after it.
    return series_schedule(circle=people.circle, details=SeriesDetails(details, rhythm), now=NOW)


def entries_of(messages: list[EmailMessage]) -> list[tuple[str, str, datetime]]:
    """Method, UID and start of the one entry of each mail, which it shows and has attached."""
    found = []
    for message in messages:
        assert [kind for kind, _method, attached in parts_of(message) if attached] == ["text/calendar"]
        (calendar,) = invitations_in(message)
        (event,) = calendar.walk("VEVENT")
        assert message["Reply-To"] == event["ORGANIZER"].removeprefix("mailto:")
        found.append((str(calendar["METHOD"]), str(event["UID"]), event.decoded("DTSTART").astimezone(UTC)))
    return found


def test_of_several_dates_each_is_answered_in_the_mail_that_shows_it(people: Cast) -> None:
    """Thunderbird showed the first invitation of a mail and answered its last: it keeps one for each mail."""
    series = six_planned(people)
    dates = [(uid(one.code), one.starts_at) for one in series.sessions.order_by("starts_at")]
    told, *each = sent_to(people.bob)
    assert told["Subject"] == "Alder circle: 6 sessions are planned"
    assert parts_of(told) == [("text/plain", "", False), ("text/html", "", False)]
    assert entries_of(each) == [("REQUEST", *one) for one in dates]
    assert each[0]["Subject"] == "Thursday 4 February at 16:00, London time: Alder circle"
    # They are read in calendars: under the bell stands the mail about all of them.
    assert [one.kind for one in notices_of(people.bob)] == ["series_scheduled"]
    series_cancel(session=series.sessions.order_by("starts_at")[0], now=NOW - timedelta(minutes=11))
    told, *each = sent_to(people.bob)
    assert "ancelled" in told["Subject"] + str(told.get_body(("plain",)))
    assert entries_of(each) == [("CANCEL", *one) for one in dates]


def test_every_date_of_whoever_leaves_is_taken_out_of_their_calendar(people: Cast) -> None:
    series = six_planned(people)
    sent_to(people.bob)
    circle_leave(membership=people.circle.memberships.get(user=people.bob), now=NOW)
    sent_to(people.bob)
    assert [calendars_tell(now=NOW), calendars_tell(now=NOW)] == [6, 6]
    dates = {("CANCEL", uid(one.code), one.starts_at) for one in series.sessions.all()}
    assert set(entries_of(sent_to(people.bob))) == dates


@pytest.mark.parametrize("way", ["feed", "nothing", "subscribed", "files", "invitations"])
def test_what_was_invited_to_leaves_calendars_in_which_it_would_stand_twice(people: Cast, way: str) -> None:
    """Whoever answered invitations and then follows the feed would have each date twice, and one of them as it was."""
    session = make_session(people.circle, people.alice)
    (first,) = sent_to(people.bob)
    assert mail_take(raw=answered(first, "ACCEPTED", NOW), now=NOW).understood
    if way == "subscribed":
        feed_renew(user=people.bob, now=NOW)
    else:
        user_set_calendar(user=people.bob, by=way)
    twice = way in ("feed", "nothing", "subscribed")
    assert [calendars_tell(now=NOW), calendars_tell(now=NOW)] == [twice, twice]
    messages = sent_to(people.bob)
    assert entries_of(messages) == [("CANCEL", uid(session.code), session.starts_at)] * twice
    for message in messages:
        body = message.get_body(("plain",))
        assert body
        assert "Your dates come in another way now" in body.get_content()
    # Of their answer nothing changes, and leaving later takes out what they were invited to meanwhile.
    assert session.participations.get(user=people.bob).rsvp == Rsvp.YES
    user_set_calendar(user=people.bob, by="invitations")
    circle_leave(membership=people.circle.memberships.get(user=people.bob), now=NOW)
    sent_to(people.bob)
    calendars_tell(now=NOW)
    assert entries_of(sent_to(people.bob)) == [("CANCEL", uid(session.code), session.starts_at)]


def test_of_many_dates_the_next_six_are_invited_to_and_what_was_sent_before_is_kept_right(people: Cast) -> None:
    series = six_planned(people, count=9)
    dates = list(series.sessions.order_by("starts_at"))
    _told, *each = sent_to(people.bob)
    assert [name for _method, name, _at in entries_of(each)] == [uid(one.code) for one in dates[:6]]
    answer_token(user=people.bob, session=dates[7], now=NOW)  # by the mail that asks about it
    series_cancel(session=dates[0], now=NOW - timedelta(minutes=11))
    _told, *each = sent_to(people.bob)
    assert [name for _method, name, _at in entries_of(each)] == [uid(one.code) for one in [*dates[:6], dates[7]]]


def test_whoever_joins_is_told_once_how_dates_come(people: Cast) -> None:
    said = "Dates come as invitations that you answer in your calendar."
    for user, told in ((make_user("Fay Fox"), True), (make_user("Gil Gray"), False)):
        if not told:
            user_set_calendar(user=user, by="feed")
        with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
            membership = people.circle.memberships.create(user=user, joined_at=NOW)
            about = About("membership", membership.code, 0, people.circle.code)
            messages_put(kind="welcome", about=about, to=[user], due_at=NOW, now=NOW)
            (message,) = sent_to(user)
        for kind in ("plain", "html"):
            body = message.get_body((kind,))
            assert body
            assert (said in body.get_content(), reverse("pages:calendar") in body.get_content()) == (told, told)


@pytest.mark.parametrize(
    ("by", "says"), [("files", "The file attached"), ("invitations", "Each comes as an invitation"), ("feed", "")]
)
def test_a_mail_says_what_goes_with_it_and_nothing_else(people: Cast, by: str, says: str) -> None:
    user_set_calendar(user=people.bob, by=by)
    six_planned(people)
    told = sent_to(people.bob)[0]
    for kind in ("plain", "html"):
        body = told.get_body((kind,))
        assert body
        found = [one for one in ("The file attached", "Each comes as an invitation") if one in body.get_content()]
        assert found == [says] * bool(says)
