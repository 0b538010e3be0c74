"""The live session on a database: one press is one step, a stale page changes nothing, what is said stays closed."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from circles.models import Membership
from sessions.enums import Attendance, Role
from sessions.formats.library import version_of
from sessions.live import (
    log_selectors,
    log_services,
    presence_services,
    services,
    starting_services,
    windows,
    writing_services,
)
from sessions.live import windows as live_windows
from sessions.models import CheckOut, CircleSession, Note, Participation, SessionEvent, SessionRole, Turn
from sessions.planning.bringing_services import issue_bring
from sessions.rules.runner import State
from sessions.services import participation_of
from tests.factories import NOW, Cast, make_cast, make_circle, make_session, make_user, sign, signed_in
from tests.together import at_once


@pytest.fixture
def session(db: None, clock: Any, people: Cast) -> CircleSession:
    return make_session(people.circle, people.alice)


def begin(people: Cast, session: CircleSession, *, now: Any = NOW, here: list[int] | None = None) -> State:
    ids = here or [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    return starting_services.session_start(
        session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=now
    )


def press(session: CircleSession, kind: str, seat: int, seq: int, now: Any = NOW) -> State:
    return services.session_command(session=session, kind=kind, seat=seat, expected_seq=seq, now=now)


def test_the_start_seats_everybody_and_writes_one_event(session: CircleSession, people: Cast) -> None:
    state = begin(people, session, here=[people.alice.pk, people.bob.pk, people.carol.pk])
    assert state.phase == "running"
    rows = Participation.objects.filter(session=session).order_by("seat")
    assert [(p.user, p.attendance) for p in rows] == [
        (people.alice, Attendance.CAME),
        (people.bob, Attendance.CAME),
        (people.carol, Attendance.CAME),
        (people.dave, Attendance.EXPECTED),
    ]
    assert SessionEvent.objects.get().kind == "started"
    assert "Alice" not in str(SessionEvent.objects.get().payload)


def test_too_few_people_are_offered_a_format_that_fits(session: CircleSession, people: Cast) -> None:
    with pytest.raises(Refused, match=r"Council needs at least 3 people, and 2 are ticked as here. Pair coaching fits"):
        begin(people, session, here=[people.alice.pk, people.bob.pk])
    session.refresh_from_db()
    assert (session.status, session.seq) == ("planned", 0)
    state = starting_services.session_start(
        session=session, here=[people.alice.pk, people.bob.pk], presenting=[people.alice.pk, people.bob.pk],
        expected_seq=0, by=people.alice, now=NOW, version=version_of("pair"),
    )  # fmt: skip
    assert state.phase == "running"


def test_somebody_must_bring_an_issue(session: CircleSession, people: Cast) -> None:
    with pytest.raises(Refused, match="brings an issue"):
        starting_services.session_start(
            session=session, here=[people.alice.pk, people.bob.pk, people.carol.pk], presenting=[],
            expected_seq=0, by=people.alice, now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(("seconds", "may"), [(-1, False), (299, False), (300, True)])
def test_any_member_may_start_five_minutes_after_the_set_time(
    session: CircleSession, people: Cast, seconds: int, may: bool
) -> None:
    at = session.starts_at + timedelta(seconds=seconds)
    assert windows.may_start(session, is_host=False, facilitates=False, now=at) is may
    assert windows.may_start(session, is_host=True, facilitates=False, now=NOW)
    assert windows.may_start(session, is_host=False, facilitates=True, now=NOW)


def test_a_stale_press_changes_nothing(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    press(session, "next", 1, 1)
    with pytest.raises(log_services.Stale):
        press(session, "back", 1, 1)
    with pytest.raises(log_services.Stale):
        press(session, "next", 2, 1)
    assert press(session, "next", 1, 1).seq == 2, "the second of two equal presses gets the answer of the first"
    session.refresh_from_db()
    assert (session.seq, SessionEvent.objects.count()) == (2, 2)


def test_a_press_on_an_old_page_says_what_happened_and_shows_the_present(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    press(session, "next", 1, 1)
    path, form = reverse("sessions:command", args=[session.code, "back"]), {"expected_seq": "1"}
    answer = signed_in(people.alice).post(path, form, follow=True)
    assert b"The session has moved on. This is where it is now." in answer.content
    quiet = signed_in(people.alice).post(path, form, headers={"X-Requested-With": "fetch"})
    assert (quiet.status_code, quiet.content) == (409, b"The session has moved on. This is where it is now.")


@pytest.mark.parametrize("form", [{}, {"expected_seq": "x"}, {"expected_seq": "-1"}, {"expected_seq": "9" * 30}])
def test_a_command_without_a_usable_sequence_is_no_address(
    session: CircleSession, people: Cast, form: dict[str, str]
) -> None:
    begin(people, session)
    path = reverse("sessions:command", args=[session.code, "next"])
    assert signed_in(people.alice).post(path, form).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_move_one_step_twenty_times(clock: Any) -> None:
    people = make_cast()
    session = make_session(people.circle, people.alice)
    begin(people, session)
    for round_ in range(12):
        seq = round_ + 1
        outcomes: list[str] = []

        def move(own: CircleSession, seq: int = seq, outcomes: list[str] = outcomes) -> None:
            try:
                outcomes.append("moved" if press(own, "next", 1, seq).seq == seq + 1 else "wrong")
            except log_services.Stale:
                outcomes.append("stale")

        at_once(*(partial(move, CircleSession.objects.get(pk=session.pk)) for _one in range(8)))
        assert (len(outcomes), set(outcomes) <= {"moved", "stale"}) == (8, True)
        session.refresh_from_db()
        assert session.seq == seq + 1
    assert list(SessionEvent.objects.values_list("seq", flat=True).order_by("seq")) == list(range(1, 14))


def test_the_end_writes_what_reports_read(session: CircleSession, people: Cast) -> None:
    begin(people, session, here=[people.alice.pk, people.bob.pk, people.carol.pk])
    press(session, "next", 1, 1, NOW + timedelta(minutes=4))
    state = press(session, "next", 1, 2, NOW + timedelta(minutes=6))
    press(session, "end", 1, 3, NOW + timedelta(minutes=7))
    session.refresh_from_db()
    assert (session.status, session.came_count, session.expected_count) == ("ended", 3, 4)
    rows = {p.user: p for p in Participation.objects.filter(session=session)}
    assert rows[people.dave].attendance == Attendance.MISSED
    assert [t.seconds for t in Turn.objects.order_by("position")] == [240, 120, 60]
    assert state.segments[1].speaker == 1
    assert rows[people.alice].floor_seconds == 360  # the opening as host, and her check-in


def test_who_has_left_or_come_in_since_is_not_counted_as_missing(session: CircleSession, people: Cast) -> None:
    """Two who came in while it ran have no seat; neither hides the other, and neither missed anything."""
    for user in (people.bob, people.dave):
        participation_of(session=session, user=user)
    Membership.objects.filter(user=people.dave).update(left_at=NOW)  # before it began
    late = [people.erin, make_user("Zoe Zane")]
    begin(people, session, here=[people.alice.pk, people.bob.pk, people.carol.pk])
    for user in late:
        Membership.objects.create(circle=people.circle, user=user, joined_at=NOW + timedelta(minutes=1))
    presence_services.presence_arrive(
        code=session.code, users={user.pk for user in late}, now=NOW + timedelta(minutes=1)
    )
    Participation.objects.filter(user=late[1]).update(attendance=Attendance.EXPECTED)  # came in and did not come
    press(session, "end", 1, 1, NOW + timedelta(minutes=7))
    rows = {row.user: row.attendance for row in Participation.objects.filter(session=session).select_related("user")}
    came, expected = Attendance.CAME, Attendance.EXPECTED
    assert rows == dict.fromkeys((people.alice, people.bob, people.carol, people.erin), came) | {
        people.dave: expected, late[1]: expected,
    }  # fmt: skip
    session.refresh_from_db()
    assert (session.came_count, session.expected_count) == (4, 4)
    page = signed_in(people.alice).get(reverse("sessions:session", args=[session.code]))
    assert [str(part.user) for part in page.context["parts"]] == [
        "Alice Archer",
        "Bob Baker",
        "Carol Cook",
        "Erin Else",
    ]
    Membership.objects.filter(user=people.carol).update(left_at=NOW + timedelta(hours=1))  # after it
    here = [people.alice.pk, people.bob.pk]
    presence_services.attendance_set(session=session, came=here, now=NOW + timedelta(hours=2))
    session.refresh_from_db()
    assert (session.came_count, session.expected_count) == (2, 3)
    assert Participation.objects.get(user=people.carol).attendance == Attendance.MISSED


def test_nobody_pressing_end_closes_it_twenty_minutes_after_its_plan(session: CircleSession, people: Cast) -> None:
    state = begin(people, session)
    over = NOW + timedelta(seconds=sum(s.seconds for s in state.segments)) + timedelta(minutes=20)
    assert services.sessions_close_forgotten(now=over) == 0
    assert services.sessions_close_forgotten(now=over + timedelta(seconds=1)) == 1
    session.refresh_from_db()
    assert session.status == "ended"


def test_who_opens_the_page_while_it_runs_has_come(session: CircleSession, people: Cast) -> None:
    begin(people, session, here=[people.alice.pk, people.bob.pk, people.carol.pk])
    session.refresh_from_db()
    version = session.version
    presence_services.presence_arrive(code=session.code, users={people.dave.pk}, now=NOW)
    session.refresh_from_db()
    assert session.version == version + 1
    assert Participation.objects.get(user=people.dave).attendance == Attendance.CAME
    presence_services.presence_arrive(code=session.code, users={people.dave.pk}, now=NOW + timedelta(seconds=5))
    session.refresh_from_db()
    assert session.version == version + 1  # no news, no waking of screens


def test_an_issue_is_its_owners_until_their_turn(session: CircleSession, people: Cast) -> None:
    issue_bring(session=session, owner=people.bob, title="Bob's canary", text="lines", ask="listen")
    room = reverse("sessions:live", args=[session.code])
    pages = {user: signed_in(user) for user in (people.alice, people.bob, people.carol)}
    assert b"canary" not in pages[people.alice].get(room).content
    assert b"canary" in pages[people.bob].get(room).content
    begin(people, session)
    seen = []
    for seq in range(1, 19):
        seen.append(b"canary" in pages[people.carol].get(room).content)
        press(session, "next", 1, seq)
    stages = [s.presenter == 2 for s in log_selectors.state_of(CircleSession.objects.get(pk=session.pk)).segments[:18]]
    assert seen == stages
    assert sum(seen) == 3


def test_a_late_member_reads_nothing_from_before_they_joined(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    session.refresh_from_db()
    part = participation_of(session=session, user=people.bob)
    writing_services.check_out_share(session=session, user=part.user, insight="a canary", promise=None, now=NOW)
    press(session, "end", 1, 1, NOW + timedelta(hours=1))
    from circles.models import Membership

    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW + timedelta(days=1))
    page = signed_in(people.erin).get(reverse("sessions:session", args=[session.code]))
    assert page.status_code == 200
    assert b"canary" not in page.content
    assert b"belong to those who were in the circle that day" in page.content
    assert b"canary" in signed_in(people.carol).get(reverse("sessions:session", args=[session.code])).content


def test_a_facilitator_from_outside_has_no_turn_and_reads_only_while_it_runs(db: None, clock: Any) -> None:
    olga = make_user("Olga Outside")
    members = [make_user(name) for name in ("Bob Baker", "Carol Cook", "Dave Dyer")]
    circle = make_circle(olga, members, takes_part=False)
    session = make_session(circle, olga)
    issue_bring(session=session, owner=members[0], title="a canary", text="", ask="listen")
    ids = [user.pk for user in members]
    state = starting_services.session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=olga, now=NOW)
    outside = Participation.objects.get(user=olga)
    assert outside.seat == 4
    assert 4 not in {s.speaker for s in state.segments if s.stage in ("check_in", "check_out", "present")}
    assert 4 in state.steerers
    room = reverse("sessions:live", args=[session.code])
    for seq in range(1, 5):
        press(session, "next", 4, seq)
    assert b"a canary" not in signed_in(olga).get(room).content
    sign(circle, olga)
    assert b"a canary" in signed_in(olga).get(room).content
    press(session, "end", 4, 5)
    page = signed_in(olga).get(reverse("sessions:session", args=[session.code]))
    assert b"a canary" not in page.content
    session.refresh_from_db()
    assert session.came_count == 3


def test_notes_are_private_and_kept_as_typed(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    path = reverse("sessions:note", args=[session.code])
    bob = signed_in(people.bob)
    bob.post(path, {"text": "first\r\nzebra\x00"})
    assert Note.objects.get().text == "first\nzebra"
    assert b"zebra" in bob.get(reverse("sessions:live", args=[session.code])).content
    assert b"zebra" not in signed_in(people.alice).get(reverse("sessions:live", args=[session.code])).content
    answer = bob.post(path, {"text": "x" * 5001}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 409
    assert Note.objects.get().text == "first\nzebra"
    bob.post(path, {"text": ""})
    assert not Note.objects.exists()


def test_check_out_asks_only_what_and_nothing_is_a_full_answer(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    path = reverse("sessions:check_out", args=[session.code])
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    assert bob.post(path, {"text": "Ring Hannah"}).status_code == 302
    made = CheckOut.objects.get(participation__user=people.bob).commitment
    assert made
    assert (made.text, made.due_on.isoformat(), made.partner) == ("Ring Hannah", "2027-02-01", None)
    asked = carol.post(path, {"nothing": "1", "text": "not to be lost by a slip"})
    assert b"You have written something." in asked.content
    assert b"not to be lost by a slip" in asked.content
    assert not CheckOut.objects.filter(participation__user=people.carol).exists()
    carol.post(path, {"nothing": "sure", "text": "not to be kept"})
    assert CheckOut.objects.get(participation__user=people.carol).commitment is None
    answer = carol.post(path, {"insight": "again"}, follow=True)
    assert b"You have checked out already." in answer.content


def test_check_out_closes_two_days_after_the_session(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    press(session, "end", 1, 1)
    session.refresh_from_db()
    assert live_windows.check_out_open(session, now=NOW + timedelta(days=2, seconds=-1))
    assert not live_windows.check_out_open(session, now=NOW + timedelta(days=2))


def test_queries_of_the_room_do_not_grow_with_people(clock: Any, db: None, django_assert_max_num_queries: Any) -> None:
    alice = make_user("Alice Archer")
    members = [make_user(f"M{n} Member", email=f"m{n}@example.org") for n in range(7)]
    for size in (2, 7):
        circle = make_circle(alice, members[:size], name=f"Circle of {size}")
        session = make_session(circle, alice)
        client = signed_in(alice)
        room = reverse("sessions:live", args=[session.code])
        with django_assert_max_num_queries(OPENING_QUERIES):
            assert client.get(room).status_code == 200
        ids = [alice.pk, *[m.pk for m in members[:size]]]
        starting_services.session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=alice, now=NOW)
        with django_assert_max_num_queries(OPENING_QUERIES):
            assert client.get(room).status_code == 200
        press(session, "next", 1, 1)
        with django_assert_max_num_queries(LIVE_QUERIES):
            assert client.get(room).status_code == 200


# The lobby and the first stage also read what the session opens with, the check-in what was promised and kept.
LIVE_QUERIES, OPENING_QUERIES = 16, 21


def test_the_end_flows_into_the_check_out_and_then_the_room_is_over(session: CircleSession, people: Cast) -> None:
    begin(people, session)
    path = reverse("sessions:live_room", args=[session.code])
    assert signed_in(people.bob).get(path).headers["X-Phase"] == "running"
    press(session, "end", 1, 1)
    bob = signed_in(people.bob)
    answer = bob.get(path)
    assert (answer.headers["X-Phase"], "What do you take with you?" in answer.content.decode()) == ("ended", True)
    assert "Share with the circle" in bob.get(reverse("sessions:live", args=[session.code])).content.decode()
    bob.post(reverse("sessions:check_out", args=[session.code]), {"nothing": "1"})
    answer = bob.get(path)
    assert (answer.status_code, answer.headers["X-Phase"], answer.content) == (200, "ended", b"")
    assert "1 of 4 have checked out" in signed_in(people.carol).get(path).content.decode()


def test_without_a_sign_in_a_press_leads_to_the_door(session: CircleSession) -> None:
    answer = Client().post(reverse("sessions:command", args=[session.code, "next"]), {"expected_seq": "0"})
    assert answer.url.startswith("/sign/login/")


def test_the_host_is_the_facilitator_and_roles_are_held_by_three_people(session: CircleSession, people: Cast) -> None:
    held = {row.role_key: row.user for row in SessionRole.objects.filter(session=session)}
    assert held[Role.HOST] == people.alice
    assert len({user.pk for user in held.values()}) == 3
