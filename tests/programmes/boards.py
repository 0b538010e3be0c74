"""A board with people on it, and a solver that is no process."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from accounts.enums import Level
from accounts.models import User
from accounts.services import availability_add
from programmes.board_services import person_place
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.forming.model import Answer, Problem
from programmes.forming.solving import solve
from programmes.forming_services import round_begin
from programmes.models import DraftCircle, Enrolment, Placement, Programme, Round
from tests.factories import NOW, make_programme, make_user

FIRST_ON = (NOW + timedelta(days=14)).date()
FUNCTIONS = ("Data", "Finance", "Estates", "Legal")


def asking(programme: Programme, names: Sequence[str], **yes: Any) -> list[Enrolment]:
    """People who asked for a place and can meet on Tuesday mornings, each of another function in turn."""
    rows = []
    for at, name in enumerate(names):
        user = make_user(f"{name} Person")
        availability_add(user=user, weekdays=[1], start=540, end=720, level=Level.GOOD)
        facts = {"function": FUNCTIONS[at % len(FUNCTIONS)]}
        details = EnrolmentDetails(**({"facts": facts} | yes))
        rows.append(enrolment_make(programme=programme, user=user, yes=details, now=NOW + timedelta(seconds=at)))
    return rows


class Board:
    """Dana's programme with a board: `people` who asked, none of them placed, and the empty circles it began with."""

    def __init__(self, people: int = 12, *, confidence: bool = False, **details: Any) -> None:
        self.dana: User = make_user("Dana Diaz")
        asks = ["function", "location", "level", "manager", "languages", "together", *(["apart"] if confidence else [])]
        options = {"min_size": 3, "max_size": 4, "sessions": 3, "asks": asks} | details
        self.programme = make_programme(self.dana, **options)
        self.people = asking(self.programme, [f"P{at:02}" for at in range(people)])
        self.round: Round = round_begin(programme=self.programme, first_on=FIRST_ON)

    @property
    def drafts(self) -> list[DraftCircle]:
        return list(self.round.drafts.order_by("name"))

    def put(self, at: int, *people: int) -> None:
        """People by number into the circle at a position."""
        for one in people:
            person_place(round_=self.round, enrolment=self.people[one], draft=self.drafts[at])

    def stands(self) -> dict[str, list[str]]:
        """By circle, the first names of who is in it."""
        found: dict[str, list[str]] = {}
        rows = Placement.objects.filter(round=self.round).select_related("draft", "enrolment__user")
        for row in rows.order_by("draft__name", "enrolment"):
            found.setdefault(row.draft.name, []).append(row.enrolment.user.first)
        return found


def here(problem: Problem, seconds: float, seed: int = 1, heard: Any = None) -> Answer:
    """The engine in this process."""
    return solve(problem, seconds, seed, None, heard)


def ticking(start: datetime = NOW) -> Any:
    """A clock that goes on by two seconds each time it is looked at."""
    ticks: Iterator[int] = count(1)
    return lambda: start + timedelta(seconds=2 * next(ticks))
