"""Reads of Today: what is next for somebody, what they said they would do, and all that waits for them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from agreements.commitment_selectors import commitments_open_for
from circles.selectors import circles_for, covenant_of, invitations_to, members_of
from circles.tokens import shown_token_for
from pages.rules.steps import Matter
from pages.selectors import ring_seats, ring_sentence
from pages.waiting_selectors import asked_of, found_of
from programmes import today_selectors as programmes
from sessions.enums import Role
from sessions.models import CircleSession
from sessions.planning.covenant_selectors import counts_of
from sessions.planning.roles_selectors import roles_of
from sessions.planning.selectors import sessions_next_for

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
        **{str(matter): rows for matter, rows in asked_of(user, now=now).items()},
        "led": programmes.led(user),
        "enrolled": programmes.enrolled(user, now=now),
    }
    if user.unproved_since is None:  # what was sent to an address is for whoever has proved that it is theirs
        asked["asked_in"] = invitations_to(user.email, now=now)
        asked["invited"] = programmes.invited(user, now=now)
    found = found_of(user, asked)
    open_in = [row for row in found["enrolled"] if not row.programme.is_over(now)]
    open_to = [row for row in found.get("invited", ()) if not row.programme.is_over(now)]
    return found | {
        "swaps": found[Matter.SWAP],
        "polls": found[Matter.POLL],
        "tickets": found[Matter.PULSE],
        "to_sign": [version.agreement.circle for version in found[Matter.SIGN]],
        "to_decide": [covenant.circle for covenant in found[Matter.DECIDE]],
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
