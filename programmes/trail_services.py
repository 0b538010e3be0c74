"""The only writes to the trail of a programme: what an administrator did, whose it was, and when. Never content."""

from datetime import datetime, timedelta

from accounts.models import User
from programmes.models import AdminAct, Programme

# As long as the trail of a circle (`circles.services.AUDIT_KEPT`).
TRAIL_KEPT = timedelta(days=180)
# What somebody does again and again stands as one entry for so long.
FOLDED_WITHIN = timedelta(hours=1)
FOLDED = ("people_moved", "move_undone", "board_changed")


def act_note(*, programme: Programme, by: User, verb: str, now: datetime, number: int = 0) -> None:
    """Note what `by` did to `number` people or circles; moves on a board within an hour stand as one entry."""
    if verb in FOLDED:
        latest = AdminAct.objects.filter(programme=programme).order_by("-at", "-pk").first()
        if latest and (latest.verb, latest.actor_id) == (verb, by.pk) and latest.at > now - FOLDED_WITHIN:
            same = AdminAct.objects.filter(pk=latest.pk, number=latest.number)
            if same.update(number=latest.number + number):
                return
    AdminAct.objects.create(programme=programme, actor=by, verb=verb, number=number, at=now)


def acts_prune(*, now: datetime) -> int:
    """Delete what was done more than 180 days ago. How many entries."""
    return AdminAct.objects.filter(at__lt=now - TRAIL_KEPT).delete()[0]
