"""What is still to come of a running session, after something changed: pure, and in whole seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sessions.rules.format import FormatRule
from sessions.rules.timeline import STEP, Segment, shrink, turn_of


def deputy(people: Sequence[int], timekeeper: int | None, presenter: int | None) -> int | None:
    """Who keeps the time while the timekeeper presents: the next in speaking order. None when no deputy is needed."""
    if timekeeper is None or timekeeper != presenter or timekeeper not in people:
        return None
    after = people[(people.index(timekeeper) + 1) % len(people)]
    return after if after != timekeeper else None


def replan(
    format_: FormatRule,
    rest: Sequence[Segment],
    *,
    present: Segment | None = None,
    came: Iterable[int] = (),
    left: Iterable[int] = (),
    chosen: int | None = None,
    room: int | None = None,
    planned: Sequence[Segment] = (),
    past: Sequence[Segment] = (),
) -> list[Segment]:
    """The segments still to come (`rest`) after something changed; `present` is the one that is running.

    Who `left` loses their turns, and what would have served only them. Who `came` late joins the end of each round that
    is running or still to come, unless they spoke in it (`past`) and come back. `chosen` takes the open place of a
    presenter, or that of whoever was chosen before. With `room`, seconds for all of it, the
    rest shrinks as in `shrink`; after an early end, what was taken from the `planned` lengths is given back.
    """
    gone = set(left)
    kept = [
        replace(segment, coach=None if segment.coach in gone else segment.coach)
        for segment in rest
        if segment.speaker not in gone and segment.presenter not in gone
    ]
    for seat in came:
        kept = _joined(format_, kept, present, seat, past)
    if chosen is not None:
        was = chosen_now(format_, kept)
        kept = _changed_places(kept, was, chosen) if was else _chosen(format_, kept, chosen)
    if room is None:
        return kept
    return _given_back(shrink(format_, kept, room), planned, room)


def with_turn(
    format_: FormatRule,
    present: Segment,
    rest: Sequence[Segment],
    people: Sequence[int],
    seat: int,
    *,
    past: Sequence[Segment] = (),
) -> list[Segment]:
    """The rest with a turn for `seat` after the last presenter's.

    Empty when they have one, had one in the `past`, or the turns are over.
    """
    block = format_.turn_block
    turn = turn_of(format_, people, seat)
    keys = {stage.key for stage in block.stages} if block else set()
    if not turn or any(segment.presenter == seat for segment in (*past, present, *rest)):
        return []
    # After the last turn that is still to come; with none to come, right after the one that runs.
    last = max((at for at, segment in enumerate(rest) if segment.stage in keys), default=-1)
    if last < 0 and present.stage not in keys:
        return []
    return [*rest[: last + 1], *turn, *rest[last + 1 :]]


def _given_back(segments: list[Segment], planned: Sequence[Segment], room: int) -> list[Segment]:
    """Segments that are shorter than planned grow again as far as there is room, in half minutes and in proportion."""
    # By what they are and not by their place: people came, went and changed places since.
    usual = {(s.stage, s.presenter, s.speaker): s.seconds for s in planned}
    lost = [max(0, usual.get((s.stage, s.presenter, s.speaker), 0) - s.seconds) for s in segments]
    spare = room - sum(segment.seconds for segment in segments)
    whole = sum(lost)
    if whole <= 0 or spare <= 0:
        return segments
    back = [one if spare >= whole else one * spare // whole // STEP * STEP for one in lost]
    return [replace(one, seconds=one.seconds + more) for one, more in zip(segments, back, strict=True)]


def _joined(
    format_: FormatRule, rest: list[Segment], present: Segment | None, seat: int, past: Sequence[Segment]
) -> list[Segment]:
    """`seat` speaks last in each round ahead, once, and never in its own turn."""
    joined: list[Segment] = []
    sequence = ([present] if present else []) + rest
    for at, segment in enumerate(sequence):
        joined.append(segment)
        after = sequence[at + 1] if at + 1 < len(sequence) else None
        ends = after is None or (after.stage, after.presenter) != (segment.stage, segment.presenter)
        stage = format_.stage(segment.stage)
        if stage.goes_round and stage.floor != "observer" and ends and segment.presenter != seat:
            spoke = [
                one.speaker
                for one in (*past, *sequence)
                if (one.stage, one.presenter) == (segment.stage, segment.presenter)
            ]
            if seat not in spoke:
                joined.append(replace(segment, speaker=seat))
    return joined[1:] if present else joined


def _chosen(format_: FormatRule, rest: list[Segment], seat: int) -> list[Segment]:
    """The open place becomes `seat`'s: its stages are theirs, and in its rounds they take no turn of their own."""
    turn_keys = {stage.key for block in format_.blocks if block.repeats for stage in block.stages}
    taken: list[Segment] = []
    for segment in rest:
        if segment.stage not in turn_keys or segment.presenter is not None:
            taken.append(segment)
        elif not format_.stage(segment.stage).goes_round:
            speaker = seat if format_.stage(segment.stage).floor == "presenter" else segment.speaker
            taken.append(replace(segment, presenter=seat, speaker=speaker))
        elif segment.speaker != seat:
            taken.append(replace(segment, presenter=seat))
    return taken


def chosen_now(format_: FormatRule, rest: Sequence[Segment]) -> int | None:
    """Who was chosen to present, in a format that chooses during the session, while their turn is still to come."""
    if format_.before != "choice":
        return None
    return next((segment.presenter for segment in rest if segment.presenter is not None), None)


def _changed_places(rest: list[Segment], was: int, seat: int) -> list[Segment]:
    """`seat` presents instead of `was`, who takes over the turns that `seat` would have had in their rounds."""
    places = {was: seat, seat: was}
    return [
        replace(one, presenter=seat, speaker=places.get(one.speaker or 0, one.speaker)) if one.presenter == was else one
        for one in rest
    ]


@dataclass(frozen=True)
class LengthChange:
    """A stage that got another length: how many times it comes, and its seconds before and now."""

    stage: str
    count: int
    before: int
    now: int


def changes(before: Sequence[Segment], now: Sequence[Segment]) -> list[LengthChange]:
    """What a re-plan cost, stage by stage. The two hold the same segments at different lengths."""
    found: dict[tuple[str, int, int], int] = {}
    for old, new in zip(before, now, strict=True):
        if old.seconds != new.seconds:
            key = (old.stage, old.seconds, new.seconds)
            found[key] = found.get(key, 0) + 1
    return [LengthChange(stage, count, old, new) for (stage, old, new), count in found.items()]
