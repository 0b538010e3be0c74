"""Days of trouble with a mail server, on real sockets and a clock that is set: nothing is lost, nothing comes twice."""

import gc
import socket
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from notifications import claims, outbox, smtp
from notifications.enums import MessageState
from notifications.gate import Gate, wait_after
from notifications.models import Message
from notifications.models import Relay as RelayRow
from notifications.rules.smtp_replies import Phase, SmtpReply
from notifications.smtp import TimedRelay
from tests.factories import NOW, Cast, make_session
from tests.relays import LASTING, PERISHING, Relay, as_it_is, days_of_trouble, one_minute_an_hour, put, relay_used

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def at(moment: datetime) -> Any:
    return lambda: moment


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay()
    with relay_used(made):
        yield made


def row() -> RelayRow:
    return RelayRow.objects.get()


@pytest.mark.parametrize(
    "trouble",
    [
        {"sign_in": "535 5.7.8 no"},
        {"sender": "550 5.1.8 no"},
        {"content": "554 5.7.1 policy"},
    ],
)
def test_three_days_of_trouble_lose_nothing_that_still_holds(relay: Relay, trouble: dict[str, str]) -> None:
    for name, said in trouble.items():
        setattr(relay, name, said)
    found = days_of_trouble(relay, start=NOW, lasting=3 * DAY, step=timedelta(hours=3), change=as_it_is)
    assert (found.put, found.extra, found.failed, found.waiting) == (72, 0, 0, 0)
    # Twelve times three last; of those that hold for a day, three times three are younger than one.
    assert (found.sent, found.dropped) == (36 + 9, 27)
    assert found.slowest_after <= timedelta(minutes=10)


def test_a_server_that_is_there_one_minute_an_hour_is_met_in_it(relay: Relay) -> None:
    found = days_of_trouble(
        relay,
        start=NOW,
        lasting=timedelta(hours=4),
        step=timedelta(seconds=30),
        change=one_minute_an_hour(relay.start()),
        every=timedelta(hours=1),
    )
    assert (found.put, found.sent, found.extra, found.dropped, found.failed, found.waiting) == (24, 24, 0, 0, 0, 0)


def test_trouble_is_one_row_and_is_over_with_the_first_mail_that_goes(relay: Relay, caplog: Any) -> None:
    relay.sign_in = "535 5.7.8 no"
    put(LASTING, 12, NOW)
    outbox.turn(clock=at(NOW))
    assert (row().since, row().trouble, row().failures) == (NOW, "sign-in 535", 1)
    assert relay.talks == 1, "the others are not tried"
    rows = Message.objects.values_list("state", "attempts", "held", "claimed_until")
    assert set(rows) == {(MessageState.WAITING, 0, True, None)}
    outbox.turn(clock=at(NOW + timedelta(seconds=29)))
    assert relay.talks == 1, "not before its time"
    outbox.turn(clock=at(NOW + timedelta(seconds=30)))
    assert (relay.talks, row().failures, row().since) == (2, 2, NOW)
    relay.sign_in = ""
    outbox.turn(clock=at(NOW + timedelta(seconds=90)))
    assert (len(relay.taken), relay.extra, row().since, row().trouble) == (12, 0, None, "")
    said = caplog.text
    assert "in trouble since" in said
    assert "sign-in 535" in said
    assert "well again" in said
    assert "example.org" not in said


def test_a_long_trouble_is_said_often_at_first_and_seldom_later(db: None, caplog: Any) -> None:
    gate, said = Gate(now=NOW), []
    for number in range(1, 161):
        caplog.clear()
        gate.bad(SmtpReply(Phase.SIGN_IN, 535), now=NOW)
        said += [number] if "in trouble since" in caplog.text else []
    assert said == [1, 2, 4, 8, 16, 32, 64, 80, 128, 160]


@pytest.mark.parametrize(
    ("phase", "failures", "seconds"),
    [
        (Phase.SIGN_IN, 0, 30),
        (Phase.SIGN_IN, 1, 60),
        (Phase.SENDER, 4, 480),
        (Phase.SENDER, 5, 600),
        (Phase.CONTENT, 0, 30),
        (Phase.CONTENT, 1, 45),
        (Phase.CONTENT, 99, 45),
        (Phase.SIGN_IN, 10**6, 600),
    ],
)
def test_each_try_of_the_server_waits_twice_as_long_up_to_a_bound(phase: Phase, failures: int, seconds: int) -> None:
    assert wait_after(SmtpReply(phase, 451), failures) == timedelta(seconds=seconds)


def test_one_address_that_asks_to_wait_keeps_nobody_waiting(relay: Relay) -> None:
    put(LASTING, 9, NOW)
    slow = Message.objects.order_by("due_at", "pk")[:2]
    relay.addresses = {one.email: "450 4.2.0 later" for one in slow}
    outbox.turn(clock=at(NOW))
    assert len(relay.taken) == 7
    assert not RelayRow.objects.filter(since__isnull=False).exists()
    later = Message.objects.filter(state=MessageState.WAITING)
    assert set(later.values_list("again_at", "trouble")) == {(NOW + claims.FIRST_WAIT, "recipient 450")}
    relay.addresses = {}
    outbox.turn(clock=at(NOW + claims.FIRST_WAIT))
    assert (len(relay.taken), relay.extra) == (9, 0)


def test_many_that_fail_for_themselves_at_the_head_do_not_hold_up_the_rest(relay: Relay) -> None:
    """Three in a row are taken for the server's trouble; the next look goes past them."""
    put(LASTING, 30, NOW)
    relay.addresses = {one.email: "451 later" for one in Message.objects.order_by("due_at", "pk")[:8]}
    for seconds in range(0, 100, 10):
        outbox.turn(clock=at(NOW + timedelta(seconds=seconds)))
    assert len(relay.taken) == 22
    assert not RelayRow.objects.filter(since__isnull=False).exists()


def test_a_refused_address_is_final_and_the_server_is_well(relay: Relay) -> None:
    put(LASTING, 5, NOW)
    relay.recipient = "550 5.1.1 unknown"
    done = outbox.turn(clock=at(NOW))
    assert (done.failed, done.put_off) == (5, 0)
    assert set(Message.objects.values_list("state", "trouble")) == {(MessageState.FAILED, "refused 550")}
    assert not RelayRow.objects.filter(since__isnull=False).exists()


def test_while_the_server_is_in_trouble_the_bell_goes_on(relay: Relay, people: Cast) -> None:
    """What needs no mail is not held up by mails that wait, and what holds no more is dropped meanwhile."""
    from notifications.enums import Channel
    from notifications.services import preference_set

    relay.sign_in = "535 no"
    preference_set(user=people.bob, kind="session_scheduled", channel=Channel.BELL)
    make_session(people.circle, people.alice)
    put(PERISHING, 1, NOW)
    outbox.turn(clock=at(NOW))
    assert Message.objects.get(user=people.bob, kind="session_scheduled").state == MessageState.SHOWN
    assert Message.objects.get(user=people.carol, kind="session_scheduled").held
    outbox.turn(clock=at(NOW + DAY))
    assert Message.objects.get(kind=PERISHING).state == MessageState.DROPPED


def test_a_lease_is_longer_than_a_send_may_take() -> None:
    """Nine seconds a reply, with a certificate and a password: fourteen replies; and twenty seconds to mark it."""
    assert smtp.SEND_SECONDS >= 14 * 9
    assert timedelta(seconds=smtp.SEND_SECONDS) < claims.SENDING < claims.LEASE


def test_a_claim_that_another_process_took_over_is_not_sent(relay: Relay) -> None:
    put(LASTING, 1, NOW)
    message = claims.claim(claims.due_ids(now=NOW), now=NOW)[0]
    assert claims.restamp(message, now=NOW)
    later = NOW + claims.LEASE + timedelta(seconds=1)
    assert len(claims.claim(claims.due_ids(now=later), now=later)) == 1
    assert not claims.restamp(message, now=NOW)
    assert not claims.restamp(message, now=later)
    claims.settle(message, MessageState.SENT, now=later)
    assert Message.objects.get().state == MessageState.WAITING, "whoever holds it marks it"


class Drip:
    """A server that says a little of its greeting, and then a byte whenever it is asked for the next; for ever."""

    def __init__(self, greeting: bytes) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.greeting, self.cut = greeting, threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _address = self.listening.accept()
        with line:
            line.sendall(self.greeting)
            # Until the other side shuts the line down.
            while line.recv(1024):
                line.sendall(b"2")
        self.cut.set()


@pytest.mark.parametrize("greeting", [b"", b"22", b"220 relay.example\r\n"])
def test_the_whole_talk_has_a_total_time_wherever_it_stands(greeting: bytes) -> None:
    drip = Drip(greeting)
    backend = TimedRelay(host="127.0.0.1", port=drip.port, timeout=60, seconds=0.2, use_tls=False, username="")
    with pytest.raises(OSError):
        backend.send_messages([EmailMessage("s", "b", "a@example.org", ["b@example.org"])])
    assert drip.cut.wait(20)
    assert backend.connection is None


def test_a_talk_in_time_is_not_cut_and_leaves_no_watcher(relay: Relay) -> None:
    before = threading.active_count()
    put(LASTING, 3, datetime(2027, 1, 11, 9, tzinfo=UTC))
    outbox.turn(clock=at(NOW))
    assert len(relay.taken) == 3
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
    assert threading.active_count() <= before + 1


def test_a_server_of_the_tests_that_stops_leaves_no_line_behind() -> None:
    """What is left of one would complain when it is cleared away, and fail whichever test runs just then."""
    relay = Relay(delay=60)
    port = relay.start()
    relay.called.clear()  # whoever starts one calls it once
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        socket.create_connection(("127.0.0.1", port)).close()
        assert relay.called.wait(10)
        relay.stop()
        gc.collect()
    assert [str(one.message) for one in said] == []


def test_a_batch_goes_on_one_line(relay: Relay) -> None:
    put(LASTING, claims.BATCH + 3, NOW)
    outbox.turn(clock=at(NOW))
    assert (len(relay.taken), relay.extra, relay.talks) == (claims.BATCH + 3, 0, 2)


@pytest.mark.parametrize("said", ["421 4.7.0 enough for one line", "cut"])
def test_a_line_that_ends_between_two_mails_is_no_trouble_of_any(relay: Relay, said: str) -> None:
    relay.another = said
    put(LASTING, 4, NOW)
    done = outbox.turn(clock=at(NOW))
    assert (done.sent, done.put_off, len(relay.taken), relay.extra, relay.talks) == (4, 0, 4, 0, 4)
    assert not RelayRow.objects.exists()


def test_after_a_refused_address_the_next_mail_has_a_line_of_its_own(relay: Relay) -> None:
    put(LASTING, 3, NOW)
    relay.addresses = {one.email: "550 5.1.1 unknown" for one in Message.objects.order_by("due_at", "pk")[1:2]}
    done = outbox.turn(clock=at(NOW))
    assert (done.sent, done.failed, relay.talks) == (2, 1, 2)


def mail_to(name: str) -> EmailMessage:
    return EmailMessage("s", "b", "a@example.org", [f"{name}@example.org"])


def test_a_mail_on_a_line_that_is_open_has_the_same_total_time(relay: Relay) -> None:
    """An old line that says nothing takes it all: nothing is begun on a new one."""
    backend = TimedRelay(timeout=60, seconds=0.5)
    backend.open()
    assert backend.send_messages([mail_to("bob")]) == 1
    relay.delay = 20
    with pytest.raises(OSError):
        backend.send_messages([mail_to("carol")])
    assert ([to for to, _id in relay.taken], backend.connection) == (["bob@example.org"], None)


def test_each_mail_on_one_line_has_its_time_from_its_own_beginning(relay: Relay, monkeypatch: Any) -> None:
    made: list[smtp.Deadline] = []
    monkeypatch.setattr(smtp, "Deadline", lambda seconds, of=smtp.Deadline: made.append(of(seconds)) or made[-1])
    backend = TimedRelay()
    backend.open()
    for name in ("bob", "carol", "dave"):
        assert backend.send_messages([mail_to(name)]) == 1
    backend.close()
    assert (len(relay.taken), relay.talks, len(made)) == (3, 1, 3)
