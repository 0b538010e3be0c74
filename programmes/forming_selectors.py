"""Reads for the board on which circles are made: who is placed where, how it fits, what is still missing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.selectors import availability_of
from circles.rules.addresses import read_addresses
from circles.sealed import Unreadable
from programmes.enums import EnrolmentStatus
from programmes.models import DraftCircle, Enrolment, FacilitatorAsked, Placement, Programme, Round
from programmes.participation_selectors import Carries, carried, carrying
from programmes.rules.forming import Candidate, CircleFit, FitRemark, FitRules, Flaw, WeeklyHours, fit_of

NAMES = (
    "Alder", "Birch", "Cedar", "Elm", "Hazel", "Holly", "Juniper", "Linden", "Maple", "Rowan", "Spruce", "Willow",
    "Aspen", "Beech", "Cherry", "Cypress", "Fir", "Hawthorn", "Laurel", "Oak", "Olive", "Pine", "Plane", "Poplar",
)  # fmt: skip
# A board with more people would no longer fit a page.
PEOPLE_ON_A_BOARD = 600
BLOCKS_TOLD = 8


@dataclass(frozen=True)
class Placed:
    """One person on the board."""

    enrolment: Enrolment
    person: Candidate
    # Stays where they are, whatever is proposed.
    pinned: bool = False

    @property
    def about(self) -> str:
        """What stands beside a name on the board: function and place, of which either may be missing."""
        return ", ".join(one for one in (self.person.function, self.person.location) if one)

    @property
    def wishes(self) -> str:
        """With whom they would like to be, as they wrote it."""
        return ", ".join(sorted(self.person.together))

    @property
    def is_readable(self) -> bool:
        """Whether everything they said can be read: a rule that cannot be asked must not be taken as kept."""
        row = self.enrolment
        return not any(isinstance(getattr(row, name), Unreadable) for name in ("attributes", "together", "apart"))


@dataclass(frozen=True)
class BoardCircle:
    """One circle on the board: who is in it, how it fits, when it would first meet."""

    draft: DraftCircle
    people: list[Placed]
    fit: CircleFit
    first: datetime | None
    # The question that was put to whoever is chosen to look after it.
    asked: FacilitatorAsked | None = None
    # Other circles of the board that the same person would look after at the same hour.
    meets: tuple[str, ...] = ()

    @cached_property
    def blocks(self) -> list[str]:
        """What has to be settled before it can be published, in words."""
        said = [
            (len(self.people) < 2, _("Put at least two people into it.")),
            (len(self.people) > 12, _("A circle holds twelve people at most.")),
            # Whoever chooses day and time themself knows what the hours say.
            (bool(self.unfit) and not (self.draft.first_on and self.draft.first_at), self.unfit),
            *((True, words_of(one)) for one in self.managed),
            (bool(self.managed_from_outside), self.managed_from_outside),
            (not (self.draft.facilitator and self.draft.facilitator.is_active), _("Choose who looks after it.")),
            (bool(self.waits_for), _("%s has not said yet whether they look after it.") % self.waits_for),
            (self.first is None, _("Choose a day and a time for the first session.")),
        ]
        return [words for is_so, words in said if is_so]

    @property
    def waits_for(self) -> str:
        """The name of whoever is chosen to look after it and has not said yes; empty for nobody."""
        chosen = self.draft.facilitator
        return str(chosen) if chosen and not (self.asked and self.asked.yes) else ""

    @property
    def managed(self) -> list[FitRemark]:
        """Who of them answers to whom: the one remark that keeps a circle from being made."""
        return [remark for remark in self.fit.warnings if remark.flaw == Flaw.MANAGED]

    @property
    def managed_from_outside(self) -> str:
        """Who would be looked after by their own manager, in words, or empty."""
        boss = self.draft.facilitator
        if boss is None:
            return ""
        names = [one.person.name for one in self.people if one.person.manager == boss.email.lower()]
        told = {"who": ", ".join(names), "boss": boss}
        return _("%(who)s reports to %(boss)s, who would look after it. Choose somebody else.") % told if names else ""

    @property
    def managers_here(self) -> str:
        """What the invitation may say of who manages whom; empty where not everybody has told."""
        everybody = all(one.person.manager for one in self.people)
        return nobody_manages_words() if everybody and not self.managed else ""

    @property
    def unfit(self) -> str:
        """The one sentence that says that these people do not fit together, or empty."""
        return unfit_words() if Flaw.UNFIT in {remark.flaw for remark in self.fit.warnings} else ""

    @property
    def warnings(self) -> list[str]:
        """What does not fit, in words; that nobody has time is told apart from it."""
        found = [words_of(remark) for remark in self.fit.warnings if remark.flaw != Flaw.UNFIT]
        told = {"boss": self.draft.facilitator, "others": ", ".join(self.meets)}
        at_once = _("%(boss)s would look after %(others)s at the same hour.") % told if self.meets else ""
        return found + [words for words in [self.managed_from_outside, at_once] if words]

    @property
    def reasons(self) -> list[str]:
        """What speaks for it, in words."""
        found = []
        if self.fit.common:
            start, end = self.fit.common
            found.append(
                _("Share %(day)s to %(end)s") % {"day": date_format(start, "D H:i"), "end": date_format(end, "H:i")}
            )
        if number := self.fit.variety.get("location"):
            found.append(_("%(n)s locations") % {"n": number})
        if number := self.fit.variety.get("function"):
            found.append(_("%(n)s functions") % {"n": number})
        if self.fit.wishes:
            found.append(
                ngettext("%(n)s is with somebody they named", "%(n)s are with somebody they named", self.fit.wishes)
                % {"n": self.fit.wishes}
            )
        if self.fit.no_reporting:
            found.append(_("No reporting lines"))
        return found


def nobody_manages_words() -> str:
    """What the invitation to a circle says of who manages whom, where everybody in it has told."""
    return _("Nobody, by what they all told the programme.")


def unfit_words() -> str:
    """Also said where a wish told in confidence would be the reason: nothing else may tell it."""
    return _("No time of the week suits all of them. Move somebody.")


def unreadable_words() -> str:
    """Said where a key is missing: a circle made unread could put somebody together with their boss."""
    return _(
        "What people told the programme cannot be read at the moment, so nobody can tell who manages whom. Ask whoever "
        "runs the server; circles can be made once it can be read."
    )


def words_of(remark: FitRemark) -> str:
    """A remark about a circle, in words."""
    names = ", ".join(remark.names)
    said = {"who": names, "what": remark.what, "one": (*remark.names, "")[0], "other": (*remark.names, "", "")[1]}
    return WORDS[remark.flaw]() % said


WORDS: Mapping[Flaw, Callable[[], str]] = {
    Flaw.MANAGED: lambda: _(
        "%(one)s reports to %(other)s. People speak more freely when nobody here manages anyone else here. "
        "Move one of them."
    ),
    Flaw.UNFIT: unfit_words,
    Flaw.SIZE: lambda: _("Not the size this programme wants."),
    Flaw.LANGUAGE: lambda: _("They named no language that all of them speak."),
    Flaw.LONE: lambda: _("%(who)s would be the only one: %(what)s."),
    Flaw.SAME: lambda: _("%(who)s work in the same department: %(what)s."),
}


@dataclass(frozen=True)
class Board:
    """A round as it stands on the board."""

    round: Round
    pots: list[BoardCircle]
    unplaced: list[Placed]
    may_facilitate: list[Carries]
    more: int

    @cached_property
    def everybody(self) -> list[Placed]:
        """All people of the board: those who wait, then circle by circle."""
        return [*self.unplaced, *(one for pot in self.pots for one in pot.people)]

    @property
    def placed(self) -> int:
        """How many people are in a draft of a circle."""
        return sum(len(pot.people) for pot in self.pots)

    @property
    def to_ask(self) -> int:
        """How many are chosen to look after a circle and have not been asked."""
        return len({pot.draft.facilitator_id for pot in self.pots if pot.waits_for and pot.asked is None})

    @cached_property
    def is_readable(self) -> bool:
        """Whether what everybody on the board told could be opened; no circle is made otherwise."""
        return all(one.is_readable for one in self.everybody)

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """What stands in the way of publishing, by circle."""
        return [(pot.draft.name, words) for pot in self.pots for words in pot.blocks]

    @property
    def blocks_more(self) -> int:
        """How many are not among those told above the board."""
        return max(0, len(self.blocks) - BLOCKS_TOLD)


def rules_of(programme: Programme, week: date) -> FitRules:
    """What circles of the programme have to keep to; `week` is one whose clocks show when hours meet."""
    return FitRules(programme.min_size, programme.max_size, programme.minutes, programme.time_zone, week)


def board_of(round_: Round) -> Board:
    """Who asked to take part and where they are placed. Eight queries, however many people and circles."""
    programme = round_.programme
    drafts = list(DraftCircle.objects.filter(round=round_).select_related("facilitator").order_by("name", "pk"))
    rows_at = Placement.objects.filter(round=round_).values_list("enrolment_id", "draft_id", "pinned")
    at = {enrolment: (draft, pinned) for enrolment, draft, pinned in rows_at}
    # Whoever withdrew or waits meanwhile is not on it, also where a board that stood open placed them.
    rows = Enrolment.objects.filter(status=EnrolmentStatus.ENROLLED, programme=programme)
    enrolments = list(rows.select_related("user", "vault").order_by("asked_at", "pk")[: PEOPLE_ON_A_BOARD + 1])
    people = persons(enrolments[:PEOPLE_ON_A_BOARD])
    by_draft: dict[int | None, list[Placed]] = defaultdict(list)
    for enrolment in enrolments[:PEOPLE_ON_A_BOARD]:
        draft, pinned = at.get(enrolment.pk, (None, False))
        by_draft[draft].append(Placed(enrolment, people[enrolment.pk], pinned))
    rules = rules_of(programme, round_.first_on)
    asked = {row.user_id: row for row in FacilitatorAsked.objects.filter(round=round_, circle=None)}
    pots = _at_once([_pot(draft, by_draft[draft.pk], rules, round_, asked) for draft in drafts])
    return Board(round_, pots, by_draft[None], may_look_after(programme), _more(enrolments))


def _at_once(pots: list[BoardCircle]) -> list[BoardCircle]:
    """The circles with those named that the same person would look after at the same hour."""
    at: dict[tuple[int | None, datetime | None], list[str]] = defaultdict(list)
    for pot in pots:
        at[pot.draft.facilitator_id, pot.first].append(pot.draft.name)
    return [
        replace(pot, meets=tuple(name for name in at[pot.draft.facilitator_id, pot.first] if name != pot.draft.name))
        if pot.draft.facilitator_id and pot.first
        else pot
        for pot in pots
    ]


def _more(enrolments: list[Enrolment]) -> int:
    return max(0, len(enrolments) - PEOPLE_ON_A_BOARD)


def _pot(
    draft: DraftCircle, people: list[Placed], rules: FitRules, round_: Round, asked: Mapping[int, FacilitatorAsked]
) -> BoardCircle:
    fit = fit_of([one.person for one in people], rules)
    return BoardCircle(draft, people, fit, _first(draft, fit, round_.first_on), asked.get(draft.facilitator_id or 0))


def _first(draft: DraftCircle, fit: CircleFit, first_on: date) -> datetime | None:
    """When a circle would first meet, in wall time: as chosen, or at the time all share, from the round's day on."""
    if draft.first_on and draft.first_at:
        return datetime.combine(draft.first_on, draft.first_at)
    if fit.common is None:
        return None
    start = fit.common[0]
    day = draft.first_on or first_on + timedelta(days=(start.weekday() - first_on.weekday()) % 7)
    return datetime.combine(day, draft.first_at or time(start.hour, start.minute))


def persons(enrolments: Iterable[Enrolment]) -> dict[int, Candidate]:
    """What forming knows of people, by enrolment. One query."""
    rows = list(enrolments)
    named = availability_of([row.user for row in rows])
    return {
        row.pk: _person(row, tuple(WeeklyHours(one.weekday, one.start, one.end) for one in named.get(row.user_id, ())))
        for row in rows
    }


def _person(row: Enrolment, stretches: tuple[WeeklyHours, ...]) -> Candidate:
    facts = row.facts
    spoken = {word.strip().casefold() for word in facts.get("languages", "").replace(";", ",").split(",")}
    return Candidate(
        row.pk,
        str(row.user),
        row.user.email,
        row.user.time_zone,
        stretches,
        facts.get("function", ""),
        facts.get("location", ""),
        facts.get("level", ""),
        facts.get("manager", "").lower(),
        frozenset(spoken - {""}),
        _addresses(row.together),
        None if isinstance(row.apart, Unreadable) else _addresses(row.apart),
    )


def _addresses(text: str) -> frozenset[str]:
    return frozenset() if isinstance(text, Unreadable) else frozenset(read_addresses(text).good)


def may_look_after(programme: Programme) -> list[Carries]:
    """Administrators, people who offered to, and those who do already, with the number of circles they carry."""
    carry = {one.user.pk: one for one in carried(carrying(programme))}
    users: dict[int, User] = {row.user_id: row.user for row in programme.admins.select_related("user")}
    offered = Enrolment.objects.filter(programme=programme, may_facilitate=True)
    users |= {row.user_id: row.user for row in offered.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("user")}
    users |= {one.user.pk: one.user for one in carry.values()}
    found = [carry.get(user.pk, Carries(user, 0, 0)) for user in users.values() if user.is_active]
    return sorted(found, key=lambda one: str(one.user))


def open_round(programme: Programme) -> Round | None:
    """The round whose circles are being made, if any."""
    found: Round | None = programme.rounds.filter(published_at=None).first()
    if found:
        found.programme = programme
    return found
