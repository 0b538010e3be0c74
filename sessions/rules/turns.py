"""Whose turn is next, when somebody passes or is called: the order of what is still to come. Pure: no clock."""

from collections.abc import Sequence

from sessions.rules.format import FormatRule
from sessions.rules.timeline import Segment


def put_off(format_: FormatRule, present: Segment, rest: Sequence[Segment]) -> list[Segment] | None:
    """The rest when the present turn is offered again later, or let go when nobody is left to go first.

    In a round, whoever speaks now speaks at the end of it. In a presenter's turn, all of the turn that is left comes
    after the turns of the others. None when the present stage is nobody's turn.
    """
    stage = format_.stage(present.stage)
    if stage.goes_round:
        ahead = _round_ahead(present, rest)
        again = [present] if ahead else []
        return [*rest[:ahead], *again, *rest[ahead:]]
    if present.presenter is None:
        return None
    own = [present, *(segment for segment in rest if segment.presenter == present.presenter)]
    others = [segment for segment in rest if segment.presenter != present.presenter]
    last = max((at for at, s in enumerate(others) if _same_block(format_, present, s)), default=-1)
    return others if last < 0 else [*others[: last + 1], *own, *others[last + 1 :]]


def called(format_: FormatRule, present: Segment, rest: Sequence[Segment], seat: int) -> list[Segment] | None:
    """The rest with `seat` next: in a round the next to speak, else the next to present. None without a turn."""
    ahead = _round_ahead(present, rest) if format_.stage(present.stage).goes_round else 0
    turn = [segment for segment in rest[:ahead] if segment.speaker == seat]
    if turn:
        return [*turn, *(segment for segment in rest if segment not in turn)]
    own = [segment for segment in rest if segment.presenter == seat]
    if not own or seat == present.presenter:
        return None
    others = [segment for segment in rest if segment.presenter != seat]
    begins = 0
    while (
        begins < len(others) and others[begins].presenter is not None and others[begins].presenter == present.presenter
    ):
        begins += 1
    first = next((at for at, s in enumerate(others) if s.presenter is not None and at >= begins), len(others))
    return [*others[:first], *own, *others[first:]] if first < len(others) else None


def _round_ahead(present: Segment, rest: Sequence[Segment]) -> int:
    """How many segments of the present round are still to come."""
    count = 0
    while count < len(rest) and (rest[count].stage, rest[count].presenter) == (present.stage, present.presenter):
        count += 1
    return count


def _same_block(format_: FormatRule, one: Segment, other: Segment) -> bool:
    return other.presenter is not None and any(
        {one.stage, other.stage} <= {stage.key for stage in block.stages} for block in format_.blocks
    )
