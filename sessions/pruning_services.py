"""Deleting what was brought to sessions once its circle no longer wants to keep it."""

from datetime import datetime, timedelta

from django.db.models import Q

from circles.enums import Retention
from sessions.enums import OVER
from sessions.models import Issue, ScribeNote


def issues_prune(*, now: datetime) -> int:
    """Delete issues and what the scribe wrote, so many days after their session as the circle chose. How many rows.

    A session that was cancelled or not held counts from when it was to end; an issue for a later one is its owner's to
    bring again.
    """
    gone = Q()
    for kept in Retention:
        ended = Q(session__ended_at__lte=now - timedelta(days=kept))
        never_held = Q(session__ended_at=None, session__starts_at__lte=now - timedelta(days=kept))
        gone |= Q(session__circle__retention_days=kept) & (ended | never_held)
    over = Q(session__status__in=OVER)
    return sum(model.objects.filter(over & gone).delete()[0] for model in (Issue, ScribeNote))
