"""Those who asked for a place after circles were made: which of the circles there are would take them as they are.

Nobody who has a circle is moved for it. What somebody asked in confidence changes nothing here, as in all that is done
by hand: the choice is the administrator's, and whoever is invited sees who is in the circle and can say no.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules.zones import to_instant
from circles.models import Invitation, Membership
from programmes.counting_selectors import facilitators_of
from programmes.engine_selectors import met_before, people_for_engine
from programmes.enums import EnrolmentStatus
from programmes.forming.model import MUST, Person, Problem
from programmes.forming.moves import Scales, places_for, places_for_all
from programmes.forming.strengths import rules_for
from programmes.forming.tally import bosses_of, breaches
from programmes.forming_selectors import Placed, persons, rules_of
from programmes.models import Enrolment, LatePlace, Programme, RoundCircle
from programmes.moving_selectors import term_words
from programmes.places_selectors import is_in_circle
from programmes.rules.forming import QUARTER, FitRules
from sessions.models import CircleSession, coming

PEOPLE_A_PAGE = 20
SHOWN = 3


@dataclass(frozen=True)
class LateCircle:
    """An open circle of the programme: who is in it or may still come in, and how many seats are free.

    `members` are keys of enrolments; of somebody who is in the circle and not in the programme, less than nothing.
    """

    row: RoundCircle
    members: tuple[int, ...]
    seats: int
    lacks: int
    # Addresses of those who look after it.
    looked_after: frozenset[str]
    next: CircleSession | None

    @property
    def words(self) -> str:
        """How full it is and when it meets next."""
        n = len(self.members)
        said = [ngettext("%(n)s person", "%(n)s people", n) % {"n": n}]
        said.append(ngettext("%(n)s seat free", "%(n)s seats free", self.seats) % {"n": self.seats})
        if self.lacks:
            said.append(_("%(n)s fewer than this programme wants") % {"n": self.lacks})
        if self.next:
            said.append(_("meets next on %s") % date_format(self.next.local_date, "l j F"))
        return ", ".join(said)


@dataclass(frozen=True)
class LateChoice:
    """A circle that would take somebody, and what would be less good there than before."""

    circle: LateCircle
    worse: tuple[str, ...]

    @property
    def label(self) -> str:
        """As one of several to choose from."""
        meets = self.circle.next
        when = date_format(datetime.combine(meets.local_date, meets.local_time), "l H:i") if meets else ""
        return ", ".join(one for one in (self.circle.row.circle.name, when, *self.worse) if one)


@dataclass(frozen=True)
class LatePerson:
    """Somebody who came late: the circle that is being asked, or those that would take them, the best first."""

    placed: Placed
    asked: LatePlace | None
    choices: tuple[LateChoice, ...]
    proposed: LateChoice | None


@dataclass(frozen=True)
class Late:
    """The open circles of a programme and those who came late, as the engine weighs them."""

    circles: list[LateCircle]
    people: list[Placed]
    problem: Problem
    not_into: Mapping[int, frozenset[int]]
    asked: Mapping[int, LatePlace]

    @property
    def standing(self) -> list[tuple[int, ...]]:
        """The circles by keys, with those in them for whom the circle has been asked already."""
        coming_in = {one.enrolment_id: one.of_id for one in self.asked.values()}
        return [
            (*circle.members, *(who for who, of in coming_in.items() if of == circle.row.pk)) for circle in self.circles
        ]


def late_people(programme: Programme) -> Any:
    """Who has asked for a place and is in no circle, in turn; on a board that is open they may stand as well."""
    rows = Enrolment.objects.filter(~is_in_circle(programme), programme=programme, status=EnrolmentStatus.ENROLLED)
    return rows.select_related("user", "vault").order_by("asked_at", "pk")


def late_of(programme: Programme, enrolments: Sequence[Enrolment], *, now: datetime) -> Late:
    """What there is to say of some people who came late. Eleven queries, however many circles and people."""
    rules = rules_of(programme, now.date())
    made = RoundCircle.objects.filter(round__programme=programme, circle__closed_at=None)
    rows = list(made.select_related("circle", "round").order_by("circle__name", "pk"))
    by_user = {one.user_id: one for one in _in_circles(programme)}
    by_email = {one.user.email.lower(): one for one in by_user.values()}
    members = _members(rows, by_user)
    invited = _invited(rows, by_email, now)
    asked = list(LatePlace.objects.filter(of__in=rows).select_related("of__circle", "enrolment__user"))
    waiting = {one.enrolment_id: one for one in asked if one.yes is None}
    held: dict[int, list[int]] = defaultdict(list)
    for one in waiting.values():
        held[one.of_id].append(one.enrolment_id)
    dates = _next_dates(rows, now)
    led = facilitators_of([row.circle_id for row in rows])
    circles = []
    for row in rows:
        here = (*members[row.circle_id], *invited[row.circle_id])
        taken = len(here) + len(held[row.pk])
        most = min(row.circle.max_size, programme.max_size)
        emails = frozenset(user.email.lower() for user in led[row.circle_id])
        circles.append(
            LateCircle(
                row,
                tuple(here),
                max(0, most - taken),
                max(0, programme.min_size - taken),
                emails,
                dates.get(row.circle_id),
            )
        )
    inside = {pk for circle in circles for pk in circle.members}
    everybody = [*(one for one in by_user.values() if one.pk in inside), *enrolments]
    # By key: somebody for whom a circle is asked may be among those who are looked at.
    everybody = list({one.pk: one for one in [*everybody, *(one.enrolment for one in waiting.values())]}.values())
    known = persons(everybody)
    placed = [Placed(one, known[one.pk]) for one in everybody]
    problem = _problem(programme, placed, circles, rules)
    late = [one for one in placed if one.enrolment.pk in {one.pk for one in enrolments}]
    return Late(circles, late, problem, _not_into(circles, late, asked), waiting)


def _in_circles(programme: Programme) -> Any:
    rows = Enrolment.objects.filter(programme=programme).exclude(status=EnrolmentStatus.WITHDRAWN)
    return rows.select_related("user", "vault")


def _members(rows: Sequence[RoundCircle], by_user: Mapping[int, Enrolment]) -> dict[int, list[int]]:
    """By circle, who has a seat: keys of enrolments, and of whoever is not in the programme a number below zero."""
    found: dict[int, list[int]] = defaultdict(list)
    seats = Membership.objects.filter(circle__in=[row.circle_id for row in rows], left_at=None, takes_part=True)
    for circle, user in seats.order_by("pk").values_list("circle", "user"):
        found[circle].append(by_user[user].pk if user in by_user else -user)
    return found


def _invited(rows: Sequence[RoundCircle], by_email: Mapping[str, Enrolment], now: datetime) -> dict[int, list[int]]:
    """By circle, who can still come in by an invitation; whoever is in no programme by a number below zero."""
    found: dict[int, list[int]] = defaultdict(list)
    open_ones = Invitation.objects.filter(circle__in=[row.circle_id for row in rows], used_at=None, revoked_at=None)
    for pk, circle, email in open_ones.filter(expires_at__gt=now).order_by("pk").values_list("pk", "circle", "email"):
        # So far below zero that it never meets the number of a member without a place in the programme.
        found[circle].append(by_email[email].pk if email in by_email else -(10**9) - pk)
    return found


def _next_dates(rows: Sequence[RoundCircle], now: datetime) -> dict[int, CircleSession]:
    """By circle, its next session that is not the one to practise."""
    dates: dict[int, CircleSession] = {}
    ahead = CircleSession.objects.filter(coming(now), circle__in=[row.circle_id for row in rows], practice=False)
    for one in ahead.order_by("-starts_at", "-pk"):
        dates[one.circle_id] = one
    return dates


def _problem(programme: Programme, people: Sequence[Placed], circles: Sequence[LateCircle], rules: FitRules) -> Problem:
    """People as the engine knows them. Circles that meet ask for their hour, whatever hours their people once named."""
    told = {one.id: one for one in people_for_engine(people, rules, proposing=None)}
    for circle in circles:
        for who in circle.members:
            told.setdefault(who, Person(who))
        if circle.next and circle.members:
            # One of them carries the hour for all: the others could at any time, so that hour is what they share.
            begins = frozenset([quarter_of(circle.next, rules)])
            for who in circle.members:
                told[who] = replace(told[who], slots=None)
            told[circle.members[0]] = replace(told[circle.members[0]], slots=begins)
    wanted = rules_for(programme.forming, programme.min_size, programme.max_size)
    # Nobody is invited into a circle with their own manager, whatever the rules say; one hour is what a circle has.
    up = wanted.managers_up if wanted.manager == MUST else 1
    wanted = replace(wanted, manager=MUST, managers_up=up, choice=0)
    number = max((circle.row.round.number for circle in circles), default=0) + 1
    met = met_before(programme, people, number)
    return Problem(tuple(told.values()), wanted, met)


def quarter_of(session: CircleSession, rules: FitRules) -> int:
    """At which quarter of the week, from Monday in the zone of the rules, a session begins."""
    monday = rules.week - timedelta(days=rules.week.weekday())
    begin = to_instant(datetime.combine(monday, time()), rules.zone)
    day = monday + timedelta(days=session.local_date.weekday())
    at = to_instant(datetime.combine(day, session.local_time), session.zone)
    return int((at - begin) // QUARTER) % (7 * 24 * 4)


def _not_into(
    circles: Sequence[LateCircle], late: Sequence[Placed], asked: Iterable[LatePlace]
) -> dict[int, frozenset[int]]:
    """By person, the positions of circles they are not to be put into: asked before, full, or their manager's."""
    before = {(one.enrolment_id, one.of_id) for one in asked}
    found = {}
    for one in late:
        key, boss = one.enrolment.pk, one.person.manager
        shut = {
            at
            for at, circle in enumerate(circles)
            if not circle.seats
            or not circle.looked_after
            or (key, circle.row.pk) in before
            or boss in circle.looked_after
            or key in circle.members
        }
        found[key] = frozenset(shut)
    return found


def people_late(late: Late, programme: Programme) -> list[LatePerson]:
    """Those who came late, each with the circles that would take them; one is proposed where nothing was told in
    confidence, and then for all of them together."""
    circles = late.standing
    free = [one.enrolment.pk for one in late.people if one.enrolment.pk not in late.asked]
    seats = [circle.seats for circle in late.circles]
    # Each circle is looked at once, with each of these people once, however often it is asked.
    scales = Scales(late.problem)
    proposed = {} if programme.in_confidence else places_for_all(circles, seats, free, scales, late.not_into)
    found = []
    for one in late.people:
        key = one.enrolment.pk
        asked = late.asked.get(key)
        open_to = [] if asked else [at for at in places_for(circles, key, scales) if at not in late.not_into[key]]
        first = proposed.get(key)
        order = open_to if first is None else [first, *(at for at in open_to if at != first)]
        choices = {at: _choice(late, circles[at], at, key, scales) for at in order[:SHOWN]}
        found.append(LatePerson(one, asked, tuple(choices.values()), None if first is None else choices[first]))
    return found


def _choice(late: Late, circle: tuple[int, ...], at: int, who: int, scales: Scales) -> LateChoice:
    rules = late.problem.rules
    before, after = scales.breaking(circle), scales.breaking((*circle, who))
    worse = []
    for term, words in term_words(rules).items():
        more = after[term] - before[term]
        if more > 0 and getattr(rules, term):
            worse.append(words(more, True).removesuffix("."))
    return LateChoice(late.circles[at], tuple(worse))


def late_page(programme: Programme, page: str | None, *, now: datetime) -> dict[str, Any]:
    """The page of those who came late: some of them with their places, and the circles that have a seat."""
    people = Paginator(late_people(programme), PEOPLE_A_PAGE).get_page(page)
    late = late_of(programme, list(people), now=now)
    rows = people_late(late, programme)
    free = [circle for circle in late.circles if circle.seats and circle.looked_after]
    return {
        "programme": programme,
        "leads": True,
        "page": people,
        "rows": rows,
        "to_ask": sum(row.proposed is not None for row in rows),
        "free": sorted(free, key=lambda circle: (-circle.lacks, circle.row.circle.name)),
        "over": programme.is_over(now),
    }


def managed_there(late: Late, enrolment: Enrolment, at: int) -> bool:
    """Whether somebody would be with or under their own manager, or the manager of one of them, in that circle."""
    by_id, bosses = {one.id: one for one in late.problem.people}, bosses_of(late.problem.people)
    here = [by_id[one] for one in late.circles[at].members]
    counted = [
        breaches(some, late.problem.rules, {}, bosses)["manager"] for some in (here, [*here, by_id[enrolment.pk]])
    ]
    person = next(one.person for one in late.people if one.enrolment.pk == enrolment.pk)
    return counted[1] > counted[0] or person.manager in late.circles[at].looked_after


def late_place_page(asked: LatePlace, *, now: datetime) -> dict[str, Any]:
    """What those who look after a circle read before they answer: how full it is, and that the person asks now."""
    programme = asked.of.round.programme
    seats = Membership.objects.filter(circle=asked.of.circle, left_at=None, takes_part=True).count()
    return {
        "asked": asked,
        "circle": asked.of.circle,
        "seats": seats,
        "asks": asked.yes is None and late_people(programme).filter(pk=asked.enrolment_id).exists(),
        "over": programme.is_over(now),
    }
