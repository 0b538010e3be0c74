"""Which press is the main one on the page of a session: its room when it is near, else what somebody owes it. Pure."""

from datetime import datetime, timedelta

# From so long before its start a session is near: its page is the door of the room.
NEAR = timedelta(minutes=60)


def is_near(starts_at: datetime, *, running: bool, now: datetime) -> bool:
    """Within the hour before it, past its time and not started, or running."""
    return running or now >= starts_at - NEAR


def main_press(*, near: bool, planned: bool, answered: bool, may_bring: bool, brought: bool) -> str:
    """`room`, `answer`, `bring`, or nothing where everything is done: one main action a page."""
    if near:
        return "room"
    if not planned:
        return ""
    if not answered:
        return "answer"
    return "bring" if may_bring and not brought else ""
