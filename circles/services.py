"""The only writes to circles, memberships and invitations."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_lock, row_write
from circles.enums import Cadence, CircleStatus, Retention
from circles.models import AuditEntry, Circle, ComingPlan, Covenant, Goal, Membership, SelfRunVoice
from circles.sealed import Unreadable
from circles.vault import Vault

AUDIT_KEPT = timedelta(days=180)


@dataclass(frozen=True)
class CircleDetails:
    """Everything that can be said about a new circle; only the name has no default."""

    name: str
    time_zone: str
    purpose: str = ""
    cadence: str = Cadence.THREE_WEEKS
    sessions: int = 6
    min_size: int = 3
    max_size: int = 8
    managers_here: str = ""
    language: str = "en-gb"
    contact_name: str = ""
    contact_email: str = ""
    roles_days: int = 3
    call_in_calendar: bool = True
    name_in_calendar: bool = True
    retention_days: int = Retention.MONTH
    takes_part: bool = True


# What a wish says about the circle itself.
WRITTEN = (
    "name", "purpose", "time_zone", "cadence", "min_size", "max_size", "managers_here", "language", "contact_name",
    "contact_email", "roles_days", "call_in_calendar", "name_in_calendar",
    "retention_days",
)  # fmt: skip


def audit_write(*, circle: Circle, verb: str, by: User | None, now: datetime, about: User | None = None) -> None:
    """Write into the circle's trail, which everybody in it reads and which is kept for 180 days. Never content."""
    AuditEntry.objects.create(circle=circle, actor=by, verb=verb, about=about, at=now)


def audit_prune(*, now: datetime) -> int:
    """A trail is kept for 180 days. How many entries went."""
    return AuditEntry.objects.filter(at__lt=now - AUDIT_KEPT).delete()[0]


def vault_make() -> Vault:
    """A vault with a key of its own: what is sealed with it ends when that key is destroyed, and nothing else does."""
    vault = Vault()
    vault.lock_new_key()
    vault.save(force_insert=True)
    return vault


@transaction.atomic
def circle_start(*, details: CircleDetails, by: User, now: datetime, self_run: bool = False) -> Circle:
    """A new circle with its own key, its first covenant and `by` as its facilitator.

    With `self_run` it runs itself from the first day: whoever takes part may do what `by` may, and hosting rotates.
    """
    # A key of its own for each circle: destroying it ends one circle's words, and no other's.
    vault = vault_make()
    circle = Circle.objects.create(
        **{name: getattr(details, name) for name in WRITTEN},
        vault=vault,
        created_at=now,
        self_run=self_run,
    )
    Covenant.objects.create(circle=circle, sessions=details.sessions, opened_at=now)
    Membership.objects.create(circle=circle, user=by, facilitates=True, takes_part=details.takes_part, joined_at=now)
    audit_write(circle=circle, verb="circle_started", by=by, now=now)
    if self_run:
        audit_write(circle=circle, verb="runs_itself", by=by, now=now)
    return circle


@transaction.atomic
def circle_update(
    *, circle: Circle, details: CircleDetails, by: User, now: datetime, but: Collection[str] = ()
) -> Circle:
    """Change what a circle says about itself, `but` what all rely on (`change_services.circle_change`)."""
    circle_lock(circle)
    names = [name for name in WRITTEN if name not in but]
    changed = [name for name in names if getattr(circle, name) != getattr(details, name)]
    for name in changed:
        setattr(circle, name, getattr(details, name))
    if changed:
        circle.save(update_fields=changed)
        audit_write(circle=circle, verb="circle_changed", by=by, now=now)
    return circle


def circle_lock(circle: Circle) -> None:
    """Who is in a circle, who looks after it and what is planned there changes one change after another; `row_lock`.

    Whatever is to hold afterwards (that somebody looks after it, that nobody is one too many) is asked only once the
    lock is held; `circle` is then as it is by now.
    """
    row_lock(circle)


def circles_lock(circles: models.QuerySet[Circle]) -> None:
    """As `circle_lock`, for somebody whose doings are about several circles, in the order that all keep."""
    list(circles.select_for_update(no_key=True, of=("self",)).order_by("pk"))


@transaction.atomic
def circle_hold(*, circle: Circle, on_hold: bool, by: User, now: datetime) -> None:
    """Put a circle on hold, which nobody counts as fading, or go on."""
    circle_lock(circle)
    before, after = CircleStatus.OPEN, CircleStatus.ON_HOLD
    if not on_hold:
        before, after = after, before
    if Circle.objects.filter(pk=circle.pk, status=before).update(status=after):
        audit_write(circle=circle, verb="put_on_hold" if on_hold else "goes_on", by=by, now=now)


@transaction.atomic
def self_run_say(*, circle: Circle, user: User, yes: bool, now: datetime) -> bool:
    """One member's yes, or not yet. Once everybody with a seat has said yes the circle runs itself: True then."""
    circle_lock(circle)
    SelfRunVoice.objects.update_or_create(circle=circle, user=user, defaults={"yes": yes, "at": now})
    # Asked under the lock: of two last voices that come at once the second counts both.
    ring = Membership.objects.filter(circle=circle, left_at=None, takes_part=True).values("user")
    agreed = SelfRunVoice.objects.filter(circle=circle, user__in=ring, yes=True).count()
    # Compare-and-set: it begins to run itself once, and is told once.
    if agreed < ring.count() or not Circle.objects.filter(pk=circle.pk, self_run=False).update(self_run=True):
        return False
    circle.self_run = True
    audit_write(circle=circle, verb="runs_itself", by=None, now=now)
    return True


@transaction.atomic
def self_run_end(*, circle: Circle, by: User, now: datetime) -> None:
    """A member would rather be hosted again: the facilitator does, from the next session on."""
    circle_lock(circle)
    SelfRunVoice.objects.filter(circle=circle).delete()
    if Circle.objects.filter(pk=circle.pk, self_run=True).update(self_run=False):
        circle.self_run = False
        audit_write(circle=circle, verb="hosted_again", by=by, now=now)


@transaction.atomic
def text_keep(*, by: User, rows: models.QuerySet[Any], make: Callable[[], Any], text: str, unreadable: str) -> None:
    """Keep one person's one text among `rows`: made, changed, or deleted when it is empty.

    Refused with `unreadable` while what stands there cannot be opened. Of two tabs at once the later words win.
    """
    person_lock(by)
    found = rows.first()
    if found and isinstance(found.text, Unreadable):
        raise Refused(unreadable)
    if not text:
        rows.delete()
        return
    row_write(found or make(), text=text)


@transaction.atomic
def goal_write(*, covenant: Covenant, user: User, text: str, now: datetime) -> None:
    """What one member wants from these sessions, in one line; an empty one is taken back.

    Written anew it is of now: whoever has joined since the one before reads this one.
    """
    rows = Goal.objects.filter(covenant=covenant, user=user)
    text_keep(
        by=user,
        rows=rows,
        make=lambda: Goal(covenant=covenant, user=user, vault=covenant.circle.vault, written_at=now),
        text=text,
        unreadable=_("Your line cannot be read at the moment, so it cannot be changed."),
    )
    rows.update(written_at=now)


@transaction.atomic
def coming_plan_write(*, circle: Circle, user: User, text: str, now: datetime) -> None:
    """What somebody does if something comes up on the day, for themselves alone; an empty line is taken back."""
    rows = ComingPlan.objects.filter(circle=circle, user=user)
    text_keep(
        by=user,
        rows=rows,
        make=lambda: ComingPlan(circle=circle, user=user, vault=circle.vault, written_at=now),
        text=text,
        unreadable=_("Your line cannot be read at the moment, so it cannot be changed."),
    )


def plans_offer(*, circles: Collection[int], offered: bool) -> None:
    """Whether forms of commitments in these circles (by id) offer the line of a plan. What stands there stays."""
    Circle.objects.filter(pk__in=circles).update(offers_plans=offered)
