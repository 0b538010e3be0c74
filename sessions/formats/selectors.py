"""Reads about formats: which a circle can take, and what one looks like for so many people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language

from accounts.models import User
from accounts.statements import FixedStatement
from circles.models import Circle
from sessions.formats import words
from sessions.formats.cards import Card, card_of, principle_of
from sessions.formats.library import rules, version_of
from sessions.models import CardRead, FormatVersion
from sessions.rules.format import Block, FormatRule, Stage
from sessions.rules.format_search import fits
from sessions.rules.seating import longest
from sessions.rules.timeline import Plan, Segment

OWN_AT_MOST = 40


def own_formats(circles: Sequence[Circle]) -> list[FormatVersion]:
    """The newest version of each format that these circles made and have not put away. One query."""
    return _own(list(circles))


@FixedStatement
def _own(circles: list[Circle]) -> QuerySet[FormatVersion]:
    # A version may be a hundred thousand letters, and a format have hundreds of them: no earlier one is read.
    later = FormatVersion.objects.filter(format=OuterRef("format"), number__gt=OuterRef("number"))
    rows = FormatVersion.objects.filter(~Exists(later), format__circle__in=circles, format__retired_at=None)
    return rows.select_related("format__circle").order_by("format")[: OWN_AT_MOST * 12]


def formats_for(circle: Circle) -> list[tuple[str, FormatRule]]:
    """What a circle can take, by the key a form names it with: its own formats, then the library."""
    return [(str(version.format.code), version.rule) for version in own_formats([circle])] + list(rules().items())


def version_chosen(circle: Circle, key: str) -> FormatVersion | None:
    """The present version of a format that `formats_for` lists."""
    if key in rules():
        return version_of(key)
    try:
        code = UUID(key)
    except ValueError:
        return None
    own = FormatVersion.objects.filter(format__circle=circle, format__code=code, format__retired_at=None)
    return own.select_related("format").order_by("-number").first()


@dataclass(frozen=True)
class Look:
    """A format for so many people, as cards and pages show it."""

    ref: str
    rule: FormatRule
    plan: Plan
    people: int
    suits: bool
    circle: Circle | None = None

    @property
    def minutes(self) -> int:
        """Minutes of the whole plan, for as many people as were asked about."""
        return self.plan.minutes

    @property
    def bar(self) -> list[tuple[str, int]]:
        """Neighbouring segments of one stage, as tint and seconds."""
        return bar_of(self.rule, self.plan.segments)


def bar_of(rule: FormatRule, segments: Sequence[Segment]) -> list[tuple[str, int]]:
    """Colour and seconds of each piece of the bar; segments of one stage and one presenter are one piece."""
    parts: list[tuple[str, int]] = []
    last: tuple[str, int | None] | None = None
    for segment in segments:
        same = (segment.stage, segment.presenter)
        if same == last:
            parts[-1] = (parts[-1][0], parts[-1][1] + segment.seconds)
        else:
            parts.append((rule.stage(segment.stage).tint, segment.seconds))
        last = same
    return parts


def look(ref: str, rule: FormatRule, people: int, circle: Circle | None = None) -> Look:
    """The format for `people`, or for the nearest number it is made for, at full length."""
    count = min(max(people, rule.least), rule.most)
    return Look(ref, rule, longest(rule, count), count, count == people, circle)


def found(looks: Sequence[Look], *, at_most: int | None, purpose: str, words: str) -> list[Look]:
    """Those that are looked for, in the reader's language; the circles' own stand before the library's."""
    language = get_language() or "en"
    return [
        one
        for one in looks
        if fits(one.rule, one.minutes, at_most=at_most, purpose=purpose, words=words, language=language)
    ]


@dataclass(frozen=True)
class StageLine:
    """A stage as the pages about a format list it."""

    stage: Stage
    name: str
    minutes: str
    length: str
    floor: str
    rule: str
    prompt: str
    place: str
    principle: str
    card: Card | None


@dataclass(frozen=True)
class BlockLine:
    """A part of a format: how often it comes for so many people, and how long it then is."""

    at: int
    block: Block
    name: str
    lines: list[StageLine]
    times: int
    each: str
    total: str
    between: str


def stage_line(stage: Stage) -> StageLine:
    """All that a page says of a stage, in the language of whoever reads it."""
    language = get_language() or "en"
    return StageLine(
        stage=stage,
        name=words.stage_name(stage),
        minutes=words.minutes(stage.seconds),
        length=words.length(stage),
        floor=words.floor(stage),
        rule=stage.text("rule", language),
        prompt=stage.text("prompt", language),
        place=words.place_plain(stage.presenter),
        principle=principle_of(stage.principle),
        card=card_of(stage.card),
    )


def block_lines(rule: FormatRule, timed: Plan) -> list[BlockLine]:
    """The parts between opening and closing, with their sums in this plan."""
    listed = []
    for at, block in enumerate(rule.blocks):
        keys = {stage.key for stage in block.stages}
        own = [segment for segment in timed.segments if segment.stage in keys]
        turns = {segment.presenter for segment in own}
        total = sum(segment.seconds for segment in own)
        times = len(turns) if block.repeats else 1
        listed.append(
            BlockLine(
                at=at,
                block=block,
                name=block.text("name", get_language() or "en"),
                lines=[stage_line(stage) for stage in block.stages],
                times=times,
                each=words.minutes(total // max(times, 1)),
                total=words.minutes(total),
                between=words.length(block.between) if block.between else "",
            )
        )
    return listed


def cards_read_by(user: User) -> set[str]:
    """Keys of the cards that the person has opened, in any circle."""
    return set(CardRead.objects.filter(user=user).values_list("card_key", flat=True))


def plan_data(timed: Plan) -> list[Mapping[str, Any]]:
    """The segments as data: stage, owner, start and length in seconds."""
    rows: list[Mapping[str, Any]] = []
    start = 0
    for segment in timed.segments:
        rows.append(
            {
                "stage": segment.stage,
                "presenter": segment.presenter,
                "speaker": segment.speaker,
                "coach": segment.coach,
                "start": start,
                "seconds": segment.seconds,
            }
        )
        start += segment.seconds
    return rows
