"""Reads of the places of a circle below its overview."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from agreements.commitment_selectors import (
    OPEN_AT_MOST,
    commitments_done_for,
    commitments_of,
    commitments_open_for,
    commitments_shared_in,
    commitments_to_ask_about,
    settled_counts,
)
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from circles.access import Seat
from circles.models import Membership
from circles.sealed import Unreadable
from circles.selectors import covenant_of, decided_to_close, members_of
from pages.access import reads_between_sessions
from pages.opening_selectors import independence_of
from pages.waiting_selectors import names_said
from programmes.counting_selectors import led_by
from programmes.participation_selectors import fellows_of
from sessions.enums import Rsvp, SessionStatus
from sessions.journeys.selectors import legs_shown
from sessions.models import CheckOut, CircleSession, Participation
from sessions.planning.finding_selectors import open_poll
from sessions.planning.roles_selectors import roles_in
from sessions.planning.selectors import clashes_of, held_page_of, sessions_coming_page, sessions_held
from sessions.planning.taking_back_services import may_take_back

ROLES_SHOWN = 6
OFF_SHOWN = 12
FOUND_AT_MOST = 60


def sessions_page(seat: Seat, *, now: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """Coming and held, by pages (`asked` says which), what was called off lately, and who does what. Eleven queries."""
    circle = seat.circle
    dates = sessions_coming_page(circle, asked.get("coming"))
    until = held_until(asked.get("until", ""))
    held = sessions_held(circle, str(held_page_of(circle, until)) if until else asked.get("held"))
    spans = [(one.starts_at, one.plans_to_end_at) for one in dates]
    clashes = {dates[at].pk for at in clashes_of(seat.user, circle, spans)}
    ahead = [one for one in dates if not one.was_missed(now)]
    shown, roles = roles_in(ahead[:ROLES_SHOWN])
    answers = answers_of(dates, seat.user)
    promises, legs = promises_of(held, seat), legs_shown([*dates, *held])
    off = CircleSession.objects.filter(circle=circle, status=SessionStatus.CANCELLED, starts_at__gt=now)
    off = off.select_related("format_version").order_by("starts_at", "pk")
    return {
        "seat": seat,
        "circle": circle,
        "coming": [(one, one.was_missed(now), answers[one.pk], one.pk in clashes, legs.get(one.pk)) for one in dates],
        "coming_page": dates,
        "held": held,
        "until": until,
        "held_rows": [(one, promises.get(one.pk), legs.get(one.pk)) for one in held],
        "off": [(one, may_take_back(one, now=now)) for one in off[:OFF_SHOWN]],
        "next": ahead[0] if ahead else None,
        "last": ahead[-1] if ahead else None,
        "series": next((one for one in ahead if one.series_id and one.is_planned), None),
        "roles_shown": shown,
        "roles_ahead": roles,
        "poll": open_poll(circle),
    }


def held_until(text: str) -> date | None:
    """The day up to which somebody wants to see what was held; None where none was given or it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class DateAnswers:
    """What people have said of one date: how many come, who is not sure or cannot, and the reader's own answer."""

    mine: str
    come: int
    unsure: str
    cannot: str


def answers_of(sessions: Iterable[CircleSession], reader: User) -> dict[int, DateAnswers]:
    """What members have said of each session, by its id. One query."""
    here = Membership.objects.filter(circle=OuterRef("session__circle"), user=OuterRef("user"), left_at=None)
    rows = Participation.objects.filter(Exists(here.filter(takes_part=True)), session__in=list(sessions))
    said: dict[int, dict[str, list[User]]] = {one.pk: defaultdict(list) for one in sessions}
    mine: dict[int, str] = {}
    for row in rows.exclude(rsvp=Rsvp.NONE).select_related("user").order_by("pk"):
        said[row.session_id][row.rsvp].append(row.user)
        if row.user_id == reader.pk:
            mine[row.session_id] = row.rsvp
    return {
        pk: DateAnswers(
            mine.get(pk, ""),
            len(told[Rsvp.YES]),
            names_said(told[Rsvp.MAYBE]) if told[Rsvp.MAYBE] else "",
            names_said(told[Rsvp.NO]) if told[Rsvp.NO] else "",
        )
        for pk, told in said.items()
    }


def promises_of(sessions: Iterable[CircleSession], seat: Seat) -> dict[int, dict[str, int]]:
    """How many commitments were made when checking out of each session, and how they stand: of those one may see.

    `made`, `kept` (in part too) and `open`, by the session's id; where there is none, nothing. One query.
    """
    readable = Commitment.objects.all().readable_by(seat.user, came=seat.membership.joined_at)
    rows = CheckOut.objects.filter(participation__session__in=list(sessions), commitment__in=readable)
    kept = Q(commitment__status__in=[CommitmentStatus.KEPT, CommitmentStatus.PARTLY])
    counted = (
        rows.order_by()
        .values("participation__session")
        .annotate(
            made=Count("pk"), kept=Count("pk", filter=kept), open=Count("pk", filter=Q(commitment__status="open"))
        )
    )
    return {row["participation__session"]: row for row in counted}


def commitments_page(seat: Seat, *, now: datetime, done: str | None) -> dict[str, Any]:
    """The commitments of a circle as far as somebody may see them: their own, whom they ask, what others share."""
    circle = seat.circle
    reads = reads_between_sessions(seat)
    return {
        "seat": seat,
        "circle": circle,
        "today": seat.user.today(now),
        "most": OPEN_AT_MOST,
        "mine": commitments_open_for(seat.user, circle=circle),
        "done": commitments_done_for(seat.user, done, circle=circle),
        "settled": settled_counts(seat.user, circle=circle),
        "asked": commitments_to_ask_about(seat.user, circle=circle),
        "reads": reads,
        "shared": commitments_shared_in(circle, seat.user, came=seat.membership.joined_at) if reads else [],
    }


def commitments_found(user: User, words: str, *, seat: Seat | None = None) -> list[Commitment]:
    """Commitments that have each of some words in their text, of those `user` may read.

    Their own and those they ask about, in all circles or in that of `seat`; there also what others share. Texts are
    sealed, so each is opened and looked at: no words of it stand in a query. Five queries at most.
    """
    circle = seat.circle if seat else None
    rows = [*commitments_of(user, circle=circle), *commitments_to_ask_about(user, circle=circle)]
    if seat and reads_between_sessions(seat):
        rows += commitments_shared_in(seat.circle, user, came=seat.membership.joined_at)
    parts = words.casefold().split()
    return [one for one in rows if not isinstance(one.text, Unreadable) and _has(one.text, parts)][:FOUND_AT_MOST]


def _has(text: str, parts: Iterable[str]) -> bool:
    said = text.casefold()
    return all(part in said for part in parts)


def more_page(seat: Seat) -> dict[str, Any]:
    """Who the reader is there; whether the circle is in a programme, is closing, and could run itself."""
    circle = seat.circle
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).count()
    covenant = covenant_of(circle)
    return {
        "seat": seat,
        "circle": circle,
        "code": str(circle.code),
        "covenant": covenant,
        "closing": covenant is None and decided_to_close(circle),
        "led": (led := led_by(circle)),
        # Asked only of those whom it is offered to.
        "fellows": fellows_of(led) if led and seat.membership.facilitates and not led.ended_at else 0,
        "independence": independence_of(seat, members_of(circle), held=held) if seat.is_open else None,
        "hosted_first": settings.INDEPENDENT_AFTER,
    }
