"""Reads about the shelf: what stands there, what a circle could lend, and what it is asked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.statements import FixedStatement
from agreements.enums import Stance
from agreements.rules.adopting import Stances, Verdict, counts_from, verdict
from agreements.selectors import in_force
from agreements.stance_services import ring_ids, stances_of
from circles.access import Seat
from circles.models import Circle, Membership
from circles.sealed import Unreadable
from circles.selectors import circles_for, ring_of
from sessions.enums import ShelfKind
from sessions.formats.library import rules
from sessions.formats.selectors import StageLine, look, own_formats, stage_line
from sessions.formats.words import language
from sessions.journeys.selectors import formats_known, formats_said, name_of, own_journeys
from sessions.models import JourneyVersion, ShelfAnswer, ShelfItem
from sessions.rules.format import FormatRule
from sessions.rules.journey import JourneyRule, passing_over, renamed
from sessions.shelf.access import ItemSeat, items_lent
from sessions.shelf.lendable import Lendable

A_PAGE = 20
USUAL_PEOPLE = 5


@dataclass(frozen=True)
class OnShelf:
    """Something on the shelf as lists and pages show it."""

    item: ShelfItem
    name: str
    line: str
    rule: FormatRule | JourneyRule | None

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return str(ShelfKind(self.item.kind).label)


def shown(item: ShelfItem) -> OnShelf:
    """One thing with its name, and a line on what it is."""
    rule = item.rule
    line = rule.text("summary", language()) if rule else str(item.text)
    return OnShelf(item, item.name, line, rule)


def on_the_shelf(kind: str, page: str | None) -> Page[ShelfItem]:
    """What stands on the shelf, of one kind if one is named, the latest first, by pages. Two queries."""
    rows = items_lent()
    if kind in ShelfKind.values:
        rows = rows.filter(kind=kind)
    return Paginator(rows, A_PAGE).get_page(page)


@dataclass(frozen=True)
class ToLend:
    """Something that a circle could lend, by the key a form names it with."""

    key: str
    name: str
    thing: Lendable
    # What a journey goes without, said to whoever asks.
    left_out: Sequence[str] = ()


def lendable_in(circle: Circle) -> list[ToLend]:
    """The circle's own formats and journeys, and the clauses of its agreement; not what is asked or lent already."""
    formats = own_formats([circle])
    own = {one.format.ref: one.definition for one in formats}
    found = [
        ToLend(f"format-{one.format.ref}", one.name, Lendable(ShelfKind.FORMAT, one.definition)) for one in formats
    ]
    known = {*own, *rules()}
    for version in own_journeys([circle]):
        if _is_whole(version.rule, known):
            said = formats_said(version.definition, known=known, of=circle)
            found.append(ToLend(f"journey-{version.journey.ref}", version.name, _journey(version, own), said))
    for clause in in_force(circle)[1]:
        if isinstance(clause.text, Unreadable):
            continue
        thing = Lendable(ShelfKind.CLAUSE, theme=clause.theme, text=str(clause.text))
        found.append(ToLend(f"clause-{clause.line}", str(clause.text), thing))
    there = set(ShelfItem.objects.filter(circle=circle).values_list("digest", flat=True))
    return [one for one in found if circle.vault.digest(one.thing.said) not in there]


def _is_whole(journey: JourneyRule, known: Collection[str]) -> bool:
    """Whether each session has a format that is in use still: else nobody who takes it could hold it."""
    return all(not set(step.formats).isdisjoint(known) for step in journey.steps)


def _journey(version: JourneyVersion, own: dict[str, Any]) -> Lendable:
    """A journey with the own formats it names, which get names of their own: a code would be the circle's.

    One that was put away is passed over, as when a session is planned.
    """
    whole = passing_over(version.definition, {*own, *rules()})
    named = dict.fromkeys(key for step in whole["sessions"] for key in step["formats"])
    names = {key: f"own_{at}" for at, key in enumerate((key for key in named if key in own), start=1)}
    definition = renamed(whole, names)
    return Lendable(ShelfKind.JOURNEY, definition, {name: own[key] for key, name in names.items()})


def circle_shelf_page(seat: Seat) -> dict[str, Any]:
    """What a circle lends and is asked about, and whether its reader has said something to each. Three queries."""
    mine = ShelfAnswer.objects.filter(item=OuterRef("pk"), user=seat.user).exclude(stance=Stance.NONE)
    rows = ShelfItem.objects.filter(circle=seat.circle).annotate(said=Exists(mine)).select_related("by")
    found = [(shown(one), one.said) for one in rows.order_by("-asked_at", "pk")]
    return {
        "seat": seat,
        "circle": seat.circle,
        "asked": [(one, said) for one, said in found if not one.item.lent_at],
        "lent": [one for one, _said in found if one.item.lent_at],
    }


def items_to_answer(user: User) -> QuerySet[ShelfItem]:
    """What a circle is asked to lend and a person with a seat has said nothing about, without what it is; lazy."""
    told = ShelfAnswer.objects.filter(item=OuterRef("pk"), user=user).exclude(stance=Stance.NONE)
    seated = Membership.objects.filter(
        circle=OuterRef("circle"), user=user, left_at=None, takes_part=True, circle__closed_at=None
    )
    rows = ShelfItem.objects.filter(Exists(seated), ~Exists(told), lent_at=None).select_related("circle", "by")
    return rows.defer("definition", "formats", "text", "helped").order_by("asked_at", "pk")


def people_asked(circle: Circle) -> list[User]:
    """Who has a say in what leaves the circle, and hears of it: those with a seat who can sign in."""
    return [user for user in ring_of(circle) if user.is_active]


def said_of(item: ShelfItem, *, members: Iterable[int], answers: Sequence[ShelfAnswer]) -> Stances:
    """What the rule of the agreement looks at."""
    return stances_of(answers, members=members, made_at=item.asked_at, days=item.days, talked_at=item.talked_at)


def asked_until(item: ShelfItem) -> datetime:
    """When it would stand on the shelf if nobody raises a concern, or until when those who were there decide."""
    answers = list(ShelfAnswer.objects.filter(item=item))
    return counts_from(said_of(item, members=ring_ids(item.circle_id), answers=answers))


def asked_page(seat: ItemSeat, *, now: datetime) -> dict[str, Any]:
    """One thing that a circle is asked to lend: what it is, what everybody says, when it would stand on the shelf."""
    item = seat.item
    answers = list(ShelfAnswer.objects.filter(item=item).select_related("user", "vault"))
    said = {row.user_id: row for row in answers}
    facts = said_of(item, members=ring_ids(seat.circle.pk), answers=answers)
    stands = verdict(facts, now=now)
    mine = said.get(seat.user.pk)
    return {
        "seat": seat,
        "circle": seat.circle,
        "one": shown(item),
        "answers": [(user, said.get(user.pk)) for user in ring_of(seat.circle)],
        # What was said before somebody came stays with those who were there.
        "unheard": {row.pk for row in answers if not seat.saw(row.at)},
        "mine": mine,
        "stands": stands.value,
        "counts_from": counts_from(facts),
        "asked_to_decide": stands == Verdict.DECIDE and bool(mine and mine.was_there),
        "may_answer": item.lent_at is None and seat.is_open,
    }


def stages_of(rule: FormatRule) -> list[StageLine]:
    """The stages of a format in order, as its page lists them."""
    stages = [rule.opening, *(stage for block in rule.blocks for stage in block.stages), *rule.ending]
    return [stage_line(stage) for stage in stages]


def minutes_of(rule: FormatRule) -> tuple[int, int]:
    """For how many people a format is shown, and its minutes."""
    found = look("", rule, USUAL_PEOPLE)
    return found.people, found.minutes


def steps_of(item: ShelfItem) -> list[tuple[Any, list[str]]]:
    """The sessions of a journey with the names of their formats, those it brings along too."""
    rule = item.rule
    if not isinstance(rule, JourneyRule):
        return []
    known = rules()

    def name(key: str) -> str:
        return known[key].text("name", language()) if key in known else name_of(item.formats.get(key, {}))

    return [(step, [said for key in step.formats if (said := name(key))]) for step in rule.steps]


def kinds() -> list[tuple[str, str]]:
    """What can be asked for on the shelf, with a word for each."""
    return [
        (ShelfKind.FORMAT.value, _("Formats")),
        (ShelfKind.JOURNEY.value, _("Journeys")),
        (ShelfKind.CLAUSE.value, _("Clauses")),
    ]


def seats_of(user: User) -> list[Membership]:
    """The open circles in which somebody has a say in what is lent."""
    return [one for one in circles_for(user) if one.takes_part]


def formats_of_copy(thing: Lendable, circle: Circle) -> list[str]:
    """What becomes of the formats of a journey where this circle takes a copy; nothing to say of anything else."""
    if thing.kind != ShelfKind.JOURNEY or thing.definition is None:
        return []
    return formats_said(thing.definition, known=formats_known(circle), of=None, brought=thing.formats)


def takers_of(kind: str, user: User) -> list[Circle]:
    """For which circles somebody can take a copy: those they run; a clause, those in which they have a say."""
    seats: Sequence[Membership] = circles_for(user)
    return [one.circle for one in seats if (one.takes_part if kind == ShelfKind.CLAUSE else one.runs)]


def lending_to_talk_about(seat: Seat) -> list[ShelfItem]:
    """What a session opens with: asked, with a concern, and not talked about yet. One query."""
    return _to_talk_about(seat.circle)


@FixedStatement
def _to_talk_about(circle: Circle) -> QuerySet[ShelfItem]:
    worried = ShelfAnswer.objects.filter(item=OuterRef("pk"), stance=Stance.CONCERN)
    rows = ShelfItem.objects.filter(Exists(worried), circle=circle, lent_at=None, talked_at=None)
    return rows.select_related("by").order_by("asked_at", "pk")
