"""The calendar behind a secret address, read by a program that did not write it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import FeedToken
from accounts.services import feed_renew
from agreements.appointment_services import appointment_set
from agreements.commitment_services import CommitmentDetails, commitment_make
from circles.membership_services import member_leave
from circles.models import Membership
from sessions.planning.services import SessionDetails, session_cancel, session_update
from tests.factories import NOW, Cast, make_session, signed_in


def read(secret: str) -> dict[str, Any]:
    answer = Client().get(reverse("pages:feed", args=[secret]))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return {str(event["UID"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_sessions_appointments_and_due_days_without_words(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    made = commitment_make(
        circle=people.circle,
        owner=people.bob,
        details=CommitmentDetails("A canary", date(2027, 1, 20), people.carol),
        now=NOW,
    )
    talk = appointment_set(commitment=made, local_start=datetime(2027, 1, 15, 12), zone="America/Toronto", now=NOW)
    bob, carol, dave = (read(feed_renew(user=user, now=NOW)) for user in (people.bob, people.carol, people.dave))
    assert {key.split("@")[0] for key in bob} == {str(session.code), str(made.code), str(talk.code)}
    assert {key.split("@")[0] for key in carol} == {str(session.code), str(talk.code)}
    assert {key.split("@")[0] for key in dave} == {str(session.code)}
    assert bob[f"{talk.code}@testserver"]["DTSTART"].dt == datetime(2027, 1, 15, 17, tzinfo=UTC)
    assert bob[f"{made.code}@testserver"]["DTSTART"].dt == date(2027, 1, 20)
    raw = Client().get(reverse("pages:feed", args=[feed_renew(user=people.bob, now=NOW)])).content
    assert b"canary" not in raw
    assert b"\r\n" in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75


def test_the_feed_is_one_calendar_with_how_often_to_look(people: Cast, clock: Any) -> None:
    make_session(people.circle, people.alice)
    made = CommitmentDetails("A canary", date(2027, 1, 20), None)
    commitment_make(circle=people.circle, owner=people.bob, details=made, now=NOW)
    path = reverse("pages:feed", args=[feed_renew(user=people.bob, now=NOW)])
    first = Client().get(path).content
    clock.shift(timedelta(hours=1))
    assert Client().get(path).content == first
    calendar = Calendar.from_ical(first)
    assert calendar["UID"] == f"{people.bob.code}@testserver"
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in first
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in first
    other = Client().get(reverse("pages:feed", args=[feed_renew(user=people.carol, now=NOW)])).content
    assert Calendar.from_ical(other)["UID"] != calendar["UID"]


def test_a_moved_session_keeps_its_uid_and_counts_up(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    secret = feed_renew(user=people.bob, now=NOW)
    before = read(secret)[f"{session.code}@testserver"]
    details = SessionDetails(
        local_start=datetime(2027, 3, 30, 17),
        zone="Europe/London",
        format=session.format_version,
        minutes=90,
        call_link="https://meet.example.org/x",
    )
    clock.move_to(NOW + timedelta(hours=1))
    session_update(session=session, details=details, now=NOW + timedelta(hours=1))
    after = read(secret)[f"{session.code}@testserver"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == datetime(2027, 3, 30, 16, tzinfo=UTC), "British summer time has begun"
    assert after["LAST-MODIFIED"].dt == NOW + timedelta(hours=1)
    assert "https://meet.example.org/x" in after["DESCRIPTION"]
    session.refresh_from_db()
    session_cancel(session=session, now=NOW + timedelta(hours=1))
    gone = read(secret)[f"{session.code}@testserver"]
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 2)


def test_an_address_is_renewed_ended_and_loses_circles_that_were_left(people: Cast, clock: Any) -> None:
    make_session(people.circle, people.alice)
    client = signed_in(people.bob)
    page = reverse("pages:calendar")
    shown = client.post(page, follow=True).content.decode()
    first = shown.split(".ics")[0].split("/calendar/")[-1]
    assert len(read(first)) == 1
    assert first not in client.get(page).content.decode(), "shown once"
    assert first not in str(FeedToken.objects.values())
    second = client.post(page, follow=True).content.decode().split(".ics")[0].split("/calendar/")[-1]
    assert Client().get(reverse("pages:feed", args=[first])).status_code == 404
    member_leave(membership=Membership.objects.get(user=people.bob), now=NOW)
    assert read(second) == {}
    client.post(page, {"end": "1"})
    assert Client().get(reverse("pages:feed", args=[second])).status_code == 404


def test_the_feed_costs_the_same_with_one_session_and_with_ten(
    people: Cast, clock: Any, django_assert_num_queries: Any
) -> None:
    secret = feed_renew(user=people.bob, now=NOW)
    for number in (1, 9):
        for at in range(number):
            make_session(people.circle, people.alice, in_=timedelta(days=1 + at, hours=number))
        with django_assert_num_queries(5):
            read(secret)


def test_an_address_that_is_shown_once_has_a_button_to_copy_it(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    assert "data-copies" not in client.get(reverse("pages:calendar")).content.decode()
    page = " ".join(client.post(reverse("pages:calendar"), {"renew": "1"}, follow=True).content.decode().split())
    assert re.search(r'<input class="input" id="feed" readonly value="http[^"]+\.ics" data-copy>', page)
    assert re.search(r'<button [^>]*data-copies="feed"[^>]* hidden>', page), "without script nothing pretends to copy"
