"""The only writes that give a held session its true date, where it was not held when it was planned."""

from datetime import datetime, timedelta

from django.db.models import F

from accounts.rules.zones import to_local
from sessions.kinds import HELD_EARLY
from sessions.live.windows import OPENS_BEFORE, PUT_BACK_WITHIN
from sessions.models import CircleSession
from sessions.planning.services import session_tell

LATE_AFTER = timedelta(hours=12)


def true_date_write(*, session: CircleSession, now: datetime) -> None:
    """A session that was held long before or after its time stands under the day and hour at which it began.

    Where it was held early everybody is told, once it cannot be put back: the date that they keep free is none any
    more, and the entry in their calendars moves. `session` is one that has just ended.
    """
    began, planned = session.started_at, session.starts_at
    if began is None or planned - OPENS_BEFORE <= began <= planned + LATE_AFTER:
        return
    local = to_local(began, session.zone).replace(second=0, microsecond=0)
    CircleSession.objects.filter(pk=session.pk).update(
        local_date=local.date(),
        local_time=local.time().replace(tzinfo=None),
        starts_at=local,
        moved_from=planned,
        revision=F("revision") + 1,
        changed_at=now,
    )
    session.refresh_from_db(fields=["local_date", "local_time", "starts_at", "moved_from", "revision", "changed_at"])
    if began < planned:
        session_tell(session, HELD_EARLY, now=now, due_at=max(now, began + PUT_BACK_WITHIN))


def planned_date_give_back(*, session: CircleSession) -> None:
    """The run is put back, so that it stands where it was planned again."""
    began, planned = session.started_at, session.moved_from
    if began is None or planned is None or session.starts_at != began.replace(second=0, microsecond=0):
        return
    local = to_local(planned, session.zone)
    CircleSession.objects.filter(pk=session.pk).update(
        local_date=local.date(), local_time=local.time(), starts_at=planned, moved_from=None
    )
