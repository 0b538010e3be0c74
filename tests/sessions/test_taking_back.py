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
from sessions.planning.bringing_services import issue_bring, issue_take_back, rsvp_set
from sessions.planning.services import session_cancel
from sessions.planning.taking_back_services import UNDO_WITHIN, series_take_back, session_take_back, told_at
from tests.factories import NOW, Cast, make_session, signed_in
from tests.sessions.test_series import make


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
        issue_bring(session=session, owner=person, title="Mine", text="", ask="listen")
    issue_bring(session=later, owner=people.dave, title="For later", text="", ask="listen")
    session_cancel(session=session, now=NOW)
    assert Issue.objects.filter(session=later).count() == 3
    session.refresh_from_db()
    session_take_back(session=session, now=NOW)
    assert {issue.owner for issue in Issue.objects.filter(session=session)} == {people.bob, people.carol}
    assert [issue.owner for issue in Issue.objects.filter(session=later)] == [people.dave]
    assert not Participation.objects.filter(session=later, user=people.bob, presents=True).exists()


def test_what_somebody_brought_anew_to_a_later_date_stays_there(
    clock: Any, people: Cast, session: CircleSession
) -> None:
    later = make_session(people.circle, people.alice, in_=timedelta(days=10))
    issue_bring(session=session, owner=people.bob, title="Mine", text="", ask="listen")
    session_cancel(session=session, now=NOW)
    issue_take_back(session=later, owner=people.bob)
    issue_bring(session=later, owner=people.bob, title="Another", text="", ask="listen")
    session.refresh_from_db()
    session_take_back(session=session, now=NOW)
    assert [(one.session_id, str(one.title)) for one in Issue.objects.all()] == [(later.pk, "Another")]


def test_not_after_a_day_not_onto_another_and_not_twice(clock: Any, people: Cast, session: CircleSession) -> None:
    session_cancel(session=session, now=NOW)
    session.refresh_from_db()
    other = make_session(people.circle, people.alice, in_=timedelta(days=3, minutes=30))
    with pytest.raises(Refused, match="already"):
        session_take_back(session=session, now=NOW)
    session_cancel(session=other, now=NOW)
    with pytest.raises(Refused, match="cannot be taken back"):
        session_take_back(session=session, now=NOW + timedelta(days=1))
    session_take_back(session=session, now=NOW + timedelta(hours=23))
    with pytest.raises(Refused, match="cannot be taken back"):
        session_take_back(session=session, now=NOW + timedelta(hours=23))


@pytest.mark.parametrize(("before", "wait"), [(72 * 60, 10), (60, 10), (30, 5), (6, 1), (0, 0), (-5, 0)])
def test_near_its_time_people_are_told_sooner(people: Cast, before: int, wait: int) -> None:
    session = CircleSession(starts_at=NOW + timedelta(minutes=before))
    assert told_at(session, now=NOW) == NOW + timedelta(minutes=wait)


def test_a_member_cannot_take_it_back(clock: Any, people: Cast, session: CircleSession) -> None:
    session_cancel(session=session, now=NOW)
    bob = signed_in(people.bob)
    assert bob.post(reverse("sessions:session_take_back", args=[session.code])).status_code == 404
    assert "Undo: it takes place" not in bob.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert Message.objects.filter(kind="session_cancelled", subject_code=session.code).count() == 4


def series_of(people: Cast, clock: Any) -> list[CircleSession]:
    """A series of four, told of a minute ago."""
    made = make(people)
    assert len(subjects()) == 4
    clock.shift(timedelta(minutes=1))
    return made


def call_off(people: Cast, session: CircleSession, scope: str) -> str:
    path = reverse("sessions:session_cancel", args=[session.code])
    form = {"scope": scope, "reason": ""}
    page: str = signed_in(people.alice).post(path, form, follow=True).content.decode()
    session.refresh_from_db()
    return page


def take_back(people: Cast, session: CircleSession, **fields: str) -> str:
    path = reverse("sessions:session_take_back", args=[session.code])
    page: str = signed_in(people.alice).post(path, fields, follow=True).content.decode()
    return page


def planned() -> int:
    return CircleSession.objects.filter(status=SessionStatus.PLANNED).count()


def test_a_series_is_taken_back_unheard_within_ten_minutes(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    page = call_off(people, sessions[1], "following")
    assert planned() == 1
    assert "Undo: all 3 take place" in page
    assert subjects() == []
    assert "3 sessions take place after all, as planned. Nobody was told" in take_back(people, sessions[1], all="1")
    assert planned() == 4
    clock.shift(timedelta(hours=1))
    assert subjects() == []


def test_a_series_that_was_told_is_told_again_in_one_mail(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[1], "following")
    clock.shift(UNDO_WITHIN)
    assert subjects() == ["Alder circle: 3 sessions are cancelled"] * 4
    assert "Everyone is told by mail." in take_back(people, sessions[2], all="1")
    assert planned() == 4
    assert len(subjects()) == 4


def test_one_of_a_series_that_was_told_of_is_told_when_it_takes_place(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[1], "following")
    clock.shift(UNDO_WITHIN)
    assert len(subjects()) == 4
    assert "Everyone is told by mail." in take_back(people, sessions[2])
    assert planned() == 2
    assert len(subjects()) == 4


def test_one_taken_back_early_leaves_the_others_to_be_told(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[1], "following")
    assert "Nobody was told" in take_back(people, sessions[2])
    clock.shift(UNDO_WITHIN)
    assert subjects() == ["Alder circle: 2 sessions are cancelled"] * 4


def test_what_was_cancelled_before_is_not_taken_back_with_it(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[3], "following")
    clock.shift(timedelta(minutes=1))
    call_off(people, sessions[1], "following")
    take_back(people, sessions[1], all="1")
    assert planned() == 3
    clock.shift(UNDO_WITHIN)
    assert subjects() == ["Alder circle: a session is cancelled"] * 4, "the first of them is still told"


def test_a_date_left_out_is_taken_back_with_the_one_made_in_its_place(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    page = call_off(people, sessions[1], "skip")
    assert planned() == 4
    assert "The date at the end of the series," in page
    assert subjects() == []
    take_back(people, sessions[1])
    assert [one.status for one in CircleSession.objects.order_by("starts_at")] == ["planned"] * 4 + ["cancelled"]
    clock.shift(timedelta(hours=1))
    assert subjects() == []


def test_a_date_left_out_that_was_told_is_told_again_with_the_one_in_its_place(
    clock: Any, people: Cast, db: None
) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[1], "skip")
    clock.shift(UNDO_WITHIN)
    assert len(subjects()) == 4
    take_back(people, sessions[1])
    told = subjects()
    assert len(told) == 8
    assert sum(one.startswith("Cancelled:") for one in told) == 4


def test_a_series_is_not_taken_back_onto_another_session_or_twice(clock: Any, people: Cast, db: None) -> None:
    sessions = series_of(people, clock)
    call_off(people, sessions[1], "following")
    other = make_session(people.circle, people.alice, in_=sessions[2].starts_at - NOW)
    with pytest.raises(Refused, match="already"):
        series_take_back(session=sessions[1], now=NOW)
    assert planned() == 2, "nothing of it was written"
    session_cancel(session=other, now=NOW)
    series_take_back(session=sessions[1], now=NOW)
    with pytest.raises(Refused, match="cannot be taken back"):
        series_take_back(session=sessions[1], now=NOW)
