"""The lines of a plan: its stages with the names of those they are about, their minutes, and when each begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from sessions.formats import words
from sessions.planning.gathering_selectors import Coming
from sessions.rules.clock import from_ms, to_ms
from sessions.rules.format import FormatRule
from sessions.rules.timeline import Plan, Segment


@dataclass(frozen=True)
class Group:
    """Neighbouring segments of one stage, as one line of the plan."""

    name: str
    seconds: int
    starts: datetime | None
    state: str
    tint: str


def stage_name(rule: FormatRule, segment: Segment, names: dict[int, str]) -> str:
    """`Questions for Tomasz`."""
    return spoken(rule.stage(segment.stage).text("name", get_language() or "en"), rule, segment, names)


def spoken(text: str, rule: FormatRule, segment: Segment, names: dict[int, str], order: Sequence[int] = ()) -> str:
    """A stage’s words with the names of those it is about. Who only watches is whoever of `order` does neither."""
    observer = segment.speaker if rule.stage(segment.stage).floor == "observer" else None
    watching = [seat for seat in order if seat not in (segment.presenter, segment.coach)]
    if observer is None and segment.coach and len(watching) == 1:
        observer = watching[0]
    return words.named(
        text,
        presenter=names.get(segment.presenter or 0, ""),
        coach=names.get(segment.coach or 0, ""),
        observer=names.get(observer or 0, ""),
    )


def groups_of(
    rule: FormatRule,
    segments: tuple[Segment, ...],
    names: dict[int, str],
    *,
    index: int,
    starts_ms: int | None,
    now_left_ms: int = 0,
) -> list[Group]:
    """Lines with clock times from the present segment (or the start) on; what is past has none."""
    groups: list[Group] = []
    clock = starts_ms
    last: tuple[str, int | None] | None = None
    for at, segment in enumerate(segments):
        state = "past" if at < index else "now" if at == index else "ahead"
        same = (segment.stage, segment.presenter)
        if same == last:
            before = groups[-1]
            merged = before.state if before.state != "past" else state
            groups[-1] = Group(before.name, before.seconds + segment.seconds, before.starts, merged, before.tint)
        else:
            starts = from_ms(clock) if clock is not None and state != "past" else None
            tint = rule.stage(segment.stage).tint
            groups.append(Group(stage_name(rule, segment, names), segment.seconds, starts, state, tint))
        last = same
        if clock is not None and state != "past":
            clock += now_left_ms if state == "now" else segment.seconds * 1000
    return groups


def plan_groups(rule: FormatRule, timed: Plan, people: list[Coming], *, starts_at: datetime) -> list[Group]:
    """The lines of a plan that has not started, from `starts_at` on; seats are the places in `people`, from 1."""
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    return groups_of(rule, timed.segments, names, index=-1, starts_ms=to_ms(starts_at))
