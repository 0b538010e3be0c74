"""What the circles of the demonstration lend: a format and a clause on the shelf, one asked about, some sentences."""

from datetime import datetime, timedelta

from accounts.models import User
from agreements.enums import Stance, Theme
from agreements.selectors import in_force
from circles.models import Circle, Membership
from sessions.enums import ShelfKind
from sessions.models import SentenceOffer
from sessions.shelf.lendable import Lendable
from sessions.shelf.selectors import lendable_in
from sessions.shelf.sentence_services import keys_make, sentences_add
from sessions.shelf.services import shelf_answer, shelf_ask

HELPED = {
    "format": "When three of us had something and nobody wanted to be the one who takes the whole evening.",
    "clause": "After a name had slipped out at lunch: since then each of us stops before the second sentence.",
    "asked": "When one of us kept saying what they would have done.",
}
SENTENCES = (
    "I had been answering a question that nobody had asked.",
    "It helped more to be listened to for ten minutes than to be advised for an hour.",
    "I stopped apologising for the size of my problem, and it became smaller.",
    "What I called patience was not wanting to be disliked.",
    "Saying it aloud to four people made it a plan.",
)
WAITS = "I ask for help a week earlier than I used to."


def shelf_load(*, alder: Circle, heads: Circle, others: list[Circle], now: datetime) -> None:
    """Made as people make it, but that nobody waits a week: what is offered was offered eight days ago."""
    then = now - timedelta(days=8)
    own = next(one.thing for one in lendable_in(alder) if one.thing.kind == ShelfKind.FORMAT)
    _lent(alder, own, HELPED["format"], then)
    first = in_force(heads)[1][0]
    clause = Lendable(ShelfKind.CLAUSE, theme=first.theme, text=str(first.text))
    _lent(heads, clause, HELPED["clause"], then)
    feedback = next(one for one in in_force(alder)[1] if one.theme == Theme.FEEDBACK)
    asked = Lendable(ShelfKind.CLAUSE, theme=feedback.theme, text=str(feedback.text))
    item = shelf_ask(circle=alder, thing=asked, helped=HELPED["asked"], by=_people(alder)[2], now=now)
    shelf_answer(item=item, user=_people(alder)[0], stance=Stance.YES, comment="", now=now)
    # At once: Priya is in two of them, and where anybody waits for that, nothing would stand there yet.
    said = zip([alder, heads, *others], SENTENCES, strict=True)
    sentences_add([_offered(circle, _people(circle)[1], text, then) for circle, text in said])
    _offered(alder, _people(alder)[3], WAITS, now - timedelta(days=1))


def _people(circle: Circle) -> list[User]:
    return [one.user for one in Membership.objects.filter(circle=circle).select_related("user").order_by("pk")]


def _lent(circle: Circle, thing: Lendable, helped: str, at: datetime) -> None:
    first, *rest = _people(circle)
    item = shelf_ask(circle=circle, thing=thing, helped=helped, by=first, now=at)
    for user in rest:
        shelf_answer(item=item, user=user, stance=Stance.YES, comment="", now=at)


def _offered(circle: Circle, user: User, text: str, at: datetime) -> SentenceOffer:
    """Before their promised sessions are over, which none of these circles has come to."""
    offer = SentenceOffer(circle=circle, user=user, vault=circle.vault, offered_at=at)
    offer.text = text
    offer.save(force_insert=True)
    keys_make(_people(circle))
    return offer
