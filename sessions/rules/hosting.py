"""What the clock of a held session tells whoever hosted it: facts of time, one card, one thing to try. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

# Further from the plan than this share of it, and than so many seconds, is worth a word.
NOTABLE_SHARE, NOTABLE_SECONDS = 0.2, 60
# Below this evenness (0 to 100) some had much more room than others.
UNEVEN = 60


class TryNext(Enum):
    """The one thing that a host could try next time."""

    CALL_THE_QUIET = "call_the_quiet"
    SAY_THE_TIME = "say_the_time"
    LET_IT_END = "let_it_end"
    LEAVE_SILENCE = "leave_silence"
    HAND_OVER = "hand_over"


# A card of the library that goes with each.
CARDS: Mapping[TryNext, str] = {
    TryNext.CALL_THE_QUIET: "open_questions",
    TryNext.SAY_THE_TIME: "the_ask",
    TryNext.LET_IT_END: "listening",
    TryNext.LEAVE_SILENCE: "listening",
    TryNext.HAND_OVER: "naming_behaviour",
}


@dataclass(frozen=True)
class StageTime:
    """One stage of the session, all its segments together: seconds planned and seconds it took."""

    stage: str
    planned: int
    took: int

    @property
    def over(self) -> int:
        """Seconds longer than planned; negative where it was shorter."""
        return self.took - self.planned

    @property
    def is_notable(self) -> bool:
        """Whether it was far enough from the plan to say so."""
        return abs(self.over) >= max(NOTABLE_SECONDS, NOTABLE_SHARE * self.planned)


def stages_taken(planned: Sequence[tuple[str, int]], took: Sequence[tuple[str, int]]) -> list[StageTime]:
    """Stages in the order in which they first come, from segments as (stage, seconds): as planned, and as it was.

    A stage that was planned and never began took no time; one that was added has none planned.
    """
    keys = list(dict.fromkeys(stage for stage, _seconds in [*planned, *took]))
    return [
        StageTime(
            key,
            sum(seconds for stage, seconds in planned if stage == key),
            sum(seconds for stage, seconds in took if stage == key),
        )
        for key in keys
    ]


def try_next(stages: Sequence[StageTime], *, even: int | None, passed_over: int) -> TryNext:
    """One thing to try, by what the clock shows first: whoever had no turn, then time, then evenness.

    `even` is from 0 to 100, None where it says nothing.
    """
    if passed_over:
        return TryNext.CALL_THE_QUIET
    over = sum(stage.over for stage in stages)
    planned = sum(stage.planned for stage in stages)
    if over >= max(NOTABLE_SECONDS, NOTABLE_SHARE * planned / 2):
        return TryNext.SAY_THE_TIME
    if any(stage.over > 0 and stage.is_notable for stage in stages):
        return TryNext.LET_IT_END
    if even is not None and even < UNEVEN:
        return TryNext.LEAVE_SILENCE
    return TryNext.HAND_OVER
