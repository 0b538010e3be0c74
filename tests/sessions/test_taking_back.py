"""A session that is cancelled can be taken back: unheard for ten minutes, told for a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.refusals import Refused
from notifications import outbox
from notifications.models import Message
from sessions.enums import Role, Rsvp, SessionStatus
from sessions.models import CircleSession, Issue, Participation, SessionRole
from sessions.planning.services import issue_bring, issue_take_back, rsvp_set, session_cancel
from sessions.planning.taking_back_services import UNDO_WITHIN, session_take_back, told_at
from tests.factories import NOW, Cast, make_session, signed_in


def subjects() -> list[str]:
    outbox.turn()
    said = sorted(str(one.subject) for one in mail.outbox)
    mail.outbox.clear()
    return said


@pytest.fixture
def session(db: None, clock: Any, people: Cast) -> CircleSession:
    made = make_session(people.circle, people.alice)
    assert len(subjects()) == 4
    return made


def press(people: Cast, session: CircleSession, name: str) -> str:
    path = reverse(f"sessions:{name}", args=[session.code])
    page: str = signed_in(people.alice).post(path, {"reason": ""}, follow=True).content.decode()
    session.refresh_from_db()
    return page


def test_within_ten_minutes_nobody_hears_of_it(clock: Any, people: Cast, session: CircleSession) -> None:
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    page = press(people, session, "session_cancel")
    assert session.status == SessionStatus.CANCELLED
    assert "The mails wait for ten minutes." in page
    assert "Undo: it takes place" in page
    clock.shift(UNDO_WITHIN - timedelta(seconds=1))
    assert subjects() == []
    page = press(people, session, "session_take_back")
    assert "It takes place after all, as planned. Nobody was told that it was off." in page
    assert (session.status, session.reason) == (SessionStatus.PLANNED, "")
    assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.YES
    clock.shift(timedelta(hours=1))
    assert subjects() == []
    clock.move_to(session.starts_at - timedelta(hours=1))
    assert len(subjects()) >= 4, "reminders are planned again"


def test_after_ten_minutes_everyone_is_told_both(clock: Any, people: Cast, session: CircleSession) -> None:
    press(people, session, "session_cancel")
    clock.shift(UNDO_WITHIN)
    told = subjects()
    assert len(told) == 4
    assert all(one.startswith("Cancelled:") for one in told)
    path = reverse("sessions:session", args=[session.code])
    assert "Everyone has been told." in signed_in(people.alice).get(path).content.decode()
    page = press(people, session, "session_take_back")
    assert "It takes place after all, as planned. Everyone is told by mail." in page
    assert len(subjects()) == 4


def test_who_had_not_heard_of_the_date_hears_of_it_once_it_is_taken_back(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    press(people, session, "session_cancel")
    press(people, session, "session_take_back")
    assert len(subjects()) == 4, "the first mails were taken back before they went"


def test_roles_move_on_and_come_back(clock: Any, people: Cast, session: CircleSession) -> None:
    later = make_session(people.circle, people.alice, in_=timedelta(days=10))
    before = {row.role_key: row.user for row in SessionRole.objects.filter(session=session)}
    press(people, session, "session_cancel")
    moved = {row.role_key: row.user for row in SessionRole.objects.filter(session=later)}
    assert moved[Role.TIMEKEEPER] == before[Role.TIMEKEEPER]
    press(people, session, "session_take_back")
    assert {row.role_key: row.user for row in SessionRole.objects.filter(session=session)} == before


def test_what_went_on_to_the_next_session_comes_back(clock: Any, people: Cast, session: CircleSession) -> None:
    later = make_session(people.circle, people.alice, in_=timedelta(days=10))
    for person in (people.bob, people.carol):
        issue_bring(session=session, owner=person, title="Mine", text="", ask="listen", now=NOW)
    issue_bring(session=later, owner=people.dave, title="For later", text="", ask="listen", now=NOW)
    session_cancel(session=session, by=people.alice, now=NOW)
    assert Issue.objects.filter(session=later).count() == 3
    session.refresh_from_db()
    session_take_back(session=session, by=people.alice, now=NOW)
    assert {issue.owner for issue in Issue.objects.filter(session=session)} == {people.bob, people.carol}
    assert [issue.owner for issue in Issue.objects.filter(session=later)] == [people.dave]
    assert not Participation.objects.filter(session=later, user=people.bob, presents=True).exists()


def test_what_somebody_brought_anew_to_a_later_date_stays_there(
    clock: Any, people: Cast, session: CircleSession
) -> None:
    later = make_session(people.circle, people.alice, in_=timedelta(days=10))
    issue_bring(session=session, owner=people.bob, title="Mine", text="", ask="listen", now=NOW)
    session_cancel(session=session, by=people.alice, now=NOW)
    issue_take_back(session=later, owner=people.bob)
    issue_bring(session=later, owner=people.bob, title="Another", text="", ask="listen", now=NOW)
    session.refresh_from_db()
    session_take_back(session=session, by=people.alice, now=NOW)
    assert [(one.session_id, str(one.title)) for one in Issue.objects.all()] == [(later.pk, "Another")]


def test_not_after_a_day_not_onto_another_and_not_twice(clock: Any, people: Cast, session: CircleSession) -> None:
    session_cancel(session=session, by=people.alice, now=NOW)
    session.refresh_from_db()
    other = make_session(people.circle, people.alice, in_=timedelta(days=3, minutes=30))
    with pytest.raises(Refused, match="already"):
        session_take_back(session=session, by=people.alice, now=NOW)
    session_cancel(session=other, by=people.alice, now=NOW)
    with pytest.raises(Refused, match="cannot be taken back"):
        session_take_back(session=session, by=people.alice, now=NOW + timedelta(days=1))
    session_take_back(session=session, by=people.alice, now=NOW + timedelta(hours=23))
    with pytest.raises(Refused, match="cannot be taken back"):
        session_take_back(session=session, by=people.alice, now=NOW + timedelta(hours=23))


@pytest.mark.parametrize(("before", "wait"), [(72 * 60, 10), (60, 10), (30, 5), (6, 1), (0, 0), (-5, 0)])
def test_near_its_time_people_are_told_sooner(people: Cast, before: int, wait: int) -> None:
    session = CircleSession(starts_at=NOW + timedelta(minutes=before))
    assert told_at(session, now=NOW) == NOW + timedelta(minutes=wait)


def test_a_member_cannot_take_it_back(clock: Any, people: Cast, session: CircleSession) -> None:
    session_cancel(session=session, by=people.alice, now=NOW)
    bob = signed_in(people.bob)
    assert bob.post(reverse("sessions:session_take_back", args=[session.code])).status_code == 404
    assert "Undo: it takes place" not in bob.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert Message.objects.filter(kind="session_cancelled", subject_code=session.code).count() == 4
