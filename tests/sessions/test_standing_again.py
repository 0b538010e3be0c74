"""What takes place after all: nobody misses what they had not heard, and nobody is left with half of the news."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from circles.models import Membership
from notifications import claims, outbox
from notifications.enums import Channel
from notifications.models import Message
from notifications.services import preference_set, unsubscribe_all
from sessions.kinds import CANCELLED, ROLE_NEXT, RSVP_WANTED, SCHEDULED
from sessions.live.putting_back_services import session_put_back
from sessions.live.starting_services import session_start
from sessions.models import CircleSession
from sessions.planning.roles_services import roles_announce
from sessions.planning.services import SessionDetails, session_cancel, session_update
from sessions.planning.taking_back_services import UNDO_WITHIN, session_take_back, told_at
from tests.factories import NOW, Cast, make_session, sign

pytestmark = pytest.mark.django_db


def heard() -> list[tuple[str, str]]:
    """Who gets a mail now, with what it says."""
    outbox.turn()
    said = sorted((one.to[0].split("@")[0], f"{one.subject}\n{one.body}") for one in mail.outbox)
    mail.outbox.clear()
    return said


def cancel(session: CircleSession, people: Cast, *, now: Any = NOW) -> None:
    session_cancel(session=session, now=now, told_at=told_at(session, now=now))
    session.refresh_from_db()


def test_a_date_that_waits_for_the_mail_of_the_day_is_in_it_when_it_stands_again(clock: Any, people: Cast) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.DAILY)
    session = make_session(people.circle, people.alice, in_=timedelta(days=9))
    assert [name for name, _text in heard()] == ["alice", "carol", "dave"]
    cancel(session, people)
    session_take_back(session=session, now=NOW)
    clock.shift(timedelta(days=1))
    ((name, text),) = heard()
    assert name == "bob"
    assert "Alder circle meets on Wednesday 20 January" in text


def test_who_came_in_while_it_was_off_hears_of_it(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    heard()
    cancel(session, people)
    at = NOW + timedelta(minutes=2)
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW + timedelta(minutes=1))
    clock.move_to(at)
    assert not session_take_back(session=session, now=at)
    assert [name for name, _text in heard()] == ["erin"]


def test_a_mail_that_is_on_its_way_counts_as_heard(clock: Any, people: Cast) -> None:
    """It was with the mail server already when the undo was pressed: whoever reads “cancelled” reads the rest too."""
    session = make_session(people.circle, people.alice)
    heard()
    cancel(session, people)
    at = NOW + UNDO_WITHIN
    clock.move_to(at)
    taken = claims.claim(claims.due_ids(now=at), now=at)
    assert {one.kind for one in taken} == {CANCELLED}
    assert session_take_back(session=session, now=at)
    assert [name for name, _text in heard()] == ["alice", "bob", "carol", "dave"]


@pytest.mark.parametrize("channel", [Channel.MAIL, Channel.DAILY])
def test_roles_that_nobody_had_heard_of_are_told(clock: Any, people: Cast, channel: Channel) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    session = make_session(people.circle, people.alice, in_=timedelta(days=1, hours=23))
    heard()
    holders = {one.user for one in session.roles.select_related("user")}
    for person in holders:
        preference_set(user=person, kind=ROLE_NEXT, channel=channel)
    roles_announce(now=NOW)
    if channel == Channel.DAILY:
        assert heard() == []
    cancel(session, people)
    session_take_back(session=session, now=NOW)
    clock.shift(timedelta(hours=0 if channel == Channel.MAIL else 24))
    told = [name for name, text in heard() if re.search(r"Alder circle [\w ]+: you are (host|timekeeper|scribe)", text)]
    assert told == sorted(one.first.lower() for one in holders)


def test_what_waited_when_a_start_was_put_back_still_comes(clock: Any, people: Cast) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    session = make_session(people.circle, people.alice, in_=timedelta(minutes=20))
    here = [people.alice.pk, people.bob.pk, people.carol.pk]
    session_start(session=session, here=here, presenting=here, expected_seq=0, by=people.alice, now=NOW, how="longer")
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW + timedelta(seconds=30))
    session.refresh_from_db()
    at = NOW + timedelta(minutes=1)
    clock.move_to(at)
    session_put_back(session=session, by_seat=1, now=at)
    told = heard()
    assert {name for name, text in told if "20" in text} == {"alice", "bob", "carol", "dave", "erin"}


def test_two_of_one_kind_that_wait_for_the_mail_of_the_day_are_no_fault(clock: Any, people: Cast) -> None:
    """Moved by an hour, then made shorter, while the question whether one comes waits twice for the evening."""
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    preference_set(user=people.bob, kind=RSVP_WANTED, channel=Channel.DAILY)
    session = make_session(people.circle, people.alice, in_=timedelta(days=4, minutes=30))
    for minutes, length in ((60, 120), (0, 120), (0, 90)):
        clock.move_to(session.starts_at - timedelta(days=4))
        heard()
        local = (session.starts_at + timedelta(minutes=minutes)).replace(tzinfo=None)
        details = SessionDetails(local_start=local, zone="UTC", format=session.format_version, minutes=length)
        session_update(session=session, details=details, now=session.starts_at - timedelta(days=4))
        session.refresh_from_db()
    waiting = Message.objects.filter(user=people.bob, kind=RSVP_WANTED, state="bundled", revision=session.revision)
    assert waiting.count() == 1


def test_who_ends_all_mails_gets_no_mail_of_the_day_with_what_waited(clock: Any, people: Cast) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.DAILY)
    preference_set(user=people.carol, kind=SCHEDULED, channel=Channel.DAILY)
    make_session(people.circle, people.alice, in_=timedelta(days=9))
    assert [name for name, _text in heard()] == ["alice", "dave"]
    unsubscribe_all(user=people.bob)
    clock.shift(timedelta(days=1))
    assert [name for name, _text in heard()] == ["carol"]
