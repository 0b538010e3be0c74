"""Web addresses that put a session into somebody's own calendar. Pure. Whoever opens one tells that calendar what it
holds: the circle's name, the hours, the place and the page; no link of a call, and nothing that opens anything.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.office.com/calendar/0/deeplink/compose"


@dataclass(frozen=True)
class CalendarLinks:
    """A page of each calendar, filled in."""

    google: str
    outlook: str


def calendar_links(*, title: str, starts_at: datetime, ends_at: datetime, place: str, page: str) -> CalendarLinks:
    """The session as these calendars take it: instants in UTC, the page's address as what it is about."""
    start, end = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "details": page,
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "body": page,
        "location": place,
    }
    return CalendarLinks(f"{GOOGLE}?{urlencode(google)}", f"{OUTLOOK}?{urlencode(outlook)}")
