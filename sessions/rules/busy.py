"""When somebody is busy: spans of time and nothing else; pure."""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# So far ahead a calendar is read, and so long what was read counts.
AHEAD = timedelta(days=370)
KEPT = timedelta(days=1)
# Of a calendar without end: more than four a day.
SPANS_AT_MOST = 1500
# A minute before 1970 or after 9999 is none that was written by us.
LAST_MINUTE = 4_223_376_000


@dataclass(frozen=True)
class BusySpans:
    """Spans in whole minutes since 1970, in order, none touching another."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[datetime, datetime]]) -> "BusySpans":
        """Of moments with their zone; begun minutes count whole. What ends before it begins is none."""
        minutes = ((int(begin.timestamp() // 60), int(-(-end.timestamp() // 60))) for begin, end in spans)
        return cls(_joined(one for one in minutes if one[0] < one[1]))

    @classmethod
    def read(cls, text: str) -> "BusySpans":
        """From `written`; none at all where it is something else, such as a text that cannot be opened."""
        try:
            found = json.loads(text)
            return cls(_joined((begin, end) for begin, end in found if _is_span(begin, end)))
        except (ValueError, TypeError, RecursionError):
            return cls()

    def written(self) -> str:
        """As it is kept."""
        return json.dumps(self.spans, separators=(",", ":"))

    def is_busy(self, starts_at: datetime, minutes: int) -> bool:
        """Whether any of it falls between a start and so many minutes later; what ends at the start does not."""
        first = starts_at.timestamp() / 60
        at = bisect_right(self.spans, first, key=lambda span: span[1])
        return at < len(self.spans) and self.spans[at][0] < first + minutes


def _is_span(begin: object, end: object) -> bool:
    if type(begin) is not int or type(end) is not int:
        return False
    return 0 <= begin < end <= LAST_MINUTE


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found[:SPANS_AT_MOST])
