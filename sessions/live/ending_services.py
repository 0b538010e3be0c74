"""The end of a session: what reports read is written once, from the log."""

from datetime import datetime

from agreements.proposal_services import proposals_talked_about
from sessions.enums import Attendance, ParticipantKind, SessionStatus
from sessions.live.dating_services import true_date_write
from sessions.live.log_services import event_append
from sessions.live.presence_services import attendance_settle
from sessions.models import CircleSession, Issue, Participation, Turn
from sessions.planning.services import issues_carry
from sessions.rules.runner import Event, State, floor_times
from sessions.services import session_lock
from sessions.shelf.services import shelf_talked_about


def session_end(session: CircleSession, event: Event, after: State, now: datetime) -> State:
    """The press that ends the session also writes what reports read."""
    session_lock(session)
    event_append(session, event, after, status=SessionStatus.ENDED, ended_at=now, stopped=after.stopped)
    _project(session, after, now)
    true_date_write(session=session, now=now)
    # After `told` is written: what was told stays with this session, and the rest finds its next one.
    issues_carry(circle=session.circle, now=now)
    came = Participation.objects.filter(session=session, attendance=Attendance.CAME, kind=ParticipantKind.MEMBER)
    there, began = list(came.values_list("user_id", flat=True)), session.started_at or now
    proposals_talked_about(circle=session.circle, present=there, began=began, now=now)
    shelf_talked_about(circle=session.circle, present=there, began=began, now=now)
    return after


def _project(session: CircleSession, state: State, now: datetime) -> None:
    """Attendance, seconds and turns, from the log, in the transaction that ends the session."""
    parts = list(Participation.objects.filter(session=session).select_related("user"))
    rows = {row.seat: row for row in parts if row.seat is not None}  # who has come into the circle since has none
    held = floor_times(state)
    for row in parts:
        row.floor_seconds = held.get(row.seat or 0, 0) // 1000
    came, expected = attendance_settle(session, parts, until=now)
    Participation.objects.bulk_update(parts, ["floor_seconds", "attendance"])
    CircleSession.objects.filter(pk=session.pk).update(came_count=came, expected_count=expected)
    ran = zip(state.segments, state.spent, strict=True)
    # Also the turn that runs at the end without a second spent in it: it had begun, so its words were for the room.
    began = {segment.presenter for at, (segment, spent) in enumerate(ran) if spent > 0 or at <= state.index}
    told = [row.user_id for row in rows.values() if row.seat in began]
    Issue.objects.filter(session=session, owner__in=told).update(told=True)
    Turn.objects.bulk_create(
        Turn(
            session=session,
            participation=rows[segment.speaker],
            position=position,
            presented=segment.speaker == segment.presenter,
            seconds=spent // 1000,
        )
        for position, (segment, spent) in enumerate(zip(state.segments, state.spent, strict=True))
        if segment.speaker in rows and spent > 0
    )
