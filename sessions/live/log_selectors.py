"""Reads of the log of a live session: its events, the state they fold into, the frame that screens get."""

from uuid import UUID

from django.db import transaction

from sessions.live import memory
from sessions.live.frames import frame
from sessions.models import CircleSession, SessionEvent
from sessions.rules.runner import Event, State, replay


def log_of(session: CircleSession) -> list[Event]:
    """All events of the session in their order, which is what `replay` folds."""
    rows = SessionEvent.objects.filter(session=session).order_by("seq")
    return [Event(*row) for row in rows.values_list("kind", "by_seat", "at", "payload")]


def state_of(session: CircleSession) -> State:
    """The state of a session: as remembered, else from its log with one query."""
    if not session.seq:
        return State()
    return memory.recall(session.code, session.seq) or _folded(session)


def _folded(session: CircleSession) -> State:
    state = replay(log_of(session))
    if state.seq == session.seq and not transaction.get_connection().in_atomic_block:
        memory.remember(session.code, state)
    return state


def frame_of(code: UUID) -> tuple[int, str]:
    """The version of a session and its whole state as JSON."""
    session = CircleSession.objects.get(code=code)
    return session.version, frame(session.version, state_of(session))
