"""Calendar files as programs write them (RFC 5545): which entries one holds, and of those what an answer needs.

Only the lines named in `WANTED` are kept; what somebody wrote into any other is dropped unread. A file is gone through
once, and how many lines, entries and letters are looked at is bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

LINES_AT_MOST = 20_000
ENTRIES_AT_MOST = 200
LINE_AT_MOST = 4000
PARAMETERS_AT_MOST = 30
# A comment or a description is none of them, on purpose.
WANTED = frozenset(("UID", "ATTENDEE", "ORGANIZER", "SEQUENCE", "DTSTAMP", "DTSTART", "RECURRENCE-ID"))
FOLDED = re.compile(rb"\n[ \t]")
MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?", re.IGNORECASE)
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")


@dataclass(frozen=True)
class Line:
    """One property: its parameters by name in capitals, and its value."""

    parameters: dict[str, str]
    value: str


@dataclass(frozen=True)
class When:
    """A moment as it was written: the instants it may mean, and its day where it is. None where no zone can be read."""

    instants: frozenset[datetime]
    on: date
    all_day: bool = False

    def is_at(self, instant: datetime) -> bool | None:
        """Whether it means this instant; None where that cannot be told."""
        return instant in self.instants if self.instants else None


@dataclass
class Entry:
    """A VEVENT (or another component, by `kind`) with the lines that are wanted."""

    kind: str
    lines: dict[str, list[Line]] = field(default_factory=dict)

    def one(self, name: str) -> Line | None:
        """The first line of that name, which is the one that counts; None where there is none."""
        return next(iter(self.lines.get(name, ())), None)

    def text(self, name: str) -> str:
        """What stands behind the first line of that name, empty where there is none."""
        line = self.one(name)
        return line.value.strip() if line else ""


@dataclass
class Calendar:
    """One VCALENDAR. `offsets` are those that each of its own zones ever has, by the zone's name."""

    method: str = ""
    entries: list[Entry] = field(default_factory=list)
    offsets: dict[str, set[timedelta]] = field(default_factory=dict)

    def when(self, line: Line | None) -> When | None:
        """The moment a line names; None where it names none."""
        found = MOMENT.fullmatch(line.value.strip()) if line else None
        if line is None or found is None:
            return None
        try:
            on = date(int(found[1]), int(found[2]), int(found[3]))
            if found[4] is None:
                return When(frozenset(), on, all_day=True)
            # A leap second is written as 60, which Python's time does not know.
            local = datetime.combine(on, time(int(found[4]), int(found[5]), min(int(found[6]), 59)))
            if found[7]:
                return When(frozenset({local.replace(tzinfo=UTC)}), on)
            return When(frozenset(self._instants(local, line.parameters.get("TZID", ""))), on)
        except (ValueError, OverflowError):
            return None

    def _instants(self, local: datetime, zone: str) -> Iterator[datetime]:
        """By the rules of the machine where the zone's name is known, else by all offsets that the file gives it."""
        known = _zone(zone)
        if known is not None:
            # The hour that comes twice may be meant either way.
            for fold in (0, 1):
                yield local.replace(tzinfo=known, fold=fold).astimezone(UTC)
            return
        for offset in self.offsets.get(zone, ()):
            yield local.replace(tzinfo=timezone(offset)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo | None:
    if not re.fullmatch(r"[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", name):
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # not found is a KeyError
        return None


def holds_calendar(content: bytes) -> bool:
    """Whether there is a calendar file in these bytes."""
    return "BEGIN:VCALENDAR" in _letters(content[:65536]).upper()


def read_calendars(content: bytes) -> list[Calendar]:
    """Every calendar in these bytes, with its entries as far as they can be read. Nothing makes it fail."""
    reading = _Reading()
    for line in _letters(content).split("\n", LINES_AT_MOST)[:LINES_AT_MOST]:
        name, _colon, value = (part.strip() for part in line[:LINE_AT_MOST].partition(":"))
        if name.upper() == "BEGIN":
            reading.begin(value.upper())
        elif name.upper() == "END":
            reading.end(value.upper())
        elif reading.calendar is not None:
            reading.take(reading.calendar, name.upper(), value, line[:LINE_AT_MOST])
    return reading.calendars


class _Reading:
    """Where in a file one is: inside which calendar, which components and which entry of it."""

    def __init__(self) -> None:
        self.calendars: list[Calendar] = []
        self.calendar: Calendar | None = None
        self.entry: Entry | None = None
        self.around: list[str] = []
        self.zone = ""
        self.entries = 0

    def begin(self, kind: str) -> None:
        if kind == "VCALENDAR":
            self.calendar, self.entry, self.around = Calendar(), None, []
            self.calendars.append(self.calendar)
        elif self.calendar is not None:
            if not self.around:
                self.zone, self.entry = "", None
                if kind != "VTIMEZONE" and self.entries < ENTRIES_AT_MOST:
                    self.entry = Entry(kind)
                    self.calendar.entries.append(self.entry)
                    self.entries += 1
            self.around.append(kind)

    def end(self, kind: str) -> None:
        if kind == "VCALENDAR":
            self.calendar, self.around = None, []
        # An end without its beginning is passed over; one that lacks its own takes what is inside it along.
        elif kind in self.around:
            del self.around[self.around.index(kind) :]

    def take(self, calendar: Calendar, name: str, value: str, line: str) -> None:
        if not self.around:
            calendar.method = value.upper() if name == "METHOD" else calendar.method
        elif self.around[0] == "VTIMEZONE":
            if name == "TZID" and len(self.around) == 1:
                self.zone = value
            elif name == "TZOFFSETTO" and (offset := _offset(value)) is not None:
                calendar.offsets.setdefault(self.zone, set()).add(offset)
        elif len(self.around) == 1 and self.entry is not None:
            _keep(self.entry, line)


def _keep(entry: Entry, line: str) -> None:
    name = re.split("[;:]", line, maxsplit=1)[0].strip().upper()
    if name in WANTED:
        kept = entry.lines.setdefault(name, [])
        if len(kept) < ENTRIES_AT_MOST:
            kept.append(_line(line))


def _line(line: str) -> Line:
    """Parameters may be quoted, and then hold what otherwise ends them."""
    parts: list[str] = []
    begun, quoted = 0, False
    for at, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter in ";:" and not quoted:
            parts.append(line[begun:at])
            begun = at + 1
            if letter == ":":
                break
    parameters = (part.partition("=") for part in parts[1 : PARAMETERS_AT_MOST + 1])
    return Line({name.strip().upper(): value.strip().strip('"') for name, _is, value in parameters}, line[begun:])


def _offset(value: str) -> timedelta | None:
    found = OFFSET.fullmatch(value)
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return (size if found[1] == "+" else -size) if size < timedelta(hours=24) else None


def _letters(content: bytes) -> str:
    """What is looked for is ASCII in every charset but the two-byte ones, which are told by their zeros."""
    start = content[:400]
    if b"\0" in start:
        big = start[:2] == b"\xfe\xff" or start[:1] == b"\0"
        content = (
            content.decode("utf-16-be" if big else "utf-16-le", "replace").lstrip("\ufeff").encode("ascii", "replace")
        )
    plain = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return FOLDED.sub(b"", plain).decode("latin-1")
