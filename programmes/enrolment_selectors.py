"""Reads about who takes part in a programme."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.doors_services import is_anybodys
from accounts.models import Availability, User
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from circles.models import Membership
from notifications.selectors import refused_about
from programmes.enums import EnrolmentStatus
from programmes.models import AdminInvitation, Enrolment, Programme, ProgrammeInvitation, Quote, RoundCircle
from programmes.participation_selectors import people_in
from programmes.places_selectors import INVITED, is_asked_to, is_in_circle, placed_counts, places_of
from sessions.enums import Attendance, SessionStatus
from sessions.formats.cards import cards
from sessions.models import CircleSession, Participation, coming

PEOPLE_A_PAGE = 50
INVITATIONS_A_PAGE = 100
DATES_SHOWN = 24
REMINDED_AFTER = timedelta(days=3)


def is_invited(email: str, now: datetime) -> bool:
    """Whether an invitation to a programme is open for this address."""
    held = ProgrammeInvitation.objects.filter(email__iexact=email, used_at=None, revoked_at=None, expires_at__gt=now)
    return held.exists()


def enrolled_in(programme: Programme) -> QuerySet[Enrolment]:
    """Who has asked for a place and not withdrawn: those who have no circle first, then in turn."""
    rows: QuerySet[Enrolment] = Enrolment.objects.filter(programme=programme).exclude(status=EnrolmentStatus.WITHDRAWN)
    rows = rows.annotate(has_one=is_in_circle(programme)).select_related("user", "vault")
    return rows.order_by("has_one", "asked_at", "pk")


def to_remind(programme: Programme, now: datetime) -> QuerySet[ProgrammeInvitation]:
    """Open invitations nobody has answered for some days, of which nobody was reminded yet."""
    rows = ProgrammeInvitation.objects.filter(programme=programme, used_at=None, revoked_at=None, reminded_at=None)
    return rows.filter(expires_at__gt=now, created_at__lte=now - REMINDED_AFTER)


@dataclass(frozen=True)
class PeopleFilter:
    """Whom one looks for among the people of a programme: a part of a name or address, and where they stand."""

    words: str = ""
    state: str = ""

    @property
    def is_part(self) -> bool:
        """Whether anybody is left out."""
        return bool(self.words or self.state)


# Where people stand, as a page asks for it.
ASKING, INSIDE, UNANSWERED, IN_NONE, IN_LINE, NO_HOURS = "asking", "inside", "unanswered", "none", "line", "no_hours"
# Whoever has not answered their invitation is nobody of the programme yet: a list of its own.
NOT_ANSWERED = "not_answered"


def not_answered(programme: Programme, words: str) -> QuerySet[ProgrammeInvitation]:
    """Invitations nobody has answered yet, the latest first; of addresses with `words` in them."""
    rows = ProgrammeInvitation.objects.filter(programme=programme, used_at=None, revoked_at=None)
    rows = rows.filter(email__icontains=words) if words else rows
    return rows.select_related("vault").order_by("-created_at", "email")


def people_found(programme: Programme, asked: PeopleFilter, now: datetime) -> QuerySet[Enrolment]:
    """The people of a programme whom a filter leaves: those without a circle first, then in turn."""
    rows = enrolled_in(programme)
    if asked.words:
        rows = rows.filter(Q(user__name__icontains=asked.words) | Q(user__email__icontains=asked.words))
    kept = {
        ASKING: Q(status=EnrolmentStatus.ENROLLED),
        INSIDE: Q(has_one=True),
        UNANSWERED: Q(status=EnrolmentStatus.PLACED, has_one=False, is_asked=True),
        IN_NONE: Q(status=EnrolmentStatus.PLACED, has_one=False, is_asked=False),
        IN_LINE: Q(status=EnrolmentStatus.WAITING),
        NO_HOURS: Q(status=EnrolmentStatus.ENROLLED, has_hours=False),
    }
    if asked.state not in kept:
        return rows
    hours = Exists(Availability.objects.filter(user=OuterRef("user")))
    return rows.annotate(is_asked=is_asked_to(programme, now), has_hours=hours).filter(kept[asked.state])


def people_page(
    programme: Programme, asked: PeopleFilter, *, page: str | None, invited: str | None, now: datetime
) -> dict[str, Any]:
    """Who takes part and where they stand, counts, and invitations nobody has answered yet; each list by pages."""
    invitations = Paginator(not_answered(programme, asked.words), INVITATIONS_A_PAGE).get_page(invited)
    people = Paginator(people_found(programme, asked, now), PEOPLE_A_PAGE).get_page(page)
    places = places_of(programme, [one.user for one in people if one.status == EnrolmentStatus.PLACED], now=now)
    return {
        "programme": programme,
        "leads": True,
        "asked": asked,
        "counts": people_in(programme) | placed_counts(programme, now=now),
        "page": people,
        "rows": [(one, places.get(one.user_id)) for one in people],
        "invitations": invitations,
        "to_remind": to_remind(programme, now).count(),
        "without_hours": people_found(programme, PeopleFilter(state=NO_HOURS), now).count(),
        "refused": refused_about(one.code for one in invitations),
        "over": programme.is_over(now),
        "to_invite": programme.to_invite.aggregate(number=Sum("number"))["number"] or 0,
        "now": now,
    }


def administrators_of(programme: Programme) -> str:
    """The names of those who read what people say with their yes. One query."""
    rows = programme.admins.filter(user__is_active=True).select_related("user").order_by("user__name", "pk")
    return ", ".join(str(row.user) for row in rows)


def asked_to_administer(programme: Programme, *, now: datetime) -> list[AdminInvitation]:
    """Whom nobody has heard from yet; the latest few."""
    rows = programme.admin_invitations.filter(used_at=None, revoked_at=None, expires_at__gt=now)
    return list(rows.order_by("-created_at", "-pk")[:40])


@dataclass(frozen=True)
class OwnFigures:
    """Somebody's own figures in a programme, for their eyes only."""

    held: int
    came: int
    made: int
    kept: int


def own_figures(enrolment: Enrolment) -> OwnFigures:
    """Over all circles of the programme they were in. Two queries."""
    circles = RoundCircle.objects.filter(round__programme=enrolment.programme).values("circle")
    sessions = Participation.objects.filter(
        user=enrolment.user, session__circle__in=circles, session__status=SessionStatus.ENDED, session__practice=False
    )
    promises = Commitment.objects.filter(owner=enrolment.user, circle__in=circles)
    counts = sessions.aggregate(held=Count("pk"), came=Count("pk", filter=Q(attendance=Attendance.CAME)))
    return OwnFigures(
        **counts,
        **promises.aggregate(made=Count("pk"), kept=Count("pk", filter=Q(status=CommitmentStatus.KEPT))),
    )


def mine_page(enrolment: Enrolment, *, now: datetime) -> dict[str, Any]:
    """One's own part in a programme: the circle one is in now, its dates, the sentence one has offered."""
    programme = enrolment.programme
    circles = RoundCircle.objects.filter(round__programme=programme).values("circle")
    member = (
        Membership.objects.filter(circle__in=circles, circle__closed_at=None, user=enrolment.user, left_at=None)
        .select_related("circle")
        .order_by("-joined_at")
        .first()
    )
    circle = member.circle if member else None
    place = places_of(programme, [enrolment.user], now=now).get(enrolment.user_id)
    goes_on = enrolment.status == EnrolmentStatus.PLACED and not programme.is_over(now)
    free = circle is None and (place is None or place.state != INVITED)
    dates = CircleSession.objects.filter(coming(now), circle=circle)
    return {
        "programme": programme,
        "enrolment": enrolment,
        "circle": circle,
        "over": programme.is_over(now),
        "place": place,
        # Whoever is in a circle asks for another when everybody was asked whether they would.
        "may_ask": goes_on and (free or (circle is not None and is_again_asked(programme))),
        "in_next": circle is not None and enrolment.status == EnrolmentStatus.ENROLLED,
        "dates": list(dates.order_by("starts_at")[:DATES_SHOWN]) if circle else [],
        "cards": [card for key, card in cards().items() if key in programme.cards],
        "administrators": administrators_of(programme),
        "own": own_figures(enrolment),
        "quote": Quote.objects.filter(programme=programme, user=enrolment.user).first(),
    }


def is_again_asked(programme: Programme) -> bool:
    """Whether those in circles were asked who would like to be in the next round, since circles were made last."""
    latest = programme.rounds.filter(published_at__isnull=False).order_by("-number").first()
    return bool(latest and latest.again_asked_at)


@dataclass(frozen=True)
class NextRound:
    """What there is to say of a next round: how many could be asked, when they were, and how many said yes."""

    inside: int
    asked_at: datetime | None
    yes: int


def next_round(programme: Programme) -> NextRound | None:
    """Of those who are in circles; None before any circles were made. Two queries."""
    latest = programme.rounds.filter(published_at__isnull=False).order_by("-number").first()
    if latest is None:
        return None
    rows = Enrolment.objects.filter(is_in_circle(programme), programme=programme)
    said = rows.aggregate(
        inside=Count("pk", filter=Q(status=EnrolmentStatus.PLACED)),
        yes=Count("pk", filter=Q(status=EnrolmentStatus.ENROLLED)),
    )
    return NextRound(said["inside"], latest.again_asked_at, said["yes"])


def _asked(user: User, now: datetime) -> list[AdminInvitation]:
    """Questions to administer a programme, for whoever has proved the address they were put to."""
    if is_anybodys(user):
        return []
    rows = AdminInvitation.objects.filter(email=user.email.lower(), programme__ended_at=None)
    waiting = rows.filter(used_at=None, revoked_at=None, expires_at__gt=now).select_related("programme")
    return list(waiting.order_by("-created_at", "-pk")[:20])


def programme_pages(user: User, *, now: datetime) -> dict[str, Any]:
    """The programmes somebody leads, those they are asked to lead, and those they take part in. Three queries."""
    led = Programme.objects.filter(admins__user=user, admins__since__lte=now).order_by("-starts_on", "name")
    mine = Enrolment.objects.filter(user=user).exclude(status=EnrolmentStatus.WITHDRAWN)
    return {
        "led": list(led[:60]),
        "asked": _asked(user, now),
        "mine": list(mine.select_related("programme").order_by("-asked_at")[:60]),
    }
