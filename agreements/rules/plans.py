"""When a plan's cue comes, and which reminder a commitment gets for it. Pure: `now` is data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.rules.zones import to_instant, to_local

# Longest line of a plan, in characters; each is stored as long as that, so that its length tells nothing.
PLAN_AT_MOST = 200


@dataclass(frozen=True)
class Cue:
    """A wall time on a day, in the zone of whoever meant it: the cue of a plan when it is a time."""

    on: date
    at: time
    zone: str

    @property
    def instant(self) -> datetime:
        """When it comes, in UTC. In a gap of the clocks the next valid minute; where it comes twice, the first."""
        return to_instant(datetime.combine(self.on, self.at), self.zone)

    @property
    def over_at(self) -> datetime:
        """The end of its day there, in UTC: afterwards nothing reminds of it."""
        return to_instant(datetime.combine(self.on, time.max), self.zone)

    def again(self, now: datetime) -> "Cue":
        """The same hour on the next day there whose hour is still to come."""
        day = max(self.on, to_local(now.astimezone(UTC), self.zone).date())
        later = Cue(day + timedelta(days=1), self.at, self.zone)
        today = Cue(day, self.at, self.zone)
        return today if today.on > self.on and today.instant > now else later


@dataclass(frozen=True)
class PlanLine:
    """What somebody wrote below a commitment for themselves: when they do it, and what if something is in the way."""

    line: str = ""
    hurdle: str = ""
    cue: Cue | None = None


def reminds_on_the_date(due_on: date, days: int, cue_on: date | None) -> bool:
    """Whether the reminder `days` before the date comes as well: only on a day after that of the cue."""
    return cue_on is None or due_on - timedelta(days=days) > cue_on
