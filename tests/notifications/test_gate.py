"""The gate before the mail server and the rows behind it, step by step: each number and each condition by itself."""

import smtplib
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from notifications import claims, outbox
from notifications.enums import Channel, MessageState
from notifications.gate import Gate
from notifications.models import Message, Relay
from notifications.rules.smtp_replies import Phase, SmtpReply
from notifications.selectors import Channels
from notifications.services import About, messages_put, preference_set
from sessions.kinds import RSVP_WANTED, SCHEDULED
from tests.factories import NOW, Cast, make_session, make_user

pytestmark = pytest.mark.django_db
OF_ONE_MAIL, OF_THE_SERVER = SmtpReply(Phase.CONTENT, 451), SmtpReply(Phase.SIGN_IN, 535)
MINUTE = timedelta(minutes=1)


def wait(number: int, *, due_at: datetime = NOW, **columns: Any) -> list[Message]:
    """So many messages that wait, of one person; what is told of them does not matter here."""
    person = make_user("Alice Archer")
    for _one in range(number):
        about = About("session", uuid4())
        messages_put(kind=SCHEDULED, about=about, to=[person], due_at=due_at, now=NOW)
    Message.objects.update(**columns)
    return list(Message.objects.order_by("pk"))


def in_trouble(*, try_at: datetime = NOW, since: datetime | None = NOW - MINUTE, name: str = "mail") -> Relay:
    return Relay.objects.create(name=name, since=since, trouble="open", failures=1, try_at=try_at)


def shut_after(gate: Gate, *attempts: int) -> list[bool]:
    """Whether it is shut after each of some mails that failed at these tries."""
    shut = []
    for one in attempts:
        gate.failed(OF_ONE_MAIL, one, now=NOW)
        shut.append(not gate.open)
    return shut


def test_three_fresh_mails_in_a_row_are_the_servers_trouble(db: None) -> None:
    assert shut_after(Gate(now=NOW), 1, 1, 1) == [False, False, True]
    assert Relay.objects.get().since == NOW


def test_mails_that_failed_before_say_nothing_of_the_server(db: None) -> None:
    assert shut_after(Gate(now=NOW), 1, 2, 3, 1, 2, 1) == [False, False, False, False, False, True]


def test_one_that_goes_between_two_begins_the_count_anew(db: None) -> None:
    gate = Gate(now=NOW)
    assert shut_after(gate, 1, 1) == [False, False]
    gate.good(now=NOW)
    assert shut_after(gate, 1, 1, 1) == [False, False, True]


def test_whoever_tries_the_server_gives_up_after_ten(db: None) -> None:
    in_trouble()
    gate = Gate(now=NOW)
    assert (gate.trying, gate.open) == (True, True)
    assert shut_after(gate, *[5] * 10) == [False] * 9 + [True]


def test_one_tries_it_and_another_server_has_nothing_to_do_with_it(db: None) -> None:
    """The same moment stands at both: what is taken is one's own row."""
    in_trouble(name="another")
    mine = in_trouble()
    assert [Gate(now=NOW).trying for _twice in range(2)] == [True, False]
    assert Relay.objects.get(pk=mine.pk).try_at == NOW + claims.SENDING
    assert Relay.objects.get(name="another").try_at == NOW


def test_trouble_begins_for_one_server_only(db: None) -> None:
    in_trouble(name="another", since=None)
    Gate(now=NOW).bad(OF_THE_SERVER, now=NOW)
    assert list(Relay.objects.order_by("name").values_list("name", "since")) == [("another", None), ("mail", NOW)]


def test_how_many_wait_counts_what_is_due(db: None, caplog: pytest.LogCaptureFixture) -> None:
    wait(2)
    Message.objects.filter(pk=Message.objects.order_by("pk")[0].pk).update(due_at=NOW + MINUTE)
    Gate(now=NOW).bad(OF_THE_SERVER, now=NOW)
    assert "failures: 1); 1 mails wait; next try in 0:00:30" in caplog.text


def test_it_is_said_often_at_first_and_seldom_later(db: None, caplog: pytest.LogCaptureFixture) -> None:
    gate, said = Gate(now=NOW), []
    for number in range(1, 162):
        caplog.clear()
        gate.bad(OF_THE_SERVER, now=NOW)
        if caplog.records:
            said.append(number)
    assert said == [1, 2, 4, 8, 16, 32, 64, 80, 128, 160]


@pytest.mark.parametrize(("lasted", "freed"), [(timedelta(minutes=9, seconds=59), 1), (timedelta(minutes=10), 2)])
def test_after_ten_minutes_what_failed_for_itself_is_tried_at_once_too(db: None, lasted: timedelta, freed: int) -> None:
    held, put_off = wait(2, again_at=NOW + MINUTE * 50)
    Message.objects.filter(pk=held.pk).update(held=True)
    in_trouble(since=NOW - lasted)
    Gate(now=NOW).good(now=NOW)
    free = Message.objects.filter(again_at=None, held=False)
    assert free.count() == freed
    assert held in free
    assert (put_off in free) is (freed == 2)


def test_of_what_was_put_off_it_says_how_much(db: None) -> None:
    wait(3, again_at=NOW + MINUTE)
    assert claims.release_put_off() == 3
    assert claims.release_put_off() == 0


def test_ten_are_taken_at_once(db: None) -> None:
    wait(12)
    assert len(claims.due_ids(now=NOW)) == 10
    Message.objects.update(held=True, again_at=NOW + MINUTE)
    assert claims.release(at_most=claims.BATCH) == 10


def test_what_is_held_is_looked_at_again_a_quarter_of_an_hour_later(db: None) -> None:
    wait(1)
    (one,) = claims.claim(claims.due_ids(now=NOW), now=NOW)
    claims.hold(one, now=NOW)
    one.refresh_from_db()
    assert (one.again_at, one.attempts, one.claimed_until) == (NOW + MINUTE * 15, 0, None)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 0.5), (2, 1), (3, 2), (7, 32), (8, 60), (30, 60)])
def test_one_mail_waits_twice_as_long_each_time_up_to_an_hour(db: None, tries: int, minutes: float) -> None:
    wait(1, attempts=tries - 1)
    (one,) = claims.claim(claims.due_ids(now=NOW), now=NOW)
    assert claims.put_off(one, "content 451", now=NOW) == timedelta(minutes=minutes)


def test_the_turn_that_tries_the_server_sends_what_was_held(people: Cast, clock: Any) -> None:
    """In one turn, and not in the next: nobody else may try meanwhile."""
    make_session(people.circle, people.alice)
    Message.objects.filter(kind=SCHEDULED).update(held=True, again_at=NOW + MINUTE * 15)
    in_trouble()
    assert outbox.turn().sent == 4


class Cut(BaseEmailBackend):
    """A server that takes us in and is gone while it is told the mail."""

    def open(self) -> bool:
        return True

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("cut")


def test_a_line_cut_in_the_middle_is_first_taken_for_that_mails_trouble(
    people: Cast, clock: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Cut"
    messages_put(kind=SCHEDULED, about=_about(people), to=[people.bob], due_at=NOW, now=NOW)
    Message.objects.exclude(user=people.bob).delete()
    done = outbox.turn()
    message = Message.objects.get(user=people.bob, kind=SCHEDULED)
    assert (done.put_off, message.held, message.trouble, message.again_at) == (1, False, "cut", NOW + MINUTE / 2)
    assert not Relay.objects.filter(since__isnull=False).exists()


def _about(people: Cast) -> About:
    session = make_session(people.circle, people.alice)
    return About("session", session.code, session.revision, people.circle.code)


@pytest.mark.parametrize(
    ("channel", "state"), [(Channel.OFF, MessageState.DROPPED), (Channel.BELL, MessageState.SHOWN)]
)
def test_at_an_address_that_is_not_proved_nothing_is_lost(
    people: Cast, clock: Any, channel: Channel, state: MessageState
) -> None:
    """What somebody does not want at all is dropped; the rest is under the bell."""
    people.bob.unproved_since = NOW
    people.bob.save(update_fields=["unproved_since"])
    preference_set(user=people.bob, kind=SCHEDULED, channel=channel)
    make_session(people.circle, people.alice)
    outbox.turn()
    assert Message.objects.get(user=people.bob, kind=SCHEDULED).state == state


@pytest.mark.parametrize(("by", "state"), [(-1, "waiting"), (0, "waiting"), (1, "bundled")])
def test_a_mail_of_the_day_that_comes_when_it_is_of_no_use_carries_nothing(
    people: Cast, clock: Any, by: int, state: str
) -> None:
    """Quiet hours do not end before it either: it is sent at once."""
    preference_set(user=people.bob, kind=RSVP_WANTED, channel=Channel.DAILY)
    messages_put(kind=RSVP_WANTED, about=_about(people), to=[people.bob], due_at=NOW, now=NOW)
    rows = Message.objects.filter(user=people.bob, kind=RSVP_WANTED, due_at=NOW)
    (message,) = claims.claim(list(rows.values_list("pk", flat=True)), now=NOW)
    kind, channels = outbox.kind_of(RSVP_WANTED), Channels([message])
    tomorrow = NOW.replace(hour=people.bob.daily_hour) + timedelta(days=1 if people.bob.daily_hour <= 9 else 0)
    sender = outbox.Sender(lambda: NOW)
    sent = sender._by_mail_now(message, people.bob, kind, channels.of(message, kind), tomorrow + timedelta(seconds=by))
    message.refresh_from_db()
    assert (sent, message.state) == (state == "waiting", state)


def test_what_was_sent_is_under_the_bell_of_whoever_has_one(people: Cast, clock: Any) -> None:
    about = _about(people)
    messages_put(kind=SCHEDULED, about=about, to=["zoe@example.org"], due_at=NOW, now=NOW)
    outbox.turn()
    heard = dict(Message.objects.filter(kind=SCHEDULED).values_list("user__name", "heard_at"))
    assert heard == {None: None} | {one.name: NOW for one in (people.alice, people.bob, people.carol, people.dave)}
