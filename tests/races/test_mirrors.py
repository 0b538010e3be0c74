"""Races about a circle's look at itself, and about the one change that it tries."""

import json

import pytest

from accounts.models import User
from agreements.enums import Became, Facet
from agreements.mirror_services import (
    mirror_answer,
    mirror_close,
    mirror_open,
    one_change_decide,
    one_change_settle,
)
from agreements.models import Mirror, MirrorTicket, OneChange
from agreements.rules.mirror import answers_in
from circles.models import Membership
from notifications.models import Message
from tests.factories import NOW, Cast
from tests.races.racing import Made, Race, again, in_both_orders, one_refused, run

RACES: list[Made] = []
ALIKE = dict.fromkeys(Facet.values, 3)


def race(made: Made) -> Made:
    RACES.append(made)
    return made


def look(people: Cast, by: User) -> Mirror:
    return mirror_open(circle=again(people.circle), by=again(by), now=NOW)


def opened(people: Cast) -> Mirror:
    """A look of five that nobody has answered."""
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    return look(people, people.alice)


def say(mirror: Mirror, user: User) -> None:
    mirror_answer(mirror=again(mirror), user=again(user), scores=ALIKE, now=NOW)


@race
def two_ask_all_to_look(people: Cast) -> Race:
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    said = yield lambda: look(people, people.alice), lambda: look(people, people.bob)
    assert one_refused(said)
    assert (Mirror.objects.count(), MirrorTicket.objects.count()) == (1, 5)
    assert Message.objects.filter(kind="mirror_open").count() == 4, "and each hears of it once"


@race
def two_answer_at_once(people: Cast) -> Race:
    mirror = opened(people)
    said = yield lambda: say(mirror, people.bob), lambda: say(mirror, people.carol)
    assert said == ["", ""]
    assert answers_in(json.loads(again(mirror).sums)) == 2, "none takes the other's away"


@race
def one_answers_in_two_windows(people: Cast) -> Race:
    mirror = opened(people)
    said = yield lambda: say(mirror, people.bob), lambda: say(mirror, people.bob)
    assert one_refused(said)
    assert answers_in(json.loads(again(mirror).sums)) == 1


@race
def the_last_answers_while_somebody_closes(people: Cast) -> Race:
    mirror = opened(people)
    for user in (people.alice, people.bob, people.carol, people.dave):
        say(mirror, user)
    yield lambda: say(mirror, people.erin), lambda: mirror_close(mirror=again(mirror), now=NOW)
    found = again(mirror)
    assert (found.closed_at, found.sums) == (NOW, "")
    assert not MirrorTicket.objects.filter(answered=True).exists(), "who answered is forgotten, whoever was first"


@race
def two_write_down_what_is_tried(people: Cast) -> Race:
    said = yield (
        lambda: one_change_decide(circle=again(people.circle), text="One", now=NOW),
        lambda: one_change_decide(circle=again(people.circle), text="Other", now=NOW),
    )
    assert one_refused(said)
    assert OneChange.objects.count() == 1


@race
def two_say_what_became_of_it(people: Cast) -> Race:
    change = one_change_decide(circle=people.circle, text="One", now=NOW)
    said = yield (
        lambda: one_change_settle(change=again(change), became=Became.HELPED, now=NOW),
        lambda: one_change_settle(change=again(change), became=Became.NOT_DONE, now=NOW),
    )
    assert one_refused(said)
    assert again(change).became in (Became.HELPED, Became.NOT_DONE)
    assert again(change).settled_at == NOW


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_a_look_and_a_change_hold_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
