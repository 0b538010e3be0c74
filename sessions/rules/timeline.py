"""From a format and the people who came to a plan in seconds that fits the time there is. Pure: no Django, no clock.

Everything is whole seconds, so that the parts always add up to the whole. When time is short the counsel of the
presenters shrinks first, then their other stages, then rounds; opening, check-out and closing never do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sessions.rules.format import Block, FormatRule, Stage

STEP = 30


class PlanError(ValueError):
    """A plan that cannot be made. `kind` names why, `facts` the seats and numbers to say it in words."""

    def __init__(self, kind: str, **facts: int) -> None:
        super().__init__(f"{kind} {facts}" if facts else kind)
        self.kind = kind
        self.facts = facts


@dataclass(frozen=True)
class Segment:
    """One stretch of the session: a stage, whose issue it serves, who has the floor, for how long, who coaches."""

    stage: str
    presenter: int | None
    speaker: int | None
    seconds: int
    coach: int | None = None


@dataclass(frozen=True)
class Plan:
    """Timed segments in order, in the time there is (`room`, seconds, or None)."""

    segments: tuple[Segment, ...]
    presenters: tuple[int, ...] = ()
    room: int | None = None

    @cached_property
    def seconds(self) -> int:
        """How long it all takes."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up."""
        return -(-self.seconds // 60)

    @property
    def over(self) -> int:
        """By how many seconds it is longer than the time there is, or 0."""
        return max(0, self.seconds - self.room) if self.room else 0

    @property
    def spare(self) -> int:
        """Seconds that are left of the time there is; 0 where no time was named or it is too short."""
        return max(0, self.room - self.seconds) if self.room else 0

    def turn(self, presenter: int) -> int:
        """Seconds of everything that serves one presenter."""
        return sum(segment.seconds for segment in self.segments if segment.presenter == presenter)


def divide(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` in whole parts in proportion to `weights`; they add up to it, and equal weights differ by at most 1."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    # Ends and not lengths are rounded: the rest of each share goes to the next, so that nothing is lost.
    ends = [whole * sum(weights[: at + 1]) // total for at in range(len(weights))]
    return [end - before for before, end in zip([0, *ends], ends, strict=False)]


def plan(
    format_: FormatRule,
    people: Sequence[int],
    presenters: Iterable[int] = (),
    *,
    room: int | None = None,
    host: int | None = None,
    turns: Mapping[int, int] | None = None,
    without: Iterable[str] = (),
    fit: bool = False,
) -> Plan:
    """The timed segments for the seats in `people`, who are in speaking order.

    `presenters` are those of them who bring something, in any order; they present in speaking order. A format whose
    case is chosen in the session plans an open place while there is none. `turns` holds negotiated seconds by seat: the
    whole stays as long as it was, the other presenters share the rest, none of them longer than a turn can be.
    `without` names optional stages to leave out. With `fit`, stages move within their ranges to end in `room` seconds;
    negotiated turns are left as they were agreed, and what cannot be saved stays in `over`.

    PlanError when nobody is there, when too few or too many present, or when minutes are promised to somebody who does
    not present, are more than a turn can have, or leave too little for the others.
    """
    order = _presenting(format_, people, presenters)
    left_out = set(without)
    segments: list[Segment] = []
    for block in format_.all_blocks:
        stages = [stage for stage in block.stages if not (stage.optional and stage.key in left_out)]
        laid = [_turn(stages, round_, people, host) for round_ in _rounds(block, people, order)]
        if block is format_.turn_block:
            laid = _in_shares(format_, block, laid, order, dict(turns or {}))
        for at, turn in enumerate(laid):
            if at and block.between:
                segments.append(Segment(block.between.key, None, None, block.between.seconds))
            segments.extend(turn)
    # Before anything shrinks: an open stage takes what is left, and is where there is too little, not the turns.
    segments = _with_the_rest(format_, segments, room)
    if fit and room:
        agreed = frozenset(turns or {})
        spare = room - _length(segments)
        segments = _stretched(format_, _shrunk(format_, segments, -spare, STEP, agreed), spare, agreed)
    return Plan(tuple(segments), tuple(seat for seat in order if seat is not None), room)


def _presenting(format_: FormatRule, people: Sequence[int], presenters: Iterable[int]) -> list[int | None]:
    if not people:
        raise PlanError("nobody")
    wanted = set(people) if format_.rotates else set(presenters)
    if wanted - set(people):
        raise PlanError("absent_presenter", seat=min(wanted - set(people)))
    order: list[int | None] = [seat for seat in people if seat in wanted]
    if not format_.has_presenters:
        return []
    if not order and format_.before == "choice":
        return [None]
    if len(order) < format_.least_presenters:
        raise PlanError("few_presenters", count=len(order), least=format_.least_presenters)
    if len(order) > format_.most_presenters and not format_.rotates:
        raise PlanError("many_presenters", count=len(order), most=format_.most_presenters)
    return order


@dataclass(frozen=True)
class _Round:
    """One going-through of a block: for whom, with whom, watched by whom."""

    presenter: int | None = None
    coach: int | None = None
    observers: tuple[int, ...] = ()


def _rounds(block: Block, people: Sequence[int], order: Sequence[int | None]) -> list[_Round]:
    if block.repeat == "once":
        return [_Round()]
    if block.repeat == "presenter":
        return [_Round(presenter=seat) for seat in order]
    count = len(people)
    ring = [*people, *people]
    return [
        _Round(seat, ring[at + 1] if count > 1 else None, tuple(ring[at + 2 : at + count]))
        for at, seat in enumerate(people)
    ]


def _turn(stages: Sequence[Stage], round_: _Round, people: Sequence[int], host: int | None) -> list[Segment]:
    return [segment for stage in stages for segment in _segments(stage, round_, people, host)]


def _segments(stage: Stage, round_: _Round, people: Sequence[int], host: int | None) -> list[Segment]:
    if stage.goes_round:
        seats = round_.observers if stage.floor == "observer" else [seat for seat in people if seat != round_.presenter]
        shares = divide(stage.seconds, [1] * len(seats)) if stage.kind == "shared" else [stage.seconds] * len(seats)
        return [
            Segment(stage.key, round_.presenter, seat, share, round_.coach)
            for seat, share in zip(seats, shares, strict=True)
        ]
    observer = round_.observers[0] if len(round_.observers) == 1 else None
    named = {"presenter": round_.presenter, "host": host, "coach": round_.coach, "observer": observer}
    return [Segment(stage.key, round_.presenter, named.get(stage.floor), stage.seconds, round_.coach)]


def turn_of(format_: FormatRule, people: Sequence[int], presenter: int) -> list[Segment]:
    """One more turn at its usual length, for somebody who brings something late; empty where nobody presents or all do.

    Where turns share a time, the new one is as long as an equal share would be.
    """
    block = format_.turn_block
    if block is None or block.repeat != "presenter":
        return []
    turn = _turn(block.stages, _Round(presenter=presenter), people, None)
    return resize(format_, turn, min(block.turn_most or block.split, block.split)) if block.split else turn


def _in_shares(
    format_: FormatRule, block: Block, laid: list[list[Segment]], order: Sequence[int | None], turns: dict[int, int]
) -> list[list[Segment]]:
    """Each turn at its negotiated length, the others with an equal share of what is left of the block."""
    strangers = set(turns) - {seat for seat in order if seat is not None}
    if strangers:
        raise PlanError("turn_of_nobody", seat=min(strangers))
    for presenter, agreed in sorted(turns.items()):
        if block.turn_most and agreed > block.turn_most:
            raise PlanError("turn_too_long", seat=presenter, seconds=agreed, most=block.turn_most)
    if not laid or not (turns or block.split):
        return laid
    whole = block.split or sum(_length(turn) for turn in laid)
    if block.turn_most:
        whole = min(whole, block.turn_most * len(laid))
    open_seats = [at for at, seat in enumerate(order) if seat not in turns]
    rest = whole - sum(turns.values())
    equal = divide(rest, [1] * len(open_seats)) if open_seats else []
    shares = {at: min(share, block.turn_most or share) for at, share in zip(open_seats, equal, strict=True)}
    resized = []
    for at, (seat, turn) in enumerate(zip(order, laid, strict=True)):
        target = shares[at] if at in shares else turns[seat or 0]
        least = sum(map(min, least_seconds(format_, turn), (segment.seconds for segment in turn)))
        if target < max(least, 1):
            kind = "turn_too_short" if at not in shares else "rest_too_short"
            raise PlanError(kind, seat=seat or 0, seconds=max(0, target), least=least)
        resized.append(resize(format_, turn, target))
    return resized


def _with_the_rest(format_: FormatRule, segments: list[Segment], room: int | None) -> list[Segment]:
    """The open stage takes what is left of the room, evenly if it comes back for each presenter."""
    open_at = [at for at, segment in enumerate(segments) if format_.stage(segment.stage).kind == "open"]
    if room is None or not open_at:
        return segments
    others = sum(segment.seconds for at, segment in enumerate(segments) if at not in open_at)
    stage = format_.stage(segments[open_at[0]].stage)
    shares = divide(max(room - others, stage.least * len(open_at)), [1] * len(open_at))
    if stage.most:
        shares = [min(share, stage.most) for share in shares]
    filled = list(segments)
    for at, share in zip(open_at, shares, strict=True):
        filled[at] = replace(segments[at], seconds=share)
    return filled


def _length(segments: Iterable[Segment]) -> int:
    return sum(segment.seconds for segment in segments)


def least_seconds(format_: FormatRule, segments: Sequence[Segment]) -> list[int]:
    """The least seconds of each segment; in a shared round, each speaker's part of the round's least."""
    speakers: dict[tuple[str, int | None], int] = {}
    for segment in segments:
        key = (segment.stage, segment.presenter)
        speakers[key] = speakers.get(key, 0) + 1
    least = []
    for segment in segments:
        stage = format_.stage(segment.stage)
        share = speakers[segment.stage, segment.presenter] if stage.kind == "shared" else 1
        least.append(-(-stage.least // share))
    return least


def shrink(format_: FormatRule, segments: Sequence[Segment], room: int) -> list[Segment]:
    """Segments that end within `room` if their least lets them, cut in half minutes and equally for every presenter.

    Counsel gives first, then the other stages of a turn, then rounds; opening, check-out and closing give nothing.
    """
    return _shrunk(format_, segments, _length(segments) - room, STEP)


def _shrunk(
    format_: FormatRule, segments: Sequence[Segment], over: int, step: int, agreed: frozenset[int] = frozenset()
) -> list[Segment]:
    shorter, least = list(segments), least_seconds(format_, segments)
    for tier in (0, 1, 2):
        spare = {
            at: segment.seconds - least[at]
            for at, segment in enumerate(shorter)
            if format_.tiers[segment.stage] == tier and segment.seconds > least[at] and segment.presenter not in agreed
        }
        whole = sum(spare.values())
        wanted = min(over, whole)
        for at, most in spare.items() if wanted > 0 else ():
            exact = -(-most * wanted // whole)
            cut = min(most, -(-exact // step) * step)
            shorter[at] = replace(shorter[at], seconds=shorter[at].seconds - cut)
            over -= cut
    return shorter


def _stretched(
    format_: FormatRule, segments: Sequence[Segment], spare: int, agreed: frozenset[int] = frozenset()
) -> list[Segment]:
    """Stages with a range take what is to spare, up to their most, in half minutes, in the order in which they give."""
    longer = list(segments)
    for tier in (0, 1, 2):
        reach = {
            at: format_.stage(segment.stage).most - segment.seconds
            for at, segment in enumerate(longer)
            if format_.tiers[segment.stage] == tier
            and format_.stage(segment.stage).most > segment.seconds
            and segment.presenter not in agreed
        }
        whole = sum(reach.values())
        wanted = min(spare, whole)
        for at, most in reach.items() if wanted > 0 else ():
            more = most * wanted // whole // STEP * STEP
            longer[at] = replace(longer[at], seconds=longer[at].seconds + more)
            spare -= more
    return longer


def resize(format_: FormatRule, segments: Sequence[Segment], target: int) -> list[Segment]:
    """A turn at exactly `target` seconds: shrunk as `shrink` does, or with a longer counsel; never under its least."""
    # By the second: agreed minutes are kept exactly, whatever half minutes would make of them.
    fitted = _shrunk(format_, segments, _length(segments) - target, 1)
    more = max(0, target - _length(fitted))
    tiers = [format_.tiers[segment.stage] for segment in fitted]
    first = min((tier for tier in tiers if tier is not None), default=None)
    weights = [segment.seconds if tier == first else 0 for segment, tier in zip(fitted, tiers, strict=True)]
    shares = divide(more, weights)
    return [replace(one, seconds=one.seconds + share) for one, share in zip(fitted, shares, strict=True)]


@dataclass(frozen=True)
class FitChoice:
    """One way to make a session fit: `kind` is without, shorter, fewer or longer; `waiting` would present next time."""

    kind: str
    plan: Plan
    waiting: tuple[int, ...] = ()
    without: tuple[str, ...] = ()


def choices(
    format_: FormatRule,
    people: Sequence[int],
    presenters: Sequence[int],
    *,
    room: int,
    waits: Sequence[int] = (),
    host: int | None = None,
    turns: Mapping[int, int] | None = None,
) -> tuple[FitChoice, ...]:
    """What can give when everybody at full length does not fit into `room`; empty when it does.

    Leave out what is optional; shorter turns, down to the floor of each stage; fewer presenters, those who waited
    longest (`waits`) first, at full length if one fits, else shortened; or a longer session, which always works.
    """
    full = plan(format_, people, presenters, room=room, host=host, turns=turns)
    if not full.over:
        return ()
    found: list[FitChoice] = []
    optional = tuple(stage.key for stage in format_.stages.values() if stage.optional)
    if optional:
        less = plan(format_, people, presenters, room=room, host=host, turns=turns, without=optional)
        if not less.over:
            found.append(FitChoice("without", less, without=optional))
    shorter = plan(format_, people, presenters, room=room, host=host, turns=turns, without=optional, fit=True)
    if not shorter.over:
        found.append(FitChoice("shorter", shorter, without=optional))
    fewer = None if format_.rotates else _fewer(format_, people, presenters, room, waits, host)
    if fewer:
        found.append(fewer)
    return (*found, FitChoice("longer", full))


def fitted(
    format_: FormatRule,
    people: Sequence[int],
    presenters: Sequence[int],
    *,
    room: int,
    how: str,
    waits: Sequence[int] = (),
    host: int | None = None,
    turns: Mapping[int, int] | None = None,
) -> Plan:
    """The plan with what was chosen to give (`how`, the kind of a Choice) where something must; else at full length."""
    offered = choices(format_, people, presenters, room=room, waits=waits, host=host, turns=turns)
    for choice in offered:
        if choice.kind == how:
            return choice.plan
    return plan(format_, people, presenters, room=room, host=host, turns=turns)


def _fewer(
    format_: FormatRule,
    people: Sequence[int],
    presenters: Sequence[int],
    room: int,
    waits: Sequence[int],
    host: int | None,
) -> FitChoice | None:
    queue = [seat for seat in (waits or people) if seat in presenters]
    # Fewer at full length before as many at less: that is what somebody chose by choosing fewer.
    for fit in (False, True):
        for count in range(len(queue) - 1, max(1, format_.least_presenters) - 1, -1):
            made = plan(format_, people, queue[:count], room=room, host=host, fit=fit)
            if not made.over:
                return FitChoice("fewer", made, waiting=tuple(queue[count:]))
    return None


def present_today(format_: FormatRule, bringing: Sequence[int], waits: Sequence[int]) -> list[int]:
    """Who of those who bring something presents, when the format has room for fewer: the longest wait first."""
    queue = [seat for seat in waits if seat in bringing] + [seat for seat in bringing if seat not in waits]
    return queue[: format_.most_presenters] if not format_.rotates else list(bringing)
