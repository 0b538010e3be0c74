"""Presses that plan what remains afresh, as commands that carry the new plan: a log keeps results, not requests."""

from sessions.rules.format import FormatRule
from sessions.rules.replan import replan, with_turn
from sessions.rules.runner import Command, State
from sessions.rules.turns import called, put_off


def replan_command(
    format_: FormatRule,
    state: State,
    why: str,
    *,
    by: int,
    expected: int,
    who: int | None = None,
    ends_ms: int,
    now: int,
) -> Command | None:
    """The command that re-plans what remains, or None when it makes no sense now.

    `why`: `time` makes the rest fit until `ends_ms`, or gives back what was taken; `left` goes on without seat `who`;
    `came` lets them in; `chosen` gives them the open place of a presenter; `presents` gives them one more turn.
    """
    if state.segment is None:
        return None
    order, present, past = state.order, state.segment, state.segments[: state.index]
    if why == "time":
        room = (ends_ms - now - max(0, state.remaining(now))) // 1000
        rest = replan(format_, state.rest, room=max(0, room), planned=state.planned)
    elif why == "left" and who in order and len(order) > 1:
        order = tuple(seat for seat in order if seat != who)
        rest = replan(format_, state.rest, left=[who])
    elif why == "came" and who in state.seats and who not in order:
        order = (*order, who)
        rest = replan(format_, state.rest, present=present, came=[who], past=past)
    elif why == "chosen" and who in order and present.presenter is None:
        rest = replan(format_, state.rest, chosen=who)
    elif why == "presents" and who in order:
        rest = with_turn(format_, present, state.rest, order, who, past=past)
        if not rest:
            return None
    else:
        return None
    return Command("replan", by, expected, segments=rest, order=order, about=who or 0)


def turn_command(
    format_: FormatRule, state: State, kind: str, *, by: int, expected: int, who: int | None = None
) -> Command | None:
    """`put_off`: the present turn comes later, or not at all. `call`: seat `who` is next. None when it makes no sense.

    Calling somebody in a round gives them the floor at once; calling a presenter puts their turn after the present one.
    """
    present = state.segment
    if present is None:
        return None
    if kind == "put_off":
        rest = put_off(format_, present, state.rest)
        return None if rest is None else Command("put_off", by, expected, segments=rest, about=who or 0)
    rest = called(format_, present, state.rest, who or 0)
    if rest is None:
        return None
    if rest[0].speaker == who and (rest[0].stage, rest[0].presenter) == (present.stage, present.presenter):
        return Command("call", by, expected, segments=rest, about=who or 0)
    return Command("replan", by, expected, segments=rest, order=state.order, about=who or 0)
