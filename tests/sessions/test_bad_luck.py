"""What goes wrong on a real day: nobody presses, nobody is there, somebody does not come."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.refusals import Refused
from circles.membership_services import member_leave
from circles.models import Membership
from sessions.enums import SessionStatus
from sessions.live import log_selectors, services, starting_services
from sessions.live.windows import attendance_open, check_out_open
from sessions.models import CircleSession
from sessions.planning.bringing_services import issue_bring
from sessions.rules.clock import to_ms
from sessions.rules.runner import replay
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_session, make_user, sign, signed_in

HOUR = timedelta(hours=1)


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    return make_session(people.circle, people.alice, in_=timedelta(minutes=5))


def start(session: CircleSession, people: Cast, now: Any = NOW, **how: Any) -> Any:
    ids = [people.alice.pk, people.bob.pk, people.carol.pk]
    facts = {"here": ids, "presenting": ids, "expected_seq": 0, "by": people.alice, "now": now, "how": "longer"}
    return starting_services.session_start(session=session, **(facts | how))


def press(session: CircleSession, kind: str, seat: int, seq: int, now: Any) -> Any:
    session.refresh_from_db()
    return services.session_command(session=session, kind=kind, seat=seat, expected_seq=seq, now=now)


def test_everybodys_browsers_closed_for_an_hour(session: CircleSession, people: Cast, clock: Any) -> None:
    """The clock goes on, shows how far over it is, and the session closes by itself; it can be completed later."""
    state = start(session, people)
    session.refresh_from_db()
    clock.move_to(NOW + HOUR)
    assert services.sessions_close_forgotten(now=NOW + HOUR) == 0
    room = signed_in(people.bob).get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "+56:00" in room, "four minutes of opening, and nobody pressed"
    again = replay(log_selectors.log_of(session))
    assert (again.index, again.ends_at) == (state.index, state.ends_at)
    closes = session.finish_by
    assert closes
    clock.move_to(closes + timedelta(seconds=1))
    assert services.sessions_close_forgotten(now=closes + timedelta(seconds=1)) == 1
    session.refresh_from_db()
    assert session.status == SessionStatus.ENDED
    later = closes + timedelta(days=1)
    assert attendance_open(session, now=later)
    assert check_out_open(session, now=later)


def test_where_it_was_paused_it_waits(session: CircleSession, people: Cast) -> None:
    start(session, people)
    state = press(session, "pause", 2, 1, NOW + timedelta(minutes=1))
    assert state.left == 180_000
    services.sessions_close_forgotten(now=NOW + 6 * HOUR)
    session.refresh_from_db()
    assert session.is_running
    went_on = press(session, "resume", 3, 2, NOW + 6 * HOUR)
    assert went_on.remaining(to_ms(NOW + 6 * HOUR)) == 180_000


def test_a_host_who_never_comes(session: CircleSession, people: Cast) -> None:
    """Five minutes after the set time any member starts, and steers."""
    late = session.starts_at + timedelta(minutes=5)
    with pytest.raises(Refused, match="Five minutes after"):
        start(session, people, by=people.carol, now=late - timedelta(seconds=1))
    state = start(session, people, by=people.carol, here=[people.bob.pk, people.carol.pk, people.dave.pk], now=late)
    assert state.steers(3)
    assert press(session, "next", 3, 1, late).index == 1


def test_a_session_started_a_day_late(session: CircleSession, people: Cast, clock: Any) -> None:
    late = session.starts_at + timedelta(days=1)
    clock.move_to(late)
    state = start(session, people, now=late)
    assert state.finish_at(to_ms(late)) > to_ms(late)
    room = signed_in(people.alice).get(reverse("sessions:live", args=[session.code]))
    assert room.status_code == 200
    assert b"4:00" in room.content
    session.refresh_from_db()
    assert session.finish_by
    assert session.finish_by > late


def test_nobody_brought_an_issue(session: CircleSession, people: Cast, clock: Any) -> None:
    """A format with presenters asks who presents; another one can be taken."""
    with pytest.raises(Refused, match="at least one person who brings"):
        start(session, people, presenting=[])
    lobby = signed_in(people.alice).get(reverse("sessions:live", args=[session.code])).content.decode()
    assert '<option value="short_round"' in lobby
    answer = signed_in(people.alice).post(
        reverse("sessions:start", args=[session.code]),
        {"expected_seq": "0", "here": [str(u.code) for u in (people.alice, people.bob, people.carol)],
         "format": "short_round"},
        follow=True,
    )  # fmt: skip
    session.refresh_from_db()
    assert session.is_running, answer.content.decode()[:500]


def test_a_presenter_who_does_not_come(session: CircleSession, people: Cast) -> None:
    """Who brought something and is not there has no turn; whoever is there goes on without them."""
    issue_bring(session=session, owner=people.dave, title="t", text="", ask="listen")
    everybody = [people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk]
    state = start(session, people, presenting=everybody)
    assert 4 not in {segment.presenter for segment in state.segments}
    assert state.segments


def test_a_member_who_leaves_during_their_turn(session: CircleSession, people: Cast, clock: Any) -> None:
    """They are refused from the next press on; the host goes on without them; the log replays to the same state."""
    start(session, people)
    state = press(session, "next", 1, 1, NOW)
    while state.segment and state.segment.speaker != 2:
        state = press(session, "next", 1, state.seq, NOW)
    bob = Membership.objects.get(circle=people.circle, user=people.bob)
    member_leave(membership=bob, now=NOW)
    path = reverse("sessions:command", args=[session.code, "next"])
    assert signed_in(people.bob).post(path, {"expected_seq": str(state.seq)}).status_code == 404
    assert signed_in(people.alice).get(reverse("sessions:live", args=[session.code])).status_code == 200
    session.refresh_from_db()
    state = services.session_replan(session=session, why="left", by_seat=1, expected_seq=state.seq, now=NOW, who=2)
    assert 2 not in state.order
    assert 2 not in {segment.speaker for segment in state.rest}
    assert replay(log_selectors.log_of(session)) == state


def test_two_members_with_the_same_name(clock: Any, db: None) -> None:
    alice = make_user("Alice Archer")
    twins = [make_user("Sam Smith", email="sam1@example.org"), make_user("Sam Stone", email="sam2@example.org")]
    circle = make_circle(alice, twins)
    session = make_session(circle, alice)
    page = signed_in(alice).get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "Sam Sm" in page
    assert "Sam St" in page


def test_a_sign_in_that_ran_out_leads_back_to_the_same_second(session: CircleSession, people: Cast, clock: Any) -> None:
    sign(people.circle, people.bob)
    start(session, people)
    client = signed_in(people.bob)
    room, live = (reverse(f"sessions:{name}", args=[session.code]) for name in ("live_room", "live"))
    clock.move_to(NOW + timedelta(minutes=1))
    before = client.get(room).content
    Session.objects.all().delete()
    away = client.get(room)
    assert (away.status_code, away["Location"].split("?")[0]) == (302, "/sign/login/")
    asked = client.get(live)
    assert asked["Location"].endswith(f"?next={live}")
    back = client.post(asked["Location"], {"login": people.bob.email, "password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == live
    assert b"3:00" in back.content
    assert b"3:00" in before
