"""Facilitators proposed for circles: of those who offered it, by their hours and by how many they carry."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Availability
from programmes.board_services import facilitators_propose
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.models import Enrolment, FacilitatorAsked
from tests.factories import NOW, signed_in
from tests.programmes.boards import Board

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(clock: Any) -> Board:
    made = Board(12)
    for at in range(3):
        made.put(at, *range(at * 4, at * 4 + 4))
    return made


def offer(board: Board, *at: int) -> None:
    Enrolment.objects.filter(pk__in=[board.people[one].pk for one in at]).update(may_facilitate=True)


def chosen(board: Board) -> dict[str, str]:
    return {draft.name: draft.facilitator.first for draft in board.drafts if draft.facilitator}


def test_whoever_sits_in_a_circle_comes_first_and_nobody_else_is_needed(board: Board) -> None:
    offer(board, 1, 5, 9)
    assert facilitators_propose(round_=board.round) == (3, 0)
    assert chosen(board) == {"Alder": "P01", "Birch": "P05", "Cedar": "P09"}
    assert not FacilitatorAsked.objects.exists(), "nobody is asked before somebody says so"
    assert facilitators_propose(round_=board.round) == (0, 0)


def test_nobody_carries_more_than_two_or_two_at_one_hour(board: Board) -> None:
    offer(board, 1)
    assert facilitators_propose(round_=board.round) == (1, 2), "all three meet on Tuesday at nine"
    for draft, first_at in zip(board.drafts[1:], ("10:00", "11:00"), strict=True):
        type(draft).objects.filter(pk=draft.pk).update(first_on="2027-01-26", first_at=first_at)
    Availability.objects.update(end=1200)
    assert facilitators_propose(round_=board.round) == (1, 1)
    assert chosen(board) == {"Alder": "P01", "Birch": "P01"}


def test_from_outside_only_at_an_hour_they_named_and_over_nobody_who_reports_to_them(board: Board) -> None:
    offer(board, 1)
    Availability.objects.filter(user__in=[row.user_id for row in board.people[4:8]]).update(weekday=3)
    enrolment_make(
        programme=board.programme,
        user=board.people[9].user,
        yes=EnrolmentDetails(facts={"manager": board.people[1].user.email}),
        now=NOW,
    )
    board.drafts[0].placements.all().delete()
    assert facilitators_propose(round_=board.round) == (0, 2)
    Availability.objects.filter(user=board.people[1].user).update(weekday=3)
    assert facilitators_propose(round_=board.round) == (1, 1)
    assert chosen(board) == {"Birch": "P01"}


def test_whoever_said_no_is_not_proposed_again(board: Board) -> None:
    offer(board, 1)
    FacilitatorAsked.objects.create(
        round=board.round, user=board.people[1].user, asked_by=board.dana, asked_at=NOW, yes=False
    )
    assert facilitators_propose(round_=board.round) == (0, 3)


def test_the_board_says_for_how_many_nobody_was_found(board: Board) -> None:
    offer(board, 1, 5)
    client = signed_in(board.dana)
    said = client.post(
        reverse("programmes:facilitators_propose", args=[board.round.code]), follow=True
    ).content.decode()
    assert "Somebody is chosen for 2 circles." in said
    assert "For 1 circle nobody was found" in said
    assert "Ask 2 people" in " ".join(said.split())
