"""People who come and go while it runs, and what the room says by itself."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from circles.membership_services import member_leave
from circles.models import Membership
from sessions.live import presence_services, services, starting_services, windows
from sessions.models import CircleSession, Participation
from sessions.planning.bringing_services import issue_bring
from sessions.planning.services import session_cancel
from sessions.rules.clock import from_ms, to_ms
from tests.factories import NOW, Cast, make_session, make_user, sign, signed_in
from tests.sessions.pressing import QUIET, press, room, state

# ---- people who come and go -----------------------------------------------------------------------------------------


def test_whoever_joins_while_it_runs_has_a_seat_of_their_own_and_is_let_in(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    """Dave leaves the circle, Nia joins: her seat is nobody else's, she may pause, and the host sees her at once."""
    member_leave(membership=Membership.objects.get(circle=people.circle, user=people.dave), now=NOW)
    nia = make_user("Nia New")
    Membership.objects.create(circle=people.circle, user=nia, joined_at=NOW)
    sign(people.circle, nia)
    hers = signed_in(nia)
    assert hers.get(reverse("sessions:live", args=[session.code])).status_code == 200
    assert Participation.objects.get(session=session, user=nia).seat == 5
    assert state(session).seats == frozenset({1, 2, 3, 4, 5})
    presence_services.presence_arrive(code=session.code, users={nia.pk}, now=NOW + timedelta(seconds=10))
    page = room(signed_in(people.alice), session)
    assert "Nia is here now." in page
    assert press(hers, session, "pause", headers=QUIET).status_code == 204
    press(signed_in(people.alice), session, "replan/came", who=5)
    assert 5 in state(session).order
    assert "Nia is here now." not in room(signed_in(people.alice), session)


def test_turns_of_somebody_who_has_left_the_circle_are_gone_past_by_name(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    alice = signed_in(people.alice)
    while state(session).segment.speaker != 2:  # type: ignore[union-attr]
        clock.shift(timedelta(seconds=5))
        press(alice, session, "next")
    member_leave(membership=Membership.objects.get(circle=people.circle, user=people.bob), now=NOW)
    page = room(alice, session)
    assert "Bob speaks" in page
    assert "Bob later" in page
    assert "Bob has left" in page
    assert "To Bob" not in page
    clock.shift(timedelta(seconds=5))
    press(alice, session, "replan/left", who=2)
    assert 2 not in {segment.speaker for segment in state(session).rest}
    assert "Bob has come" not in room(alice, session)


def test_who_has_presented_is_not_offered_once_more(session: CircleSession, people: Cast, clock: Any) -> None:
    alice = signed_in(people.alice)
    turns = [segment.presenter for segment in state(session).segments if segment.presenter]
    while state(session).segment.presenter != turns[-1]:  # type: ignore[union-attr]
        clock.shift(timedelta(seconds=5))
        press(alice, session, "next")
    presented = Participation.objects.get(session=session, seat=turns[0]).user
    issue_bring(session=session, owner=presented, title="again", text="", ask="listen")
    assert "presents too" not in room(alice, session)
    clock.shift(timedelta(seconds=5))
    seat = Participation.objects.get(session=session, user=presented).seat
    assert press(alice, session, "replan/presents", headers=QUIET, who=seat).status_code == 409


def test_a_wrong_case_is_changed_until_its_turn_begins(people: Cast, clock: Any, db: None) -> None:
    made = make_session(people.circle, people.alice, key="incident_intervision")
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    starting_services.session_start(session=made, here=ids, presenting=[], expected_seq=0, by=people.alice, now=NOW)
    for who in (2, 3):
        services.session_replan(
            session=made, why="chosen", by_seat=1, expected_seq=made.seq, now=NOW + timedelta(seconds=5 * who), who=who
        )
    now = state(made)
    assert {s.presenter for s in now.rest if s.presenter} == {3}
    asked = [s.speaker for s in now.rest if s.presenter == 3 and s.speaker not in (None, 3)]
    assert set(asked) == {1, 2, 4}
    assert "Somebody else’s case?" in room(signed_in(people.alice), made)


# ---- what the room says by itself -----------------------------------------------------------------------------------


def view(session: CircleSession, client: Client, at: Any = None) -> Any:
    return client.get(reverse("sessions:live", args=[session.code])).context


def test_taking_over_offers_itself_and_the_page_knows_when_to_look(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    carol = signed_in(people.carol)
    shown = view(session, carol)
    due = windows.taken_over_from(session, state(session))
    assert (shown["may_take_over"], shown["again_ms"]) == (False, to_ms(due) + 1000)
    clock.move_to(due + timedelta(seconds=1))
    assert view(session, carol)["may_take_over"]


def test_the_end_and_the_costs_on_a_page_renew_themselves(session: CircleSession, people: Cast, clock: Any) -> None:
    """While a stage keeps its time they stay true; over time and paused they move on every minute."""
    alice = signed_in(people.alice)
    ends = from_ms(state(session).ends_at or 0)
    first = from_ms(view(session, alice)["again_ms"])
    assert timedelta() < first - ends <= timedelta(minutes=1)
    for how in ("over time", "paused"):
        if how == "paused":
            press(alice, session, "pause")
        else:
            clock.move_to(ends + timedelta(minutes=3))
        shown = view(session, alice)
        again = from_ms(shown["again_ms"])
        hour = shown["finish"].replace(second=0, microsecond=0)
        clock.move_to(again - timedelta(milliseconds=1))
        assert view(session, alice)["finish"].replace(second=0, microsecond=0) == hour, how
        clock.move_to(again)
        assert view(session, alice)["finish"].replace(second=0, microsecond=0) == hour + timedelta(minutes=1), how


def test_to_be_on_time_is_only_said_where_it_can_be(session: CircleSession, people: Cast, clock: Any) -> None:
    alice = signed_in(people.alice)
    clock.move_to(session.plans_to_end_at - timedelta(minutes=70))
    assert "To be on time" in room(alice, session)
    clock.move_to(session.plans_to_end_at - timedelta(minutes=5))
    page = room(alice, session)
    assert "To be on time" not in page
    assert "it can no longer be on time. At its shortest it ends" in page
    press(alice, session, "replan/time")
    assert "nothing more can be shortened" in room(alice, session)


def test_handing_over_is_told_to_everybody_and_the_head_of_the_page_follows(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    fragment = reverse("sessions:live_room", args=[session.code])
    press(signed_in(people.alice), session, "hand-over", who=3)
    said = {user: signed_in(user).get(fragment).content.decode() for user in (people.alice, people.carol, people.dave)}
    assert "Carol hosts now. You have handed over." in said[people.alice]
    assert "You host now" in said[people.carol]
    assert "Carol hosts now." in said[people.dave]
    # Whoever has another role by lot has both.
    hosts = re.compile(r"you are (\w+, )*host\b")
    assert [user for user in said if hosts.search(said[user])] == [people.carol]
    clock.shift(timedelta(seconds=121))
    assert "hosts now" not in signed_in(people.dave).get(fragment).content.decode()


def test_hands_stand_in_the_order_in_which_they_went_up_the_hosts_too(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    alice = signed_in(people.alice)
    while state(session).segment.stage != "questions":  # type: ignore[union-attr]
        clock.shift(timedelta(seconds=5))
        press(alice, session, "next")
    presenter = state(session).segment.presenter  # type: ignore[union-attr]
    raising = [user for at, user in enumerate((people.dave, people.carol, people.bob)) if presenter != 4 - at]
    for user in raising:
        clock.shift(timedelta(seconds=5))
        signed_in(user).post(reverse("sessions:signal", args=[session.code, "hand"]))
    assert [person.user for person in view(session, alice)["hands"]] == raising
    if presenter != 1:
        assert "Raise a hand" in room(alice, session)


def test_every_change_of_speaker_has_one_sentence_of_its_own(session: CircleSession, people: Cast, clock: Any) -> None:
    dave, said = signed_in(people.dave), []
    for _step in range(4):
        clock.shift(timedelta(seconds=5))
        press(signed_in(people.alice), session, "next")
        said.append(view(session, dave)["said"])
    assert len(set(said)) == 4
    assert all(line.startswith("Check-in") and "of 4" in line for line in said)
    press(dave, session, "pause")
    assert view(session, dave)["said"] == "Paused for all of us."


def test_it_stays_open_while_somebody_is_there_and_says_when_it_ends(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    closes = session.finish_by
    assert closes
    clock.move_to(closes - timedelta(minutes=10, seconds=1))
    assert "It ends by itself" not in room(signed_in(people.carol), session)
    clock.move_to(closes - timedelta(minutes=10))
    assert "It ends by itself once nobody has this page open" in room(signed_in(people.carol), session)
    press(signed_in(people.alice), session, "extend", seconds=60)
    assert "It ends by itself" not in room(signed_in(people.carol), session)
    session.refresh_from_db()
    assert session.finish_by
    assert session.finish_by > closes
    closes = session.finish_by
    late = closes + timedelta(hours=3)
    for at, ends in ((closes + timedelta(minutes=1), 0), (late, 0), (late + timedelta(seconds=1), 1)):
        presence_services.presence_keep(seen={str(session.code): {people.carol.pk}}, now=at)
        assert services.sessions_close_forgotten(now=at) == ends


def test_a_session_cancelled_under_an_open_page_leads_away(people: Cast, clock: Any, db: None) -> None:
    made = make_session(people.circle, people.alice)
    session_cancel(session=made, now=NOW)
    answer = signed_in(people.bob).get(reverse("sessions:live_room", args=[made.code]))
    assert (answer.status_code, answer.headers["X-Phase"], answer.content) == (200, "ended", b"")


def test_a_lobby_that_is_late_says_so_and_nothing_else(people: Cast, clock: Any, db: None) -> None:
    made = make_session(people.circle, people.alice)
    clock.move_to(made.starts_at - timedelta(minutes=5))
    early = room(signed_in(people.bob), made)
    assert "You are early. Good." in early
    assert "1 of 4 are here" in early, "whoever reads it is, before their page has said so"
    clock.move_to(made.starts_at + timedelta(minutes=2))
    page = room(signed_in(people.bob), made)
    assert "Should have begun" in page
    assert "You are early" not in page


def test_the_plan_of_the_lobby_follows_what_is_ticked(people: Cast, clock: Any, db: None) -> None:
    made = make_session(people.circle, people.alice)
    path = reverse("sessions:live_room", args=[made.code])
    ticked = {"here": [str(user.code) for user in (people.alice, people.bob)], "format": "pair"}
    alice = signed_in(people.alice)
    assert "Today’s speaking order" not in alice.get(path).content.decode()
    page = alice.get(path, ticked).content.decode()
    assert "<b>Pair coaching</b>" in page
    assert "Alice" in page.split("Today’s speaking order")[1].split("</p>")[0]
    presents = {"here": [str(user.code) for user in (people.alice, people.bob, people.carol)]}
    presents["presents"] = presents["here"]
    agreed = {f"minutes-{people.bob.code}": "10"}
    plans = [alice.get(path, presents | more).context["plan"].segments for more in ({}, agreed)]
    assert plans[0] != plans[1]
    assert (
        alice.get(path, {"here": "nobody", "format": "nonsense", f"minutes-{people.bob.code}": "x"}).status_code == 200
    )


def test_a_session_stopped_for_the_day_judges_nobodys_time(session: CircleSession, people: Cast) -> None:
    press(signed_in(people.carol), session, "pause")
    press(signed_in(people.carol), session, "stop", sure="1")
    page = signed_in(people.bob).get(reverse("sessions:session", args=[session.code])).content.decode()
    assert "Evenness" not in page
