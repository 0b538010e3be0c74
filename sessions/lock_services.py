"""The lock that everything about a planned session is decided under."""

from accounts.services import row_lock
from circles.services import circle_lock
from sessions.models import CircleSession


def session_lock(session: CircleSession) -> None:
    """What is planned in a circle, and who takes which part in it, changes one change after another: see `row_lock`.

    The session's own row is held too, which every press in its room writes.
    """
    circle_lock(session.circle)
    row_lock(session)
