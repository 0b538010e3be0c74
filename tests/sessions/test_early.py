"""Nobody starts a session of next week by accident; what was started by mistake is put back; what was held is dated."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from circles.models import Goal
from circles.services import goal_write
from notifications.models import Message
from notifications.outbox import turn
from sessions.kinds import DAY_BEFORE
from sessions.live import log_selectors, services
from sessions.live.windows import OPENS_BEFORE, PUT_BACK_WITHIN
from sessions.live.writing_services import check_out_share
from sessions.models import CircleSession, Issue, Note, Participation, SessionEvent, Turn
from sessions.planning.bringing_services import issue_bring
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db
WAYS = ("running", "moved on", "ended")


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    """In six days, with something that Bob brings."""
    made = make_session(people.circle, people.alice, in_=timedelta(days=6))
    issue_bring(session=made, owner=people.bob, title="Mine", text="", ask="listen")
    turn()
    mail.outbox.clear()
    return made


def at(name: str, session: CircleSession, *more: str) -> str:
    return reverse(f"sessions:{name}", args=[session.code, *more])


def ticks(people: Cast, **more: str) -> dict[str, Any]:
    here = [str(user.code) for user in (people.alice, people.bob, people.carol, people.dave)]
    return {"expected_seq": "0", "here": here, "presents": [str(people.bob.code)]} | more


def state_of(session: CircleSession) -> str:
    session.refresh_from_db()
    return session.status


def press(client: Client, session: CircleSession, kind: str) -> None:
    session.refresh_from_db()
    services.session_command(session=session, kind=kind, seat=1, expected_seq=session.seq, now=NOW)


def test_the_room_is_a_waiting_room_until_half_an_hour_before(people: Cast, session: CircleSession, clock: Any) -> None:
    alice = signed_in(people.alice)
    shown = alice.get(at("live", session)).content.decode()
    assert "The room opens on Sunday 17 January, 08:30" in shown
    assert 'id="starting"' not in shown
    assert 'name="here"' not in shown
    refused = alice.post(at("start", session), ticks(people), follow=True).content.decode()
    assert (state_of(session), "It is not time yet." in refused) == ("planned", True)
    clock.move_to(session.starts_at - OPENS_BEFORE - timedelta(seconds=1))
    assert 'id="starting"' not in alice.get(at("live", session)).content.decode()
    clock.move_to(session.starts_at - OPENS_BEFORE)
    assert 'id="starting"' in alice.get(at("live", session)).content.decode()
    alice.post(at("start", session), ticks(people))
    assert state_of(session) == "running"


def test_starting_early_is_a_second_press_that_says_what_it_means(people: Cast, session: CircleSession) -> None:
    alice = signed_in(people.alice)
    asked = alice.get(at("live", session) + "?early=1").content.decode()
    assert "This session is planned for Sunday 17 January, 09:00." in asked
    assert re.search(r"Start it now, early:\s+Council, ends \d\d:\d\d", asked)
    alice.post(at("start", session), ticks(people, early="yes"))
    assert state_of(session) == "running"


@pytest.mark.parametrize("way", WAYS)
def test_for_ten_minutes_a_start_is_put_back_as_if_it_had_not_been(
    people: Cast, session: CircleSession, clock: Any, way: str
) -> None:
    covenant = people.circle.covenants.get()
    goal_write(covenant=covenant, user=people.bob, text="To listen", now=NOW)
    alice = signed_in(people.alice)
    alice.post(at("start", session), ticks(people, early="yes"))
    assert Goal.objects.get().told_at == NOW
    alice.post(at("note", session), {"text": "What I heard"})
    for kind in {"running": (), "moved on": ("next", "next"), "ended": ("next", "end")}[way]:
        press(alice, session, kind)
    page = at("session" if way == "ended" else "live", session)
    assert "put it back" in alice.get(page).content.decode()
    assert "put it back" not in signed_in(people.dave).get(page).content.decode()
    clock.move_to(NOW + PUT_BACK_WITHIN - timedelta(seconds=1))
    assert "Put back." in alice.post(at("put_back", session), follow=True).content.decode()
    assert (state_of(session), session.starts_at, session.local_date) == (
        "planned", NOW + timedelta(days=6), (NOW + timedelta(days=6)).date(),
    )  # fmt: skip
    assert (session.started_at, session.ended_at, session.came_count) == (None, None, 0)
    assert not Turn.objects.exists()
    assert set(Participation.objects.values_list("attendance", "seat")) == {("expected", None)}
    assert list(Participation.objects.filter(presents=True).values_list("user", flat=True)) == [people.bob.pk]
    assert (Issue.objects.get().told, Goal.objects.get().told_at) == (False, None)
    assert (Issue.objects.get().title, Goal.objects.get().text, Note.objects.get().text) == (
        "Mine", "To listen", "What I heard",
    )  # fmt: skip
    assert SessionEvent.objects.order_by("seq").last().kind == "put_back"
    turn()
    assert mail.outbox == []
    reminder = Message.objects.filter(kind=DAY_BEFORE, user=people.carol, state="waiting")
    assert reminder.get().due_at == session.starts_at - timedelta(days=1)
    assert "The room opens on" in alice.get(at("live", session)).content.decode()
    clock.move_to(session.starts_at)
    again = ticks(people) | {"expected_seq": str(session.seq)}
    alice.post(at("start", session), again)
    assert state_of(session) == "running"
    assert log_selectors.state_of(session) == log_selectors._folded(session)
    assert log_selectors.state_of(session).index == 0


def test_after_ten_minutes_or_a_check_out_nothing_is_put_back(people: Cast, session: CircleSession, clock: Any) -> None:
    alice = signed_in(people.alice)
    alice.post(at("start", session), ticks(people, early="yes"))
    clock.move_to(NOW + PUT_BACK_WITHIN)
    assert "put it back" not in alice.get(at("live", session)).content.decode()
    assert "cannot be put back" in alice.post(at("put_back", session), follow=True).content.decode()
    clock.move_to(NOW)
    press(alice, session, "end")
    session.refresh_from_db()
    check_out_share(session=session, user=people.bob, insight="x", promise=None, now=NOW)
    alice.post(at("put_back", session))
    assert state_of(session) == "ended"


def test_only_whoever_steers_puts_it_back(people: Cast, session: CircleSession) -> None:
    signed_in(people.alice).post(at("start", session), ticks(people, early="yes"))
    steering = log_selectors.state_of(CircleSession.objects.get()).steerers
    dave = Participation.objects.get(user=people.dave)
    assert dave.seat not in steering
    signed_in(people.dave).post(at("put_back", session))
    assert state_of(session) == "running"
    assert signed_in(people.erin).post(at("put_back", session)).status_code == 404


def test_what_was_held_early_stands_under_its_true_date_and_is_told(
    people: Cast, session: CircleSession, clock: Any
) -> None:
    planned = session.starts_at
    alice = signed_in(people.alice)
    alice.post(at("start", session), ticks(people, early="yes"))
    press(alice, session, "end")
    assert (state_of(session), session.starts_at, session.local_date) == ("ended", NOW, NOW.date())
    assert session.moved_from == planned
    assert "Monday 11 January" in alice.get(reverse("pages:circle", args=[people.circle.code])).content.decode()
    turn()
    assert mail.outbox == []  # it may still be put back
    clock.move_to(NOW + PUT_BACK_WITHIN)
    turn()
    assert [message.subject for message in mail.outbox] == ["Alder circle met already, on Monday 11 January"] * 4
    assert "There is no session on Sunday 17 January" in mail.outbox[0].body
    parts = mail.outbox[0].message().walk()
    calendar = next(part for part in parts if part.get_content_type() == "text/calendar")
    assert "DTSTART:20270111T090000Z" in calendar.get_payload(decode=True).decode()  # type: ignore[union-attr]


@pytest.mark.parametrize("late", [timedelta(minutes=-29), timedelta(hours=3)])
def test_what_was_held_about_when_it_was_planned_keeps_its_date(
    people: Cast, session: CircleSession, clock: Any, late: timedelta
) -> None:
    planned = session.starts_at
    clock.move_to(planned + late)
    signed_in(people.alice).post(at("start", session), ticks(people))
    session.refresh_from_db()
    services.session_command(session=session, kind="end", seat=1, expected_seq=1, now=planned + late)
    assert (state_of(session), session.starts_at) == ("ended", planned)


def test_what_was_held_days_late_stands_under_its_true_date(people: Cast, session: CircleSession, clock: Any) -> None:
    then = session.starts_at + timedelta(days=2)
    clock.move_to(then)
    signed_in(people.alice).post(at("start", session), ticks(people))
    session.refresh_from_db()
    services.session_command(session=session, kind="end", seat=1, expected_seq=1, now=then)
    assert (state_of(session), session.local_date) == ("ended", then.date())
    mail.outbox.clear()
    clock.move_to(then + PUT_BACK_WITHIN)
    turn()
    assert mail.outbox == []
