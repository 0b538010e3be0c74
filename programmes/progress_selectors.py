"""How far the working out of circles is: in true figures, and how far from the best the best so far can be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from programmes.enums import RunState
from programmes.models import FormingRun, Programme
from programmes.proposal_selectors import gap_words, under_words


@dataclass(frozen=True)
class RunProgress:
    """How far the working out of circles is, in true figures."""

    seconds: int
    most: int
    left: int
    waiting: int | None
    circles: int
    is_choosing: bool
    # How far the best so far can be from the best there is, in words.
    gap: str

    @property
    def is_begun(self) -> bool:
        """Whether any circle has been found yet."""
        return self.circles > 0


def progress_of(run: FormingRun, now: datetime) -> RunProgress:
    """Seconds so far and at most, and what the best so far is like."""
    begun = run.begun_at if run.state == RunState.RUNNING and run.begun_at else now
    seconds = min(run.seconds, max(0, int((now - begun).total_seconds())))
    told = run.progress
    return RunProgress(
        seconds,
        run.seconds,
        run.seconds - seconds,
        told.get("waiting"),
        len(told.get("best", ())),
        told.get("aim", 0) > 0,
        _gap_so_far(told, run.round.programme),
    )


def _gap_so_far(told: Mapping[str, Any], programme: Programme) -> str:
    if not told.get("best") or "cost" not in told:
        return ""
    if told.get("proved"):
        return _("It is proved that there is no better one.")
    return gap_words(told["cost"], told["bound"], programme, under_words(programme))
