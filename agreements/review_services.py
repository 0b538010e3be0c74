"""The only writes to reviews: how a session's people kept to the agreement, in counts, of nobody in particular."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from agreements.enums import Theme
from agreements.models import Review, Slip
from circles.models import Circle

FEWEST = 5


@dataclass(frozen=True)
class Looked:
    """One person's answers: did we keep to it, on what did we slip, did I get what I came for. None: not answered."""

    kept: bool | None = None
    slips: Sequence[str] = ()
    got: bool | None = None
    sentence: str = ""


def _review_of(circle: Circle, session: UUID, held_on: date) -> Review:
    found: Review | None = Review.objects.filter(session=session).first()
    if found:
        return found
    review = Review(circle=circle, vault=circle.vault, session=session, held_on=held_on)
    review.sentence = ""
    try:
        with transaction.atomic():
            review.save()
    except IntegrityError:  # another answer was first
        review = Review.objects.get(session=session)
    return review


@transaction.atomic
def review_give(*, circle: Circle, session: UUID, held_on: date, present: int, looked: Looked) -> None:
    """Count one person's answers. With fewer than five present nothing is counted: only an agreed sentence is kept.

    No row says who answered, or when. A review that is closed takes nothing more.
    """
    if present < FEWEST:
        if looked.sentence:
            review = _review_of(circle, session, held_on)
            review.sentence = looked.sentence
            review.save(update_fields=["sentence"])
        return
    if looked.kept is None and looked.got is None:
        return
    review = _review_of(circle, session, held_on)
    told, found = int(looked.kept is not None), int(looked.got is not None)
    counted = Review.objects.filter(pk=review.pk, closed=False).update(
        answered=F("answered") + told,
        kept=F("kept") + int(looked.kept is True),
        asked=F("asked") + found,
        got=F("got") + int(looked.got is True),
    )
    if counted and looked.kept is False:
        for theme in set(looked.slips) & set(Theme.values):
            Slip.objects.get_or_create(review=review, theme=theme)
            Slip.objects.filter(review=review, theme=theme).update(times=F("times") + 1)


def review_close(*, session: UUID) -> None:
    """Everybody who was there has had their say: the totals are shown and stay as they are."""
    Review.objects.filter(session=session).update(closed=True)
