"""When the rhythm a circle chose has passed by. Pure."""

from datetime import datetime, timedelta

# A rhythm has passed when one and a half times of it have.
PASSES_AFTER = 1.5


def has_passed(since: datetime, until: datetime, rhythm: timedelta) -> bool:
    """Whether more than one and a half times the rhythm lies between two moments."""
    return until - since > rhythm * PASSES_AFTER
