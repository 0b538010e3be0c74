"""The mails of sessions: circle, time, role and a link. Never an issue, never a word that was said."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agreements.selectors import versions_to_sign
from circles.enums import CircleStatus
from circles.models import Circle, Covenant, CovenantVote, Membership
from circles.selectors import belongs
from circles.services import WELCOME
from notifications.enums import Channel, MessageState
from notifications.models import Message
from notifications.registry import DAY, HOUR, Kind
from sessions.calendars import sessions_file
from sessions.enums import Role, Rsvp, SessionStatus, SwapAnswer
from sessions.guests.services import guest_token
from sessions.kinds import (
    BEFORE,
    CANCELLED,
    DAY_BEFORE,
    DECIDE,
    FADING,
    GUEST_ANSWERED,
    GUEST_COMES,
    GUEST_INVITED,
    GUEST_NOT,
    GUEST_TOLD,
    HELD_EARLY,
    HOUR_BEFORE,
    MOVED,
    POLL,
    POLL_AGAIN,
    QUORUM,
    ROLE_NEXT,
    RSVP_WANTED,
    SCHEDULED,
    SERIES_CANCELLED,
    SERIES_CHANGED,
    SERIES_SCHEDULED,
    SWAP_ANSWERED,
    SWAP_ASKED,
    TIMES_WANTED,
    TO_SIGN,
    WEEK_BEFORE,
)
from sessions.models import (
    CircleSession,
    GuestPass,
    Participation,
    PollAnswer,
    ReminderNote,
    RoleSwap,
    Series,
    SessionRole,
    TimePoll,
    coming,
)
from sessions.planning.gathering_selectors import expected_in
from sessions.planning.series_services import family_of
from sessions.rules.recurrence import MOST

CIRCLE, TODAY, TIMES = "pages:circle", "pages:today", "pages:times"


def _welcome(message: Message, now: datetime) -> dict[str, Any] | None:
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
    to_sign = versions_to_sign(message.user).filter(agreement__circle=circle).exists()
    return {
        "circle": circle,
        "sessions": sessions,
        "dated": [(one, held.get(one.pk, [])) for one in sessions],
        "sign": reverse("agreements:agreement", args=[circle.code]) if to_sign else "",
        "path": reverse("pages:circle", args=[circle.code]),
    } | ({"calendar": sessions_file(sessions)} if sessions else {})


def _session(message: Message, now: datetime) -> CircleSession | None:
    """The session if the person still belongs to its circle and the message is of its present revision."""
    found = _told(message).select_related("circle", "format_version").first()
    return found if found and found.starts_at > now else None


def _told(message: Message) -> QuerySet[CircleSession]:
    """The session a message is about in its present revision, for members of its circle and guests who said yes."""
    member = Membership.objects.filter(circle=OuterRef("circle"), user=message.user, left_at=None)
    guest = GuestPass.objects.accepted().filter(session=OuterRef("pk"), user=message.user)
    return CircleSession.objects.filter(
        Exists(member) | Exists(guest), code=message.subject_code, revision=message.revision
    )


def _context(session: CircleSession, message: Message) -> dict[str, Any]:
    zone = message.user.zone_or(session.zone) if message.user else session.zone
    as_it_is = CircleSession.objects.filter(pk=session.pk, revision=session.revision, status=session.status)
    held = SessionRole.objects.filter(session=session, user=message.user).order_by("role_key")
    roles = [str(Role(key).label) for key in held.values_list("role_key", flat=True)]
    return {
        "circle": session.circle,
        "session": session,
        "starts": session.starts_local(zone),
        "by": session.starts_at,
        "still": lambda at: session.starts_at > at and as_it_is.exists(),
        "was": session.moved_from,
        "format": session.format_version.name,
        "roles": roles,
        "role": ", ".join(roles),
        "path": reverse("sessions:session", args=[session.code]),
    }


def _planned(message: Message, now: datetime) -> dict[str, Any] | None:
    session = _session(message, now)
    if session is None or session.status != SessionStatus.PLANNED:
        return None
    return _context(session, message)


def _reminder(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever has not said no, unless a nearer one is due already; with the facilitator's note to it."""
    context = _planned(message, now)
    if context is None or _said(message, context["session"]) == Rsvp.NO or _superseded(message, now):
        return None
    note = ReminderNote.objects.filter(session=context["session"], kind=message.kind).first()
    return context | _near(context, now) | {"note": note.text if note else ""}


def _near(context: dict[str, Any], now: datetime) -> dict[str, str]:
    """Today, tomorrow or the day, as the person's calendar says when it is read: alone, and within a sentence."""
    starts = context["starts"]
    days = (starts.date() - now.astimezone(starts.tzinfo).date()).days
    day = date_format(starts, "l j F")
    near, when = {0: (_("Today"), _("today")), 1: (_("Tomorrow"), _("tomorrow"))}.get(days) or (day, _("on %s") % day)
    return {"near": str(near), "when": str(when)}


def _said(message: Message, session: CircleSession) -> str:
    rows = Participation.objects.filter(session=session, user=message.user)
    return rows.values_list("rsvp", flat=True).first() or Rsvp.NONE


def _superseded(message: Message, now: datetime) -> bool:
    """A reminder so late that a nearer one is due already says nothing new."""
    nearer = BEFORE[BEFORE.index(message.kind) + 1 :]
    others = Message.objects.filter(
        subject_code=message.subject_code, revision=message.revision, user=message.user, kind__in=nearer
    )
    return others.filter(due_at__lte=now).exclude(state=MessageState.DROPPED).exists()


def _rsvp_wanted(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said whether they come."""
    context = _planned(message, now)
    if context is None or _said(message, context["session"]):
        return None
    return context | _near(context, now)


def _to_sign(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not signed the agreement in force."""
    context = _planned(message, now)
    if context is None or message.user is None:
        return None
    to_sign = versions_to_sign(message.user).filter(agreement__circle=context["circle"])
    if not to_sign.exists():
        return None
    return context | {"path": reverse("agreements:agreement", args=[context["circle"].code])}


def _quorum(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a facilitator, while fewer are counted on than the circle wants at least."""
    context = _planned(message, now)
    if context is None or not _facilitates(message, context["circle"]):
        return None
    coming = len(expected_in(context["session"]))
    return context | {"coming": coming} if coming < context["circle"].min_size else None


def _facilitates(message: Message, circle: Circle) -> bool:
    return Membership.objects.filter(circle=circle, user=message.user, left_at=None, facilitates=True).exists()


def _role_next(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever holds a role of the session now."""
    context = _planned(message, now)
    if context is None or not context["roles"] or _said(message, context["session"]) == Rsvp.NO:
        return None
    return context | _near(context, now) | {"days": context["circle"].roles_days}


def _swap(message: Message) -> RoleSwap | None:
    rows = RoleSwap.objects.filter(code=message.subject_code, session__status=SessionStatus.PLANNED)
    return rows.select_related(
        "session__circle", "session__format_version", "session__series", "asked_by", "asked"
    ).first()


def _swap_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    swap = _swap(message)
    if swap is None or swap.answer or swap.session.starts_at <= now or not belongs(swap.session.circle, message.user):
        return None
    return _context(swap.session, message) | {"who": swap.asked_by, "asked_role": Role(swap.role_key).label}


def _swap_answered(message: Message, now: datetime) -> dict[str, Any] | None:
    swap = _swap(message)
    if swap is None or not swap.answer or swap.session.starts_at <= now:
        return None
    if not belongs(swap.session.circle, message.user):
        return None
    yes = swap.answer == SwapAnswer.YES
    return _context(swap.session, message) | {"who": swap.asked, "yes": yes, "asked_role": Role(swap.role_key).label}


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
        "calendar": sessions_file(sessions),
        "path": reverse("pages:circle", args=[series.circle.code]),
    }


def _series_planned(message: Message, now: datetime) -> dict[str, Any] | None:
    return _series(message, now, SessionStatus.PLANNED)


def _series_cancelled(message: Message, now: datetime) -> dict[str, Any] | None:
    return _series(message, now, SessionStatus.CANCELLED)


def _poll(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not answered a poll that is open."""
    poll = TimePoll.objects.filter(code=message.subject_code, closed_at=None).select_related("circle", "asked_by")
    found = poll.first()
    if found is None or not belongs(found.circle, message.user):
        return None
    if PollAnswer.objects.filter(option__poll=found, user=message.user).exists():
        return None
    times = list(found.options.filter(starts_at__gt=now).order_by("starts_at"))
    if not times:
        return None
    path = reverse("sessions:poll", args=[found.code])
    return {"circle": found.circle, "who": found.asked_by, "times": times, "path": path}


def _times_wanted(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said when they can meet."""
    circle = Circle.objects.filter(code=message.subject_code).first()
    if circle is None or message.user is None or not belongs(circle, message.user):
        return None
    if message.user.availability.exists():
        return None
    return {"circle": circle, "path": reverse("pages:times")}


def _fading(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a facilitator, while nothing is planned."""
    circle = Circle.objects.filter(code=message.subject_code, status=CircleStatus.OPEN).first()
    if circle is None or not _facilitates(message, circle):
        return None
    if CircleSession.objects.filter(coming(now), circle=circle).exists():
        return None
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).order_by("-starts_at").first()
    last = held.starts_at if held else None
    return {"circle": circle, "last": last, "path": reverse("sessions:schedule", args=[circle.code])}


def _decide(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said what the circle should do next, while it is not decided."""
    covenant = Covenant.objects.filter(
        circle__code=message.subject_code, number=message.revision, decided_at=None
    ).first()
    if covenant is None or not belongs(covenant.circle, message.user):
        return None
    if CovenantVote.objects.filter(covenant=covenant, user=message.user).exists():
        return None
    seated = Membership.objects.filter(circle=covenant.circle, left_at=None, takes_part=True)
    said = CovenantVote.objects.filter(covenant=covenant, user__in=seated.values("user"))
    return {
        "circle": covenant.circle,
        "number": covenant.sessions,
        "said": said.count(),
        "all": seated.count(),
        "path": reverse("pages:decide", args=[covenant.circle.code]),
    }


def _cancelled(message: Message, now: datetime) -> dict[str, Any] | None:
    session = _session(message, now)
    if session is None or session.status != SessionStatus.CANCELLED:
        return None
    context = _context(session, message) | {"calendar": sessions_file([session])}
    if instead := _made_instead(session):
        return context | {"instead": instead, "calendar_more": sessions_file([instead])}
    coming = CircleSession.objects.filter(circle=session.circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    return context | {"next": coming.order_by("starts_at", "pk").first()}


def _made_instead(session: CircleSession) -> CircleSession | None:
    """The date at the end of the series that was made in the moment in which this one was left out, as it was made."""
    if session.series_id is None or session.changed_at is None:
        return None
    made = CircleSession.objects.filter(series=session.series_id, changed_at=session.changed_at, revision=0)
    return made.filter(status=SessionStatus.PLANNED).select_related("circle", "format_version").order_by("-pk").first()


def _dated(message: Message, now: datetime) -> dict[str, Any] | None:
    """A session that was scheduled or moved, with its calendar entry."""
    context = _planned(message, now)
    return context | {"calendar": sessions_file([context["session"]])} if context else None


def _held_early(message: Message, now: datetime) -> dict[str, Any] | None:
    """A session that was held before its time: the date people knew of, and the true one."""
    early = _told(message).filter(status=SessionStatus.ENDED, moved_from__gt=F("starts_at"))
    session = early.select_related("circle", "format_version").first()
    if session is None:
        return None
    context = _context(session, message) | {"calendar": sessions_file([session])}
    return {name: value for name, value in context.items() if name not in ("by", "still")}


def _pass(message: Message) -> GuestPass | None:
    rows = GuestPass.objects.filter(code=message.subject_code)
    return rows.select_related("session__circle", "session__format_version", "invited_by").first()


def _guest(message: Message, now: datetime) -> tuple[GuestPass, dict[str, Any]] | None:
    """A pass that still stands, of a session that is still to come."""
    guest = _pass(message)
    if guest is None or guest.revoked_at or not guest.session.is_planned or guest.session.starts_at <= now:
        return None
    return guest, _context(guest.session, message) | {"guest": guest, "inviter": guest.invited_by}


def _guest_invited(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _guest(message, now)
    if found is None or found[0].used_at:
        return None
    token = guest_token(found[0])
    if GuestPass.hash_of(token) != found[0].token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    zone = found[0].session.zone
    return found[1] | {"zone": zone, "path": reverse("sessions:guest_open", args=[token])}


def _guest_told(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the members, so that each can say that they would rather not."""
    found = _guest(message, now)
    return found[1] if found and belongs(found[0].session.circle, message.user) else None


def _guest_not(message: Message, now: datetime) -> dict[str, Any] | None:
    """To somebody who had said yes, and is not a guest after all."""
    guest = _pass(message)
    if guest is None or not guest.revoked_at or not guest.session.is_planned:
        return None
    return _context(guest.session, message) | {"path": reverse("pages:today")}


def _guest_comes(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a guest who has said yes: when, where, what they sign first, and the entry for their calendar."""
    found = _guest(message, now)
    if found is None or not found[0].is_accepted or found[0].user != message.user:
        return None
    return found[1] | {"calendar": sessions_file([found[0].session])}


def _guest_answered(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever invited a guest, while they are in the circle: that they come, or that there is no such guest."""
    guest = _pass(message)
    if guest is None or not guest.session.is_planned or guest.session.starts_at <= now:
        return None
    if not belongs(guest.session.circle, message.user):
        return None
    return _context(guest.session, message) | {"guest": guest, "comes": guest.is_accepted}


SESSION = "sessions:session"


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=WELCOME,
        email="sessions/welcome",
        prepare=_welcome,
        label=_("You are in a circle"),
        page=CIRCLE,
        of_circle=True,
        may_choose=False,
    ),
    Kind(key=SCHEDULED, email="sessions/scheduled", prepare=_dated, label=_("A session was scheduled"), page=SESSION),
    # A choice of their own: whoever wants no mail of new dates still hears that one does not hold.
    Kind(key=MOVED, email="sessions/moved", prepare=_dated, label=_("A session was moved"), page=SESSION, urgent=True),
    Kind(
        key=CANCELLED,
        email="sessions/cancelled",
        prepare=_cancelled,
        label=_("A session was cancelled"),
        page=SESSION,
        urgent=True,
        chosen_with=MOVED,
        after_closing=True,
    ),
    Kind(
        key=HELD_EARLY,
        email="sessions/held_early",
        prepare=_held_early,
        label=_("A session was held early"),
        page=SESSION,
        urgent=True,
        chosen_with=MOVED,
    ),
    Kind(
        key=SERIES_SCHEDULED,
        email="sessions/series",
        prepare=_series_planned,
        label=_("Several sessions were scheduled"),
        page=CIRCLE,
        of_circle=True,
        chosen_with=SCHEDULED,
    ),
    Kind(
        key=SERIES_CHANGED,
        email="sessions/series_changed",
        prepare=_series_planned,
        label=_("Several sessions were moved"),
        page=CIRCLE,
        of_circle=True,
        urgent=True,
        chosen_with=MOVED,
    ),
    Kind(
        key=SERIES_CANCELLED,
        email="sessions/series_cancelled",
        prepare=_series_cancelled,
        label=_("Several sessions were cancelled"),
        page=CIRCLE,
        of_circle=True,
        urgent=True,
        chosen_with=MOVED,
        after_closing=True,
    ),
    Kind(
        key=WEEK_BEFORE,
        email="sessions/reminder",
        prepare=_reminder,
        label=_("A session in some days"),
        page=SESSION,
        usual=Channel.BELL,
        leads=(7 * DAY, 6 * DAY, 5 * DAY, 4 * DAY),
    ),
    Kind(
        key=DAY_BEFORE,
        email="sessions/reminder",
        prepare=_reminder,
        label=_("A session tomorrow"),
        page=SESSION,
        leads=(DAY, 2 * DAY, 3 * DAY, 12 * HOUR),
    ),
    Kind(
        key=HOUR_BEFORE,
        email="sessions/reminder",
        prepare=_reminder,
        label=_("A session in an hour"),
        page=SESSION,
        leads=(HOUR, 2 * HOUR, 3 * HOUR, 30, 15),
    ),
    Kind(
        key=RSVP_WANTED,
        email="sessions/rsvp_wanted",
        prepare=_rsvp_wanted,
        label=_("Whether you come is not said yet"),
        page=SESSION,
        leads=(4 * DAY, 5 * DAY, 3 * DAY, 2 * DAY),
    ),
    Kind(key=ROLE_NEXT, email="sessions/role_next", prepare=_role_next, label=_("Your role next time"), page=SESSION),
    Kind(
        key=SWAP_ASKED,
        email="sessions/swap_asked",
        prepare=_swap_asked,
        label=_("Somebody asks you to take a role"),
        page=TODAY,
    ),
    Kind(
        key=SWAP_ANSWERED,
        email="sessions/swap_answered",
        prepare=_swap_answered,
        label=_("Your question about a role was answered"),
        page=TODAY,
        chosen_with=SWAP_ASKED,
    ),
    Kind(
        key=TO_SIGN,
        email="sessions/to_sign",
        prepare=_to_sign,
        label=_("An agreement to sign before the session"),
        page="agreements:agreement",
        of_circle=True,
        leads=(2 * DAY, 3 * DAY, 5 * DAY, DAY),
    ),
    Kind(key=POLL, email="sessions/poll", prepare=_poll, label=_("A poll about times to answer"), page="sessions:poll"),
    Kind(
        key=POLL_AGAIN,
        email="sessions/poll",
        prepare=_poll,
        label=_("A poll that waits for you"),
        page="sessions:poll",
        chosen_with=POLL,
    ),
    Kind(
        key=TIMES_WANTED,
        email="sessions/times_wanted",
        prepare=_times_wanted,
        label=_("When you can meet is not said yet"),
        page=TIMES,
        chosen_with=POLL,
    ),
    Kind(
        key=QUORUM,
        email="sessions/quorum",
        prepare=_quorum,
        label=_("Too few come to a session you look after"),
        page=SESSION,
        leads=(2 * DAY, 3 * DAY, DAY),
    ),
    Kind(
        key=FADING,
        email="sessions/fading",
        prepare=_fading,
        label=_("A circle you look after fades"),
        page=CIRCLE,
        of_circle=True,
    ),
    Kind(
        key=DECIDE,
        email="sessions/decide",
        prepare=_decide,
        label=_("Your circle decides how it goes on"),
        page="pages:decide",
        of_circle=True,
    ),
    Kind(
        key=GUEST_TOLD,
        email="sessions/guest_told",
        prepare=_guest_told,
        label=_("A guest is invited"),
        page=CIRCLE,
        of_circle=True,
    ),
    Kind(
        key=GUEST_INVITED,
        email="sessions/guest_invited",
        prepare=_guest_invited,
        label=_("You are invited as a guest"),
        page=SESSION,
        may_choose=False,
    ),
    Kind(
        key=GUEST_COMES,
        email="sessions/guest_comes",
        prepare=_guest_comes,
        label=_("You are a guest of a session"),
        page=SESSION,
        may_choose=False,
    ),
    Kind(
        key=GUEST_ANSWERED,
        email="sessions/guest_answered",
        prepare=_guest_answered,
        label=_("Whether a guest whom you invited comes"),
        page=CIRCLE,
        of_circle=True,
        chosen_with=GUEST_TOLD,
    ),
    Kind(
        key=GUEST_NOT,
        email="sessions/guest_not",
        prepare=_guest_not,
        label=_("You are not a guest after all"),
        page=TODAY,
        may_choose=False,
        after_closing=True,
    ),
)
