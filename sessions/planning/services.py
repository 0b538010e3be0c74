"""Writes before a session: its date, who says they come, roles, the issue someone brings, reminders."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from accounts.zones import to_instant
from circles.models import Circle, Membership
from circles.rotation import assign
from circles.sealed import Unreadable
from notifications.services import About, messages_drop, messages_put
from sessions.enums import Fit, ParticipantKind, Role, Rsvp, SessionStatus
from sessions.models import CircleSession, FormatVersion, GuestPass, Issue, Participation, SessionRole
from sessions.planning.selectors import role_history, roles_needed

SCHEDULED, MOVED, CANCELLED = "session_scheduled", "session_moved", "session_cancelled"
DAY_BEFORE, HOUR_BEFORE = "session_day_before", "session_hour_before"
REMINDERS = {DAY_BEFORE: timedelta(days=1), HOUR_BEFORE: timedelta(hours=1)}
ABOUT_DATES = (SCHEDULED, MOVED, *REMINDERS)
PLANNED_AHEAD = timedelta(days=8)


@dataclass(frozen=True)
class SessionWish:
    """When, where and how a session is to be held. `local_start` is wall time, without a zone."""

    local_start: datetime
    zone: str
    format: FormatVersion
    minutes: int
    fit: str = Fit.ASK
    place: str = ""
    call_link: str = ""


@transaction.atomic
def session_schedule(*, circle: Circle, wish: SessionWish, by: User, now: datetime) -> CircleSession:
    """Plan a session: its members are told by mail, roles are proposed, reminders planned. Refused in the past."""
    starts_at = _future(wish, now)
    session = CircleSession.objects.create(
        circle=circle,
        local_date=wish.local_start.date(),
        local_time=wish.local_start.time(),
        zone=wish.zone,
        starts_at=starts_at,
        format_version=wish.format,
        minutes=wish.minutes,
        fit=wish.fit,
        place=wish.place,
        call_link=wish.call_link,
        changed_at=now,
    )
    roles_propose(session=session)
    _tell(session, SCHEDULED, now=now)
    reminders_plan_for(session=session, now=now)
    return session


def _future(wish: SessionWish, now: datetime) -> datetime:
    starts_at = to_instant(wish.local_start, wish.zone)
    if starts_at <= now:
        raise Refused(_("The session must be in the future."))
    return starts_at


@transaction.atomic
def session_update(*, session: CircleSession, wish: SessionWish, by: User, now: datetime) -> CircleSession:
    """Change a planned session. A new time or place is mailed, earlier reminders are dropped and planned afresh."""
    starts_at = _future(wish, now)
    told = (session.starts_at, session.place, session.call_link)
    changed = CircleSession.objects.filter(
        pk=session.pk, status=SessionStatus.PLANNED, revision=session.revision
    ).update(
        local_date=wish.local_start.date(),
        local_time=wish.local_start.time(),
        zone=wish.zone,
        starts_at=starts_at,
        format_version=wish.format,
        minutes=wish.minutes,
        fit=wish.fit,
        place=wish.place,
        call_link=wish.call_link,
        revision=F("revision") + 1,
        version=F("version") + 1,
        changed_at=now,
    )
    if not changed:
        raise Refused(_("Somebody else has just changed this session. Look at it again."))
    messages_drop(about_code=session.code, kinds=ABOUT_DATES)
    session.refresh_from_db()
    GuestPass.objects.filter(session=session, revoked_at=None).update(expires_at=session.plans_to_end_at)
    if told != (session.starts_at, session.place, session.call_link):
        Participation.objects.filter(session=session).update(rsvp=Rsvp.NONE)
        _tell(session, MOVED, now=now)
    roles_propose(session=session)
    reminders_plan_for(session=session, now=now)
    return session


@transaction.atomic
def turns_agree(*, session: CircleSession, minutes: dict[int, int | None], by: User, now: datetime) -> None:
    """Keep the minutes that people agreed for their turns (by user id; None is an equal share)."""
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    for user in User.objects.filter(pk__in=list(minutes)):
        row = participation_of(session=session, user=user)
        Participation.objects.filter(pk=row.pk).update(minutes=minutes[user.pk])
    version_raise(session=session)


@transaction.atomic
def session_cancel(*, session: CircleSession, by: User, now: datetime) -> None:
    """Cancel a planned session: everybody is told, and nothing more is sent about it."""
    cancelled = CircleSession.objects.filter(pk=session.pk, status=SessionStatus.PLANNED).update(
        status=SessionStatus.CANCELLED, revision=F("revision") + 1, version=F("version") + 1, changed_at=now
    )
    if not cancelled:
        raise Refused(_("This session has started or was cancelled already."))
    messages_drop(about_code=session.code, kinds=ABOUT_DATES)
    session.refresh_from_db()
    _tell(session, CANCELLED, now=now)


def _tell(session: CircleSession, kind: str, *, now: datetime) -> None:
    about = About("session", session.code, session.revision)
    messages_put(kind=kind, about=about, to=_people(session), due_at=now, now=now)


def _people(session: CircleSession) -> list[User]:
    """Everybody who is told about a session: its circle, and guests who said yes."""
    members = Membership.objects.filter(circle=session.circle_id, left_at=None).values("user")
    guests = GuestPass.objects.accepted().filter(session=session).values("user")
    return list(User.objects.filter(Q(pk__in=members) | Q(pk__in=guests), is_active=True))


def reminders_plan_for(*, session: CircleSession, now: datetime) -> None:
    """Write the reminders of one session that come due within eight days; passed ones are not made up for."""
    about = About("session", session.code, session.revision)
    people = _people(session)
    for kind, before in REMINDERS.items():
        due_at = session.starts_at - before
        if now < due_at <= now + PLANNED_AHEAD:
            messages_put(kind=kind, about=about, to=people, due_at=due_at, now=now)


def reminders_plan(*, now: datetime) -> int:
    """Plan the reminders of all sessions of the coming days, for newcomers too. How many were looked at."""
    coming = CircleSession.objects.filter(
        status=SessionStatus.PLANNED,
        starts_at__gt=now,
        starts_at__lte=now + PLANNED_AHEAD + timedelta(days=1),
    ).select_related("circle")
    sessions = list(coming)
    for session in sessions:
        reminders_plan_for(session=session, now=now)
    return len(sessions)


def participation_of(*, session: CircleSession, user: User) -> Participation:
    """The person's row for this session, made at their first word about it."""
    row, _made = Participation.objects.get_or_create(
        session=session, user=user, defaults={"kind": _kind_of(session, user)}
    )
    return row


def _kind_of(session: CircleSession, user: User) -> ParticipantKind:
    member = Membership.objects.filter(circle=session.circle_id, user=user, left_at=None).first()
    if member is None:
        return ParticipantKind.GUEST
    return ParticipantKind.MEMBER if member.takes_part else ParticipantKind.FACILITATOR


@transaction.atomic
def rsvp_set(*, session: CircleSession, user: User, answer: Rsvp, now: datetime) -> None:
    """Say whether one comes; it can be changed until the session starts."""
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    row = participation_of(session=session, user=user)
    Participation.objects.filter(pk=row.pk).update(rsvp=answer)
    version_raise(session=session)


def version_raise(*, session: CircleSession) -> None:
    """Count that something a screen of this session shows has changed."""
    CircleSession.objects.filter(pk=session.pk).update(version=F("version") + 1)


@transaction.atomic
def issue_bring(*, session: CircleSession, owner: User, title: str, text: str, ask: str, now: datetime) -> Issue:
    """Bring an issue, or change the one brought; possible until the session ends."""
    if session.status not in (SessionStatus.PLANNED, SessionStatus.RUNNING):
        raise Refused(_("The session is over."))
    issue = Issue.objects.filter(session=session, owner=owner).first() or Issue(
        session=session, owner=owner, vault=session.circle.vault
    )
    if isinstance(issue.title, Unreadable):
        raise Refused(_("What you brought cannot be read at the moment, so it cannot be changed."))
    issue.title, issue.text, issue.ask = title, text, ask
    issue.save()
    row = participation_of(session=session, user=owner)
    if session.is_planned:
        Participation.objects.filter(pk=row.pk).update(presents=True)
    version_raise(session=session)
    return issue


@transaction.atomic
def issue_take_back(*, session: CircleSession, owner: User) -> None:
    """Take the issue back: its words are deleted. Only before the session starts."""
    if not session.is_planned:
        raise Refused(_("The session has started."))
    Issue.objects.filter(session=session, owner=owner).delete()
    Participation.objects.filter(session=session, user=owner).update(presents=False)
    version_raise(session=session)


@transaction.atomic
def roles_propose(*, session: CircleSession) -> None:
    """Fill every role of the format nobody was chosen for. The facilitator hosts until the circle is self-run."""
    circle = session.circle
    needed = [role.value for role in roles_needed(session.format_version.rule)]
    members = list(Membership.objects.filter(circle=circle, left_at=None).order_by("joined_at", "pk"))
    ring = [member.user_id for member in members if member.takes_part]
    away = set(Participation.objects.filter(session=session, rsvp=Rsvp.NO).values_list("user_id", flat=True))
    people = [user_id for user_id in ring if user_id not in away] or ring
    proposed = assign(needed, people, role_history(circle))
    if not circle.self_run:
        hosts = [member.user_id for member in members if member.facilitates]
        others = [user_id for user_id in people if user_id not in hosts[:1]] or people
        rotating = [role for role in needed if role != Role.HOST.value]
        proposed = {Role.HOST.value: hosts[0]} | assign(rotating, others, role_history(circle))
    roles = SessionRole.objects.filter(session=session)
    roles.exclude(role_key__in=needed).delete()
    chosen = set(roles.filter(chosen=True).values_list("role_key", flat=True))
    for role_key, user_id in proposed.items():
        if role_key not in chosen:
            SessionRole.objects.update_or_create(session=session, role_key=role_key, defaults={"user_id": user_id})


@transaction.atomic
def roles_choose(*, session: CircleSession, holders: dict[str, User], by: User, now: datetime) -> None:
    """The facilitator says who holds which role."""
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    for role_key, user in holders.items():
        SessionRole.objects.update_or_create(
            session=session, role_key=role_key, defaults={"user": user, "chosen": True}
        )
    version_raise(session=session)


@transaction.atomic
def role_take(*, session: CircleSession, role: Role, user: User, now: datetime) -> None:
    """A member takes a role of a session that has not started, from whoever was to hold it. The host's is not taken."""
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    held = SessionRole.objects.filter(session=session, role_key=role)
    if role == Role.HOST or not held.update(user=user, chosen=True):
        raise Refused(_("This role cannot be taken. Ask whoever looks after the circle."))
    version_raise(session=session)
