"""The plan of a session as its page shows it: to scale with clock times, and as a list of stages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.rules.zones import to_local
from circles.invitation_services import invited_count
from sessions.formats import words
from sessions.formats.library import fitting
from sessions.models import CircleSession
from sessions.planning.gathering_selectors import Coming, history_of, plan_for, seating_for
from sessions.planning.outline import plan_groups, stage_name
from sessions.rules.format import FormatRule, suits
from sessions.rules.plan_bar import PlanBar, PlanPart
from sessions.rules.seating import Seating
from sessions.rules.timeline import Plan

Clock = Callable[[int], str]


def plan_page(session: CircleSession, people: list[Coming], viewer: User, *, now: datetime) -> dict[str, Any]:
    """How it would go with those who are expected: its bar, its stages, and what could give where it does not fit.

    Turns of those who have brought nothing yet are in it as open ones; `so_far` is its length without them, in
    minutes, where somebody has brought something. Times are the viewer's own.
    """
    rule = session.format_version.rule
    coming = sum(one.is_expected for one in people)
    history = history_of(session.circle)
    seating = seating_for(session, people, history)
    timed = plan_for(session, seating)
    shown: dict[str, Any] = {"coming": coming, "fits": suits(rule, coming), "fitting": fitting(coming), "plan": timed}
    # While people are invited who would make it fit, nothing is wrong with the format.
    invited = 0 if shown["fits"] else invited_count(session.circle, now=now)
    shown["invited"] = invited if suits(rule, coming + invited) else 0
    if seating is None or timed is None:
        return shown | {"stages": [], "turns": [], "offered": [], "unsaid": ()}
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    offered = seating.choices(rule, room=session.minutes * 60) if timed.over else ()
    firm = plan_for(session, seating_for(session, people, history, keep_open=False)) if seating.unsaid else None
    some = firm is not None and set(seating.presenters) != set(seating.unsaid)

    def clock(seconds: int) -> str:
        return to_local(session.starts_at + timedelta(seconds=seconds), viewer.time_zone).strftime("%H:%M")

    turns = _turns(rule, timed, people)
    parts = _parts(rule, timed, seating, people, viewer, clock)
    ends, until = clock(timed.seconds), clock(session.minutes * 60)
    return shown | {
        "offered": [words.choice(rule, choice, names) for choice in offered],
        "stages": plan_groups(rule, timed, people, starts_at=session.starts_at),
        "turns": turns,
        "turn_length": turns[0][1] if len({length for _one, length in turns}) == 1 else "",
        "unsaid": [people[seat - 1].user for seat in seating.presenters if seat in seating.unsaid],
        "so_far": firm.minutes if firm and some else None,
        "bar": PlanBar(tuple(parts), ends, timed.spare, until, _("%s to spare") % (timed.spare // 60)),
        "bar_said": _said(parts),
        "tints": [tint for tint in ("round", "bring", "ask", "give", "still", "rest") if tint in _tints(parts)],
        "ends": ends,
        "until": until,
    }


def _tints(parts: list[PlanPart]) -> set[str]:
    return {part.tint for part in parts}


def _parts(
    rule: FormatRule, timed: Plan, seating: Seating, people: list[Coming], viewer: User, clock: Clock
) -> list[PlanPart]:
    """Neighbouring segments of one stage and turn are one part. What stands before and after the turns has its name."""
    turns = [at for at, segment in enumerate(timed.segments) if segment.presenter]
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    parts: list[PlanPart] = []
    began = 0
    at = 0
    for (key, seat), group in groupby(timed.segments, key=lambda segment: (segment.stage, segment.presenter)):
        same = list(group)
        seconds = sum(segment.seconds for segment in same)
        you = seat is not None and people[seat - 1].user == viewer
        if seat:
            whose = _("You") if you else names[seat]
        elif not turns:
            whose = stage_name(rule, same[0], names)
        else:
            whose = _("Arrive") if at < turns[0] else _("Close") if at > turns[-1] else ""
        unsaid = seat in seating.unsaid
        parts.append(PlanPart(rule.stage(key).tint, seconds, whose, clock(began), you=you, unsaid=unsaid))
        began += seconds
        at += len(same)
    return parts


def _said(parts: list[PlanPart]) -> str:
    """`Arrive 9 minutes, Priya 16 minutes, You 16 minutes (open), Close 9 minutes`."""
    said = []
    for whose, group in groupby(parts, key=lambda part: part.whose):
        same = list(group)
        minutes = -(-sum(part.seconds for part in same) // 60)
        one = ngettext("%(who)s %(m)s minute", "%(who)s %(m)s minutes", minutes) % {"who": whose, "m": minutes}
        said.append(f"{one} ({_('open')})" if same[0].unsaid else one)
    return ", ".join(said)


def _turns(rule: FormatRule, timed: Plan, people: list[Coming]) -> list[tuple[Coming, str]]:
    """Who presents, and for how long, where the minutes can be agreed."""
    if not rule.has_presenters or rule.rotates or len(timed.presenters) < 2:
        return []
    return [(people[at - 1], words.minutes(timed.turn(at))) for at in timed.presenters]
