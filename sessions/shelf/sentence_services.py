"""The writes of sentences: offered in a circle, objected to, published without a trace, taken away.

What is stored tells neither whose a published sentence is nor of which circle. Its row knows no person, circle or time;
all rows are written anew in a random order whenever some are added, in one transaction, so that neither place nor
transaction tells them apart; what waited is deleted in it. Only a secret of its writer's, sealed in a vault of their
own, finds it again. Saying no deletes what waits and writes nothing; that the week is over was put into the outbox when
the sentence was offered, to everybody, and says nothing of what became of it.
"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_lock
from circles.covenant_services import vault_empty
from circles.models import Circle
from circles.sealed import Unreadable
from circles.services import circle_lock, vault_make
from notifications.services import About, messages_drop, messages_put
from sessions.kinds import SENTENCE_OFFERED, SENTENCE_WEEK_OVER
from sessions.models import Sentence, SentenceKey, SentenceOffer, SentenceShelf
from sessions.rules.sentences import CIRCLES_AT_LEAST, OBJECTED_FOR, batch_of, marks_of
from sessions.shelf.selectors import people_asked
from sessions.shelf.sentence_selectors import (
    asked_about,
    may_offer,
    offers_agreed,
    offers_of_nobody,
    seated_around,
    secrets_of,
    theirs,
)

ABOUT_OFFERS = (SENTENCE_OFFERED, SENTENCE_WEEK_OVER)


@transaction.atomic
def sentence_offer(*, circle: Circle, user: User, text: str, now: datetime) -> SentenceOffer:
    """Offer one sentence; everybody with a seat hears that one waits, its writer too: nobody is left out by name.

    Refused before the last promised session was held, while one of theirs waits, and where nobody could say no.
    """
    person_lock(user)
    circle_lock(circle)
    if not may_offer(circle):
        raise Refused(_("Your promised sessions are not over yet. A sentence can be offered after the last."))
    if SentenceOffer.objects.filter(circle=circle, user=user).exists():
        raise Refused(_("A sentence of yours waits already. Take it back to offer another."))
    people = people_asked(circle)
    if all(one == user for one in people):
        raise Refused(_("You are alone in this circle, and a sentence needs somebody who could say no to it."))
    offer = SentenceOffer(circle=circle, user=user, vault=circle.vault, offered_at=now)
    offer.text = text
    offer.save(force_insert=True)
    keys_make(people)
    about = About("sentence", offer.code, circle=circle.code)
    messages_put(kind=SENTENCE_OFFERED, about=about, to=people, due_at=now, now=now)
    messages_put(kind=SENTENCE_WEEK_OVER, about=about, to=people, due_at=now + OBJECTED_FOR, now=now)
    return offer


def keys_make(people: list[User]) -> None:
    """Give a secret to those who have none. Not when something is published: it would tell who had to do with it."""
    have = set(SentenceKey.objects.filter(user__in=people).values_list("user_id", flat=True))
    for user in sorted((one for one in people if one.pk not in have), key=lambda one: one.pk):
        row = SentenceKey(user=user, vault=vault_make())
        row.secret = secrets.token_hex(32)
        # Somebody in two circles may get one in the other at this moment: one of them stays.
        SentenceKey.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def offer_take_back(*, offer: SentenceOffer) -> None:
    """Its writer keeps it after all: nobody is asked about it any more."""
    messages_drop(about_code=offer.code, kinds=ABOUT_OFFERS)
    SentenceOffer.objects.filter(pk=offer.pk).delete()


@transaction.atomic
def offer_object(*, offer: SentenceOffer) -> bool:
    """Somebody would rather it stayed in the circle: it is deleted at once. False where it was published meanwhile.

    Nothing else is written, neither who said so nor that anybody did; who still waits to hear of it hears nothing.
    """
    return bool(SentenceOffer.objects.filter(pk=offer.pk).delete()[0])


@transaction.atomic
def sentence_take_away(*, user: User, key: UUID) -> bool:
    """Take away a published sentence of one's own, or of a circle of one's own. False where it is none of theirs."""
    _shelf_lock()
    found = next((one for one in theirs(user) if one.sentence.key == key), None)
    if found is None:
        return False
    Sentence.objects.filter(pk=found.sentence.pk).delete()
    return True


def _shelf_lock() -> SentenceShelf:
    """Hold the place of all sentences: who publishes and who takes away wait for each other."""
    shelf = SentenceShelf.objects.select_related("vault").first()
    if shelf is None:
        shelf, _made = SentenceShelf.objects.get_or_create(number=1, defaults={"vault": vault_make()})
    row_lock(shelf)
    return shelf


def sentences_tend(*, now: datetime) -> int:
    """Forget what nobody stands behind any more, and publish what is agreed, once five circles have something."""
    each("forget sentences of nobody", offers_of_nobody(), lambda one: offer_take_back(offer=one))
    return each("publish sentences", [now], lambda at: sentences_publish(now=at))


@transaction.atomic
def sentences_publish(*, now: datetime) -> int:
    """Publish one agreed sentence of each circle, if five in which nobody sits twice have one: shuffled.

    How many were added. Whoever says no at this moment is in before, or finds it published and takes it away there.
    """
    # Mostly there are fewer, and then nobody waits for anybody.
    if offers_agreed(now=now).values("circle").distinct().count() < CIRCLES_AT_LEAST:
        return 0
    _shelf_lock()
    agreed: dict[int, list[SentenceOffer]] = defaultdict(list)
    for offer in offers_agreed(now=now).select_for_update(of=("self",)).order_by("pk"):
        if offer.text and not isinstance(offer.text, Unreadable):
            agreed[offer.circle_id].append(offer)
    around = {one.pk: seated_around(one) for some in agreed.values() for one in some}
    chosen = batch_of(agreed, SystemRandom(), knows=lambda one: around[one.pk])
    if chosen:
        sentences_add(chosen)
    return len(chosen)


@transaction.atomic
def sentences_add(chosen: Sequence[SentenceOffer]) -> None:
    """Put these among what is published, all written anew in a random order; what waited is deleted with it."""
    shelf = _shelf_lock()
    rows = [*Sentence.objects.all(), *(_published(one, shelf) for one in chosen)]
    Sentence.objects.all().delete()
    SystemRandom().shuffle(rows)
    Sentence.objects.bulk_create(rows)
    SentenceOffer.objects.filter(pk__in=[one.pk for one in chosen]).delete()


def _published(offer: SentenceOffer, shelf: SentenceShelf) -> Sentence:
    asked = asked_about(offer)
    known = secrets_of([offer.user_id, *asked])
    row = Sentence(vault=shelf.vault)
    row.text = str(offer.text)
    others = [known[one] for one in asked if one in known]
    row.marks = marks_of(row.code, writer=known.get(offer.user_id, ""), others=others)
    return row


@transaction.atomic
def sentences_forget(*, user: User, now: datetime) -> None:
    """Whoever is erased takes the sentences they wrote along, and nobody can find anything by their secret again."""
    key = SentenceKey.objects.filter(user=user).first()
    if key is None:
        return
    # Before their offers are deleted: who publishes takes the two in this order.
    _shelf_lock()
    Sentence.objects.filter(pk__in=[one.sentence.pk for one in theirs(user) if one.is_mine]).delete()
    SentenceKey.objects.filter(pk=key.pk).delete()
    vault_empty(vault=key.vault, now=now)
