"""Moving a session: the way to it from the session's page, what is said once it is saved, and what others read of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications import outbox
from notifications.models import Message
from sessions.enums import SessionStatus
from sessions.kinds import MOVED, SERIES_CHANGED
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_session, signed_in
from tests.sessions.test_planning import form, schedule

KEPT = {"date": "2027-01-14", "time": "09:00", "zone": "UTC"}  # as `make_session` plans it
NOTHING = "Saved. Nothing that others are told of has changed."


@pytest.fixture
def session(db: None, clock: Any, people: Cast) -> CircleSession:
    return make_session(people.circle, people.alice)


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def page_of(user: User, session: CircleSession) -> str:
    return words(signed_in(user).get(reverse("sessions:session", args=[session.code])))


def change(client: Client, session: CircleSession, **changes: str) -> str:
    """What the page says after it was saved, with what it was and these changes."""
    session.refresh_from_db()
    seen = {"seen": str(session.revision), "scope": "this"}
    seen["seen_series"] = str(session.series.edits) if session.series else ""
    path = reverse("sessions:session_edit", args=[session.code])
    return words(client.post(path, form(**(KEPT | changes)) | seen | changes, follow=True))


def test_whoever_runs_it_is_one_press_from_changing_it(people: Cast, session: CircleSession) -> None:
    to = f'href="{reverse("sessions:session_edit", args=[session.code])}"'
    page = page_of(people.alice, session)
    assert "Move or change </a>" in page.split(to)[1][:600].split("</a>")[0] + "</a>"
    tools = page.split("Run this session")[1]
    assert tools.split("<b>")[1].startswith("Date and format</b>"), "the first of the rows"
    assert to in tools.split("<b>")[0], "and its row is the link itself"
    assert to not in page_of(people.bob, session)
    CircleSession.objects.filter(pk=session.pk).update(status=SessionStatus.CANCELLED)
    assert to not in page_of(people.alice, session)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": "2027-01-15"}, "Moved from Thursday 14 January to Friday 15 January, 10:00. "),
        ({"time": "11:00"}, "Moved from Thursday 14 January, 10:00, to 12:00. "),
        ({"date": "2027-01-15", "time": "11:00"}, "Moved from Thursday 14 January, 10:00, to Friday 15 January, 12:00. "),
        ({"place": "Room 3"}, "The place has changed. "),
        ({"call_link": "https://call.example"}, "The link to the call has changed. "),
        ({"time": "11:00", "place": "Room 3"}, "Moved from Thursday 14 January, 10:00, to 12:00. The place has changed. "),
        ({"minutes": "100"}, ""),
        ({"time": "10:00", "zone": "Europe/Berlin"}, ""),
    ],
)  # fmt: skip
def test_saving_says_what_others_are_told_and_they_are(
    people: Cast, session: CircleSession, changes: dict[str, str], said: str
) -> None:
    """In the time of whoever saves it: here an hour later than where it is planned."""
    User.objects.filter(pk=people.alice.pk).update(time_zone="Europe/Berlin")
    page = change(signed_in(User.objects.get(pk=people.alice.pk)), session, **changes)
    assert (f"{said}Everyone is told by mail." if said else NOTHING) in page
    assert ("Everyone is told by mail." in page) is bool(said)
    told = Message.objects.filter(kind=MOVED, subject_code=session.code).values_list("user", flat=True)
    everyone = {people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk}
    assert set(told) == (everyone if said else set())


@pytest.mark.parametrize(("changes", "tells"), [({"time": "17:00"}, True), ({"minutes": "100"}, False)])
def test_saving_a_series_says_whether_others_are_told(
    clock: Any, people: Cast, changes: dict[str, str], tells: bool
) -> None:
    alice = signed_in(people.alice)
    schedule(alice, people, repeat="1", count="2")
    first = CircleSession.objects.earliest("starts_at")
    as_it_was = {"date": "2027-02-04", "time": "16:00", "zone": "Europe/London", "scope": "following"}
    page = change(alice, first, **(as_it_was | changes))
    said = "Everyone is told by mail." if tells else "Nothing that others are told of has changed."
    assert f"2 sessions are changed. {said}" in page
    assert Message.objects.filter(kind=SERIES_CHANGED).exists() is tells


def test_members_read_from_when_it_was_moved_until_it_is_held(people: Cast, session: CircleSession, clock: Any) -> None:
    outbox.turn()  # they know of its first date
    was = "Moved from Thursday 14 January, 10:00"
    User.objects.filter(pk=people.bob.pk).update(time_zone="Europe/Berlin")
    bob = User.objects.get(pk=people.bob.pk)
    assert "Moved from" not in page_of(bob, session)
    change(signed_in(people.alice), session, date="2027-01-15")
    assert was in page_of(bob, session)
    change(signed_in(people.alice), session, date="2027-01-14")
    assert "Moved from" not in page_of(bob, session), "put back before anybody heard of it"
    change(signed_in(people.alice), session, date="2027-01-15")
    outbox.turn()
    assert was in page_of(bob, session)
    clock.move_to(NOW + timedelta(days=4))
    assert "Moved from" not in page_of(bob, session)


def test_the_row_of_reminders_says_when_the_next_one_goes(people: Cast, session: CircleSession) -> None:
    assert "Next reminder: Tuesday 12 January, 09:00" in page_of(people.alice, session)


def test_the_ring_of_the_circle_has_a_date_that_fits_into_it(people: Cast, session: CircleSession) -> None:
    """Two lines are all there is room for: a whole day takes them both, and the hour is cut off."""
    page = words(signed_in(people.bob).get(reverse("pages:circle", args=[people.circle.code])))
    assert '<p class="who-now"> Thu 14 Jan, <br> 09:00 </p>' in page
