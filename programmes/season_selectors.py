"""For how many rounds everybody can meet only new people, by numbers alone, and a plan of a season."""

from dataclasses import dataclass
from functools import lru_cache

from programmes.enums import EnrolmentStatus
from programmes.forming.meeting.planning import MeetingPlan, longest, season
from programmes.models import Enrolment, Programme

# A plan of more people or rounds takes a page too long and is no help to anybody.
PEOPLE_AT_MOST, ROUNDS_AT_MOST = 300, 12
kept_longest = lru_cache(maxsize=256)(longest)
kept_season = lru_cache(maxsize=256)(season)


@dataclass(frozen=True)
class SeasonPlan:
    """What numbers allow: rounds without meeting twice, whether there are provably no more, and so many rounds planned.

    `repeats` counts meetings of two who met before. `rounds` are groups of names.
    """

    people: int
    least: int
    size: int
    fresh: int
    is_proved: bool
    asked: int
    repeats: int
    rounds: tuple[tuple[tuple[str, ...], ...], ...]


def season_plan(programme: Programme, rounds: int) -> SeasonPlan | None:
    """A season for everybody who asks for a circle now; None with too few or too many people. One query.

    Hours, wishes and who has met before are not asked: it is what numbers allow at all.
    """
    rows = Enrolment.objects.filter(programme=programme, status=EnrolmentStatus.ENROLLED)
    names = [str(row.user) for row in rows.select_related("user").order_by("asked_at", "pk")[: PEOPLE_AT_MOST + 1]]
    people, size = len(names), programme.max_size
    if not programme.min_size <= people <= PEOPLE_AT_MOST:
        return None
    most, proved = _fresh(people, programme.min_size, size)
    plan: MeetingPlan = kept_season(people, size, rounds)
    told = tuple(tuple(tuple(names[one] for one in group) for group in groups) for groups in plan.rounds)
    return SeasonPlan(people, programme.min_size, size, most, proved, rounds, plan.repeats, told)


def _fresh(people: int, least: int, most: int) -> tuple[int, bool]:
    """The most rounds that are known, over the sizes that circles may have; proved where there is one size alone."""
    plans: list[MeetingPlan] = [
        kept_longest(people, size)
        for size in range(max(2, least), most + 1)
        if people // -(-people // size) >= least or size == most
    ]
    best = max(plans, key=lambda plan: len(plan.rounds))
    return len(best.rounds), best.proved and least == most
