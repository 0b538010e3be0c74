"""Reads of Today: what is next for somebody, what they said they would do, and all that waits for them."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.urls import reverse

from accounts.models import Availability, User
from agreements.commitment_selectors import commitments_listed_for
from circles.models import Circle
from circles.selectors import invitations_to, members_of
from circles.tokens import shown_token_for
from pages.cards_selectors import memberships_shown, say_who_has_not_signed
from pages.rules.steps import Matter
from pages.selectors import ring_seats, ring_sentence
from pages.waiting_selectors import SeldomThere, asked_of, come_lines, lines_of
from programmes import today_selectors as programmes
from programmes.models import RoundCircle
from programmes.participation_selectors import Call, calls_of
from sessions.enums import Attendance, Role
from sessions.models import CircleSession, Issue, PairSeat, Participation, Rehearsal
from sessions.planning.covenant_selectors import counts_of
from sessions.planning.pairs_selectors import partners_now
from sessions.planning.roles_selectors import roles_of
from sessions.planning.selectors import sessions_next_for

LATER_SHOWN = 2
COMMITMENTS_SHOWN = 4
CALLS_SHOWN = 4
# Of these it is enough to know whether there is any.
WHETHER = ("came", "named", "tried")


@dataclass
class FirstStep:
    """One of the five things before somebody's first session, whether it is done, and the circle it is about."""

    name: str
    done: bool
    circle: Circle | None = None


def today_page(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything the Today page shows; the number of queries does not depend on how much there is."""
    ahead = sessions_next_for(user, now=now)
    first = ahead[0] if ahead else None
    mine = memberships_shown(user, now=now)
    by_circle = {member.circle_id: member for member in mine}
    found = _seldom(user, first, now=now)
    lines = lines_of({matter: found[matter] for matter in Matter if matter in found}, now=now)
    # Whether somebody comes to the first is asked where it stands itself, at the top of the page.
    others = [one for one in ahead if first is None or one.circle_id != first.circle_id]
    lines += come_lines(others, seated=lambda circle: circle in by_circle and by_circle[circle].takes_part)
    led = [member for member in mine if member.facilitates]
    say_who_has_not_signed(led, user)
    commitments = commitments_listed_for(user, now=now)
    steps = _first_steps(found, in_circle=bool(mine))
    if steps and found[Matter.SIGN]:
        steps[2].circle = found[Matter.SIGN][0].agreement.circle
        lines = [one for one in lines if one.thing != found[Matter.SIGN][0]]  # it stands among the first steps
    context: dict[str, Any] = {
        "now": now,
        "today": user.today(now),
        "session": first,
        "near": first is not None and first.is_near(now),
        "minutes_left": ceil((first.starts_at - now).total_seconds() / 60) if first and first.starts_at > now else 0,
        "later": ahead[1 : 1 + LATER_SHOWN],
        "memberships": mine,
        "cards": led,
        "rows": [member for member in mine if not member.facilitates],
        "commitments": commitments[:COMMITMENTS_SHOWN],
        "commitments_more": max(0, len(commitments) - COMMITMENTS_SHOWN),
        "waiting": sorted(lines, key=lambda line: line.wait.rank),
        "first_steps": steps,
        "steps_done": sum(step.done for step in steps),
        "calls": _calls(found["led_rows"], now=now),
        "pairs": _pairs(found["partners"]),
    } | {name: found[name] for name in ("asked_in", "led", "enrolled", "invited")}
    if first and first.circle_id not in by_circle:
        context["guest"] = True
    elif first:
        context |= _next_session(first, user) | {"brings": found["brings"], "covenant": by_circle[first.circle_id]}
    return context


def _seldom(user: User, first: CircleSession | None, *, now: datetime) -> dict[str, Any]:
    """What hardly anybody has something of. One query says what there is, and one more reads each of that."""
    found: dict[str, Any] = _found(user, first=first, email=user.email, proved=user.unproved_since is None, now=now)
    open_in = [row for row in found["enrolled"] if not row.programme.is_over(now)]
    open_to = [row for row in found.get("invited", ()) if not row.programme.is_over(now)]
    return found | {
        "asked_in": [
            (one.circle, reverse("pages:invitation_open", args=[shown_token_for(one)]))
            for one in found.get("asked_in", ())
        ],
        "led": [programmes.led_line(row, now) for row in found["led"]],
        "led_rows": found["led"],
        "enrolled": [programmes.enrolled_line(row, now) for row in open_in],
        "invited": [programmes.invited_line(row, now) for row in open_to],
    }


def _asked(
    user: User, *, first: CircleSession | None, email: str, proved: bool, now: datetime
) -> dict[str, QuerySet[Any]]:
    asked: dict[str, QuerySet[Any]] = {
        **{str(matter): rows for matter, rows in asked_of(user, now=now).items()},
        "brings": Issue.objects.filter(session=first, owner=user) if first else Issue.objects.none(),
        "led": programmes.led(user),
        "enrolled": programmes.enrolled(user, email, now=now),
        "came": Participation.objects.filter(user=user, attendance=Attendance.CAME),
        "named": Availability.objects.filter(user=user),
        "tried": Rehearsal.objects.filter(owner=user),
        "partners": partners_now(user),
    }
    if proved:  # what was sent to an address is for whoever has proved that it is theirs
        asked["asked_in"] = invitations_to(email, now=now)
        asked["invited"] = programmes.invited(email, now=now)
    return asked


_found = SeldomThere(_asked, whether=WHETHER)


def _pairs(seats: list[PairSeat]) -> list[tuple[Circle, list[User]]]:
    """With whom somebody coaches now, circle by circle."""
    found: dict[Circle, list[User]] = {}
    for seat in seats:
        found.setdefault(seat.round.circle, []).append(seat.user)
    return list(found.items())


def _first_steps(found: dict[str, Any], *, in_circle: bool) -> list[FirstStep]:
    """What somebody new does before their first session; empty once all is done, after it, and for administrators."""
    steps = [
        FirstStep("account", True),
        FirstStep("join", in_circle),
        FirstStep("sign", in_circle and not found[Matter.SIGN]),
        FirstStep("times", bool(found["named"])),
        FirstStep("try", bool(found["tried"])),
    ]
    over = bool(found["came"]) or all(step.done for step in steps)
    return [] if over or (found["led"] and not in_circle) else steps


def _calls(led: list[Any], *, now: datetime) -> list[Call]:
    """The circles of somebody's programmes that are worth a call. None where there is none, else three queries."""
    named = [programme.pk for programme in led if programme.calls]
    if not named:
        return []
    rows = RoundCircle.objects.filter(round__programme__in=named, circle__closed_at=None, worth_a_call=True)
    rows = rows.select_related("circle", "round__programme").order_by(F("last_at").asc(nulls_first=True), "pk")
    known = [row for row in rows[:CALLS_SHOWN] if row.signs]
    return calls_of(Page(known, 1, Paginator(known, CALLS_SHOWN)), now=now)


def _next_session(session: CircleSession, user: User) -> dict[str, Any]:
    members = members_of(session.circle)
    roles = roles_of(session)
    # Of somebody with two roles the first is shown: written last, it stays.
    marks = {holder.pk: str(Role(key).label) for key, holder in reversed(roles.items())}
    return {
        "ring": ring_seats(members, user, marks),
        "ring_label": ring_sentence(session.circle, members, user),
        "roles": [str(role.label) for role in Role if roles.get(role.value) == user],
        "number": counts_of(session).number,
    }
