"""Races about what leaves a circle, and about the journey it is on."""

from datetime import timedelta

import pytest

from accounts.models import User
from agreements.enums import Stance
from circles.models import Circle, Covenant
from notifications.models import Message
from sessions.enums import ShelfKind
from sessions.journeys.library import journey_version_of
from sessions.models import JourneyTaken, Leg, Sentence, SentenceOffer, ShelfAnswer, ShelfItem
from sessions.planning.journey_services import journey_leave, journey_take, leg_skip, leg_swap
from sessions.shelf.lendable import Lendable
from sessions.shelf.sentence_selectors import theirs
from sessions.shelf.sentence_services import (
    offer_object,
    offer_take_back,
    sentence_offer,
    sentence_take_away,
    sentences_publish,
)
from sessions.shelf.services import shelf_answer, shelf_ask, shelf_take_back
from tests.factories import NOW, Cast, make_circle, make_held, make_user, sign
from tests.races.racing import Made, Race, again, in_both_orders, one_refused, run

RACES: list[Made] = []
WEEK = timedelta(days=7)
CLAUSE = Lendable(ShelfKind.CLAUSE, theme="feedback", text="We say first what we heard.")


def race(made: Made) -> Made:
    RACES.append(made)
    return made


def ask(people: Cast, by: User) -> ShelfItem:
    return shelf_ask(circle=again(people.circle), thing=CLAUSE, helped="Often.", by=again(by), now=NOW)


def asked(people: Cast) -> ShelfItem:
    """Asked, and wanted by everybody but Dave."""
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    item = ask(people, people.alice)
    for user in (people.bob, people.carol):
        say(item, user, Stance.YES)
    return again(item)


def say(item: ShelfItem, user: User, stance: str, comment: str = "") -> None:
    shelf_answer(item=again(item), user=again(user), stance=stance, comment=comment, now=NOW)


@race
def two_ask_to_lend_the_same(people: Cast) -> Race:
    sign(people.circle, people.alice, people.bob)
    said = yield lambda: ask(people, people.alice), lambda: ask(people, people.bob)
    assert one_refused(said)
    assert ShelfItem.objects.count() == 1


@race
def the_last_yes_and_a_concern(people: Cast) -> Race:
    item = asked(people)
    said = yield (
        lambda: say(item, people.dave, Stance.YES),
        lambda: say(item, people.carol, Stance.CONCERN, "It names us."),
    )
    there = again(item)
    concern = ShelfAnswer.objects.filter(item=item, stance=Stance.CONCERN).exists()
    assert (there.lent_at is None) == concern, "what is lent has no concern, and a concern keeps it back"
    assert one_refused(said) == (there.lent_at is not None)


@race
def the_last_yes_and_taking_it_back(people: Cast) -> Race:
    item = asked(people)
    seen, dave = again(item), again(people.dave)
    yield (
        lambda: shelf_answer(item=seen, user=dave, stance=Stance.YES, comment="", now=NOW),
        lambda: shelf_take_back(item=again(item), by=again(people.carol), now=NOW),
    )
    assert not ShelfItem.objects.exists()
    assert not ShelfAnswer.objects.exists()
    assert not Message.objects.filter(subject_code=item.code, state="waiting").exists()


@race
def two_take_it_back(people: Cast) -> Race:
    item = asked(people)
    one, other = again(item), again(item)
    said = yield (
        lambda: shelf_take_back(item=one, by=again(people.bob), now=NOW),
        lambda: shelf_take_back(item=other, by=again(people.carol), now=NOW),
    )
    assert one_refused(said)
    assert not ShelfItem.objects.exists()


def held_all(*people: User) -> Circle:
    """A circle that has held what it promised."""
    circle = make_circle(people[0], people[1:])
    make_held(circle, people[0])
    Covenant.objects.filter(circle=circle).update(decided_at=NOW, decision="carry_on")
    return circle


def offered(circle: Circle, by: User) -> SentenceOffer:
    return sentence_offer(circle=again(circle), user=again(by), text="Ask before you answer.", now=NOW)


def five_circles() -> list[SentenceOffer]:
    """A sentence of each, that nobody has said no to for a week."""
    made = []
    for at in range(5):
        writer, other = make_user(f"Wren{at} X"), make_user(f"Otto{at} X")
        made.append(offered(held_all(writer, other), writer))
    return made


@race
def one_person_offers_in_two_tabs(people: Cast) -> Race:
    circle = held_all(people.alice, people.bob)
    said = yield lambda: offered(circle, people.bob), lambda: offered(circle, people.bob)
    assert one_refused(said)
    assert SentenceOffer.objects.count() == 1


@race
def somebody_says_no_while_it_is_published(people: Cast) -> Race:
    offer = again(five_circles()[0])
    heard: list[bool] = []
    yield lambda: sentences_publish(now=NOW + WEEK), lambda: heard.append(offer_object(offer=offer))
    assert not SentenceOffer.objects.filter(pk=offer.pk).exists()
    # Either it was in time, and four circles are too few, or it is told that it came too late.
    assert (Sentence.objects.count(), heard) in ((0, [True]), (5, [False]))


@race
def its_writer_takes_it_back_while_it_is_published(people: Cast) -> Race:
    offer = again(five_circles()[0])
    yield lambda: sentences_publish(now=NOW + WEEK), lambda: offer_take_back(offer=offer)
    assert Sentence.objects.count() + SentenceOffer.objects.count() in (4, 5)
    assert not SentenceOffer.objects.filter(pk=offer.pk).exists()


@race
def two_workers_publish(people: Cast) -> Race:
    five_circles()
    yield lambda: sentences_publish(now=NOW + WEEK), lambda: sentences_publish(now=NOW + WEEK)
    assert (Sentence.objects.count(), SentenceOffer.objects.count()) == (5, 0)


@race
def one_is_taken_away_while_others_are_published(people: Cast) -> Race:
    writer = five_circles()[0].user
    sentences_publish(now=NOW + WEEK)
    for at in range(5):
        one, other = make_user(f"Wanda{at} X"), make_user(f"Oona{at} X")
        offered(held_all(one, other), one)
    (key,) = [one.sentence.key for one in theirs(writer)]
    yield (
        lambda: sentences_publish(now=NOW + WEEK),
        lambda: sentence_take_away(user=again(writer), key=key),
    )
    assert Sentence.objects.count() == 9
    assert theirs(writer) == []


def take(people: Cast, key: str) -> JourneyTaken:
    return journey_take(circle=again(people.circle), version=journey_version_of(key), by=again(people.alice), now=NOW)


@race
def two_take_a_journey(people: Cast) -> Race:
    journey_version_of("first_six")
    journey_version_of("forum_year")
    said = yield lambda: take(people, "first_six"), lambda: take(people, "forum_year")
    assert one_refused(said)
    assert JourneyTaken.objects.filter(left_at=None).count() == 1


@race
def one_skips_while_another_leaves(people: Cast) -> Race:
    leg = again(take(people, "first_six").legs.get(number=1))
    yield (
        lambda: leg_skip(leg=leg, skip=True, now=NOW),
        lambda: journey_leave(circle=again(people.circle), by=again(people.bob), now=NOW),
    )
    assert not JourneyTaken.objects.filter(left_at=None).exists()
    assert not Leg.objects.exclude(session=None).exists()


@race
def two_bring_sessions_forward(people: Cast) -> Race:
    taken = take(people, "first_six")
    one, other = again(taken.legs.get(number=2)), again(taken.legs.get(number=3))
    yield lambda: leg_swap(leg=one, now=NOW), lambda: leg_swap(leg=other, now=NOW)
    assert sorted(taken.legs.values_list("place", flat=True)) == list(range(taken.legs.count()))


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
