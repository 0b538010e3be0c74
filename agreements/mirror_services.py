"""The only writes to a circle's look at itself, and to the one change that it tries."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import row_lock
from agreements.enums import Became, Facet
from agreements.kinds import MIRROR_OPEN
from agreements.mirror_selectors import remembered
from agreements.models import TOLD_TIMES, Mirror, MirrorTicket, OneChange
from agreements.rules.mirror import FEWEST_SEEN, added, nothing_said, widest
from circles.models import Circle, Membership
from notifications.services import About, messages_drop, messages_put

# One that nobody closes closes by itself.
OPEN_FOR = timedelta(days=14)


@transaction.atomic
def mirror_open(*, circle: Circle, by: User, now: datetime) -> Mirror:
    """Ask everybody with a seat; they hear of it. With fewer than five nothing is gathered: it is closed at once.

    Refused while one is open.
    """
    row_lock(circle)
    if Mirror.objects.filter(circle=circle, closed_at=None).exists():
        raise Refused(_("You are looking already: everybody can answer."))
    members = Membership.objects.filter(circle=circle, left_at=None, takes_part=True, user__is_active=True)
    people = [member.user for member in members.select_related("user").order_by("pk")]
    few = len(people) < FEWEST_SEEN
    mirror = Mirror(circle=circle, vault=circle.vault, opened_at=now, closed_at=now if few else None)
    mirror.sums = "" if few else json.dumps(nothing_said(Facet.values))
    mirror.save(force_insert=True)
    if few:
        return mirror
    MirrorTicket.objects.bulk_create(MirrorTicket(mirror=mirror, user=user) for user in people)
    about = About("mirror", mirror.code, circle=circle.code)
    messages_put(kind=MIRROR_OPEN, about=about, to=[one for one in people if one != by], due_at=now, now=now)
    return mirror


@transaction.atomic
def mirror_answer(*, mirror: Mirror, user: User, scores: Mapping[str, int], now: datetime) -> None:
    """Add one person's scores to the counts of all; nothing else is kept of them. The last one closes it.

    Refused a second time, once it is closed, and for somebody who was not asked.
    """
    row_lock(mirror)
    if mirror.closed_at:
        raise Refused(_("This look is closed. Begin another when you like."))
    if not MirrorTicket.objects.filter(mirror=mirror, user=user, answered=False).update(answered=True):
        raise Refused(_("You have answered already. Answers carry no name, so they cannot be changed."))
    mirror.sums = json.dumps(added(json.loads(mirror.sums), scores))
    mirror.save(update_fields=["sums"])
    if not MirrorTicket.objects.filter(mirror=mirror, answered=False).exists():
        _close(mirror, now)


@transaction.atomic
def mirror_close(*, mirror: Mirror, now: datetime) -> None:
    """Whoever has not answered by now is not waited for. Closing it twice changes nothing."""
    row_lock(mirror)
    if mirror.closed_at is None:
        _close(mirror, now)


def _close(mirror: Mirror, now: datetime) -> None:
    """What differs most is kept by name; the counts go, and so does who answered, which would be half of a name."""
    mirror.widest = widest(json.loads(mirror.sums))
    mirror.sums, mirror.closed_at = "", now
    mirror.save(update_fields=["widest", "sums", "closed_at"])
    MirrorTicket.objects.filter(mirror=mirror).update(answered=False)
    messages_drop(about_code=mirror.code, kinds=[MIRROR_OPEN])


def mirrors_close(*, now: datetime) -> int:
    """Close what nobody has closed in two weeks. How many."""
    rows = Mirror.objects.filter(closed_at=None, opened_at__lte=now - OPEN_FOR, vault__destroyed_at=None)
    return each("looks that nobody closed", rows, lambda mirror: mirror_close(mirror=mirror, now=now))


@transaction.atomic
def one_change_decide(*, circle: Circle, text: str, now: datetime) -> OneChange:
    """What the circle agreed to try. Refused while it is trying something else.

    What everybody who knew of it has left behind stands in nobody's way: it counts as not got to.
    """
    row_lock(circle)
    left_behind = OneChange.objects.filter(~remembered(), circle=circle, became=Became.TRYING)
    left_behind.update(became=Became.NOT_DONE, settled_at=now)
    if OneChange.objects.filter(circle=circle, became=Became.TRYING).exists():
        raise Refused(_("You are trying something already: one at a time. Say first what became of it."))
    change = OneChange(circle=circle, vault=circle.vault, decided_at=now)
    change.text = text
    change.save(force_insert=True)
    return change


def one_change_settle(*, change: OneChange, became: Became, now: datetime) -> None:
    """What became of it; once, whoever says it first. Refused for whoever says it after that."""
    if not OneChange.objects.filter(pk=change.pk, became=Became.TRYING).update(became=became, settled_at=now):
        raise Refused(_("Somebody has said meanwhile what became of it."))


def one_change_told(*, circle: Circle) -> None:
    """A session begins: the change has stood at one opening more, or is asked about."""
    OneChange.objects.filter(circle=circle, became=Became.TRYING, told__lte=TOLD_TIMES).update(told=F("told") + 1)


def one_change_untold(*, circle: Circle, at: datetime) -> None:
    """The session that began then did not begin after all. What was decided since has not stood at its opening."""
    rows = OneChange.objects.filter(circle=circle, became=Became.TRYING, told__gt=0, decided_at__lt=at)
    rows.update(told=F("told") - 1)
