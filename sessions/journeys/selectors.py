"""Reads about journeys: which a circle can take, and what each session of one is for so many people and minutes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.models import Circle
from sessions.formats import library as formats
from sessions.formats.cards import Card, card_of
from sessions.formats.selectors import bar_of, formats_for, version_chosen
from sessions.formats.words import language
from sessions.journeys.library import journey_version_of, shipped_journeys
from sessions.models import CircleSession, FormatVersion, JourneyTaken, JourneyVersion, Leg
from sessions.rules.format import FormatRule
from sessions.rules.journey import Held, JourneyRule, JourneyStep, held, lacking

JOURNEYS_AT_MOST = 20


def own_journeys(circles: Sequence[Circle]) -> list[JourneyVersion]:
    """The newest version of each journey that these circles made and have not put away. One query."""
    later = JourneyVersion.objects.filter(journey=OuterRef("journey"), number__gt=OuterRef("number"))
    rows = JourneyVersion.objects.filter(~Exists(later), journey__circle__in=circles, journey__retired_at=None)
    return list(rows.select_related("journey__circle").order_by("journey")[: JOURNEYS_AT_MOST * 12])


def journeys_for(circle: Circle) -> list[tuple[str, JourneyRule]]:
    """What a circle can take, by the key a form names it with: its own, then those that are shipped."""
    return [(version.journey.ref, version.rule) for version in own_journeys([circle])] + list(
        shipped_journeys().items()
    )


def on_a_journey(circles: Collection[Circle]) -> set[int]:
    """Which of these circles are on one; they take no other. One query."""
    return set(JourneyTaken.objects.filter(circle__in=circles, left_at=None).values_list("circle", flat=True))


def journey_chosen(circle: Circle, key: str) -> JourneyVersion | None:
    """The present version of a journey that `journeys_for` lists; None for any other key."""
    if key in shipped_journeys():
        return journey_version_of(key)
    try:
        code = UUID(key)
    except ValueError:
        return None
    own = JourneyVersion.objects.filter(journey__circle=circle, journey__code=code, journey__retired_at=None)
    return own.select_related("journey").order_by("-number").first()


def formats_known(circle: Circle | None) -> Mapping[str, FormatRule]:
    """The formats that a journey can name: those of the library, and the own ones of the circle it is for."""
    return dict(formats_for(circle)) if circle else formats.rules()


def formats_said(
    definition: Mapping[str, Any],
    *,
    known: Collection[str],
    of: Circle | None,
    brought: Mapping[str, Any] | None = None,
) -> list[str]:
    """What becomes of the formats that a journey names where only `known` are there: which come along, which do not.

    One sentence each, with the sessions that name it. `of` is the circle whose journey it is: the name of another's
    format is told nobody. No query where nothing is missing.
    """
    missing = lacking(definition, known)
    coming = brought or {}
    names = {key: name_of(coming[key]) for key in missing if key in coming}
    names |= _names_of_own(of, missing.keys() - coming.keys())
    return [_one_said(names.get(key, ""), numbers, comes=key in coming) for key, numbers in missing.items()]


def _one_said(name: str, numbers: Sequence[int], *, comes: bool) -> str:
    at = ngettext("session %s", "sessions %s", len(numbers)) % ", ".join(map(str, numbers))
    if comes:
        return _("“%(name)s” came along (%(at)s).") % {"name": name, "at": at}
    if name:
        return _("“%(name)s” is archived and was left out (%(at)s).") % {"name": name, "at": at}
    return _("A format that is not there was left out (%s).") % at


def _names_of_own(circle: Circle | None, keys: Collection[str]) -> dict[str, str]:
    """The names of a circle's own formats, also of those that it has put away."""
    if circle is None or not keys:
        return {}
    rows = FormatVersion.objects.filter(format__circle=circle).select_related("format").order_by("number")
    return {one.format.ref: one.name for one in rows if one.format.ref in keys}


def name_of(definition: Mapping[str, Any]) -> str:
    """What a definition is called, in the reader's language, as long as a name may be."""
    names = definition.get("texts", {}).get("name", {})
    return str(names.get(language()) or next(iter(names.values()), ""))[:60]


@dataclass(frozen=True)
class StepLine:
    """One session of a journey as its page lists it: the format it would have, and for how long."""

    number: int
    step: JourneyStep
    held: Held | None
    rule: FormatRule | None
    card: Card | None
    bar: list[tuple[str, int]]
    # It names one that is not there any more.
    lacks: bool


def step_lines(journey: JourneyRule, known: Mapping[str, FormatRule], people: int, minutes: int) -> list[StepLine]:
    """The sessions in order, each worked out for so many people and minutes."""
    listed = []
    for number, step in enumerate(journey.steps, start=1):
        found = held(step, known, people, minutes)
        rule = known[found.format] if found else None
        bar = bar_of(rule, found.plan.segments) if found and rule else []
        lacks = any(key not in known for key in step.formats)
        listed.append(StepLine(number, step, found, rule, card_of(step.card), bar, lacks))
    return listed


def leg_of(session: CircleSession) -> Leg | None:
    """Which session of a journey this one is, if any. No query where the session was read with it (`access`)."""
    return getattr(session, "leg", None)


@dataclass(frozen=True)
class LegShown:
    """A session of a circle's journey as its date shows it: which it is of how many, what was left out before it."""

    leg: Leg
    number: int
    of: int
    left_out: Sequence[str]


def leg_shown(session: CircleSession) -> LegShown | None:
    """How a date says which session of a journey it is. One query, and none where it is of no journey."""
    leg = leg_of(session)
    return _shown(Leg.objects.filter(taken=leg.taken_id)).get(session.pk) if leg else None


def legs_shown(sessions: Iterable[CircleSession]) -> dict[int, LegShown]:
    """The same for dates of a circle that were read with it, by their ids. One query, and none without a journey."""
    taken = {leg.taken_id for one in sessions if (leg := leg_of(one))}
    return _shown(Leg.objects.filter(taken__in=taken)) if taken else {}


def _shown(rows: QuerySet[Leg]) -> dict[int, LegShown]:
    found: dict[int, LegShown] = {}
    left_out: list[str] = []
    before: Leg | None = None
    for leg in rows.select_related("version").order_by("taken", "place", "pk"):
        if before is None or before.taken_id != leg.taken_id or before.skipped_at is None:
            left_out = []
        if leg.skipped_at is not None:
            left_out = [*left_out, leg.theme]
        elif leg.session_id is not None:
            found[leg.session_id] = LegShown(leg, leg.place + 1, len(leg.version.rule.steps), left_out)
        before = leg
    return found


def for_who_came(session: CircleSession, people: int) -> tuple[FormatVersion, str]:
    """What a session is held in by those who came, and what gives: as planned where that fits.

    One of a journey otherwise takes what the journey has for so many, and what has to give gives by itself: whoever
    starts a circle without anybody to lead it is asked no question of planning.
    """
    planned, leg = session.format_version, leg_of(session)
    if leg is None:
        return planned, session.fit
    # Asked first without a look at the other formats: the lobby asks at each of its looks, and mostly it fits.
    ref = planned.format.ref
    if as_planned := held(JourneyStep((ref,)), {ref: planned.rule}, people, session.minutes):
        return planned, as_planned.how
    found = held(leg.step, formats_known(session.circle), people, session.minutes)
    version = version_chosen(session.circle, found.format) if found else None
    return version or planned, found.how if found and version else session.fit
