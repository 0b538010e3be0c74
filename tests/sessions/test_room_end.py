"""The end of a session in its room: the check-out in place, a stopped one, a guest, a shared window; and the host's rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from sessions.live import services, starting_services, windows
from sessions.live.log_selectors import state_of
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_session, signed_in
from tests.sessions.pressing import press, room


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    made = make_session(people.circle, people.alice)
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    starting_services.session_start(session=made, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    return made


def at(name: str, session: CircleSession) -> str:
    return reverse(f"sessions:{name}", args=[session.code])


def ring_of_page(page: str) -> str:
    return page.split('id="ring"')[1].split("</svg>")[0]


def test_the_ring_says_who_is_done_and_not_what_they_said(session: CircleSession, people: Cast) -> None:
    press(signed_in(people.alice), session, "end", sure="1")
    signed_in(people.bob).post(at("check_out", session), {"nothing": "1"})
    one = ring_of_page(room(signed_in(people.alice), session))
    signed_in(people.carol).post(at("check_out", session), {"insight": "canary insight", "text": ""})
    both = room(signed_in(people.alice), session)
    assert (one.count(">done<"), ring_of_page(both).count(">done<")) == (1, 2)
    assert "2 of 3 have checked out" in both
    assert "canary insight" not in both
    assert signed_in(people.carol).get(at("live", session)).url == at("session", session)


def test_a_session_that_was_stopped_says_when_the_check_out_opens(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    press(signed_in(people.carol), session, "pause")
    press(signed_in(people.carol), session, "stop", sure="1")
    page = room(signed_in(people.bob), session)
    session.refresh_from_db()
    assert session.ended_at
    opens = windows.next_morning(session.ended_at, session.zone)
    assert "Stopped for today" in page
    assert 'id="out"' not in page
    clock.move_to(opens + timedelta(minutes=1))
    assert 'id="out"' in room(signed_in(people.bob), session)


def test_whoever_has_nothing_to_do_at_the_end_is_led_to_the_sessions_page(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    press(signed_in(people.alice), session, "end", sure="1")
    bob = signed_in(people.bob)
    bob.post(at("sharing", session), {"sharing": "on"})
    assert bob.get(at("live", session)).url == at("session", session)
    clock.move_to(NOW + timedelta(days=2, hours=1))
    assert signed_in(people.carol).get(at("live", session)).url == at("session", session)


def test_the_check_out_before_the_end_shows_no_notes_on_a_shared_window(session: CircleSession, people: Cast) -> None:
    bob = signed_in(people.bob)
    bob.post(at("note", session), {"text": "canary of bob"})
    assert "canary of bob" in bob.get(at("check_out", session)).content.decode()
    bob.post(at("sharing", session), {"sharing": "on"})
    page = bob.get(at("check_out", session)).content.decode()
    assert "What do you take with you?" in page
    assert "canary of bob" not in page


def test_from_its_stage_on_the_check_out_is_written_in_the_room(session: CircleSession, people: Cast) -> None:
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    assert 'id="out"' not in room(bob, session)
    while "check_out" not in (state := state_of(session)).segments[state.index].stage:
        services.session_command(session=session, kind="next", seat=1, expected_seq=state.seq, now=NOW)
        session.refresh_from_db()
    assert 'id="out"' in room(bob, session)
    press(alice, session, "end", sure="1")
    assert 'id="out"' in room(bob, session)


def test_whoever_steers_sees_how_each_stands_and_what_can_be_done(session: CircleSession, people: Cast) -> None:
    """Everybody else sees the plan, and none of it."""
    page = room(signed_in(people.alice), session)
    for words in ('aria-label="Bob has left"', 'aria-label="Dave has come"', "To Carol", "End the session now"):
        assert words in page
    theirs = room(signed_in(people.dave), session)
    assert 'id="v-people"' not in theirs
    assert "has left" not in theirs
    assert 'id="on-plan"' in theirs
