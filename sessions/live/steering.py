"""What whoever steers may do, and what each of it will cost, worked out from the state of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sessions.formats import words
from sessions.live.people import PersonShown
from sessions.rules.clock import from_ms
from sessions.rules.format import FormatRule
from sessions.rules.replan import changes, chosen_now, replan, with_turn
from sessions.rules.runner import State
from sessions.rules.turns import called

MORE = (60, 120)


# A session that is late by less is on time.
HARDLY_LATE = 30_000
# Who starts days early has weeks to spare: from here on it is only said that it is on time.
SPARE_TOLD = 240


def steering(
    rule: FormatRule, state: State, by_seat: dict[int, PersonShown], *, now_ms: int, ends_ms: int
) -> dict[str, Any]:
    """What whoever steers may do besides going on, and what each of it will cost, before it is pressed."""
    finish = state.finish_at(now_ms)
    on_time = _on_time(rule, state, now_ms=now_ms, ends_ms=ends_ms)
    shortest = _shortest(rule, state, now_ms=now_ms)
    return {
        "more": [_cost(rule, state, seconds, now_ms=now_ms, ends_ms=ends_ms) for seconds in MORE],
        "over_room": finish > ends_ms,
        "late": (finish - ends_ms) // 1000 if finish > ends_ms + HARDLY_LATE else 0,
        "spare": max(0, ends_ms - finish) // 60_000 if ends_ms - finish < SPARE_TOLD * 60_000 else None,
        "room_ends": from_ms(ends_ms),
        "on_time": on_time,
        "too_late": from_ms(shortest) if shortest > ends_ms + HARDLY_LATE else None,
        "may_choose": [by_seat[seat] for seat in state.order if seat in by_seat and not by_seat[seat].guest]
        if _may_choose(rule, state)
        else [],
        "chosen": chosen_now(rule, state.rest),
        "may_present": _late_presenters(rule, state, by_seat),
        "arrived": _arrived(state, by_seat),
    }


@dataclass(frozen=True)
class SteeredRow:
    """One person as whoever steers sees them: how they stand in the round, and what can be done about them now."""

    person: PersonShown
    standing: str
    later: bool
    called: bool
    inside: bool
    outside: bool
    presents: bool


def people_rows(rule: FormatRule, state: State, people: Sequence[PersonShown]) -> dict[str, Any]:
    """Everybody with a turn, in the order of the ring; whoever has left the circle as long as the round has them."""
    by_seat = {person.seat: person for person in people}
    present, calls, bring = state.segment, _callable(rule, state, by_seat), _late_presenters(rule, state, by_seat)
    holds = by_seat.get(present.speaker or present.presenter or 0) if present and not state.is_last else None
    shown = [p for p in people if p.turns and (p.seat in state.order or not p.gone)]
    return {
        "rows": [
            SteeredRow(
                person=person,
                standing=_standing(person, state),
                later=person is holds,
                called=person in calls,
                inside=person.seat in state.order,
                outside=person.seat > 0 and person.seat not in state.order,
                presents=person in bring,
            )
            for person in shown
        ]
    }


def _standing(person: PersonShown, state: State) -> str:
    """How somebody stands in one line: what they have now, their roles, and whether they are away."""
    present = state.segment
    said = [
        _("has the piece") if present and present.speaker == person.seat else "",
        _("presents") if present and person.seat == present.presenter != present.speaker else "",
        _("a hand up") if person.hand_up(state.moved_at) else "",
        *person.roles,
        _("guest") if person.guest else "",
        _("away for a moment") if person.away else "",
        "" if person.seat in state.order else _("not in the round"),
    ]
    line = ", ".join(one for one in said if one)
    return line[:1].upper() + line[1:]


def _arrived(state: State, by_seat: dict[int, PersonShown]) -> list[PersonShown]:
    """Whose page is open although the round does not have them, and who had no turn in it yet."""
    had_turns = {s.speaker for s in (*state.planned, *state.segments)}
    outside = [p for p in by_seat.values() if p.turns and not p.gone and p.seat not in state.order]
    return [p for p in outside if p.here and p.seat > 0 and p.seat not in had_turns]


def _may_choose(rule: FormatRule, state: State) -> bool:
    """Whose case it is: while the place is open, and again until the turn of whoever was chosen begins."""
    turn_keys = {stage.key for block in rule.blocks if block.repeats for stage in block.stages}
    if any(segment.presenter is None and segment.stage in turn_keys for segment in state.rest):
        return True
    return state.segments[state.index].presenter is None and chosen_now(rule, state.rest) is not None


def _shortest(rule: FormatRule, state: State, *, now_ms: int) -> int:
    """When it would end if everything that is left took the least it may."""
    left = sum(segment.seconds for segment in replan(rule, state.rest, room=0))
    return now_ms + max(0, state.remaining(now_ms)) + left * 1000


def _callable(rule: FormatRule, state: State, by_seat: dict[int, PersonShown]) -> list[PersonShown]:
    """Who could have the floor, or present, next."""
    present = state.segment
    if present is None:
        return []
    return [by_seat[seat] for seat in state.order if seat in by_seat and called(rule, present, state.rest, seat)]


def _late_presenters(rule: FormatRule, state: State, by_seat: dict[int, PersonShown]) -> list[PersonShown]:
    """Who brought something after the start and could still have a turn."""
    present = state.segment
    if present is None:
        return []
    bringing = [by_seat[seat] for seat in state.order if seat in by_seat and by_seat[seat].brings]
    past = state.segments[: state.index]
    return [p for p in bringing if with_turn(rule, present, state.rest, state.order, p.seat, past=past)]


@dataclass(frozen=True)
class Cost:
    """What a press would cost: when it would end, how late, and how the rest would shrink to be on time instead."""

    seconds: int
    ends: datetime
    over: int
    instead: list[str]

    @property
    def minutes(self) -> int:
        return self.seconds // 60


def _cost(rule: FormatRule, state: State, seconds: int, *, now_ms: int, ends_ms: int) -> Cost:
    finish = state.finish_at(now_ms) + seconds * 1000
    over = max(0, finish - ends_ms)
    left = max(0, state.remaining(now_ms)) + seconds * 1000
    return Cost(
        seconds, from_ms(finish), over // 1000, _changed(rule, state, room=ends_ms - now_ms - left) if over else []
    )


def _on_time(rule: FormatRule, state: State, *, now_ms: int, ends_ms: int) -> list[str]:
    """How the rest would shrink to end on time, or what it would get back; empty when nothing changes."""
    return _changed(rule, state, room=ends_ms - now_ms - max(0, state.remaining(now_ms)))


def _changed(rule: FormatRule, state: State, *, room: int) -> list[str]:
    rest = replan(rule, state.rest, room=max(0, room // 1000), planned=state.planned)
    return [words.change(rule, change) for change in changes(state.rest, rest)]
