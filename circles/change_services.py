"""The only writes to what all rely on, once a circle has members: announced first, in force later.

Whoever looks after the circle says what is to change, everybody is told at once by mail and on its pages what it was
and what it will be, and any member may object, which ends it until they have talked. Nobody looks after a circle
without their own yes. Giving something up (looking after it) needs no waiting and is told; running itself begins with
everybody's yes, and ends with one wish, after the same days.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.leftover_services import leftovers_note
from accounts.models import User
from accounts.refusals import Refused
from circles.enums import CircleStatus, Outcome, Relied
from circles.membership_services import facilitator_add, is_only_facilitator
from circles.models import Announcement, Circle, Covenant, Membership
from circles.services import CircleDetails, audit_write, circle_lock, circle_update, self_run_end, self_run_say
from notifications.services import About, messages_drop, messages_put

ANNOUNCED, STOPPED, MADE, FACILITATE = "change_announced", "change_stopped", "change_made", "facilitate_asked"
# Long enough for everybody to read a mail and to say something.
WAITS = timedelta(days=3)
# Everybody is written to about each: what one person announces, or asks, in one circle in a day.
ANNOUNCED_A_DAY = 12
# So long a settled change stays readable: as long as the trail.
KEPT = timedelta(days=180)
COLUMNS: dict[str, tuple[str, ...]] = {
    Relied.CONTACT: ("contact_name", "contact_email"),
    Relied.RETENTION: ("retention_days",),
    Relied.MANAGERS: ("managers_here",),
}


def _others(circle: Circle, but: User) -> list[User]:
    rows = User.objects.filter(memberships__circle=circle, memberships__left_at=None, is_active=True)
    return list(rows.exclude(pk=but.pk).distinct())


def _tell(change: Announcement, kind: str, to: list[User], now: datetime) -> None:
    about = About("change", change.code, circle=change.circle.code)
    messages_put(kind=kind, about=about, to=to, due_at=now, now=now)


def _not_too_often(circle: Circle, by: User, now: datetime) -> None:
    lately = Announcement.objects.filter(circle=circle, asked_by=by, asked_at__gt=now - timedelta(days=1))
    if lately.count() >= ANNOUNCED_A_DAY:
        raise Refused(_("You have announced much today, and all are written to each time. Go on tomorrow."))


def _settle(change: Announcement, outcome: Outcome, now: datetime, **more: Any) -> None:
    """Refused when it was settled meanwhile; what waits to tell of it is taken back."""
    still_open = Announcement.objects.filter(pk=change.pk, settled_at=None)
    if not still_open.update(settled_at=now, outcome=outcome, **more):
        raise Refused(_("This has been settled meanwhile."))
    messages_drop(about_code=change.code, kinds=[ANNOUNCED, FACILITATE])
    change.refresh_from_db()


@transaction.atomic
def circle_change(*, circle: Circle, details: CircleDetails, by: User, now: datetime) -> list[Announcement]:
    """Change what a circle says about itself; what all rely on is announced instead. What was announced."""
    circle_lock(circle)
    held = {name for names in COLUMNS.values() for name in names}
    covenant = Covenant.objects.filter(circle=circle, decided_at=None).first()
    announced = []
    for what, names in COLUMNS.items():
        before = {name: getattr(circle, name) for name in names}
        announced += change_announce(
            circle=circle,
            what=what,
            before=before,
            after={name: getattr(details, name) for name in names},
            by=by,
            now=now,
        )
    if covenant:
        before, after = {"sessions": covenant.sessions}, {"sessions": details.sessions}
        announced += change_announce(circle=circle, what=Relied.PROMISE, before=before, after=after, by=by, now=now)
    circle_update(circle=circle, details=details, by=by, now=now, but=held)
    return announced


@transaction.atomic
def change_announce(
    *, circle: Circle, what: str, before: dict[str, Any], after: dict[str, Any], by: User, now: datetime
) -> list[Announcement]:
    """Tell everybody what is to change; one that was announced before about the same gives way to it.

    Nothing when nothing changes; in force at once while nobody else is there to rely on it. Refused to whoever has
    announced a dozen in a day.
    """
    if before == after:
        return []
    circle_lock(circle)
    for earlier in Announcement.objects.filter(circle=circle, what=what, about=None, settled_at=None):
        if earlier.after == after:
            return []
        _settle(earlier, Outcome.WITHDRAWN, now)
    others = _others(circle, by)
    if others:
        _not_too_often(circle, by, now)
    change = Announcement.objects.create(
        circle=circle,
        what=what,
        before=before,
        after=after,
        asked_by=by,
        asked_at=now,
        takes_effect_at=now + WAITS if others else now,
    )
    if not others:
        _take_effect(change, now)
        return []
    audit_write(circle=circle, verb=f"announced_{what}", by=by, now=now)
    _tell(change, ANNOUNCED, others, now)
    return [change]


@transaction.atomic
def facilitation_ask(*, membership: Membership, by: User, now: datetime) -> Announcement:
    """Ask a member whether they would look after the circle too.

    Refused when they do, or are asked already, and as an announcement is.
    """
    circle_lock(membership.circle)
    found = Membership.objects.filter(pk=membership.pk, left_at=None, user__is_active=True).first()
    if found is None or found.facilitates:
        raise Refused(_("They look after the circle already, or are not in it any more."))
    if Announcement.objects.filter(about=membership, what=Relied.FACILITATOR, settled_at=None).exists():
        raise Refused(_("They are asked already."))
    _not_too_often(membership.circle, by, now)
    change = Announcement.objects.create(
        circle=membership.circle,
        what=Relied.FACILITATOR,
        about=membership,
        before={"facilitates": False},
        after={"facilitates": True},
        asked_by=by,
        asked_at=now,
    )
    _tell(change, FACILITATE, [membership.user], now)
    return change


@transaction.atomic
def facilitation_answer(*, change: Announcement, by: User, yes: bool, now: datetime) -> None:
    """The own answer of whoever is asked. After a yes everybody is told, and it is in force some days later."""
    circle_lock(change.circle)
    if change.about is None or change.about.user != by or not change.waits_for_yes:
        raise Refused(_("This is not asked of you."))
    if not yes:
        _settle(change, Outcome.DECLINED, now)
        return
    if not Announcement.objects.filter(pk=change.pk, settled_at=None).update(takes_effect_at=now + WAITS):
        raise Refused(_("This has been settled meanwhile."))
    change.refresh_from_db()
    audit_write(circle=change.circle, verb="announced_facilitator", by=change.asked_by, about=by, now=now)
    messages_drop(about_code=change.code, kinds=[FACILITATE])
    _tell(change, ANNOUNCED, _others(change.circle, by), now)


@transaction.atomic
def facilitator_stop(*, membership: Membership, now: datetime) -> None:
    """Somebody no longer looks after the circle, and stays in it; everybody is told.

    Refused for the only one: they find somebody first. From outside, without a seat, stopping would be leaving.
    """
    circle_lock(membership.circle)
    found = Membership.objects.filter(pk=membership.pk, left_at=None, facilitates=True).select_related("circle").first()
    if found is None:
        return
    if is_only_facilitator(found, alone=True):
        raise Refused(_("You are the only facilitator. Find somebody who looks after the circle next, then stop."))
    if not found.takes_part:
        raise Refused(_("You have no seat in this circle: to stop looking after it, leave it."))
    Membership.objects.filter(pk=found.pk).update(facilitates=False)
    _record(found.circle, Relied.FACILITATOR, by=found.user, now=now, about=found, facilitates=False)
    audit_write(circle=found.circle, verb="stopped_facilitating", by=found.user, about=found.user, now=now)


def _record(
    circle: Circle, what: str, *, by: User, now: datetime, about: Membership | None = None, **after: Any
) -> None:
    """Write down, and tell, a change that needs no waiting."""
    change = Announcement.objects.create(
        circle=circle,
        what=what,
        about=about,
        before={name: not value for name, value in after.items()},
        after=after,
        asked_by=by,
        asked_at=now,
        takes_effect_at=now,
        settled_at=now,
        outcome=Outcome.TAKEN,
    )
    _tell(change, MADE, _others(circle, by), now)


@transaction.atomic
def hosting_say(*, circle: Circle, user: User, yes: bool, now: datetime) -> bool:
    """One member's yes, or not yet, to running it themselves. True, and told to all, once everybody has said yes."""
    circle_lock(circle)
    begun = self_run_say(circle=circle, user=user, yes=yes, now=now)
    if begun:
        _record(circle, Relied.HOSTING, by=user, now=now, self_run=True)
    return begun


def hosting_end(*, circle: Circle, by: User, now: datetime) -> None:
    """One member would rather be hosted again: told to all, and so some days later. Nobody can object to that."""
    if circle.self_run:
        change_announce(
            circle=circle, what=Relied.HOSTING, before={"self_run": True}, after={"self_run": False}, by=by, now=now
        )


def may_object(change: Announcement, user: User) -> bool:
    """Whoever announced it takes it back instead; that a circle runs itself takes everybody's yes all the time."""
    return change.asked_by != user and not change.waits_for_yes and change.what != Relied.HOSTING


@transaction.atomic
def change_object(*, change: Announcement, by: User, now: datetime) -> None:
    """A member would rather not: it stays as it is, and everybody is told that there is something to talk about."""
    circle_lock(change.circle)
    if not may_object(change, by):
        raise Refused(_("This cannot be objected to."))
    _settle(change, Outcome.OBJECTED, now, objected_by=by)
    audit_write(circle=change.circle, verb=f"objected_{change.what}", by=by, now=now)
    _tell(change, STOPPED, _others(change.circle, by), now)


@transaction.atomic
def change_withdraw(*, change: Announcement, by: User, now: datetime) -> None:
    """Whoever announced it, or the person it is about, takes it back; those who were told are told."""
    circle_lock(change.circle)
    if by not in (change.asked_by, change.about.user if change.about else None):
        raise Refused(_("Only whoever announced it can take it back."))
    told = not change.waits_for_yes
    _settle(change, Outcome.WITHDRAWN, now)
    if told:
        audit_write(circle=change.circle, verb=f"withdrew_{change.what}", by=by, now=now)
        _tell(change, STOPPED, _others(change.circle, by), now)


def _columns(change: Announcement, now: datetime) -> None:  # noqa: ARG001 (a row of a table)
    # The columns that were announced and no others: the rest of the row may have changed in the three days.
    Circle.objects.filter(pk=change.circle_id).update(**change.after)


def _promise(change: Announcement, now: datetime) -> None:  # noqa: ARG001 (a row of a table)
    Covenant.objects.filter(circle=change.circle_id, decided_at=None).update(sessions=change.after["sessions"])


def _looks_after(change: Announcement, now: datetime) -> None:
    if change.about is None or change.about.left_at or not change.about.user.is_active:
        raise Refused(_("They are not in the circle any more."))
    facilitator_add(membership=change.about, by=change.asked_by, now=now)


def _hosted(change: Announcement, now: datetime) -> None:
    self_run_end(circle=change.circle, by=change.asked_by, now=now)


EFFECTS: dict[str, Callable[[Announcement, datetime], None]] = {
    **dict.fromkeys(COLUMNS, _columns),
    Relied.PROMISE: _promise,
    Relied.FACILITATOR: _looks_after,
    Relied.HOSTING: _hosted,
}


def _take_effect(change: Announcement, now: datetime) -> None:
    """In force, with an entry in the trail; one whose circle or person has gone meanwhile falls."""
    try:
        if change.circle.status == CircleStatus.CLOSED:
            raise Refused(_("The circle is closed."))
        EFFECTS[change.what](change, now)
    except Refused:
        _settle(change, Outcome.FALLEN, now)
        return
    _settle(change, Outcome.TAKEN, now)
    if change.what in COLUMNS or change.what == Relied.PROMISE:
        audit_write(circle=change.circle, verb=f"changed_{change.what}", by=change.asked_by, now=now)


def changes_due(*, now: datetime) -> QuerySet[Announcement]:
    """What takes effect here. Closing takes the dates of a circle with it, on a floor above (pages/ending_services)."""
    return Announcement.objects.filter(settled_at=None, takes_effect_at__lte=now).exclude(what=Relied.CLOSING)


def changes_take_effect(*, now: datetime, circle: Circle | None = None) -> int:
    """Put what is due into force, each by itself; one that fails is tried again and holds none of the others up."""
    rows = changes_due(now=now).filter(circle=circle) if circle else changes_due(now=now)
    # In the order in which they were promised: two changes of one thing leave the later one standing.
    in_order = rows.order_by("takes_effect_at", "pk")
    return each("put changes into force", in_order, lambda one: _take_effect_once(one, now))


def _take_effect_once(due: Announcement, now: datetime) -> bool:
    # Read afresh: the one before may have changed the same circle.
    found = Announcement.objects.select_related("circle", "about__user", "asked_by").get(pk=due.pk)
    circle_lock(found.circle)
    found.refresh_from_db(fields=["settled_at"])
    if found.settled_at is not None:
        return False
    _take_effect(found, now)
    return True


def changes_prune(*, now: datetime) -> int:
    """Forget announcements that were settled long enough ago that nobody asks about them; gives their number."""
    return Announcement.objects.filter(settled_at__lt=now - KEPT).delete()[0]


@transaction.atomic
def contact_erase(*, email: str) -> None:
    """Somebody is erased who was the contact outside of circles: neither their name nor their address stays there."""
    Circle.objects.filter(contact_email__iexact=email).update(contact_name="", contact_email="")
    for change in Announcement.objects.filter(what=Relied.CONTACT):
        sides = {side: getattr(change, side) for side in ("before", "after")}
        if not any(str(values.get("contact_email", "")).lower() == email.lower() for values in sides.values()):
            continue
        if sides["after"].get("contact_email", "").lower() == email.lower() and change.settled_at is None:
            change.delete()
            continue
        for side, values in sides.items():
            if str(values.get("contact_email", "")).lower() == email.lower():
                setattr(change, side, {"contact_name": "", "contact_email": ""})
        change.save(update_fields=["before", "after"])
    leftovers_note(Circle, Announcement)
