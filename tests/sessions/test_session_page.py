"""The page of a session before it: its main press, its plan to scale, open turns, what is around it, its run sheet."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.urls import reverse

from notifications.models import Message
from notifications.registry import kind_of
from sessions.access import get_session, reads_issue
from sessions.enums import Rsvp, SessionStatus, Way
from sessions.formats.library import rules
from sessions.journeys.library import journey_version_of
from sessions.kinds import REMINDERS, ROLE_NEXT, SHEET
from sessions.models import CircleSession, Issue, Participation
from sessions.planning.bringing_services import issue_bring, rsvp_set, turns_agree
from sessions.planning.journey_services import journey_take
from sessions.planning.reminder_selectors import goes_out
from sessions.planning.reminder_services import reminders_plan
from sessions.planning.selectors import beside
from sessions.rules.door import NEAR, is_near, main_press
from sessions.rules.plan_bar import PlanBar, PlanPart, plan_svg
from sessions.rules.seating import sit_down
from tests.factories import NOW, Cast, make_session, sign, signed_in


@pytest.fixture
def session(db: None, clock: Any, people: Cast) -> CircleSession:
    return make_session(people.circle, people.alice)


def shown(person: Any, session: CircleSession, name: str = "session") -> str:
    answer = signed_in(person).get(reverse(f"sessions:{name}", args=[session.code]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def bring(session: CircleSession, *owners: Any) -> None:
    for owner in owners:
        issue_bring(session=session, owner=owner, title="Too many yeses", text="And no no.", ask="listen")


@pytest.mark.parametrize(
    ("near", "planned", "answered", "may_bring", "brought", "press"),
    [
        (True, True, False, True, False, "room"),
        (True, False, True, False, False, "room"),
        (False, True, False, True, False, "answer"),
        (False, True, True, True, False, "bring"),
        (False, True, True, True, True, ""),
        (False, True, True, False, False, ""),
        (False, False, False, False, False, ""),
    ],
)
def test_one_press_is_the_main_one(
    near: bool, planned: bool, answered: bool, may_bring: bool, brought: bool, press: str
) -> None:
    said = main_press(near=near, planned=planned, answered=answered, may_bring=may_bring, brought=brought)
    assert said == press


def test_it_is_near_from_an_hour_before_and_while_it_runs() -> None:
    assert not is_near(NOW + NEAR + timedelta(seconds=1), running=False, now=NOW)
    assert is_near(NOW + NEAR, running=False, now=NOW)
    assert is_near(NOW - timedelta(hours=1), running=False, now=NOW)
    assert is_near(NOW + timedelta(days=9), running=True, now=NOW)


def test_days_before_the_answer_is_the_main_press_and_within_the_hour_the_room(
    clock: Any, people: Cast, session: CircleSession
) -> None:
    main = re.compile(r'class="btn btn--main"[^>]*>([^<]*<svg.*?</svg>)?\s*([^<]+?)\s*<')
    assert [said for _icon, said in main.findall(shown(people.bob, session))] == ["I come"]
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    assert [said for _icon, said in main.findall(shown(people.bob, session))] == ["Bring this issue"]
    bring(session, people.bob)
    assert main.findall(shown(people.bob, session)) == []
    clock.move_to(session.starts_at - NEAR)
    assert [said for _icon, said in main.findall(shown(people.bob, session))] == ["Go to the live room"]
    assert [said for _icon, said in main.findall(shown(people.carol, session))] == ["Go to the live room"]


@pytest.mark.parametrize(
    ("way", "said"), [(Way.CALENDAR, "from your calendar"), (Way.LINK, "by the link in a mail"), (Way.PAGE, "")]
)
def test_by_which_way_it_was_said_stands_beside_the_answer(
    people: Cast, session: CircleSession, way: Way, said: str
) -> None:
    rsvp_set(session=session, user=people.bob, answer=Rsvp.MAYBE, now=NOW, way=way)
    page = shown(people.bob, session)
    assert ("You said so" in page) is bool(said)
    assert said in page
    assert "You said so" not in shown(people.carol, session)


def test_an_answer_is_said_where_it_was_pressed(people: Cast, session: CircleSession) -> None:
    path = reverse("sessions:rsvp", args=[session.code])
    client = signed_in(people.bob)
    answer = client.post(path, {"answer": "no"})
    assert answer["Location"] == reverse("sessions:session", args=[session.code]) + "#come"
    page = client.get(answer["Location"]).content.decode()
    part = page[page.index('id="come"') :]
    assert "You cannot come on Thursday 14 January." in part[: part.index("</section>")]
    assert page.count("You cannot come on Thursday 14 January.") == 1
    elsewhere = client.post(path, {"answer": "yes", "next": "/circles/"}, follow=True).content.decode()
    assert "You come on Thursday 14 January." in elsewhere


def test_what_is_brought_folds_to_a_row_with_change(people: Cast, session: CircleSession) -> None:
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    assert '<summary class="saved">' not in shown(people.bob, session)
    bring(session, people.bob)
    page = shown(people.bob, session)
    row = page[page.index('<summary class="saved">') : page.index("Save the change")]
    assert "Too many yeses" in row
    assert "Change" in row
    assert "Too many yeses" not in shown(people.carol, session)


# The plan.


def test_an_issue_of_one_is_no_reason_to_drop_the_turns_of_the_others() -> None:
    rule = rules()["council"]
    seats = {11: 1, 12: 2, 13: 3}
    nobody, one = (sit_down(rule, seats, bringing=some, keep_open=True) for some in ([], [12]))
    assert sorted(nobody.presenters) == sorted(one.presenters) == [1, 2, 3]
    assert (nobody.unsaid, one.unsaid) == ({1, 2, 3}, {1, 3})
    assert sit_down(rule, seats, bringing=[12]).presenters == (2,)
    assert sit_down(rule, seats, bringing=[12]).unsaid == frozenset()


def test_an_open_turn_takes_no_place_from_an_issue_and_no_more_than_there_are() -> None:
    rule = rules()["two_hour"]
    seats = {pk: pk for pk in range(1, rule.most_presenters + 3)}
    last = max(seats)
    kept = sit_down(rule, seats, bringing=[last], keep_open=True)
    assert len(kept.presenters) == rule.most_presenters
    assert last in kept.presenters
    assert last not in kept.unsaid


@pytest.mark.parametrize("key", ["incident_intervision", "triad", "short_round"])
def test_where_nothing_is_brought_beforehand_no_turn_is_open(key: str) -> None:
    rule = rules()[key]
    assert sit_down(rule, {1: 1, 2: 2, 3: 3}, bringing=[], keep_open=True).unsaid == frozenset()


def test_open_turns_are_grey_and_the_plan_says_how_long_it_is_so_far(people: Cast, session: CircleSession) -> None:
    page = shown(people.bob, session)
    assert "80 minutes for the 4 who come, ends" in page
    assert page.count('class="sb-unsaid"') == 12
    bring(session, people.bob)
    page = shown(people.carol, session)
    assert "80 minutes for the 4 who come if all of them bring something, 32 so far" in page
    assert page.count('class="sb-unsaid"') == 9
    bring(session, people.alice, people.carol, people.dave)
    page = shown(people.bob, session)
    assert "so far" not in page
    assert "sb-unsaid" not in page


def test_the_plan_has_clock_times_and_the_minutes_to_spare(people: Cast, session: CircleSession) -> None:
    page = shown(people.bob, session)
    assert "ends 10:20, 40 to spare until 11:00" in page
    assert "40 to spare</text>" in page
    times = re.findall(r"<time>(\d\d:\d\d)</time>", page)
    assert (times[0], times == sorted(times)) == ("09:00", True)
    assert "Arrive 8 minutes" in page


def test_agreed_minutes_are_shared_out_among_open_turns_too(people: Cast, session: CircleSession) -> None:
    bring(session, people.bob)
    turns_agree(session=session, minutes={people.bob.pk: 25})
    page = shown(people.alice, session)
    assert "25 min now" in page
    assert page.count("13 min now") + page.count("12:40 min now") == 3


def test_the_bar_is_to_scale_and_escapes_names() -> None:
    parts = (
        PlanPart("round", 600, "Arrive", "16:00"),
        PlanPart("bring", 1200, "<b>", "16:10", you=True),
        PlanPart("give", 600, "Bartholomew", "16:30", unsaid=True),
    )
    drawn = plan_svg(PlanBar(parts, "16:40", 1200, "17:00", "20 to spare"))
    assert re.findall(r'<rect class="(\S+)" x="([\d.]+)%"', drawn) == [
        ("sb-round", "0.00"), ("sb-bring", "16.67"), ("sb-unsaid", "50.00"), ("sb-spare", "66.67"),
    ]  # fmt: skip
    assert "&lt;b&gt;" in drawn
    assert "<b>" not in drawn
    assert "Barth" in drawn
    assert drawn.count("16:40") == 1
    assert drawn.endswith('y="13">17:00</text></svg>')


def test_times_over_the_bar_do_not_run_into_each_other() -> None:
    parts = tuple(PlanPart("round", 60, f"P{at}", f"16:{at:02}") for at in range(40))
    drawn = plan_svg(PlanBar(parts, "16:40", 0, "16:40", "0 to spare"))
    places = [float(x) for x in re.findall(r'x="([\d.]+)%" y="13"', drawn)]
    assert all(after - before >= 4.4 for before, after in pairwise(places))


# Around it, and on paper.


def test_the_sessions_before_and_after_leave_out_what_was_called_off(people: Cast, clock: Any) -> None:
    first, off, third, fourth = (make_session(people.circle, people.alice, in_=timedelta(days=n)) for n in (1, 2, 3, 4))
    CircleSession.objects.filter(pk=off.pk).update(status=SessionStatus.CANCELLED)
    assert (beside(first).before, beside(first).after, beside(first).number) == (None, third, 1)
    assert (beside(third).before, beside(third).after, beside(third).number) == (first, fourth, 2)
    assert (beside(fourth).after, beside(fourth).promised) == (None, 6)
    assert beside(off).after == third
    page = shown(people.bob, third)
    assert "Session 2 of 6" in page
    assert f'href="/sessions/{first.code}/" rel="prev"' in page
    assert f'href="/sessions/{fourth.code}/" rel="next"' in page


def test_the_tools_are_one_row_each_and_one_is_open_at_a_time(people: Cast, session: CircleSession) -> None:
    page = shown(people.alice, session)
    assert page.count('class="tool"') == page.count('name="run"') + 1 == 7
    assert "Run this session" not in shown(people.bob, session)


def test_the_run_sheet_has_everything_but_what_is_brought(people: Cast, session: CircleSession) -> None:
    sign(people.circle, people.alice)
    bring(session, people.bob)
    Participation.objects.filter(session=session, user=people.carol).update(rsvp=Rsvp.NO)
    page = shown(people.alice, session, "run_sheet")
    for said in ("09:00", "Opening", "Check-out", "40 minutes to spare until 11:00", "Host:", "brings an issue"):
        assert said in page
    assert "Too many yeses" not in page
    assert "Confidentiality" in page
    CircleSession.objects.filter(pk=session.pk).update(status=SessionStatus.CANCELLED)
    answer = signed_in(people.alice).get(reverse("sessions:run_sheet", args=[session.code]))
    assert answer["Location"] == reverse("sessions:session", args=[session.code])


def test_the_page_names_the_reminders_that_are_written_and_no_other(clock: Any, people: Cast) -> None:
    """Of a sheet nothing is said where the session has none."""
    session = make_session(people.circle, people.alice, in_=timedelta(days=8))
    assert _named(session) == _written(session)
    assert str(kind_of(SHEET).label) not in _written(session)
    journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)
    assert _named(session) == _written(session)
    assert str(kind_of(SHEET).label) in _written(session)


def _named(session: CircleSession) -> set[str]:
    fresh = CircleSession.objects.get(pk=session.pk)  # knows of the leg that it has got since
    return {one.label for one in goes_out(fresh, now=NOW)} - {str(kind_of(ROLE_NEXT).label)}


def _written(session: CircleSession) -> set[str]:
    reminders_plan(now=session.starts_at - timedelta(days=7, seconds=1))
    rows = Message.objects.filter(subject_code=session.code, kind__in=REMINDERS)
    return {str(kind_of(kind).label) for kind in rows.values_list("kind", flat=True)}


def test_what_somebody_brings_is_theirs_until_its_turn_and_theirs_alone_at_a_shared_window(
    session: CircleSession, people: Cast
) -> None:
    bring(session, people.bob)
    issue = Issue.objects.get()
    bob, carol = (get_session(user, session.code) for user in (people.bob, people.carol))
    shared = replace(bob, sharing=True)
    before = [reads_issue(seat, issue, begun=False) for seat in (bob, carol, shared)]
    assert before == [True, False, False]
    assert [reads_issue(seat, issue, begun=True) for seat in (bob, carol, shared)] == [True, True, True]
    sign(people.circle, people.alice, people.bob)
    held = make_session(people.circle, people.alice, in_=timedelta(days=1))
    CircleSession.objects.filter(pk=held.pk).update(status=SessionStatus.ENDED, ended_at=NOW)
    unsigned = get_session(people.carol, session.code)
    assert not reads_issue(unsigned, issue, begun=True)
