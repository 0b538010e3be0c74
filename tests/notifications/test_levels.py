"""How much mail at all: three levels, and a choice of one's own kind by kind."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from notifications import outbox, registry
from notifications.enums import Channel
from notifications.levels import MailLevel, channel_at, level_of
from notifications.models import EVERY_CIRCLE, Message, Preference
from notifications.registry import chosen_by_people, kind_of
from notifications.selectors import Channels, preferences_of
from notifications.services import mail_level_set, preference_set, unsubscribe_all
from pages.notices_forms import PreferencesForm
from sessions.kinds import DAY_BEFORE, MOVED, SCHEDULED
from tests.factories import Cast, make_session, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/account/notices/"


def pressed(page: str) -> list[str]:
    return re.findall(r'value="(\w+)"\s+aria-pressed="true"', page)


def test_each_level_says_of_each_kind_how_it_is_heard_of() -> None:
    said = {level: [channel_at(level, kind_of(key)) for key in (SCHEDULED, DAY_BEFORE, MOVED)] for level in MailLevel}
    assert said == {
        MailLevel.USUAL: [Channel.MAIL, Channel.MAIL, Channel.MAIL],
        MailLevel.DAILY: [Channel.DAILY, Channel.MAIL, Channel.MAIL],
        MailLevel.URGENT: [Channel.BELL, Channel.BELL, Channel.MAIL],
    }
    for kind in chosen_by_people():
        if kind.usual != Channel.MAIL:
            assert {channel_at(level, kind) for level in MailLevel} == {kind.usual}, kind.key


def test_one_press_sets_them_all_and_keeps_how_long_before(clock: Any, people: Cast) -> None:
    bob = signed_in(people.bob)
    assert pressed(bob.get(PAGE).content.decode()) == ["usual"]
    preference_set(user=people.bob, kind=DAY_BEFORE, channel=Channel.MAIL, lead=4320)
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.OFF, circle_code=people.circle.code)
    told = bob.post(PAGE, {"level": "urgent"}, follow=True)
    page = told.content.decode()
    assert told.redirect_chain[0][0] == reverse("pages:preferences")
    assert pressed(page) == ["urgent"]
    assert "Saved. It holds from now on." in page
    kept = preferences_of(people.bob, EVERY_CIRCLE)
    assert (kept[DAY_BEFORE].channel, kept[DAY_BEFORE].lead) == (Channel.BELL, 4320)
    assert Preference.objects.get(user=people.bob, circle_code=people.circle.code).channel == Channel.OFF
    make_session(people.circle, people.alice)
    outbox.turn()
    assert sorted(one.to[0] for one in mail.outbox) == [f"{name}@example.org" for name in ("alice", "carol", "dave")]
    bob.post(PAGE, {"level": "usual"})
    assert level_of(preferences_of(people.bob, EVERY_CIRCLE)) == MailLevel.USUAL
    assert preferences_of(people.bob, EVERY_CIRCLE)[DAY_BEFORE].lead == 4320


def test_a_choice_of_ones_own_is_no_level_and_its_lines_stand_open(clock: Any, people: Cast) -> None:
    bob = signed_in(people.bob)
    assert '<details class="more">' in bob.get(PAGE).content.decode()
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.OFF)
    page = bob.get(PAGE).content.decode()
    assert pressed(page) == []
    assert re.search(r'<details class="more"\s+open>', page)


@pytest.mark.parametrize(
    ("chosen", "heard", "urgently"),
    [
        ("", Channel.MAIL, Channel.MAIL),
        ("daily", Channel.DAILY, Channel.MAIL),
        ("urgent", Channel.BELL, Channel.MAIL),
        ("nothing", Channel.BELL, Channel.BELL),
    ],
)
def test_a_kind_that_a_later_version_adds_is_heard_of_as_was_chosen_for_all(
    chosen: str, heard: Channel, urgently: Channel, clock: Any, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen == "nothing":
        unsubscribe_all(user=people.bob)
    elif chosen:
        mail_level_set(user=people.bob, level=chosen)
    before = level_of(preferences_of(people.bob, EVERY_CIRCLE))
    later = {key: replace(kind_of(SCHEDULED), key=key, urgent=key == "siren") for key in ("hint", "siren")}
    monkeypatch.setattr(registry, "_kinds", registry._kinds | later)
    channels = Channels([Message(user=people.bob)])
    said = [channels.of(Message(user=people.bob, kind=key), kind) for key, kind in later.items()]
    assert said == [heard, urgently]
    kept = preferences_of(people.bob, EVERY_CIRCLE)
    form = PreferencesForm(kept=kept, of_circle=False)
    assert [form[key].initial for key in later] == said
    # The page goes on saying at which level they are.
    assert level_of(kept) == before


def test_a_level_that_there_is_not_changes_nothing(clock: Any, people: Cast) -> None:
    answer = signed_in(people.bob).post(PAGE, {"level": "loud"})
    assert answer.status_code == 200
    assert not Preference.objects.filter(user=people.bob).exists()
    with pytest.raises(ValueError, match="loud"):
        mail_level_set(user=people.bob, level="loud")


@pytest.mark.django_db(transaction=True)
def test_a_level_is_set_by_a_press_that_begins_no_transaction_itself(clock: Any, people: Cast) -> None:
    """As in the site: PostgreSQL locks nothing outside a transaction, and a level is set whole or not at all."""
    assert signed_in(people.bob).post(PAGE, {"level": "daily"}).status_code == 302
    assert level_of(preferences_of(people.bob, EVERY_CIRCLE)) == MailLevel.DAILY
