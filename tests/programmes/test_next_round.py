"""A next round: who has met counts, those who would like to stay together do, and what numbers allow at all."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.urls import reverse

from circles.models import Membership
from programmes.engine_selectors import met_before, problem_of
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.enums import EnrolmentStatus, Scope
from programmes.forming_selectors import board_of
from programmes.models import Enrolment, FormingRun, Round, RoundCircle
from programmes.proposal_services import run_ask, run_claim, run_work
from tests.factories import NOW, make_circle, signed_in
from tests.programmes.boards import Board, here, ticking

pytestmark = pytest.mark.django_db


class Again(Board):
    """A board of round 2 for twelve people who were in three circles of four in round 1."""

    def __init__(self, **details: Any) -> None:
        super().__init__(12, **details)
        self.round.delete()
        self.round = Round.objects.create(programme=self.programme, number=2, first_on=self.round.first_on)
        made = Round.objects.create(
            programme=self.programme, number=1, first_on=NOW.date(), published_at=NOW - timedelta(days=90)
        )
        self.before = [self.people[at * 4 : at * 4 + 4] for at in range(3)]
        for at, group in enumerate(self.before):
            circle = make_circle(group[0].user, [one.user for one in group[1:]], name=f"Old {at}")
            RoundCircle.objects.create(round=made, circle=circle)
            Membership.objects.filter(circle=circle).update(left_at=NOW)

    def worked_out(self) -> FormingRun:
        run_ask(round_=self.round, scope=Scope.EVERYBODY, by=self.dana, now=NOW)
        run = run_claim(now=NOW)
        assert run
        run_work(run, ticking(), here)
        run.refresh_from_db()
        return run


def test_those_who_have_met_are_mixed_anew_as_far_as_numbers_allow(clock: Any) -> None:
    board = Again(min_size=3, max_size=3)
    run = board.worked_out()
    met = {frozenset(pair) for group in board.before for pair in combinations([one.pk for one in group], 2)}
    for circle in run.choices[0]["circles"]:
        assert not any(frozenset(pair) in met for pair in combinations(circle["people"], 2))
    shown = signed_in(board.dana).get(reverse("programmes:proposal", args=[board.round.code])).content.decode()
    assert "Has met none of them before" in shown


def test_how_long_ago_people_met_counts_by_the_latest_round(clock: Any) -> None:
    board = Again()
    people = board_of(board.round).everybody
    assert set(met_before(board.programme, people, 2).values()) == {1}
    assert set(met_before(board.programme, people, 5).values()) == {4}
    assert len(met_before(board.programme, people, 2)) == 18


def test_those_who_all_say_so_stay_together(clock: Any) -> None:
    board = Again()
    group = board.before[1]
    Enrolment.objects.filter(pk__in=[one.pk for one in group[:3]]).update(stays_together=True)
    assert problem_of(board_of(board.round), waiting_only=False).pinned == (tuple(one.pk for one in group[:3]),)
    run = board.worked_out()
    keys = {one.pk for one in group[:3]}
    assert any(keys <= set(circle["people"]) for circle in run.choices[0]["circles"])


def test_one_who_would_rather_not_or_a_manager_comes_before_staying_together(clock: Any) -> None:
    board = Again()
    group = board.before[0]
    Enrolment.objects.filter(pk__in=[one.pk for one in group]).update(stays_together=True)
    boss = EnrolmentDetails(facts={"manager": group[1].user.email})
    enrolment_make(programme=board.programme, user=group[0].user, yes=boss, now=NOW)
    assert problem_of(board_of(board.round), waiting_only=False).pinned == ()
    apart = EnrolmentDetails(apart=(group[1].user.email,))
    enrolment_make(programme=board.programme, user=group[0].user, yes=apart, now=NOW)
    assert problem_of(board_of(board.round), waiting_only=False).pinned == ()
    enrolment_make(programme=board.programme, user=group[0].user, yes=EnrolmentDetails(), now=NOW)
    assert len(problem_of(board_of(board.round), waiting_only=False).pinned) == 1


@pytest.mark.parametrize("together", [True, False])
def test_whoever_asks_for_another_circle_says_whether_with_the_same_people(clock: Any, together: bool) -> None:
    board = Board(3)
    row = board.people[0]
    Enrolment.objects.filter(pk=row.pk).update(status=EnrolmentStatus.PLACED)
    client = signed_in(row.user)
    assert "who say the same" in client.get(reverse("programmes:mine", args=[board.programme.code])).content.decode()
    client.post(reverse("programmes:again", args=[board.programme.code]), {"together": "1"} if together else {})
    row.refresh_from_db()
    assert (row.status, row.stays_together) == (EnrolmentStatus.ENROLLED, together)


@pytest.mark.parametrize(("people", "said"), [(12, "for 1 round. More is not possible."), (16, "for 5 rounds")])
def test_a_season_says_what_numbers_allow(clock: Any, people: int, said: str) -> None:
    board = Board(people, min_size=4, max_size=4)
    client = signed_in(board.dana)
    path = reverse("programmes:season", args=[board.programme.code])
    answer = client.get(path, {"rounds": "4"})
    assert said in " ".join(answer.content.decode().split())
    plan = answer.context["plan"]
    assert len(plan.rounds) == 4
    for groups in plan.rounds:
        assert sorted(name for group in groups for name in group) == sorted(str(one.user) for one in board.people)
    together = [frozenset(pair) for groups in plan.rounds for group in groups for pair in combinations(group, 2)]
    assert len(together) - len(set(together)) == plan.repeats
    assert client.get(path, {"rounds": "nonsense"}).context["rounds"] == 6


def test_smaller_circles_let_people_meet_new_ones_for_longer(clock: Any) -> None:
    board = Board(12, min_size=3, max_size=4)
    shown = signed_in(board.dana).get(reverse("programmes:season", args=[board.programme.code])).content.decode()
    words = (
        "12 people in circles of 3 to 4 can meet new people alone for 4 rounds. Whether more is possible is not known."
    )
    assert words in " ".join(shown.split())


def test_too_few_for_a_season_are_told_so(clock: Any) -> None:
    board = Board(2)
    shown = signed_in(board.dana).get(reverse("programmes:season", args=[board.programme.code])).content.decode()
    assert "once enough people have asked for a circle" in shown
