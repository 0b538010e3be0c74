"""Scheduling with a format that fits, agreed minutes, what gives at the start, re-planning in the session, the ledger."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from circles.invitation_services import members_invite
from programmes.forms import ProgrammeForm
from sessions.enums import Attendance, Fit, Role
from sessions.formats.library import rules, version_of
from sessions.live import log_selectors, log_services, services, starting_services
from sessions.models import CircleSession, Participation, SessionEvent, SessionRole
from sessions.planning.bringing_services import turns_agree
from sessions.planning.gathering_selectors import history_of
from sessions.planning.roles_services import roles_ahead
from sessions.planning.selectors import likely_people
from sessions.rules.clock import from_ms, to_ms
from sessions.rules.reading import LONGEST_SESSION
from sessions.rules.runner import State
from sessions.rules.seating import History, sit_down
from tests.factories import NOW, Cast, make_circle, make_session, make_user, signed_in


@pytest.fixture
def alice(db: None, clock: Any, people: Cast) -> Client:
    return signed_in(people.alice)


def form(**changes: str) -> dict[str, str]:
    return {
        "format": "council", "date": "2027-02-04", "time": "16:00", "zone": "Europe/London", "people": "4",
        "minutes": "120", "place": "", "call_link": "",
    } | changes  # fmt: skip


def schedule(client: Client, cast: Cast, /, **changes: str) -> Any:
    return client.post(reverse("sessions:schedule", args=[cast.circle.code]), form(**changes))


def test_the_longest_session_is_seen_by_others_and_can_be_changed(alice: Client, people: Cast) -> None:
    """What a programme may ask for is what a circle may hold, what the database keeps, and how far one looks back."""
    bounds = {one.name: str(one.condition) for one in CircleSession._meta.constraints if "minutes" in one.name}
    assert f"('minutes__lte', {LONGEST_SESSION})" in bounds["session_15_to_480_minutes"]
    assert ProgrammeForm.base_fields["minutes"].max_value == LONGEST_SESSION
    assert schedule(alice, people, minutes=str(LONGEST_SESSION)).status_code == 302
    session = CircleSession.objects.get()
    for time, is_free in (("23:59", False), ("00:00", True)):
        day = "2027-02-04" if not is_free else "2027-02-05"
        answer = schedule(alice, people, date=day, time=time)
        assert (answer.status_code == 302) is is_free
    moved = reverse("sessions:session_edit", args=[session.code])
    sent = form(minutes=str(LONGEST_SESSION), place="Room 3") | {"seen": "0"}
    assert alice.post(moved, sent).status_code == 302
    assert CircleSession.objects.get(pk=session.pk).place == "Room 3"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes": "30"}, "Council takes 80 minutes for 4 people. Say what gives."),
        ({"minutes": "0"}, "Ensure this value is greater than or equal to 15."),
        ({"minutes": "481"}, "Ensure this value is less than or equal to 480."),
        ({"people": "13"}, "Ensure this value is less than or equal to 12."),
        ({"people": "1"}, "Ensure this value is greater than or equal to 2."),
        ({"format": "no_such"}, "Select a valid choice."),
        ({"fit": "magic", "minutes": "60"}, "Select a valid choice."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    alice: Client, people: Cast, changes: dict[str, str], said: str
) -> None:
    answer = schedule(alice, people, **changes)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert CircleSession.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "two_hour", "people": "9"}, "Two-hour session is made for 3 to 4 people, and you expect 9."),
        ({"format": "pair"}, "Pair coaching is made for 2 to 2 people, and you expect 4. These fit: "),
    ],
)
def test_a_format_for_fewer_or_more_is_advised_against_and_not_refused(
    alice: Client, people: Cast, changes: dict[str, str], said: str
) -> None:
    shown = schedule(alice, people, **changes, show="1").content.decode()
    assert said in shown
    assert CircleSession.objects.count() == 0
    answer = alice.post(reverse("sessions:schedule", args=[people.circle.code]), form(**changes), follow=True)
    assert said in answer.content.decode()
    assert CircleSession.objects.count() == 1


def test_the_form_takes_its_own_defaults_while_invitations_are_open(alice: Client, people: Cast) -> None:
    young = make_circle(people.alice, name="Young circle")
    members_invite(circle=young, emails=[f"{n}@example.org" for n in range(4)], by=people.alice, now=NOW)
    path = reverse("sessions:schedule", args=[young.code])
    page = alice.get(path)
    started = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    assert (started["people"], started["count"]) == (5, 6)
    assert 'formaction="' + path + '#preview"' in page.content.decode()
    answer = alice.post(path, started | {"date": "2027-02-04"}, follow=True)
    assert "6 sessions are planned." in answer.content.decode()
    assert "made for" not in answer.content.decode()


@pytest.mark.parametrize(("members", "likely"), [(0, 3), (2, 3), (7, 8)])
def test_as_many_are_planned_for_as_the_circle_wants_at_least_and_at_most(
    people: Cast, members: int, likely: int
) -> None:
    circle = make_circle(people.alice, [make_user(f"M{number} X") for number in range(members)], name="Young circle")
    assert likely_people(circle, members + 1, now=NOW) == likely


@pytest.mark.parametrize(
    ("fit", "minutes", "kept"), [("shorter", 65, 65), ("fewer", 65, 65), ("longer", 65, 80), ("", 120, 120)]
)
def test_what_gives_is_kept_with_the_session(alice: Client, people: Cast, fit: str, minutes: int, kept: int) -> None:
    assert schedule(alice, people, fit=fit, minutes=str(minutes)).status_code == 302
    session = CircleSession.objects.get()
    assert (session.fit, session.minutes) == (fit, kept)
    page = alice.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert "more than the" not in page


def test_without_a_number_everybody_of_the_circle_is_expected(alice: Client, people: Cast) -> None:
    assert schedule(alice, people, people="").status_code == 302
    assert schedule(alice, people, people="", format="pair").status_code == 200


def test_a_circle_cannot_take_the_format_of_another(alice: Client, people: Cast) -> None:
    from sessions.formats.library import definitions
    from sessions.formats.services import format_copy
    from tests.factories import make_circle

    other = make_circle(people.erin, name="Other")
    own = format_copy(circle=other, definition=definitions()["council"], name="Secret", now=NOW)
    assert schedule(alice, people, format=own.ref).status_code == 200
    assert CircleSession.objects.count() == 0


def test_minutes_are_agreed_and_the_rest_is_shared(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    path = reverse("sessions:turns", args=[session.code])
    page = alice.post(path, {f"minutes-{people.bob.code}": "25", f"minutes-{people.carol.code}": ""}, follow=True)
    assert b"25 min now" in page.content
    assert b"13 min now" in page.content
    assert b"88 minutes for the 4 who come" not in page.content
    assert b"80 minutes for the 4 who come" in page.content
    assert Participation.objects.get(session=session, user=people.bob).minutes == 25


@pytest.mark.parametrize("typed", ["0", "-5", "soon", "181", "9999", "2.5", "²"])
def test_minutes_of_a_turn_that_make_no_sense_change_nothing(alice: Client, people: Cast, typed: str) -> None:
    session = make_session(people.circle, people.alice)
    path = reverse("sessions:turns", args=[session.code])
    answer = alice.post(path, {f"minutes-{people.bob.code}": typed}, follow=True)
    assert b"Write the minutes of a turn as a whole number" in answer.content
    assert not Participation.objects.filter(minutes__isnull=False).exists()


def test_minutes_that_leave_too_little_for_the_others_are_refused_in_words(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    path = reverse("sessions:turns", args=[session.code])
    answer = alice.post(path, {f"minutes-{people.bob.code}": "60"}, follow=True)
    assert b"That leaves" in answer.content
    assert b"a turn needs at least 9" in answer.content
    answer = alice.post(path, {f"minutes-{people.erin.code}": "20"}, follow=True)  # erin is a stranger
    assert not Participation.objects.filter(minutes__isnull=False).exists()


def begin(people: Cast, session: CircleSession, *, here: int = 4, now: Any = NOW, **options: Any) -> State:
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)][:here]
    return starting_services.session_start(
        session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=now, **options
    )


def test_a_tight_session_asks_what_gives_and_starts_with_the_answer(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(minutes=65)
    everybody = [str(user.code) for user in (people.alice, people.bob, people.carol, people.dave)]
    ticks = {
        "expected_seq": "0",
        "early": "yes",
        "here": everybody,
        "presents": everybody,
        f"minutes-{people.bob.code}": "",
    }
    page = alice.post(reverse("sessions:start", args=[session.code]), ticks).content.decode()
    assert "This is longer than the time you have. Say what gives, and start." in page
    assert "Everyone gets a turn, a shorter one (Counsel for the presenter 6 instead of 10 min): 64 minutes." in page
    assert page.count('name="here"') == page.count("checked") - page.count('name="presents"') - 1 - 1  # and one choice
    assert SessionEvent.objects.count() == 0
    alice.post(reverse("sessions:start", args=[session.code]), ticks | {"how": "shorter"})
    session.refresh_from_db()
    segments = log_selectors.state_of(session).segments
    assert sum(s.seconds for s in segments) <= 65 * 60
    assert {s.seconds for s in segments if s.stage == "counsel"} == {360}


def test_what_was_chosen_beforehand_is_not_asked_again(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(minutes=65, fit=Fit.FEWER)
    session.refresh_from_db()
    state = begin(people, session)
    assert len({s.presenter for s in state.segments} - {None}) == 3


def test_who_waited_longest_presents(db: None, clock: Any, people: Cast) -> None:
    def forum(at: timedelta) -> list[int]:
        session = make_session(people.circle, people.alice, in_=at, key="forum")
        state = begin(people, session, now=NOW + at)
        services.session_command(session=session, kind="end", seat=1, expected_seq=1, now=NOW + at + timedelta(hours=1))
        return [s.presenter for s in state.segments if s.stage == "present" and s.presenter]

    assert sorted(seat for days in (1, 2, 3, 4) for seat in forum(timedelta(days=days))) == [1, 2, 3, 4]


def test_the_order_of_each_session_is_kept_and_looked_at(db: None, clock: Any, people: Cast) -> None:
    firsts = []
    for days in (1, 2, 3, 4):
        session = make_session(people.circle, people.alice, in_=timedelta(days=days))
        state = begin(people, session, now=NOW + timedelta(days=days))
        firsts.append(state.order[0])
        rows = Participation.objects.filter(session=session).order_by("place").values_list("seat", flat=True)
        assert tuple(rows) == state.order
        services.session_command(
            session=session, kind="end", seat=1, expected_seq=1, now=NOW + timedelta(days=days, hours=1)
        )
    assert sorted(firsts) == [1, 2, 3, 4]
    history = history_of(people.circle)
    assert len(history.orders) == 4
    assert all(len(came) == len(presented) == 4 for came, presented in history.presented)


def press(session: CircleSession, kind: str, seat: int, seq: int, now: Any = NOW) -> State:
    return services.session_command(session=session, kind=kind, seat=seat, expected_seq=seq, now=now)


def replan(session: CircleSession, why: str, seq: int, *, who: int | None = None, now: Any = NOW) -> State:
    return services.session_replan(session=session, why=why, by_seat=1, expected_seq=seq, who=who, now=now)


def test_ending_on_time_takes_from_counsel_later(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(0, 60))
    CircleSession.objects.filter(pk=session.pk).update(minutes=80)
    session.refresh_from_db()
    begin(people, session, now=session.starts_at)
    late = session.starts_at + timedelta(minutes=10)  # six minutes over in the opening
    with time_machine.travel(late, tick=False):
        page = alice.get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "To be on time: Counsel for the presenter: 8½ instead of 10 min, 4 times." in page
    state = replan(session, "time", 1, now=late)
    assert {s.seconds for s in state.rest if s.stage == "counsel"} == {510}
    assert state.finish_at(to_ms(late)) <= to_ms(session.plans_to_end_at)
    assert {s.seconds for s in state.rest if s.stage == "check_out"} == {60}
    early = session.starts_at + timedelta(minutes=4)
    with time_machine.travel(early, tick=False):
        page = alice.get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "There is time again. Counsel for the presenter: 10 instead of 8½ min, 4 times." in page
    state = replan(session, "time", 2, now=early)
    assert {s.seconds for s in state.rest if s.stage == "counsel"} == {600}


def test_two_minutes_more_say_what_they_cost_before_they_are_pressed(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(0, 60))
    CircleSession.objects.filter(pk=session.pk).update(minutes=80)
    session.refresh_from_db()
    begin(people, session, now=session.starts_at)
    with time_machine.travel(session.starts_at, tick=False):
        page = alice.get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "2 minutes more would end 2 min late, or cost later: Counsel for the presenter: 9½ instead of 10 min" in page


def test_somebody_leaves_and_somebody_comes(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    state = begin(people, session, here=3)
    assert 4 not in state.order
    state = replan(session, "came", 1, who=4)
    assert state.order[-1] == 4
    assert Participation.objects.get(session=session, seat=4).attendance == Attendance.CAME
    assert [s.speaker for s in state.rest if s.stage == "check_out"][-1] == 4
    state = replan(session, "left", 2, who=2)
    assert 2 not in {s.speaker for s in state.rest} | {s.presenter for s in state.rest}
    with pytest.raises(log_services.Stale):
        replan(session, "left", 2, who=3)
    for why, who in (("left", 9), ("came", 1), ("came", 99), ("nonsense", 1), ("left", None)):
        with pytest.raises(Refused):
            replan(session, why, 3, who=who)
    assert log_selectors.state_of(CircleSession.objects.get(pk=session.pk)).seq == 3


def test_only_those_who_steer_re_plan(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    state = begin(people, session)
    quiet = next(seat for seat in (2, 3, 4) if seat not in state.steerers)
    with pytest.raises(Refused, match="Only the host and the timekeeper"):
        services.session_replan(session=session, why="left", by_seat=quiet, expected_seq=1, who=3, now=NOW)


def test_a_case_is_chosen_in_the_session(alice: Client, people: Cast) -> None:
    session = make_session(people.circle, people.alice, key="incident_intervision")
    starting_services.session_start(
        session=session, here=[u.pk for u in (people.alice, people.bob, people.carol, people.dave)], presenting=[],
        expected_seq=0, by=people.alice, now=NOW,
    )  # fmt: skip
    path = reverse("sessions:live", args=[session.code])
    assert b"Whose case is it?" in alice.get(path).content
    alice.post(reverse("sessions:replan", args=[session.code, "chosen"]), {"expected_seq": "1", "who": "3"})
    session.refresh_from_db()
    state = log_selectors.state_of(session)
    assert {s.presenter for s in state.rest} == {None, 3}
    assert Participation.objects.get(session=session, seat=3).presents
    assert b"Whose case is it?" not in alice.get(path).content


def test_the_deputy_steers_while_the_timekeeper_presents(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    SessionRole.objects.filter(session=session, role_key=Role.TIMEKEEPER).update(user=people.bob)
    state = begin(people, session)
    while state.segment and not (state.segment.stage == "questions" and state.segment.presenter == 2):
        state = press(session, "next", 1, state.seq)
    deputy = state.deputy
    assert deputy == state.order[(state.order.index(2) + 1) % 4]
    after = services.session_command(
        session=session, kind="extend", seat=deputy or 0, expected_seq=state.seq, now=NOW, seconds=60
    )
    assert after.seq == state.seq + 1


def test_a_format_asks_only_for_the_roles_it_needs(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, key="troika")
    assert set(SessionRole.objects.filter(session=session).values_list("role_key", flat=True)) == {"host", "timekeeper"}
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of("collegial_consultation"))
    roles_ahead(circle=people.circle, now=NOW)
    keys = set(SessionRole.objects.filter(session=session).values_list("role_key", flat=True))
    assert keys == {"host", "timekeeper", "scribe", "moderator"}


def test_agreed_minutes_of_somebody_who_is_missing_give_way(db: None, clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    turns_agree(session=session, minutes={people.dave.pk: 30})
    seating = sit_down(
        rules()["council"], {people.alice.pk: 1, people.bob.pk: 2, people.carol.pk: 3},
        bringing=[people.alice.pk, people.bob.pk], history=History(), minutes={people.dave.pk: 30, people.bob.pk: 500},
    )  # fmt: skip
    made = seating.plan(rules()["council"], room=7200)
    assert made
    assert made.turn(1) == made.turn(2) == 16 * 60
    assert sit_down(rules()["council"], {}, bringing=[]).plan(rules()["council"], room=60) is None


@pytest.mark.parametrize("key", list(rules()))
def test_every_format_can_be_rehearsed_to_its_end_at_its_real_minutes(db: None, people: Cast, key: str) -> None:
    """On the rehearsal's clock: each of my turns is passed when its time is over."""
    from sessions.live import rehearsal_services as rehearsing
    from sessions.rules.seating import longest

    size = rules()[key].most
    rehearsal = rehearsing.rehearsal_begin(version=version_of(key), owner=people.bob, people=size, speed=1, now=NOW)
    planned = longest(rules()[key], size).seconds
    now, state = NOW, rehearsing.state_of(rehearsal)
    while state.phase == "running":
        now = from_ms(state.ends_at or 0)
        state = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=now)
        mine = state.segment and state.segment.speaker == rehearsing.ME and state.remaining(to_ms(now)) <= 0
        if mine:
            rehearsing.rehearsal_command(rehearsal=rehearsal, kind="next", expected_seq=state.seq, seconds=60, now=now)
            state = rehearsing.state_of(rehearsal)
    assert state.ended_at == to_ms(NOW) + planned * 1000
