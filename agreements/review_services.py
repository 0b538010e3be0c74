"""The only writes to reviews: how a session's people kept to the agreement, in counts, of nobody in particular."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from agreements.enums import Theme
from agreements.models import Review, Slip
from circles.models import Circle

# As in a programme's pulse (`anonymity.py`): of fewer answers each could be told from the others.
FEWEST = 5


@dataclass(frozen=True)
class ReviewDetails:
    """One person's answers: did we keep to it, on what did we slip, did I get what I came for. None: not answered."""

    kept: bool | None = None
    slips: Sequence[str] = ()
    got: bool | None = None
    sentence: str = ""


def _review_of(circle: Circle, session: UUID, held_on: date) -> Review:
    """The review of a session, which the first who answers finds or makes."""
    review: Review | None = Review.objects.filter(session=session).first()
    if review is None:
        review = Review(circle=circle, vault=circle.vault, session=session, held_on=held_on)
        review.sentence = ""
        try:
            with transaction.atomic():
                review.save(force_insert=True)
        # In a savepoint: without it PostgreSQL would refuse everything that follows in this transaction.
        except IntegrityError:  # another answer was first
            review = Review.objects.get(session=session)
    return review


@transaction.atomic
def review_give(*, circle: Circle, session: UUID, held_on: date, present: int, looked: ReviewDetails) -> None:
    """Count one person's answers. With fewer than five present nothing is counted: only an agreed sentence is kept.

    No row says who answered, or when: every check-out writes all counts of the review, also those it leaves as they
    are, so that nothing tells whose changed one. A review that is closed takes nothing more.
    """
    if present < FEWEST:
        if looked.sentence:
            review = _review_of(circle, session, held_on)
            review.sentence = looked.sentence
            review.save(update_fields=["sentence"])
        return
    review = _review_of(circle, session, held_on)
    # A row for every theme from the first on: which of them are there, and since when, would tell who named it.
    Slip.objects.bulk_create([Slip(review=review, theme=theme) for theme in Theme.values], ignore_conflicts=True)
    counted = Review.objects.filter(pk=review.pk, closed=False).update(
        answered=F("answered") + int(looked.kept is not None),
        kept=F("kept") + int(looked.kept is True),
        asked=F("asked") + int(looked.got is not None),
        got=F("got") + int(looked.got is True),
    )
    if counted:
        # Whoever says that it was kept may have ticked a slip before: that counts for nothing.
        named = set(looked.slips) & set(Theme.values) if looked.kept is False else set()
        one_more = Case(When(theme__in=named, then=Value(1)), default=Value(0))
        Slip.objects.filter(review=review).update(times=F("times") + one_more)


def review_close(*, session: UUID) -> None:
    """Everybody who was there has had their say: the totals are shown and stay as they are."""
    Review.objects.filter(session=session).update(closed=True)
