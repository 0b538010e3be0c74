"""From when and until when something may be done with a session: starting it, taking over, putting it back, writing."""

from datetime import datetime, timedelta

from sessions.models import CircleSession

# The room opens so long before a session. Whoever starts before that is asked whether they mean it.
OPENS_BEFORE = timedelta(minutes=30)


# So long after a start it can be put back: nothing was lost but a press.
PUT_BACK_WITHIN = timedelta(minutes=10)


def opens_at(session: CircleSession) -> datetime:
    return session.starts_at - OPENS_BEFORE


def starts_early(session: CircleSession, *, now: datetime) -> bool:
    """Whether starting now would be long before its time, so that somebody may have pressed by accident."""
    return session.is_planned and now < opens_at(session)
