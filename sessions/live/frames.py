"""The small state that every screen of a session gets: times and seats, never words or names."""

import json

from sessions.rules.runner import State


def frame(version: int, state: State) -> str:
    """The whole state of a session as JSON; the latest frame always wins. `ends_at` and `left` are milliseconds."""
    segment = state.segment
    facts = {
        "version": version,
        "seq": state.seq,
        "phase": "planned" if state.phase == "waiting" else state.phase,
        "index": state.index,
        "ends_at": state.ends_at,
        "left": state.left,
        "length": state.length,
        "speaker": segment.speaker if segment else None,
    }
    return json.dumps(facts, separators=(",", ":"))
