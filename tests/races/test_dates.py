"""Races about dates, parts and guests of sessions."""

from datetime import timedelta
from typing import Any

import pytest

from circles.models import Circle
from pages.ending_services import circle_close
from sessions.enums import Role, SessionStatus
from sessions.formats.library import version_of
from sessions.guests.services import GUESTS_AT_MOST, guest_accept, guest_invite, guest_withdraw
from sessions.models import (
    CircleSession,
    GuestPass,
    Issue,
    Participation,
    RoleSwap,
    SessionEvent,
    SessionRole,
    TimePoll,
)
from sessions.planning.bringing_services import issue_bring, issue_take_back, rsvp_set
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_services import role_take, roles_choose, swap_answer, swap_ask
from sessions.planning.selectors import sessions_at
from sessions.planning.services import SessionDetails, session_cancel
from sessions.planning.services import session_schedule as schedule
from sessions.planning.services import session_update as update
from tests.factories import NOW, Cast, make_session
from tests.races.racing import (
    LATER,
    SOON,
    Made,
    Race,
    again,
    in_both_orders,
    one_refused,
    run,
    start_it,
)

RACES: list[Made] = []


def race(made: Made) -> Made:
    RACES.append(made)
    return made


@race
def one_session_is_started_twice(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield lambda: start_it(people, one), lambda: start_it(people, other)
    assert said == ["", ""], "the second Start is answered as the first"
    assert SessionEvent.objects.count() == 1


def _wish(in_: timedelta = SOON, **more: Any) -> SessionDetails:
    local = (NOW + in_).replace(tzinfo=None)
    return SessionDetails(local_start=local, zone="UTC", format=version_of("council"), minutes=120, **more)


def no_two_at_one_time() -> bool:
    planned = list(CircleSession.objects.filter(status=SessionStatus.PLANNED).select_related("circle"))
    return not any(sessions_at(one.circle, [(one.starts_at, one.plans_to_end_at)], besides=[one.pk]) for one in planned)


@race
def two_dates_at_one_time(people: Cast) -> Race:
    one, other, details = again(people.circle), again(people.circle), _wish()
    said = yield (
        lambda: schedule(circle=one, details=details, now=NOW),
        lambda: schedule(circle=other, details=details, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def one_is_moved_to_where_another_is_planned(people: Cast) -> Race:
    moved, circle, details = again(make_session(people.circle, people.alice, in_=LATER)), again(people.circle), _wish()
    said = yield (
        lambda: update(session=moved, details=details, now=NOW),
        lambda: schedule(circle=circle, details=details, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def two_are_moved_to_one_time(people: Cast) -> Race:
    one = again(make_session(people.circle, people.alice, in_=LATER))
    other, details = again(make_session(people.circle, people.alice, in_=2 * LATER)), _wish()
    said = yield (
        lambda: update(session=one, details=details, now=NOW),
        lambda: update(session=other, details=details, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def nothing_is_planned_in_a_circle_that_closes(people: Cast) -> Race:
    one, other, details = again(people.circle), again(people.circle), _wish()
    yield (
        lambda: circle_close(circle=one, by=people.alice, now=NOW),
        lambda: schedule(circle=other, details=details, now=NOW),
    )
    assert not CircleSession.objects.filter(status=SessionStatus.PLANNED).exists()


@race
def no_session_runs_in_a_closed_circle(people: Cast) -> Race:
    session, circle = again(make_session(people.circle, people.alice)), again(people.circle)
    said = yield lambda: circle_close(circle=circle, by=people.alice, now=NOW), lambda: start_it(people, session)
    assert one_refused(said)
    now_there = (Circle.objects.get().status, CircleSession.objects.get().status)
    assert now_there in (("closed", "cancelled"), ("open", "running"))


@race
def one_is_started_and_cancelled(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: start_it(people, one),
        lambda: session_cancel(session=other, now=NOW),
    )
    assert one_refused(said)
    left = CircleSession.objects.get()
    assert (left.status, left.seq) in (("running", 1), ("cancelled", 0))


@race
def one_is_started_and_moved(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other, details = again(session), again(session), _wish(LATER)
    yield (
        lambda: start_it(people, one),
        lambda: update(session=other, details=details, now=NOW),
    )
    left = CircleSession.objects.get()
    assert left.status == "running"


@race
def two_change_one_session(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: update(session=one, details=_wish(place="Room 1"), now=NOW),
        lambda: update(session=other, details=_wish(place="Room 2"), now=NOW),
    )
    assert one_refused(said)


@race
def no_more_guests_than_two(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    guest_invite(session=session, name="Gail", email="gail@example.org", by=people.alice, now=NOW)
    one, other = again(session), again(session)
    said = yield (
        lambda: guest_invite(session=one, name="Hal", email="hal@example.org", by=people.alice, now=NOW),
        lambda: guest_invite(session=other, name="Ida", email="ida@example.org", by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert GuestPass.objects.filter(revoked_at=None).count() == GUESTS_AT_MOST


@race
def one_guest_is_asked_once(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: guest_invite(session=one, name="Hal", email="hal@example.org", by=people.alice, now=NOW),
        lambda: guest_invite(session=other, name="Hal", email="hal@example.org", by=people.bob, now=NOW),
    )
    assert one_refused(said)


@race
def a_guest_who_is_not_to_come_is_not_in(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    guest = guest_invite(session=session, name="Erin", email="erin@example.org", by=people.alice, now=NOW)
    one, other = again(guest), again(guest)
    yield lambda: guest_accept(guest=one, user=people.erin, now=NOW), lambda: guest_withdraw(guest=other, now=NOW)
    assert not Participation.objects.filter(user=people.erin).exists()


@race
def one_person_brings_in_two_tabs(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other, words = again(session), again(session), {"title": "t", "text": "x", "ask": "listen"}
    said = yield (
        lambda: issue_bring(session=one, owner=again(people.bob), **words),  # type: ignore[arg-type]
        lambda: issue_bring(session=other, owner=again(people.bob), **words),  # type: ignore[arg-type]
    )
    assert said == ["", ""]
    assert Issue.objects.count() == 1


@race
def an_issue_is_taken_back_while_its_session_starts(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.alice, title="t", text="x", ask="listen")
    one, other = again(session), again(session)
    said = yield lambda: start_it(people, one), lambda: issue_take_back(session=other, owner=people.alice)
    assert Issue.objects.exists() is bool(said[1])


@race
def one_person_says_in_two_tabs_whether_they_come(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: rsvp_set(session=one, user=people.bob, answer="yes", now=NOW),  # type: ignore[arg-type]
        lambda: rsvp_set(session=other, user=people.bob, answer="no", now=NOW),  # type: ignore[arg-type]
    )
    assert said == ["", ""]


def _asked(people: Cast) -> tuple[CircleSession, RoleSwap]:
    session = make_session(people.circle, people.alice)
    roles_choose(session=session, holders={"scribe": people.bob}, now=NOW)
    return session, swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)


@race
def yes_and_no_to_one_question(people: Cast) -> Race:
    _session, swap = _asked(people)
    one, other = again(swap), again(swap)
    said = yield lambda: swap_answer(swap=one, yes=True, now=NOW), lambda: swap_answer(swap=other, yes=False, now=NOW)
    assert one_refused(said)


@race
def a_role_is_taken_while_it_changes_hands(people: Cast) -> Race:
    session, swap = _asked(people)
    one, other = again(swap), again(session)
    said = yield (
        lambda: swap_answer(swap=one, yes=True, now=NOW),
        lambda: role_take(session=other, role=Role.SCRIBE, user=people.dave),
    )
    assert said[1] == "", "whoever takes it last has it"
    assert SessionRole.objects.get(role_key=Role.SCRIBE).user == people.dave
    assert not RoleSwap.objects.filter(answer="").exists()


@race
def one_role_is_asked_about_once(people: Cast) -> Race:
    session, swap = _asked(people)
    swap.delete()
    one, other = again(session), again(session)
    said = yield (
        lambda: swap_ask(session=one, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW),
        lambda: swap_ask(session=other, role=Role.SCRIBE, by=people.bob, asked=people.dave, now=NOW),
    )
    assert one_refused(said)


@race
def two_polls_are_started(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    starts = [(NOW + SOON).replace(tzinfo=None)]
    said = yield (
        lambda: poll_start(circle=one, starts=starts, zone="UTC", by=people.alice, now=NOW),
        lambda: poll_start(circle=other, starts=starts, zone="UTC", by=people.bob, now=NOW),
    )
    assert said == ["", ""]
    assert TimePoll.objects.filter(closed_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
