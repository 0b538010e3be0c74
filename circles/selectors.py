"""Reads about circles that more than one page needs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.paging import in_pages
from accounts.statements import FixedStatement
from circles.enums import CircleStatus, Decision, Relied, Retention
from circles.models import (
    Announcement,
    AuditEntry,
    Circle,
    ComingPlan,
    Covenant,
    Farewell,
    Goal,
    Invitation,
    Membership,
    RemovalRequest,
)

SHOWN_AT_MOST = 60
TRAIL_SHOWN = 20
ASKED_AT_MOST = 6
SETTLED_SHOWN_FOR = timedelta(days=30)


def members_of(circle: Circle) -> list[Membership]:
    """Present members in the order of the ring, then facilitators from outside."""
    return _members(circle)


@FixedStatement
def _members(circle: Circle) -> QuerySet[Membership]:
    rows = Membership.objects.filter(circle=circle, left_at=None).select_related("user")
    return rows.order_by("-takes_part", "joined_at", "pk")


def belongs(circle: Circle, user: User | None) -> bool:
    """Whether the person is in the circle now."""
    return Membership.objects.filter(circle=circle, user=user, left_at=None).exists()


def is_closed(code: UUID) -> bool:
    """Whether the circle with this code is closed for good."""
    return bool(_closed(code))


# Asked before every mail.
@FixedStatement
def _closed(code: UUID) -> QuerySet[Circle, int]:
    return Circle.objects.filter(code=code, status=CircleStatus.CLOSED).values_list("pk", flat=True)


def runs(circle: Circle, user: User) -> bool:
    """Whether the person may do in this circle what a facilitator does."""
    member = Membership.objects.filter(circle=circle, user=user, left_at=None).select_related("circle").first()
    return member is not None and member.runs


def ring_of(circle: Circle) -> list[User]:
    """The people with a seat, in the order of the ring."""
    return [member.user for member in members_of(circle) if member.takes_part]


def facilitators_of(circle: Circle) -> list[User]:
    """Who looks after a circle now, whether they have a seat in it or not."""
    looks_after = Membership.objects.filter(circle=circle, left_at=None, facilitates=True)
    return list(User.objects.filter(memberships__in=looks_after))


def invitations_of(circle: Circle, *, now: datetime) -> list[Invitation]:
    """Open, waiting and recently answered invitations, newest first."""
    rows = Invitation.objects.filter(circle=circle, revoked_at=None).select_related("claimed_by", "circle", "vault")
    recent = rows.exclude(settled_at__lt=now - SETTLED_SHOWN_FOR)
    return list(recent.order_by("-created_at", "-pk")[:SHOWN_AT_MOST])


def invitations_open(circle: Circle, *, now: datetime) -> QuerySet[Invitation]:
    """Invitations to an address that wait for an answer, the first first; nothing is asked yet."""
    rows = Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None, expires_at__gt=now)
    return rows.exclude(email="").select_related("circle", "vault").order_by("created_at", "pk")


def invitations_to(email: str, *, now: datetime) -> QuerySet[Invitation]:
    """Open invitations to an address, of circles that are open, the newest first; nothing is asked yet."""
    rows = Invitation.objects.filter(email=email.lower(), used_at=None, revoked_at=None, expires_at__gt=now)
    rows = rows.exclude(circle__status=CircleStatus.CLOSED).filter(shown_hash__isnull=False)
    return rows.select_related("circle").defer("name", "word").order_by("-created_at", "pk")[:ASKED_AT_MOST]


def is_invited(email: str, now: datetime) -> bool:
    """Whether an invitation to a circle is open for this address."""
    held = Invitation.objects.filter(email__iexact=email, used_at=None, revoked_at=None, expires_at__gt=now)
    return held.exists()


def circles_for(user: User) -> list[Membership]:
    """The circles a person is in, by name."""
    return _circles(user)


@FixedStatement
def _circles(user: User) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=user, left_at=None).exclude(circle__status=CircleStatus.CLOSED)
    return rows.select_related("circle").order_by("circle__name", "pk")[:SHOWN_AT_MOST]


def circles_closed_for(user: User) -> list[Circle]:
    """Circles somebody was in to the end, while what was said there can still be read."""
    rows = Circle.objects.filter(
        status=CircleStatus.CLOSED, vault__destroyed_at=None, memberships__user=user, memberships__left_at=None
    )
    return list(rows.order_by("-closed_at", "pk")[:SHOWN_AT_MOST])


def covenant_of(circle: Circle) -> Covenant | None:
    """The promise that runs, None between two of them and after the last."""
    found = next(iter(_promised(circle)), None)
    if found:
        found.circle = circle  # its vault is joined already
    return found


@FixedStatement
def _promised(circle: Circle) -> QuerySet[Covenant]:
    return Covenant.objects.filter(circle=circle, decided_at=None).order_by("pk")[:1]


def covenant_last(circle: Circle) -> Covenant | None:
    """The promise a circle has now, or made last."""
    return Covenant.objects.filter(circle=circle).order_by("-number").first()


def decided_to_close(circle: Circle) -> bool:
    """Whether the circle's last promise ended with the decision to close."""
    covenant = covenant_last(circle)
    return covenant is not None and covenant.decision == Decision.CLOSE


def farewells_of(circle: Circle) -> list[Farewell]:
    """What members thanked for and take with them, in the order in which they joined."""
    rows = {row.user_id: row for row in Farewell.objects.filter(circle=circle).select_related("vault", "user")}
    ring = [user.pk for user in ring_of(circle)]
    return sorted(rows.values(), key=lambda row: ring.index(row.user_id) if row.user_id in ring else len(ring))


def goals_by(covenant: Covenant) -> dict[int, Goal]:
    """What people want from these sessions, by account: for `reads_goal` to sift. One query."""
    return {goal.user_id: goal for goal in _goals(covenant)}


@FixedStatement
def _goals(covenant: Covenant) -> QuerySet[Goal]:
    return Goal.objects.filter(covenant=covenant).select_related("vault", "user")


def goals_of(covenant: Covenant) -> list[Goal]:
    """What members still in the circle want from these sessions, in the order of the ring: for `reads_goal` to sift."""
    goals = goals_by(covenant)
    return [goals[user.pk] for user in ring_of(covenant.circle) if user.pk in goals]


@in_pages(TRAIL_SHOWN)
def audit_of(circle: Circle) -> QuerySet[AuditEntry]:
    """The circle's own trail, shown to its members, the latest first: all of it, so that nobody pushes an entry out."""
    return AuditEntry.objects.filter(circle=circle).select_related("actor", "about").order_by("-at", "-pk")


def removals_for(circle: Circle, reader: User) -> list[RemovalRequest]:
    """Open questions whether somebody stays, for everybody but the one they are about."""
    rows = RemovalRequest.objects.still_asked().filter(membership__circle=circle)
    return list(rows.exclude(membership__user=reader).select_related("membership__user", "asked_by").order_by("pk"))


def removals_to_answer(user: User) -> QuerySet[RemovalRequest]:
    """Open questions of others whether somebody stays, in circles a person is in; nothing is asked yet."""
    inside = Membership.objects.filter(circle=OuterRef("membership__circle"), user=user, left_at=None)
    rows = RemovalRequest.objects.still_asked().filter(Exists(inside), membership__circle__closed_at=None)
    rows = rows.exclude(membership__user=user).exclude(asked_by=user)
    found: QuerySet[RemovalRequest] = rows.select_related("membership__user", "membership__circle", "asked_by")
    return found.order_by("pk")


def slips_to_confirm(user: User) -> QuerySet[Invitation]:
    """Printed slips that somebody has used, in circles a person looks after; nothing is asked yet."""
    runs = Membership.objects.filter(
        Q(facilitates=True) | Q(takes_part=True, circle__self_run=True),
        circle=OuterRef("circle"), user=user, left_at=None, circle__closed_at=None,
    )  # fmt: skip
    rows = Invitation.objects.filter(Exists(runs), claimed_by__isnull=False, settled_at=None, revoked_at=None)
    return rows.select_related("circle", "claimed_by").defer("name", "word").order_by("pk")


def changes_to_answer(user: User) -> QuerySet[Announcement]:
    """What waits for a person's own yes: that they look after a circle too; nothing is asked yet."""
    rows = Announcement.objects.filter(about__user=user, about__left_at=None, settled_at=None, takes_effect_at=None)
    return rows.select_related("circle", "asked_by").order_by("pk")


def changes_for(circle: Circle, reader: User) -> list[dict[str, Any]]:
    """What is announced of what all rely on, with what it was and will be.

    What waits for somebody's yes is between that person and whoever asked.
    """
    rows = Announcement.objects.filter(circle=circle, settled_at=None).select_related("asked_by", "about__user")
    return [
        {
            "change": row,
            "label": row.get_what_display(),
            "before": change_said(row, row.before),
            "after": change_said(row, row.after),
            "mine": row.asked_by == reader,
            "asked": row.waits_for_yes and row.about is not None and row.about.user == reader,
            "may_object": row.asked_by != reader and not row.waits_for_yes and row.what != Relied.HOSTING,
            "about_me": row.about is not None and row.about.user == reader,
        }
        for row in rows.order_by("asked_at", "pk")
        if not row.waits_for_yes or reader in (row.asked_by, row.about.user if row.about else None)
    ]


def change_said(change: Announcement, values: dict[str, Any]) -> str:
    """One side of a change, in words."""
    if change.what == Relied.CONTACT:
        return " · ".join(filter(None, (values["contact_name"], values["contact_email"]))) or str(_("nobody"))
    if change.what == Relied.RETENTION:
        return str(Retention(values["retention_days"]).label)
    if change.what == Relied.MANAGERS:
        return str(values["managers_here"]) or str(_("nobody manages anybody"))
    if change.what == Relied.PROMISE:
        return str(values["sessions"])
    if change.what == Relied.CLOSING:
        return str(_("the circle is closed") if values["closed"] else _("the circle goes on"))
    if change.what == Relied.FACILITATOR:
        name = {"name": change.about.user if change.about else ""}
        return _("%(name)s looks after it too") % name if values["facilitates"] else _("%(name)s does not") % name
    return _("the circle runs itself") if values["self_run"] else _("its facilitator hosts")


def invitation_facts(invitation: Invitation) -> dict[str, Any]:
    """What an invited person is shown before they answer: who is in, what is promised."""
    members = members_of(invitation.circle)
    return {
        "circle": invitation.circle,
        "inviter": invitation.invited_by,
        "members": members,
        "covenant": covenant_of(invitation.circle),
    }


def coming_plan_of(circle: Circle, user: User) -> str:
    """What somebody wrote for themselves about coming to this circle; empty where nothing stands."""
    found = _coming_plans(circle, user)
    return found[0].text if found else ""


@FixedStatement
def _coming_plans(circle: Circle, user: User) -> QuerySet[ComingPlan]:
    return ComingPlan.objects.filter(circle=circle, user=user)
