"""What is refused about sessions, each in its words: also where a page does not offer it any more."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.refusals import Refused
from circles.invitation_services import members_invite
from notifications.models import Message
from pages.ending_services import circle_close
from sessions.access import may_answer
from sessions.enums import Role, Rsvp
from sessions.guests.services import guest_accept, guest_invite
from sessions.live.presence_services import signal_set
from sessions.live.services import session_command, session_hand_over
from sessions.live.starting_services import session_start
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import CheckOut, CircleSession, GuestPass, Issue, Participation, RoleSwap
from sessions.planning.bringing_services import issue_bring, rsvp_set
from sessions.planning.roles_services import roles_choose, swap_answer, swap_ask, swap_withdraw
from sessions.planning.services import session_cancel, session_not_held
from sessions.replies.services import answer_row, link_answer
from tests.factories import NOW, Cast, make_circle, make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    return make_session(people.circle, people.alice)


def started(session: CircleSession, people: Cast) -> CircleSession:
    ids = [people.alice.pk, people.bob.pk, people.carol.pk]
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=session.starts_at)
    session.refresh_from_db()
    return session


def guest(session: CircleSession, people: Cast, email: str) -> GuestPass:
    return guest_invite(session=session, name="G", email=email, by=people.alice, now=NOW)


def test_two_guests_at_most_each_once_and_none_who_had_many_mails(session: CircleSession, people: Cast) -> None:
    first = guest(session, people, "one@example.org")
    with pytest.raises(Refused, match="invited already"):
        guest(session, people, "one@example.org")
    for number in range(5):
        host = make_user(f"Host{number} Host")
        members_invite(circle=make_circle(host), emails=["often@example.org"], by=host, now=NOW)
    with pytest.raises(Refused, match="many invitations today"):
        guest(session, people, "often@example.org")
    guest(session, people, "two@example.org")
    with pytest.raises(Refused, match="Two guests are enough"):
        guest(session, people, "three@example.org")
    with pytest.raises(Refused, match="in the circle already"):
        guest(session, people, people.bob.email)
    with pytest.raises(Refused, match="another address"):
        guest_accept(guest=first, user=people.erin, now=NOW)
    assert GuestPass.objects.count() == 2


def test_a_guest_does_not_host(session: CircleSession, people: Cast) -> None:
    gus = make_user("Gus Guest", email="gus@example.org")
    guest_accept(guest=guest(session, people, gus.email), user=gus, now=NOW)
    ids = [people.alice.pk, people.bob.pk, people.carol.pk, gus.pk]
    session_start(session=session, here=ids, presenting=ids[:3], expected_seq=0, by=people.alice, now=session.starts_at)
    session.refresh_from_db()
    seat = Participation.objects.get(session=session, user=gus).seat
    assert seat is not None
    with pytest.raises(Refused, match="A guest does not host"):
        session_hand_over(session=session, by=people.alice, by_seat=1, who=seat, expected_seq=1, now=session.starts_at)


def test_hands_are_up_while_it_runs_only(session: CircleSession, people: Cast) -> None:
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    with pytest.raises(Refused, match="not running"):
        signal_set(session=session, user=people.bob, signal="hand", now=NOW)
    assert Participation.objects.get(session=session, user=people.bob).hand_at is None
    started(session, people)
    signal_set(session=session, user=people.bob, signal="hand", now=session.starts_at)
    assert Participation.objects.get(session=session, user=people.bob).hand_at == session.starts_at


def test_a_cancelled_session_is_neither_started_nor_prepared(session: CircleSession, people: Cast) -> None:
    stale = CircleSession.objects.select_related("circle__vault", "format_version").get(pk=session.pk)
    session_cancel(session=session, now=NOW)
    ids = [people.alice.pk, people.bob.pk, people.carol.pk]
    with pytest.raises(Refused, match="cancelled"):
        session_start(session=stale, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=session.starts_at)
    with pytest.raises(Refused, match="The session is over"):
        issue_bring(session=stale, owner=people.bob, title="t", text="", ask="listen")
    with pytest.raises(Refused, match="started or is over"):
        rsvp_set(session=stale, user=people.bob, answer=Rsvp.YES, now=NOW)
    assert not Issue.objects.exists()


def test_a_check_out_is_for_two_days_and_for_who_was_there(session: CircleSession, people: Cast) -> None:
    started(session, people)
    with pytest.raises(Refused, match="check-out of this session is closed"):
        check_out_share(session=session, user=people.erin, insight="", promise=None, now=session.starts_at)
    session_command(session=session, kind="end", seat=1, expected_seq=1, now=session.starts_at + timedelta(hours=2))
    session.refresh_from_db()
    assert session.ended_at is not None
    late = session.ended_at + timedelta(days=2, seconds=1)
    with pytest.raises(Refused, match="check-out of this session is closed"):
        check_out_share(session=session, user=people.bob, insight="", promise=None, now=late)
    check_out_share(session=session, user=people.bob, insight="", promise=None, now=session.ended_at)
    with pytest.raises(Refused, match="checked out already"):
        check_out_share(session=session, user=people.bob, insight="", promise=None, now=session.ended_at)
    assert CheckOut.objects.count() == 1


def test_a_role_is_asked_for_once_and_answered_once(session: CircleSession, people: Cast) -> None:
    roles_choose(session=session, holders={Role.SCRIBE: people.bob}, now=NOW)
    with pytest.raises(Refused, match="not yours any more"):
        swap_ask(session=session, role=Role.SCRIBE, by=people.dave, asked=people.carol, now=NOW)
    swap = swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)
    with pytest.raises(Refused, match="being asked about this role already"):
        swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.dave, now=NOW)
    swap_answer(swap=swap, yes=False, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        swap_answer(swap=swap, yes=True, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        swap_withdraw(swap=swap)
    assert RoleSwap.objects.get().answer == "no"


def test_two_windows_that_hold_too_much_together_lose_nothing(session: CircleSession, people: Cast) -> None:
    first = "a" * 3000
    note_write(session=session, author=people.bob, text=first)
    with pytest.raises(Refused, match="both together are too long"):
        note_write(session=session, author=people.bob, text="b" * 3000, seen="another mark")
    assert session.notes.get().text == first


def test_a_pass_answers_for_its_own_guest_only(session: CircleSession, people: Cast) -> None:
    asked = guest(session, people, "erin@example.org")
    guest_accept(guest=asked, user=people.erin, now=NOW)
    stranger = make_user("Some Stranger")
    assert may_answer(people.erin, session, since=NOW, now=NOW)
    assert may_answer(people.bob, session, since=NOW, now=NOW)
    assert not may_answer(stranger, session, since=NOW, now=NOW)
    assert not may_answer(people.erin, session, since=NOW - timedelta(seconds=1), now=NOW)


def test_what_was_called_off_is_neither_called_off_nor_missed(session: CircleSession) -> None:
    stale = CircleSession.objects.get(pk=session.pk)
    session_cancel(session=session, now=NOW)
    told = Message.objects.count()
    for act in (session_cancel, session_not_held):
        with pytest.raises(Refused, match="has started or was cancelled already"):
            act(session=stale, now=session.starts_at)
    session.refresh_from_db()
    assert (session.status, Message.objects.count()) == ("cancelled", told)


def test_no_session_is_planned_in_the_past_or_in_a_closed_circle(session: CircleSession, people: Cast) -> None:
    with pytest.raises(Refused, match="must be in the future"):
        make_session(people.circle, people.alice, in_=timedelta(0))
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    with pytest.raises(Refused, match="Its sessions are over"):
        make_session(people.circle, people.alice, in_=timedelta(days=9))
    assert CircleSession.objects.count() == 1


def test_a_link_answers_nothing_once_its_session_has_begun(session: CircleSession, people: Cast) -> None:
    row = answer_row(user=people.bob, session=session, now=NOW)
    with pytest.raises(Refused, match="answers no more"):
        link_answer(row=row, answer=Rsvp.YES, now=session.starts_at)
    assert not Participation.objects.filter(user=people.bob).exclude(rsvp="").exists()
