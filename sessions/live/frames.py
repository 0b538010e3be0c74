"""The small state that every screen of a session gets: times and seats, never words or names."""

import json
from uuid import UUID

from sessions.live.services import state_of
from sessions.live.showing import to_ms
from sessions.models import CircleSession
from sessions.rules.runner import State


def frame_of(code: UUID) -> tuple[int, str]:
    """The version of a session and its whole state as JSON; the latest frame always wins. Two queries."""
    session = CircleSession.objects.get(code=code)
    return session.version, json.dumps(facts(session, state_of(session)), separators=(",", ":"))


def facts(session: CircleSession, state: State) -> dict[str, object]:
    """`ends_at` and `left` are milliseconds; while it is planned `ends_at` is when it is to start."""
    segment = state.segment
    return {
        "version": session.version,
        "seq": session.seq,
        "phase": state.phase if session.seq else session.status,
        "index": state.index,
        "ends_at": state.ends_at if session.seq else to_ms(session.starts_at),
        "left": state.left,
        "length": state.length,
        "speaker": segment.speaker if segment else None,
    }
