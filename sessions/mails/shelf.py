"""Mails about the shelf: that a circle is asked, that it lends, that a sentence waits. Never what it is."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from agreements.enums import Stance
from circles.models import Circle, Membership
from notifications.models import Message
from sessions.models import SentenceOffer, ShelfAnswer, ShelfItem
from sessions.rules.sentences import OBJECTED_FOR
from sessions.shelf.selectors import asked_until


def _has_seat(circle: Circle, message: Message) -> Membership | None:
    return Membership.objects.filter(circle=circle, user=message.user, left_at=None, takes_part=True).first()


def shelf_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member with a seat who has said nothing to it, while the circle is asked."""
    item = ShelfItem.objects.filter(code=message.subject_code, lent_at=None).select_related("circle", "by").first()
    if item is None or _has_seat(item.circle, message) is None:
        return None
    if ShelfAnswer.objects.filter(item=item, user=message.user).exclude(stance=Stance.NONE).exists():
        return None
    return {
        "circle": item.circle,
        "who": item.by,
        "counts_from": asked_until(item),
        "path": reverse("shelf:asked", args=[item.code]),
    }


def shelf_lent(message: Message, now: datetime) -> dict[str, Any] | None:
    """To members with a seat, while it is on the shelf."""
    lent = ShelfItem.objects.filter(code=message.subject_code, lent_at__isnull=False, vault__destroyed_at=None)
    item = lent.select_related("circle").first()
    if item is None or _has_seat(item.circle, message) is None:
        return None
    return {"circle": item.circle, "path": reverse("shelf:asked", args=[item.code])}


def sentence_offered(message: Message, now: datetime) -> dict[str, Any] | None:
    """To members with a seat, while it waits and they can say no; the same to its writer, so that nobody stands out."""
    offer = SentenceOffer.objects.filter(code=message.subject_code, vault__destroyed_at=None).first()
    if offer is None or _has_seat(offer.circle, message) is None:
        return None
    return {
        "circle": offer.circle,
        "until": offer.offered_at + OBJECTED_FOR,
        "path": reverse("shelf:circle_sentences", args=[offer.circle.code]),
    }


def sentence_week_over(message: Message, now: datetime) -> dict[str, Any] | None:
    """To those with a seat, whatever became of it: whether it goes out must not tell that somebody said no."""
    open_to_read = Circle.objects.filter(vault__destroyed_at=None)
    circle = open_to_read.filter(code=message.circle_code).first() if message.circle_code else None
    if circle is None or _has_seat(circle, message) is None:
        return None
    return {"circle": circle, "path": reverse("shelf:circle_sentences", args=[circle.code])}
