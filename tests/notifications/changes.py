"""What mails of changes are asked for in tests."""

from typing import Any

from django.core import mail

from sessions.planning.services import SessionDetails


def to(user: Any, part: str = "") -> list[str]:
    return [m.subject for m in mail.outbox if m.to == [user.email] and part in m.subject]


def details(session: Any, **changes: Any) -> SessionDetails:
    kept = {
        "local_start": session.starts_at.replace(tzinfo=None),
        "zone": "UTC",
        "format": session.format_version,
        "minutes": session.minutes,
        "place": session.place,
        "call_link": session.call_link,
    }
    return SessionDetails(**(kept | changes))
