"""Reads about sentences: what waits in a circle, what is published, and what somebody may take away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from circles.access import Seat
from circles.models import Circle, Membership
from circles.sealed import Unreadable
from circles.selectors import covenant_last
from sessions.models import Sentence, SentenceKey, SentenceOffer
from sessions.planning.covenant_selectors import has_met, held_count
from sessions.rules.sentences import MINE, OBJECTED_FOR, OURS, found_by

A_PAGE = 50


def may_offer(circle: Circle) -> bool:
    """Whether the last session that a circle promised was held, or it has met, and decided, gone on since, or closed.

    One that never met has learned nothing, and would be one of five circles for nothing.
    """
    covenant = covenant_last(circle)
    if circle.closed_at or covenant is None or covenant.number > 1 or covenant.decided_at:
        return has_met(circle)
    return held_count(circle) >= covenant.sessions


def circle_sentences_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """What waits in a circle, not saying whose but for one's own, in an order that tells nothing. Few queries."""
    offers = list(SentenceOffer.objects.filter(circle=seat.circle).order_by("code"))
    mine = next((one for one in offers if one.user_id == seat.user.pk), None)
    others = [one for one in offers if one != mine and seat.saw(one.offered_at)]
    return {
        "seat": seat,
        "circle": seat.circle,
        "mine": mine,
        "others": [(one, one.offered_at + OBJECTED_FOR, one.offered_at + OBJECTED_FOR <= now) for one in others],
        "until": mine.offered_at + OBJECTED_FOR if mine else None,
        "agreed": bool(mine and mine.offered_at + OBJECTED_FOR <= now),
        "may_offer": may_offer(seat.circle),
    }


def offers_agreed(*, now: datetime) -> QuerySet[SentenceOffer]:
    """What nobody said no to in a week though somebody could, in circles that have their words and somebody in them."""
    rows = SentenceOffer.objects.filter(offered_at__lte=now - OBJECTED_FOR, user__is_active=True)
    others = _asked(OuterRef("circle"), OuterRef("user"), OuterRef("offered_at"))
    found: QuerySet[SentenceOffer] = rows.filter(~Exists(_left_alone()), Exists(others), vault__destroyed_at=None)
    return found


def offers_of_nobody() -> QuerySet[SentenceOffer]:
    """What waits where its words are gone, or nobody is left who could say no."""
    rows = SentenceOffer.objects.all()
    gone: QuerySet[SentenceOffer] = rows.filter(vault__destroyed_at__isnull=False) | rows.filter(Exists(_left_alone()))
    return gone


def _left_alone() -> QuerySet[Circle]:
    inside = Membership.objects.filter(circle=OuterRef("pk"), left_at=None, takes_part=True, user__is_active=True)
    return Circle.objects.filter(~Exists(inside), pk=OuterRef("circle"))


def _asked(circle: Any, writer: Any, offered_at: Any) -> QuerySet[Membership]:
    """The seats of others when it was offered, also of who has left since."""
    stayed = Q(left_at=None) | Q(left_at__gt=offered_at)
    rows = Membership.objects.filter(stayed, circle=circle, joined_at__lte=offered_at, takes_part=True)
    return rows.filter(~Q(user=writer), user__is_active=True)


def asked_about(offer: SentenceOffer) -> list[int]:
    """Those who could have said no to it, and can still have it taken away: with a seat when it was offered."""
    rows = _asked(offer.circle_id, offer.user_id, offer.offered_at)
    return list(rows.values_list("user_id", flat=True).distinct())


def seated_around(offer: SentenceOffer) -> set[int]:
    """Everybody who had a seat beside it at any time since it was offered, its writer too."""
    stayed = Q(left_at=None) | Q(left_at__gt=offer.offered_at)
    rows = Membership.objects.filter(stayed, circle=offer.circle_id, takes_part=True)
    return {offer.user_id, *rows.values_list("user_id", flat=True)}


def secrets_of(users: Sequence[int]) -> dict[int, str]:
    """The secrets of people, by account; those that cannot be opened now are left out."""
    rows = SentenceKey.objects.filter(user__in=users)
    return {one.user_id: str(one.secret) for one in rows if one.secret and not isinstance(one.secret, Unreadable)}


@dataclass(frozen=True)
class Published:
    """A published sentence as one reader sees it: `whose` is `mine`, `ours` or empty."""

    sentence: Sentence
    whose: str

    @property
    def is_mine(self) -> bool:
        """Whether the reader wrote it."""
        return self.whose == MINE

    @property
    def is_ours(self) -> bool:
        """Whether it was offered in a circle of the reader's, who could have said no to it."""
        return self.whose == OURS


def sentences_for(user: User, page: str | None) -> tuple[Page[Sentence], list[Published]]:
    """The sentences by pages, and those that this person may take away. Four queries."""
    return Paginator(Sentence.objects.order_by("key"), A_PAGE).get_page(page), theirs(user)


def theirs(user: User) -> list[Published]:
    """What somebody wrote, or could have said no to, found by their secret and by nothing else. Two queries."""
    secret = secrets_of([user.pk]).get(user.pk)
    if secret is None:
        return []
    looked = ((one, found_by(secret, one.code, one.marks)) for one in Sentence.objects.order_by("key"))
    return [Published(one, whose) for one, whose in looked if whose]
