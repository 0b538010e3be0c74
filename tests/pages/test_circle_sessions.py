"""The sessions of a circle: answers in place, what was called off with a day to undo, what became of promises."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from circles.models import Membership
from sessions.enums import Attendance, Rsvp, SessionStatus
from sessions.models import CheckOut, CircleSession, Participation
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.services import session_cancel
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


def path(people: Cast) -> str:
    return reverse("pages:circle_sessions", args=[people.circle.code])


def shown(people: Cast, user: User) -> str:
    return " ".join(signed_in(user).get(path(people)).content.decode().split())


def test_each_date_is_answered_in_its_row_and_one_stays_there(people: Cast, clock: Any) -> None:
    sessions = [make_session(people.circle, people.alice, in_=timedelta(days=day)) for day in (3, 24)]
    rsvp_set(session=sessions[0], user=people.carol, answer=Rsvp.MAYBE, now=NOW)
    rsvp_set(session=sessions[0], user=people.dave, answer=Rsvp.NO, now=NOW)
    rsvp_set(session=sessions[0], user=people.alice, answer=Rsvp.YES, now=NOW)
    bob = signed_in(people.bob)
    back = f"{path(people)}#coming"
    assert bob.post(f"/sessions/{sessions[1].code}/rsvp/", {"answer": "yes", "next": back}).url == back
    page = " ".join(bob.get(path(people)).content.decode().split())
    coming = page.split('id="coming"')[1].split("</section>")[0]
    assert "You come on Thursday 4 February." in coming
    first, second = coming.split('<span class="when">')[1:]
    assert "One comes" in first
    assert "Not sure: Carol" in first
    assert "Cannot: Dave" in first
    assert first.count('aria-pressed="true"') == 0
    assert second.count('aria-pressed="true"') == 1
    assert "Schedule sessions" not in page
    assert "Schedule sessions" in shown(people, people.alice)


def test_what_was_called_off_stands_there_and_is_undone_for_a_day(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    session_cancel(session=session, now=NOW, reason="The room is taken")
    take_back = f'action="/sessions/{session.code}/take-back/"'
    assert "The room is taken" in shown(people, people.bob)
    assert take_back not in shown(people, people.bob)
    assert take_back in shown(people, people.alice)
    clock.shift(timedelta(days=1))
    assert take_back not in shown(people, people.alice)
    clock.shift(timedelta(days=-1))
    back = f"{path(people)}#coming"
    assert signed_in(people.alice).post(f"/sessions/{session.code}/take-back/", {"next": back}).url == back
    assert CircleSession.objects.get().status == SessionStatus.PLANNED
    assert "Called off" not in shown(people, people.alice)


def held(people: Cast) -> CircleSession:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(
        status=SessionStatus.ENDED, starts_at=NOW - timedelta(days=4), started_at=NOW - timedelta(days=4),
        ended_at=NOW - timedelta(days=4), came_count=4, expected_count=4,
    )  # fmt: skip
    Membership.objects.update(joined_at=NOW - timedelta(days=9))
    return session


def promise(people: Cast, session: CircleSession, owner: User, status: str, audience: str = "circle") -> None:
    part = Participation.objects.create(session=session, user=owner, attendance=Attendance.CAME)
    details = CommitmentDetails("CANARY", date(2027, 2, 1), None, audience=audience)
    made = commitment_make(circle=people.circle, owner=owner, details=details, now=NOW)
    out = CheckOut(participation=part, commitment=made, vault=people.circle.vault, at=NOW)
    out.insight = ""
    out.save(force_insert=True)
    if status != CommitmentStatus.OPEN:
        commitment_settle(commitment=made, status=CommitmentStatus(status), now=NOW)


def test_a_held_session_says_how_its_promises_stand_as_far_as_one_may_see_them(people: Cast, clock: Any) -> None:
    session = held(people)
    promise(people, session, people.alice, "kept")
    promise(people, session, people.bob, "open")
    promise(people, session, people.carol, "open", audience="me")
    assert "4 of 4 came, two commitments, one kept, one open" in shown(people, people.bob)
    assert "three commitments" in shown(people, people.carol)
    assert "CANARY" not in shown(people, people.alice), "counts only: what it is stands with the session"


@pytest.mark.parametrize("number", [2, 8])
def test_the_page_costs_the_same_with_few_dates_and_with_many(people: Cast, clock: Any, number: int) -> None:
    session = held(people)
    promise(people, session, people.alice, "kept")
    for at in range(number):
        one = make_session(people.circle, people.alice, in_=timedelta(days=7 * at + 7))
        rsvp_set(session=one, user=people.bob, answer=Rsvp.YES, now=NOW)
        off = make_session(people.circle, people.alice, in_=timedelta(days=7 * at + 9))
        session_cancel(session=off, now=NOW)
    client = signed_in(people.alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path(people)).status_code == 200
    assert len(queries) == 13
