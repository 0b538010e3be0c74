"""Mails about dates: set, moved, cancelled, held early, one or a series, and all of them to whoever has come in."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse

from agreements.selectors import versions_to_sign
from circles.models import Membership
from circles.selectors import belongs
from notifications.models import Message
from sessions.calendars import CALLED_OFF
from sessions.enums import Role, SessionStatus
from sessions.mails.context import context_after, context_of, planned, session_coming, session_of
from sessions.mails.inviting import calendar_for, is_invited
from sessions.models import CircleSession, Series, SessionRole
from sessions.planning.selectors import made_instead
from sessions.planning.series_services import family_of
from sessions.rules.recurrence import MOST


def welcome(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever has just come in: every date that is planned, with their roles, and what to sign."""
    rows = Membership.objects.filter(code=message.subject_code, user=message.user, left_at=None)
    member = rows.select_related("circle").first()
    if member is None or message.user is None:
        return None
    circle = member.circle
    planned = CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    sessions = list(planned.select_related("circle", "format_version").order_by("starts_at", "pk")[:MOST])
    held: dict[int, list[str]] = {}
    roles = SessionRole.objects.filter(session__in=sessions, user=message.user).order_by("role_key")
    for session_id, key in roles.values_list("session", "role_key"):
        held.setdefault(session_id, []).append(str(Role(key).label))
    # Read when it is sent and not when it was written: somebody may have signed meanwhile.
    to_sign = versions_to_sign(message.user).filter(agreement__circle=circle).exists()
    return {
        "circle": circle,
        "sessions": sessions,
        "dated": [(one, held.get(one.pk, [])) for one in sessions],
        "sign": reverse("agreements:agreement", args=[circle.code]) if to_sign else "",
        "ways": reverse("pages:calendar") if is_invited(message.user) else "",
        "path": reverse("pages:circle", args=[circle.code]),
    } | (calendar_for(message, sessions, now=now) if sessions else {})


def _series(message: Message, now: datetime, status: SessionStatus) -> dict[str, Any] | None:
    """The dates of a series that are still to come, in the person's time, in one mail."""
    series = Series.objects.filter(code=message.subject_code).select_related("circle").first()
    if series is None or message.user is None or not belongs(series.circle, message.user):
        return None
    rows = CircleSession.objects.filter(series=series, status=status, starts_at__gt=now)
    if status == SessionStatus.CANCELLED:  # what went off at once, also of what the series was split into
        rows = CircleSession.objects.filter(
            series__in=family_of(series), status=status, starts_at__gt=now, changed_at=message.created_at
        )
    sessions = list(rows.select_related("circle", "format_version").order_by("starts_at", "pk")[:MOST])
    if not sessions:
        return None
    return {
        "circle": series.circle,
        "sessions": sessions,
        "starts": sessions[0].starts_local(message.user.zone_or(sessions[0].zone)),
        "reason": sessions[0].reason,
        # Those that the latest change has moved.
        "changed_at": max((one.changed_at for one in sessions if one.changed_at), default=None),
        "by": sessions[0].starts_at,
        "path": reverse("pages:circle", args=[series.circle.code]),
    } | calendar_for(message, sessions, now=now)


def series_planned(message: Message, now: datetime) -> dict[str, Any] | None:
    return _series(message, now, SessionStatus.PLANNED)


def series_cancelled(message: Message, now: datetime) -> dict[str, Any] | None:
    return _series(message, now, SessionStatus.CANCELLED)


def cancelled(message: Message, now: datetime) -> dict[str, Any] | None:
    session = session_coming(message, now)
    if session is None or session.status != SessionStatus.CANCELLED:
        return None
    context = context_of(session, message) | calendar_for(message, [session], now=now)
    if instead := made_instead(session):
        both = calendar_for(message, [session, instead], now=now)
        return context | {"instead": instead} | (both if "invitation" in both else _more_of(message, instead, now))
    coming = CircleSession.objects.filter(circle=session.circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    return context | {"next": coming.order_by("starts_at", "pk").first()}


def _more_of(message: Message, session: CircleSession, now: datetime) -> dict[str, Any]:
    """A second file in a mail whose first cancels."""
    return {"calendar_more": calendar_for(message, [session], now=now).get("calendar")}


def dated(message: Message, now: datetime) -> dict[str, Any] | None:
    """A session that was scheduled or moved, with its calendar entry."""
    context = planned(message, now)
    return context | calendar_for(message, [context["session"]], now=now) if context else None


def calendar_date(message: Message, now: datetime) -> dict[str, Any] | None:
    """One date of a mail about several, as it is, to whoever answers in their calendar."""
    session = session_coming(message, now)
    if session is None or session.status not in (SessionStatus.PLANNED, *CALLED_OFF):
        return None
    invited = calendar_for(message, [session], now=now)
    off = session.status in CALLED_OFF
    return context_of(session, message) | invited | {"off": off} if "invitation" in invited else None


def held_early(message: Message, now: datetime) -> dict[str, Any] | None:
    """A session that was held before its time: the date people knew of, and the true one."""
    early = session_of(message).filter(status=SessionStatus.ENDED, moved_from__gt=F("starts_at"))
    session = early.first()
    if session is None:
        return None
    return context_after(session, message) | calendar_for(message, [session], now=now)
