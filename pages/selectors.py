"""Reads that more than one page needs: the ring of a circle, notices; and the page of a circle that is closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.zones import to_local
from circles.access import Seat
from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.models import Circle, Membership
from circles.rules.naming import given_names
from circles.rules.ring import RingSeat
from circles.selectors import (
    decided_to_close,
    members_of,
)
from notifications.models import Message
from notifications.registry import kind_of
from notifications.rendering import base_of
from sessions.planning.selectors import (
    sessions_held,
)


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
    names = given_names(member.user for member in members)
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
    names = given_names(member.user for member in members)
    listed = ", ".join(_("you") if m.user == user else names[m.user_id] for m in members if m.takes_part)
    return _("%(circle)s, clockwise: %(names)s.") % {"circle": circle.name, "names": listed}


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


def local_times(members: Sequence[Membership], now: datetime) -> dict[int, str]:
    """Where each member is and what time it is there, by account; empty where it is the same for all."""
    if len({member.user.time_zone for member in members}) < 2:
        return {}
    return {one.user_id: f"{one.user.city}, {to_local(now, one.user.time_zone):%H:%M}" for one in members}
