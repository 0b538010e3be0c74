"""Reads that join floors: Today, and the page of a circle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.zones import to_local
from agreements.commitment_selectors import commitments_open_for
from agreements.models import by_theme
from agreements.selectors import agreements_to_sign, in_force, proposals_unanswered, signatures_of
from circles.access import Seat
from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.models import Circle, Membership, SelfRunVoice
from circles.rules.naming import called
from circles.rules.ring import RingSeat
from circles.selectors import (
    changes_for,
    circles_for,
    covenant_of,
    decided_to_close,
    invitations_of,
    invitations_to,
    members_of,
)
from circles.tokens import shown_token_for
from notifications.models import Message
from notifications.registry import kind_of
from notifications.rendering import base_of
from pages.rules.steps import PATH, Facts, done, next_step, waits
from programmes import today_selectors as programmes
from programmes.pulse_selectors import pulse_waits, tickets_open
from sessions.enums import Attendance, ParticipantKind, Role
from sessions.live.windows import check_out_open, opens_at
from sessions.models import CheckOut, CircleSession, Participation
from sessions.planning.covenant_selectors import counts_of, decisions_to_make, look_is_due
from sessions.planning.finding_selectors import poll_of, polls_to_answer
from sessions.planning.roles_selectors import hosted_by_members, roles_in, roles_needed, roles_of, swaps_for
from sessions.planning.selectors import (
    clashes_of,
    sessions_coming,
    sessions_coming_page,
    sessions_held,
    sessions_next_for,
)

ROLES_SHOWN = 6
WAYS_IN = ("asked_in", "led", "enrolled", "invited")


def today_page(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything the Today page shows; the number of queries does not depend on how much there is."""
    coming = sessions_next_for(user, now=now)
    first = coming[0] if coming else None
    next_by_circle: dict[int, CircleSession] = {}
    for session in coming:
        next_by_circle.setdefault(session.circle_id, session)
    circles = circles_for(user)
    context: dict[str, Any] = {
        "now": now,
        "today": user.today(now),
        "session": first,
        "later": coming[1:4],
        "memberships": circles,
        "circles": [(member.circle, next_by_circle.get(member.circle_id)) for member in circles],
        "commitments": commitments_open_for(user),
        "to_sign": agreements_to_sign(user),
        "swaps": swaps_for(user, now=now),
        "to_decide": decisions_to_make(user),
    } | _seldom(user, now=now)
    context["first_page"] = not (circles or coming or any(context[name] for name in WAYS_IN))
    if first and first.circle_id not in {member.circle_id for member in circles}:
        context["guest"] = True
    elif first:
        context |= _next_session(first, user)
    return context


def _seldom(user: User, *, now: datetime) -> dict[str, Any]:
    """What hardly anybody has something of. One query says what there is, and one more reads each of that."""
    asked: dict[str, QuerySet[Any]] = {
        "polls": polls_to_answer(user, now=now),
        "tickets": tickets_open(user),
        "led": programmes.led(user),
        "enrolled": programmes.enrolled(user, now=now),
    }
    if user.unproved_since is None:  # what was sent to an address is for whoever has proved that it is theirs
        asked["asked_in"] = invitations_to(user.email, now=now)
        asked["invited"] = programmes.invited(user, now=now)
    flags = {name: Exists(rows) for name, rows in asked.items()}
    there = cast(dict[str, bool], User.objects.filter(pk=user.pk).values(**flags).get())
    found = {name: list(rows) if there[name] else [] for name, rows in asked.items()}
    open_in = [row for row in found["enrolled"] if not row.programme.is_over(now)]
    open_to = [row for row in found.get("invited", ()) if not row.programme.is_over(now)]
    return found | {
        "asked_in": [
            (one.circle, reverse("pages:invitation_open", args=[shown_token_for(one)]))
            for one in found.get("asked_in", ())
        ],
        "led": [programmes.led_line(row, now) for row in found["led"]],
        "enrolled": [programmes.enrolled_line(row, now) for row in open_in],
        "invited": [programmes.invited_line(row, now) for row in open_to],
    }


def _next_session(session: CircleSession, user: User) -> dict[str, Any]:
    members = members_of(session.circle)
    roles = roles_of(session)
    return {
        "ring": ring_seats(members, user),
        "ring_label": ring_sentence(session.circle, members, user),
        "roles": [str(role.label) for role in Role if roles.get(role.value) == user],
        "host": roles.get(Role.HOST.value),
        "number": counts_of(session).number,
        "covenant": covenant_of(session.circle),
    }


@dataclass(frozen=True)
class NoticeLine:
    """One notice as the bell lists it."""

    pk: int
    label: str
    circle: str
    heard_at: datetime
    unread: bool
    path: str


def notice_lines(rows: Iterable[Message]) -> list[NoticeLine]:
    """What is under the bell: what it is about, in which circle, where it leads; never a word. Two queries."""
    rows = list(rows)
    names = dict(
        Circle.objects.filter(code__in={row.circle_code for row in rows if row.circle_code}).values_list("code", "name")
    )
    return [
        NoticeLine(
            row.pk,
            _subject(row) if kind_of(row.kind).private else str(kind_of(row.kind).label),
            names.get(row.circle_code, "") if row.circle_code else "",
            row.heard_at or row.created_at,
            row.read_at is None,
            _leads_to(row),
        )
        for row in rows
    ]


def _subject(row: Message) -> str:
    """What concerns two people and is otherwise only mailed, by the subject its mail would have: it says who."""
    kind = kind_of(row.kind)
    context = kind.prepare(row, row.heard_at or row.created_at)
    return kind.subject(base_of(row, context) | context) if context else str(_("Something that has passed"))


def _leads_to(row: Message) -> str:
    kind = kind_of(row.kind)
    if not kind.page:
        return ""
    code = row.circle_code if kind.of_circle else row.subject_code
    try:
        return reverse(kind.page, args=[code])
    except NoReverseMatch:  # a page that is about the reader, and takes no code
        return reverse(kind.page)


def ring_seats(members: list[Membership], user: User, marks: dict[int, str] | None = None) -> list[RingSeat]:
    """The people with a seat, as the ring draws them for one of them."""
    names = called(member.user for member in members)
    return [
        RingSeat(
            member.user.initials,
            _("You") if member.user == user else names[member.user_id],
            (marks or {}).get(member.user_id, ""),
            you=member.user == user,
        )
        for member in members
        if member.takes_part
    ]


def ring_sentence(circle: Circle, members: list[Membership], user: User) -> str:
    """The picture of the ring in words, for whoever does not see it: who sits after whom."""
    names = called(member.user for member in members)
    listed = ", ".join(_("you") if m.user == user else names[m.user_id] for m in members if m.takes_part)
    return _("%(circle)s, clockwise: %(names)s.") % {"circle": circle.name, "names": listed}


def circle_page(seat: Seat, *, now: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """The page of a circle for one of its members; its facilitators also see the next step.

    `asked` says which pages of its sessions, `coming` and `held`, are shown.
    """
    circle = seat.circle
    members = members_of(circle)
    dates, held = sessions_coming_page(circle, asked.get("coming")), sessions_held(circle, asked.get("held"))
    coming = list(dates) if dates.number == 1 else sessions_coming(circle)
    version, clauses = in_force(circle)
    signed = signatures_of(version) if version else {}
    covenant = covenant_of(circle)
    lately = list(held if held.number == 1 else sessions_held(circle))
    count = lately[0].held_so_far if lately else 0
    local = {m.user_id: f"{m.user.city}, {_time_at(now, m.user)}" for m in members} if _zones(members) > 1 else {}
    first = next((session for session in coming if not session.was_missed(now)), None)
    shown, ahead = roles_in([one for one in coming if not one.was_missed(now)][:ROLES_SHOWN])
    roles = {role.value: holder for role, holder in zip(shown, ahead[0][1], strict=True) if holder} if first else {}
    poll, answered = poll_of(circle, seat.user, now=now)
    spans = [(one.starts_at, one.plans_to_end_at) for one in dates]
    led, ticket = pulse_waits(circle, seat.user)
    context = {
        "seat": seat,
        "circle": circle,
        "now": now,
        "members": members,
        "ring": ring_seats(members, seat.user, local),
        "ring_label": ring_sentence(circle, members, seat.user),
        "coming": [(session, session.was_missed(now)) for session in dates],
        "coming_page": dates,
        "held": held,
        "held_count": count,
        "next": first,
        "beads": _beads(covenant.sessions if covenant else 6, count, first is not None),
        "covenant": covenant,
        "themes": by_theme(clauses)[:4],
        "version": version,
        "signed_count": len([m for m in members if m.user_id in signed]),
        "has_signed": seat.user.pk in signed,
        "unanswered": proposals_unanswered(circle, seat.user) if seat.membership.takes_part else 0,
        "look_is_due": look_is_due(circle),
        "roles_shown": shown,
        "roles_ahead": ahead,
        "swaps": swaps_for(seat.user, now=now, circle=circle),
        "poll": poll,
        "poll_answered": answered,
        "clashes": {dates[at].pk for at in clashes_of(seat.user, circle, spans)},
        "independence": _independence(seat, members),
        "changes": changes_for(circle, seat.user) if seat.announced else [],
        "decide": covenant is not None and count >= covenant.sessions,
        "closing": covenant is None,
        "near": first is not None and (first.is_running or opens_at(first) <= now),
        "ticket": ticket,
        "led": led,
    }
    if seat.facilitates:
        dated = len([one for one in coming if not one.practice and not one.was_missed(now)])
        promise = (dated, covenant.sessions if covenant else 0)
        context |= _facilitating(seat, members, signed, first, roles, lately, count, promise, now)
    return context


def closed_page(seat: Seat, *, asked: Mapping[str, str]) -> dict[str, Any]:
    """The page of a circle that is closed: what can still be read and until when; once words are gone, its dates."""
    circle = seat.circle
    return {
        "seat": seat,
        "circle": circle,
        "members": members_of(circle),
        "held": sessions_held(circle, asked.get("held")),
        "gone": circle.vault.destroyed_at,
        "gone_at": circle.closed_at + KEPT_AFTER_CLOSING if circle.closed_at else None,
        "decided": decided_to_close(circle),
    }


@dataclass(frozen=True)
class Independence:
    """Whether a circle could run itself, or does, and what its members say to that."""

    hosted: int
    yes: int
    members: int
    mine: bool | None
    facilitators: list[User]


def may_become_independent(circle: Circle) -> bool:
    """Whether enough sessions were hosted well by members (a setting) for the circle to be asked."""
    return not circle.self_run and hosted_by_members(circle) >= settings.INDEPENDENT_AFTER


def _independence(seat: Seat, members: list[Membership]) -> Independence | None:
    """What is asked once enough sessions were hosted well by members; None before that."""
    hosted = 0 if seat.circle.self_run else hosted_by_members(seat.circle)
    if not seat.circle.self_run and hosted < settings.INDEPENDENT_AFTER:
        return None
    ring = {member.user_id for member in members if member.takes_part}
    said = dict(SelfRunVoice.objects.filter(circle=seat.circle, user__in=ring).values_list("user", "yes"))
    return Independence(
        hosted,
        sum(said.values()),
        len(ring),
        said.get(seat.user.pk),
        [member.user for member in members if member.facilitates],
    )


def _zones(members: list[Membership]) -> int:
    return len({member.user.time_zone for member in members})


def _time_at(now: datetime, user: User) -> str:
    return to_local(now, user.time_zone).strftime("%H:%M")


def _beads(promised: int, held: int, has_next: bool) -> list[tuple[int, str]]:
    """One bead a promised session: done, now (the next planned one) or ahead."""
    return [
        (number, "done" if number <= held else "now" if number == held + 1 and has_next else "ahead")
        for number in range(1, promised + 1)
    ]


def _facilitating(
    seat: Seat,
    members: list[Membership],
    signed: dict[int, Any],
    first: CircleSession | None,
    roles: dict[str, User],
    held: list[CircleSession],
    count: int,
    promise: tuple[int, int],
    now: datetime,
) -> dict[str, Any]:
    """The next step, what is done, and what waits on whom. `promise` is how many have a date, and how many should."""
    dated, promised = promise
    ring = [member for member in members if member.takes_part]
    invitations = invitations_of(seat.circle, now=now)
    open_ones = [i for i in invitations if i.state(now) == "open" and not i.is_slip]
    waiting_slips = [i for i in invitations if i.awaits_confirmation()]
    unsigned = [member.user for member in members if member.user_id not in signed]
    last = held[0] if held else None
    came = _came(last) if last else []
    not_out = [part.user for part in came if not part.out]
    facts = Facts(
        members=len(ring),
        min_size=seat.circle.min_size,
        signed=len([member for member in ring if member.user_id in signed]),
        has_next=first is not None,
        next_running=bool(first and first.is_running),
        roles_held=len(roles),
        roles=len(roles_needed(first.format_version.rule)) if first else 0,
        held=count,
        checked_out=len(came) - len(not_out),
        came_last=len(came),
        wrap_up_open=bool(last and check_out_open(last, now=now)),
        invited=len(open_ones),
        i_signed=seat.user.pk in signed,
        near=first is not None and opens_at(first) <= now,
        dated=count + dated,
        promised=promised,
    )
    behind = done(facts)
    return {
        "step": next_step(facts).value,
        "steps": [(step.value, behind[step]) for step in PATH],
        "waits_for": {step.value for step in waits(facts)},
        "facts": facts,
        "waiting_for_answers": open_ones,
        "waiting_slips": waiting_slips,
        "unsigned": unsigned,
        "not_out": not_out,
        "last": last,
        "missing": max(0, seat.circle.min_size - len(ring)),
    }


def _came(session: CircleSession) -> list[Any]:
    """The members who came, each with `out`: whether they have checked out."""
    rows = Participation.objects.filter(session=session, attendance=Attendance.CAME, kind=ParticipantKind.MEMBER)
    out = Exists(CheckOut.objects.filter(participation=OuterRef("pk")))
    return list(rows.annotate(out=out).select_related("user"))
