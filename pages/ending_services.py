"""How a circle ends: closed together or early, deleted before it met, or left by the last person in it.

However it ends, its dates leave calendars, its invitations stop working, and everybody in it is told once.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.leftover_services import leftovers_note
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import row_lock
from circles.change_services import change_announce, changes_due, changes_take_effect
from circles.covenant_services import KEPT_AFTER_CLOSING, circle_mark_closed, invitations_end, vault_empty
from circles.enums import CircleStatus, Relied
from circles.membership_services import BACK_WITHIN, heir_appoint, member_leave
from circles.models import Announcement, Circle, Invitation, Membership
from circles.services import circle_lock
from notifications.services import About, messages_put
from pages.ending_selectors import has_met, was_ever_alone
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.poll_services import poll_close
from sessions.planning.roles_services import roles_ahead
from sessions.planning.services import session_cancel

CLOSED, WORDS_END = "circle_closed", "circle_words_end"
# So long before what was said is deleted everybody who could still read it hears of that.
TOLD_BEFORE = (timedelta(days=14), timedelta(days=2))


@transaction.atomic
def circle_close(*, circle: Circle, by: User | None, now: datetime) -> None:
    """Close a circle for good; whoever is in it gets one mail that takes what was planned out of their calendar.

    Its members can read everything for another ninety days, and hear fourteen and two days before that what was said
    is deleted. Guests of its sessions are told as well. `by` is nobody where nobody was left in it. Refused while a
    session runs.
    """
    circle_lock(circle)
    if CircleSession.objects.filter(circle=circle, status=SessionStatus.RUNNING).exists():
        raise Refused(_("A session is running. End it first, then close the circle."))
    # Compare-and-set: of two who close at once only the first goes on, and everybody is told once.
    if not circle_mark_closed(circle=circle, by=by, now=now):
        return
    poll_close(circle=circle, now=now)
    # Told by one mail about the circle, which takes all of its dates out of calendars, and not by one for each date.
    for session in CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED).select_related("circle"):
        session_cancel(session=session, now=now, telling=False)
    _tell(circle, now)


def _tell(circle: Circle, now: datetime) -> None:
    inside = User.objects.filter(memberships__circle=circle, memberships__left_at=None, is_active=True)
    people = list(inside.distinct())
    messages_put(kind=CLOSED, about=About("circle", circle.code, circle=circle.code), to=people, due_at=now, now=now)
    for before in TOLD_BEFORE:
        # The days stand as the revision: two mails of one kind about one circle, and each of them is written once.
        about = About("circle", circle.code, before.days, circle.code)
        messages_put(kind=WORDS_END, about=about, to=people, due_at=now + KEPT_AFTER_CLOSING - before, now=now)


@transaction.atomic
def circle_delete(*, circle: Circle, by: User, now: datetime) -> None:
    """Delete a circle that has not met. Refused once a session was held: then it is closed, with a word of everybody.

    Where nobody else was ever in it everything written there goes at once, and the addresses that were invited.
    Otherwise what others wrote can be read for ninety days, as in every circle that is closed.
    """
    circle_lock(circle)
    if has_met(circle):
        raise Refused(_("A session was held, so the circle is closed and not deleted: everybody is told first."))
    circle_close(circle=circle, by=by, now=now)
    if was_ever_alone(circle):
        # The row stays: memberships and the trail point to it. What was written in it does not.
        Circle.objects.filter(pk=circle.pk).update(purpose="", managers_here="", contact_name="", contact_email="")
        Invitation.objects.filter(circle=circle).delete()
        vault_empty(vault=circle.vault, now=now)
        leftovers_note(Circle, Invitation)


@transaction.atomic
def closing_announce(*, circle: Circle, by: User, now: datetime) -> bool:
    """Close a circle before it has met as often as it promised: everybody is told, and each can object for three days.

    With nobody else in it, at once. Whether it was announced.
    """
    circle_lock(circle)
    others = Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).exclude(user=by)
    if not others.exists():
        circle_close(circle=circle, by=by, now=now)
        return False
    before, after = {"closed": False}, {"closed": True}
    return bool(change_announce(circle=circle, what=Relied.CLOSING, before=before, after=after, by=by, now=now))


def closings_take_effect(*, now: datetime) -> int:
    """Close the circles whose closing was announced, and not objected to, three days ago; never under a session."""
    rows = Announcement.objects.filter(settled_at=None, what=Relied.CLOSING, takes_effect_at__lte=now)
    running = CircleSession.objects.filter(circle=OuterRef("circle"), status=SessionStatus.RUNNING)
    # Left for the next look and not refused: nobody is there to press once more when the session has ended.
    found = rows.filter(~Exists(running)).select_related("circle__vault", "asked_by").order_by("pk")
    return each("close what was announced", found, lambda one: _closing_take_effect(one, now))


def _closing_take_effect(change: Announcement, now: datetime) -> bool:
    circle_lock(change.circle)
    row_lock(change)  # somebody may have objected a moment ago
    if change.settled_at is not None:
        return False
    circle_close(circle=change.circle, by=change.asked_by, now=now)
    return True


def announced_take_effect(*, now: datetime) -> int:
    """Put what was announced into force; where somebody else hosts from now on, roles are laid out afresh."""
    hosting = changes_due(now=now).filter(what__in=(Relied.HOSTING, Relied.FACILITATOR))
    # Asked before they take effect: afterwards nothing tells which they were.
    circles = list(Circle.objects.filter(pk__in=list(hosting.values_list("circle", flat=True))))
    done = changes_take_effect(now=now)
    each("roles after a change", circles, lambda one: roles_ahead(circle=one, now=now))
    return done


@transaction.atomic
def circle_leave(*, membership: Membership, now: datetime) -> bool:
    """Leave a circle. The last person out ends it: nobody is invited into an empty room. Whether it has ended.

    Refused for the only facilitator while others are in it, and for the last person while a session runs.
    """
    circle = membership.circle
    circle_lock(circle)
    member_leave(membership=membership, now=now)
    if circle.status == CircleStatus.CLOSED or _inside(circle).filter(user__is_active=True).exists():
        return False
    circle_close(circle=circle, by=None, now=now)
    return True


def _inside(circle: Circle) -> QuerySet[Membership]:
    return Membership.objects.filter(circle=circle, left_at=None)


def is_last_in(membership: Membership) -> bool:
    """Whether the circle would end if they left."""
    others = _inside(membership.circle).filter(user__is_active=True).exclude(pk=membership.pk)
    return membership.circle.status != CircleStatus.CLOSED and not others.exists()


@transaction.atomic
def empty_circles_shut(*, user: User, now: datetime) -> None:
    """Whoever has left the organisation was the only one in some circles: nobody new is let into those.

    They end once it is too late for it to have been a mistake (`circles_end_empty`).
    """
    left = Circle.objects.filter(memberships__user=user, memberships__ended_with_account=True).distinct()
    for circle in left.exclude(memberships__left_at=None):
        circle_lock(circle)
        if not _inside(circle).exists():
            invitations_end(circle=circle, now=now)


def circles_end_empty(*, now: datetime) -> int:
    """End the circles that nobody is in, a week after somebody was said to have left the organisation. How many."""
    return each("end empty circles", _empty(now), lambda one: _end_empty(one, now))


def _empty(now: datetime) -> QuerySet[Circle]:
    inside = Membership.objects.filter(circle=OuterRef("pk"), left_at=None)
    may_come_back = Membership.objects.filter(
        circle=OuterRef("pk"), ended_with_account=True, left_at__gt=now - BACK_WITHIN
    )
    return Circle.objects.exclude(status=CircleStatus.CLOSED).filter(~Exists(inside), ~Exists(may_come_back))


def _end_empty(circle: Circle, now: datetime) -> bool:
    circle_lock(circle)
    # Under the lock once more: somebody may have come back since the list was made.
    if not _empty(now).filter(pk=circle.pk).exists():
        return False
    circle_close(circle=circle, by=None, now=now)
    return True


def facilitators_find(*, now: datetime) -> int:
    """Where nobody who can sign in looks after a circle any more, whoever has been in it longest does. How many."""
    there = Membership.objects.filter(circle=OuterRef("pk"), left_at=None, user__is_active=True)
    runs = there.filter(Q(facilitates=True) | Q(circle__self_run=True, takes_part=True))
    found = Circle.objects.exclude(status=CircleStatus.CLOSED).filter(Exists(there), ~Exists(runs))
    return each("find who looks after a circle", found, lambda one: _facilitator_find(one, now))


def _facilitator_find(circle: Circle, now: datetime) -> None:
    circle_lock(circle)
    there = _inside(circle).filter(user__is_active=True).select_related("circle")
    if not any(one.runs for one in there):
        heir_appoint(circle=circle, by=None, now=now)
