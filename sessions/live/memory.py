"""Folded states of running sessions, so that a press and its screens need not read and fold the whole log again.

A log only grows, so the state after `seq` events never changes; it is remembered after the commit that wrote it. When
another process has moved the session on, the session's own `seq` says so, and the log is read.
"""

import threading
from collections import OrderedDict
from uuid import UUID

from sessions.rules.runner import State

MOST = 600

_states: OrderedDict[UUID, State] = OrderedDict()
_lock = threading.Lock()


def remember(code: UUID, state: State) -> None:
    """Keep the newest committed state of a session; the session looked at longest ago gives way."""
    with _lock:
        known = _states.get(code)
        if known is None or known.seq < state.seq:
            _states[code] = state
        _states.move_to_end(code)
        while len(_states) > MOST:
            _states.popitem(last=False)


def recall(code: UUID, seq: int) -> State | None:
    """The state after exactly `seq` events, if it is known."""
    with _lock:
        state = _states.get(code)
    return state if state is not None and state.seq == seq else None
