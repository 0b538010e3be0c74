"""Reading a calendar file line by line after RFC 5545, sharing nothing with the library that writes it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Read:
    """One entry as somebody else's program would see it."""

    uid: str
    summary: str
    start: datetime
    end: datetime
    sequence: int
    status: str
    description: str


def read_calendar(raw: bytes) -> list[Read]:
    """The entries of a file. An AssertionError where it breaks a rule every reader relies on."""
    text = raw.decode("utf-8")
    assert text.endswith("\r\n"), "lines end with CRLF"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "lines are folded at 75 octets"
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "VERSION:2.0" in lines
    entries: list[dict[str, str]] = []
    inside = False
    for line in lines:
        if line == "BEGIN:VEVENT":
            inside = True
            entries.append({})
        elif line == "END:VEVENT":
            inside = False
        elif inside:
            name, value = line.split(":", 1)
            entries[-1][name.split(";")[0]] = value
    assert all({"UID", "DTSTAMP", "DTSTART"} <= entry.keys() for entry in entries)
    return [_read(entry) for entry in entries]


def _read(entry: dict[str, str]) -> Read:
    return Read(
        uid=entry["UID"],
        summary=_plain(entry["SUMMARY"]),
        start=_instant(entry["DTSTART"]),
        end=_instant(entry["DTEND"]),
        sequence=int(entry.get("SEQUENCE", "0")),
        status=entry.get("STATUS", "CONFIRMED"),
        description=_plain(entry.get("DESCRIPTION", "")),
    )


def _plain(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def _instant(value: str) -> datetime:
    assert value.endswith("Z"), "instants are written in UTC"
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
