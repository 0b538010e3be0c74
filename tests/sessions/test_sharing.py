"""What others look at shows what all of them may read: the shared screen, and a window that somebody shares."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle, partner_answer
from agreements.enums import Audience, CommitmentStatus
from sessions.enums import Role
from sessions.live import log_selectors, services, starting_services
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import CircleSession, Participation, ScribeNote, SessionRole
from sessions.planning.bringing_services import issue_bring
from sessions.planning.services import session_cancel
from sessions.sharing import KEPT
from tests.factories import NOW, Cast, make_session, signed_in
from tests.thorough import THOROUGH

PRIVATE = (
    "own note",
    "written for carol",
    "written for bob",
    "own issue",
    "only-me promise",
    "partner promise",
    "kept alone",
)


def promise(people: Cast, text: str, audience: str) -> Any:
    partner = people.carol if audience == Audience.PARTNER else None
    details = CommitmentDetails(text=f"canary {text}", due_on=NOW.date(), partner=partner, audience=audience)
    made = commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    if partner:
        partner_answer(commitment=made, yes=True, now=NOW)
    return made


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    """Bob holds every private thing that there is; each says that it is a canary, and which."""
    made = make_session(people.circle, people.alice, in_=timedelta(minutes=1))
    issue_bring(session=made, owner=people.bob, title="canary own issue", text="canary own issue", ask="listen")
    promise(people, "only-me promise", Audience.ME)
    promise(people, "partner promise", Audience.PARTNER)
    promise(people, "circle promise", Audience.CIRCLE)
    kept = promise(people, "kept alone", Audience.ME)
    commitment_settle(commitment=kept, status=CommitmentStatus.KEPT, now=NOW + timedelta(seconds=1))
    for reader, text in ((people.carol, "written for carol"), (people.bob, "written for bob")):
        note = ScribeNote(session=made, reader=reader, vault=people.circle.vault)
        note.text = f"canary {text}"
        note.save()
    note_write(session=made, author=people.bob, text="canary own note")
    SessionRole.objects.filter(session=made, role_key=Role.SCRIBE).delete()
    SessionRole.objects.create(session=made, role_key=Role.SCRIBE, user=people.bob)
    made.refresh_from_db()
    return made


def pages_of(session: CircleSession) -> list[str]:
    names = ("live", "live_room", "session", "check_out")
    return [reverse(f"sessions:{name}", args=[session.code]) for name in names]


def walls_of(session: CircleSession) -> list[str]:
    return [reverse(f"sessions:{name}", args=[session.code]) for name in ("shared", "shared_room")]


def seen(client: Client, addresses: list[str]) -> set[str]:
    """Which of the private things stand on these pages, wherever they lead; nothing is looked at twice."""
    answers = [client.get(address) for address in addresses]
    leads = {answer.url for answer in answers if answer.status_code == 302} - set(addresses)
    answers += [client.get(address, follow=True) for address in sorted(leads)]
    text = "".join(answer.content.decode() for answer in answers)
    return {name for name in PRIVATE if f"canary {name}" in text}


def states(session: CircleSession, people: Cast, ending: str) -> Iterator[str]:
    """Every state that a session goes through: planned, each step, paused there, ended."""
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    yield "planned"
    starting_services.session_start(
        session=session, here=ids, presenting=ids[:2], expected_seq=0, by=people.alice, now=NOW
    )
    session.refresh_from_db()

    def press(kind: str) -> None:
        session.refresh_from_db()
        state = log_selectors.state_of(session)
        services.session_command(
            session=session, kind=kind, seat=1, expected_seq=state.seq, seconds=60, now=NOW + timedelta(seconds=5)
        )
        session.refresh_from_db()

    while session.is_running:
        state = log_selectors.state_of(session)
        segment = state.segment
        assert segment is not None
        yield f"{state.index} {segment.stage} {segment.presenter} {segment.speaker}"
        if state.index == 1:
            press("pause")
            yield "paused"
            press("resume")
        if ending == "stop" and state.index == 3:
            press("pause")
        press(ending if ending != "next" and state.index == 3 else "next")
    yield "ended"
    details = CommitmentDetails(text="canary only-me promise", due_on=NOW.date(), audience=Audience.ME)
    share = {"insight": "", "promise": details, "now": NOW + timedelta(days=1)}
    check_out_share(session=session, user=people.bob, **share)
    yield "checked out"


# What the circle may read of it at that moment, shared or not: the issue in its owner's turn, and once it was told.
def told(session: CircleSession, people: Cast, state: str) -> set[str]:
    if state in ("ended", "checked out"):
        return {"own issue"}
    seat = next(
        (part.seat for part in Participation.objects.filter(session=session) if part.user_id == people.bob.pk), None
    )
    return {"own issue"} if state.split(" ")[2:3] == [str(seat)] else set()


@pytest.mark.parametrize("ending", ["next", "end", "stop"])
def test_nothing_private_is_ever_on_what_others_look_at(session: CircleSession, people: Cast, ending: str) -> None:
    alone, shares, wall = (signed_in(people.bob) for _window in range(3))
    shares.post(reverse("sessions:sharing", args=[session.code]), {"sharing": "on"})
    found, wanted = set(), set(PRIVATE) if ending == "next" else {"own note", "written for bob"}
    for at, state in enumerate(states(session, people, ending)):
        if not (THOROUGH or at < 4 or at % 4 == 0 or state in ("ended", "checked out")):
            continue
        found |= seen(alone, pages_of(session)) if not found >= wanted else set()
        assert seen(wall, walls_of(session)) == set(), state
        assert seen(shares, pages_of(session)) <= told(session, people, state), state
    assert found >= wanted, "it is there to be hidden"


def test_an_address_that_says_so_hides_until_it_is_taken_back(session: CircleSession, people: Cast) -> None:
    bob = signed_in(people.bob)
    live = reverse("sessions:live", args=[session.code])
    assert seen(bob, pages_of(session)) == {"own issue"}
    bob.get(f"{live}?sharing=1")
    assert seen(bob, pages_of(session)) == set(), "without the word in the address too"
    assert "You are sharing this" in bob.get(reverse("sessions:session", args=[session.code])).content.decode()
    others = make_session(people.circle, people.alice, in_=timedelta(days=9))
    issue_bring(session=others, owner=people.bob, title="canary own issue", text="", ask="listen")
    assert seen(bob, pages_of(others)) == {"own issue"}
    assert bob.post(reverse("sessions:sharing", args=[session.code]), {"sharing": "off"}).url == live
    assert seen(bob, pages_of(session)) == {"own issue"}
    assert len(bob.session["sharing"]) <= KEPT


def test_the_wall_draws_its_own_end_whoever_looks(session: CircleSession, people: Cast) -> None:
    """No redirect, no flash of a message: it may be loaded again by itself with a room full of people."""
    bob = signed_in(people.bob)
    wall = reverse("sessions:shared", args=[session.code])
    bob.post(reverse("circles:word", args=[people.circle.code]), {"person": str(people.carol.code)})
    assert "Carol" not in bob.get(wall).content.decode().split('id="notices"', 1)[1]
    for _state in states(session, people, "end"):
        assert bob.get(wall).status_code == 200
    page = bob.get(wall).content.decode()
    assert "This session is over" in page
    assert "/events" not in page
    assert bob.get(reverse("sessions:shared_room", args=[session.code])).headers["X-Phase"] == "ended"
    cancelled = make_session(people.circle, people.alice, in_=timedelta(days=9))
    session_cancel(session=cancelled, now=NOW)
    assert "There is no session now" in bob.get(reverse("sessions:shared", args=[cancelled.code])).content.decode()
