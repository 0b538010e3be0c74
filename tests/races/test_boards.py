"""Races on a board: moving, undoing, proposing and putting a proposal on it."""

import pytest

from accounts.services import availability_add
from programmes.board_services import people_move, step_undo
from programmes.enrolment_services import (
    EnrolmentDetails,
    enrolment_make,
    enrolment_withdraw,
    people_invite,
)
from programmes.enums import RunState, Scope
from programmes.forming_services import round_begin
from programmes.invitation_services import invitations_remind
from programmes.models import BoardStep, DraftCircle, Enrolment, FormingRun, Placement, ProgrammeInvitation, Round
from programmes.proposal_services import proposal_take, run_ask, run_claim
from tests.factories import NOW, Cast, make_programme
from tests.races.racing import LATER, Made, Race, again, in_both_orders, one_refused, run

RACES: list[Made] = []


def race(made: Made) -> Made:
    RACES.append(made)
    return made


def _board(people: Cast) -> tuple[Round, list[Enrolment], DraftCircle]:
    """Four people who wait, and one empty circle."""
    programme = make_programme(people.erin, min_size=3, max_size=4, asks=[])
    rows = []
    for user in (people.alice, people.bob, people.carol, people.dave):
        availability_add(user=user, weekdays=[1], start=540, end=720, level="good")
        rows.append(enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(), now=NOW))
    round_ = round_begin(programme=programme, first_on=(NOW + 2 * LATER).date())
    return round_, rows, DraftCircle.objects.get()


@race
def circles_are_worked_out_once_for_a_board(people: Cast) -> Race:
    round_, _rows, _draft = _board(people)
    one, other = again(round_), again(round_)
    said = yield (
        lambda: run_ask(round_=one, scope=Scope.EVERYBODY, by=people.erin, now=NOW),
        lambda: run_ask(round_=other, scope=Scope.EVERYBODY, by=people.erin, now=NOW),
    )
    assert one_refused(said)
    assert FormingRun.objects.count() == 1


@race
def one_run_is_worked_on_by_one(people: Cast) -> Race:
    round_, _rows, _draft = _board(people)
    run_ask(round_=round_, scope=Scope.EVERYBODY, by=people.erin, now=NOW)
    yield lambda: run_claim(now=NOW), lambda: run_claim(now=NOW)
    found = FormingRun.objects.get()
    assert (found.state, found.attempts) == (RunState.RUNNING, 1)


@race
def one_proposal_is_put_on_the_board_once(people: Cast) -> Race:
    round_, rows, _draft = _board(people)
    circles = [{"people": [row.pk for row in rows], "starts": [], "unsaid": 0, "met": 0}]
    made = FormingRun.objects.create(
        round=round_,
        asked_by=people.erin,
        asked_at=NOW,
        scope="all",
        seconds=1,
        seed=1,
        state=RunState.DONE,
        choices=[{"circles": circles}],
    )

    rows_of = FormingRun.objects.select_related("round__programme__vault")
    one, other = rows_of.get(pk=made.pk), rows_of.get(pk=made.pk)
    said = yield (lambda: proposal_take(run_=one, number=0), lambda: proposal_take(run_=other, number=0))
    assert one_refused(said)
    assert (Placement.objects.count(), BoardStep.objects.count()) == (4, 1)


@race
def somebody_is_moved_by_two_at_once(people: Cast) -> Race:
    round_, rows, draft = _board(people)
    one, other, key = again(round_), again(round_), rows[0].pk
    yield (
        lambda: people_move(round_=one, moves={key: draft}),
        lambda: people_move(round_=other, moves={key: draft}),
    )
    assert (Placement.objects.count(), BoardStep.objects.count()) == (1, 1)


@race
def one_step_is_taken_back_once(people: Cast) -> Race:
    round_, rows, draft = _board(people)
    people_move(round_=round_, moves={rows[0].pk: draft})
    one, other = again(round_), again(round_)
    said = yield lambda: step_undo(round_=one), lambda: step_undo(round_=other)
    assert one_refused(said)
    assert not Placement.objects.exists()


@race
def whoever_withdraws_is_moved_into_no_circle(people: Cast) -> Race:
    round_, rows, draft = _board(people)
    one, row = again(round_), again(rows[0])
    yield (
        lambda: people_move(round_=one, moves={row.pk: draft}),
        lambda: enrolment_withdraw(enrolment=row, now=NOW),
    )
    assert not Placement.objects.exists()


@race
def one_invitation_is_sent_again_once(people: Cast) -> Race:
    programme = make_programme(people.erin)
    people_invite(programme=programme, people={"new@example.org": {}}, by=people.erin, now=NOW)
    one, other = again(programme), again(programme)
    yield (
        lambda: invitations_remind(programme=one, now=NOW + LATER),
        lambda: invitations_remind(programme=other, now=NOW + LATER),
    )
    assert ProgrammeInvitation.objects.get().reminded_at == NOW + LATER


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_on_a_board_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
