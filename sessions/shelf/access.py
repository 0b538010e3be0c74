"""Who may see what is on the shelf, what is asked of a circle, and a sentence that waits: decided here only."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import User
from circles.access import Seat, get_circle
from circles.models import Membership
from sessions.models import SentenceOffer, ShelfItem


@dataclass(frozen=True)
class ItemSeat(Seat):
    """A member's place before something that their circle is asked to lend, or lends."""

    item: ShelfItem


def get_seat_in_turn(user: User | AnonymousUser, code: UUID, *, writes: bool = False) -> Seat:
    """A member with a seat; whoever looks after the circle from outside has no say in what leaves it: Http404."""
    seat = get_circle(user, code, writes=writes)
    if not seat.membership.takes_part:
        raise Http404
    return seat


def get_asked(user: User | AnonymousUser, code: UUID) -> ItemSeat:
    """What a circle is asked to lend, or lends, for its members with a seat, also those who came later: they decide."""
    item = ShelfItem.objects.filter(code=code).select_related("circle__vault", "by", "vault").first()
    if item is None:
        raise Http404
    seat = get_seat_in_turn(user, item.circle.code)
    return ItemSeat(seat.circle, seat.user, seat.membership, item)


def items_lent() -> QuerySet[ShelfItem]:
    """What stands on the shelf: lent by circles that have their words, and somebody in them who could take it back."""
    rows = ShelfItem.objects.filter(_stood_behind(), lent_at__isnull=False, vault__destroyed_at=None)
    found: QuerySet[ShelfItem] = rows.order_by("-lent_at", "pk")
    return found


def items_of_nobody() -> QuerySet[ShelfItem]:
    """What is lent or asked where the words are gone, or nobody has a seat any more."""
    gone: QuerySet[ShelfItem] = ShelfItem.objects.filter(~_stood_behind() | Q(vault__destroyed_at__isnull=False))
    return gone


def _stood_behind() -> Exists:
    """Whoever looks after a circle from outside decides nothing about it, and takes nothing back."""
    seats = Membership.objects.filter(circle=OuterRef("circle"), left_at=None, takes_part=True, user__is_active=True)
    return Exists(seats)


def get_lent(code: UUID) -> ShelfItem:
    """Something on the shelf, for everybody who is signed in; Http404 for what is only asked about, or gone."""
    item: ShelfItem | None = items_lent().filter(code=code).first()
    if item is None:
        raise Http404
    return item


def get_offer(user: User | AnonymousUser, circle: UUID, code: UUID) -> tuple[Seat, SentenceOffer | None]:
    """A sentence that waits in somebody's circle; None where it waits no more, which is no fault of whoever asks.

    Http404 for who has no seat there, and for a sentence from before they came: they are not asked about it.
    """
    seat = get_seat_in_turn(user, circle)
    offer = SentenceOffer.objects.filter(code=code).first()
    if offer is None:
        return seat, None
    theirs = offer.user_id == seat.user.pk or seat.saw(offer.offered_at)
    if offer.circle_id != seat.circle.pk or not theirs:
        raise Http404
    return seat, offer


def get_item_of(user: User | AnonymousUser, circle: UUID, code: UUID) -> tuple[Seat, ShelfItem | None]:
    """Something that somebody's circle lends or is asked about; None where it has been taken back meanwhile."""
    seat = get_seat_in_turn(user, circle)
    item = ShelfItem.objects.filter(code=code).select_related("circle__vault", "vault").first()
    if item is not None and item.circle_id != seat.circle.pk:
        raise Http404
    return seat, item
