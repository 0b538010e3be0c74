"""The mailbox for answers, on real sockets: everything is read once, nothing that was not understood is lost."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.test import override_settings

from notifications import outbox
from notifications.models import Heartbeat, Message
from sessions.enums import Rsvp
from sessions.models import AnswerMail, Participation
from sessions.planning.bringing_services import rsvp_set
from sessions.replies import mailbox, services
from sessions.replies.mailbox import MailboxCounts, mailbox_read
from sessions.replies.probe_services import probe_send
from sessions.tasks import read_answers
from tests.factories import NOW, Cast, make_session, signed_in
from tests.mailboxes import Box, mailbox_used
from tests.sessions.test_answers import MINUTE, reply, said
from tests.sessions.test_replies import CORPUS, HEADS, filled
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
        yield


def clock() -> datetime:
    return NOW + timedelta(hours=12)


def read(**more: Any) -> MailboxCounts:
    return mailbox_read(clock=clock, **more)


@pytest.mark.parametrize("moves", [True, False])
def test_what_counts_goes_and_everything_else_is_put_aside_whole(people: Cast, moves: bool) -> None:
    session, box = make_session(people.circle, people.alice), Box(moves=moves)
    box.put(reply(session, people.bob, "ACCEPTED"))
    strange = [(CORPUS / name).read_bytes() for name in ("aside_words_by_hand.eml", "aside_nothing_at_all.eml")]
    for raw in strange:
        box.put(raw)
    box.put(reply(session, people.carol, "DECLINED", name="carol"))
    with mailbox_used(box):
        assert read() == MailboxCounts(understood=2, aside=2)
        assert read() == MailboxCounts()
    assert (box.waiting(), box.aside()) == (0, strange)
    assert [said(session, user) for user in (people.bob, people.carol)] == ["yes", "no"]
    assert Heartbeat.objects.get(name="answers").at == clock()
    counted = AnswerMail.objects.order_by("pk").values_list("outcome", "why")
    assert list(counted) == [("answer", ""), ("aside", "no_calendar"), ("aside", "garbage"), ("answer", "")]


def test_a_huge_mail_is_put_aside_without_being_fetched_and_the_rest_is_read(people: Cast) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    huge = box.put(HEADS + b"\r\n" + filled(b"a", 30_000_000))
    after = box.put(reply(session, people.bob, "ACCEPTED"))
    with mailbox_used(box):
        assert read() == MailboxCounts(understood=1, aside=1)
    assert (box.fetched, huge) == ([after], 1)
    assert AnswerMail.objects.get(outcome="aside").why == "too_large"


def test_whoever_is_killed_between_taking_in_and_deleting_loses_nothing_and_counts_nothing_twice(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    box.put(reply(session, people.bob, "DECLINED"))
    box.put((CORPUS / "aside_words_by_hand.eml").read_bytes())

    class Killed(BaseException):
        pass

    def killed(*_args: Any) -> None:
        raise Killed

    with mailbox_used(box):
        for name in ("delete", "move"):
            with monkeypatch.context() as patch:
                patch.setattr(mailbox.MailBoxUnencrypted, name, killed)
                with pytest.raises(Killed):
                    read()
            rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=clock())
        assert (box.waiting(), AnswerMail.objects.count()) == (1, 2)
        assert read() == MailboxCounts(aside=1)
    assert (box.waiting(), len(box.aside()), AnswerMail.objects.count()) == (0, 1, 2)
    assert said(session, people.bob) == "yes"


def test_a_mail_that_breaks_something_holds_no_other_up(
    people: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    box.put(b"To: poison\r\n\r\na canary of mine")
    box.put(reply(session, people.bob, "ACCEPTED"))
    honest = services.mail_take

    def fragile(*, raw: bytes, now: datetime) -> Any:
        if b"poison" in raw:
            raise ValueError(raw.decode())
        return honest(raw=raw, now=now)

    monkeypatch.setattr(mailbox, "mail_take", fragile)
    with mailbox_used(box), caplog.at_level(logging.DEBUG):
        assert read() == MailboxCounts(understood=1, aside=1)
    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text


def test_a_database_that_is_away_leaves_everything_where_it_is(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    box.put(reply(session, people.bob, "ACCEPTED"))

    def away(**_more: Any) -> None:
        raise OperationalError("gone")

    with mailbox_used(box):
        with monkeypatch.context() as patch:
            patch.setattr(mailbox, "mail_take", away)
            with pytest.raises(OperationalError):
                read()
        assert (box.waiting(), box.aside()) == (1, [])
        assert read() == MailboxCounts(understood=1)


def test_ten_thousand_mails_are_read_a_turn_at_a_time(people: Cast) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    for number in range(10_000):
        box.put(b"To: x\r\nMessage-ID: <%d@spam.example>\r\n\r\nbuy" % number)
    box.put(reply(session, people.bob, "ACCEPTED"))
    ticks = iter(range(100_000))
    with mailbox_used(box):
        first = read(ticks=lambda: float(next(ticks)), seconds=20.0)
        assert first == MailboxCounts(aside=20, waiting=9981)
        for uid in sorted(box.folders["INBOX"])[:-25]:
            del box.folders["INBOX"][uid]
        assert read() == MailboxCounts(understood=1, aside=24)
    assert said(session, people.bob) == "yes"


@pytest.mark.parametrize(
    "wrong",
    [{"ANSWER_IMAP_PASSWORD": "no"}, {"ANSWER_IMAP_FOLDER": "none"}, {"ANSWER_IMAP_PORT": 1}, {"ANSWER_IMAP_SECURITY": "tls"}],
)  # fmt: skip
def test_a_mailbox_in_trouble_is_looked_at_again_at_the_next_turn(
    people: Cast, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    box.put(reply(session, people.bob, "ACCEPTED"))
    with mailbox_used(box):
        with override_settings(**wrong), caplog.at_level(logging.WARNING):
            assert read() == MailboxCounts()
        assert "the mailbox for answers could not be read" in caplog.text
        assert settings.ANSWER_IMAP_PASSWORD not in caplog.text
        assert not Heartbeat.objects.filter(name="answers").exists()
        assert read() == MailboxCounts(understood=1)


def test_the_task_reads_where_there_is_a_mailbox_and_does_nothing_elsewhere(people: Cast) -> None:
    session, box = make_session(people.circle, people.alice), Box()
    box.put(reply(session, people.bob, "ACCEPTED", at=NOW + MINUTE))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        read_answers()
        assert (box.waiting(), Heartbeat.objects.filter(name="answers").count()) == (1, 0)
        with mailbox_used(box):
            read_answers.apply()
    assert (box.waiting(), said(session, people.bob)) == (0, "yes")


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_count_each_answer_once_and_lose_none() -> None:
    from tests.factories import make_cast

    people = make_cast()
    session, box = make_session(people.circle, people.alice), Box()
    for number in range(1, 16):
        box.put(reply(session, people.bob, "ACCEPTED", at=NOW + number * MINUTE))
        box.put(b"To: x\r\nMessage-ID: <%d@spam.example>\r\n\r\nbuy" % number)
    box.put(reply(session, people.bob, "DECLINED", at=NOW + 20 * MINUTE))
    with mailbox_used(box):
        at_once(read, read)
        read()
    assert (box.waiting(), len(set(box.aside()))) == (0, 15)
    assert said(session, people.bob) == "no"
    assert AnswerMail.objects.filter(outcome="aside", why="no_calendar").count() == 15
    assert Participation.objects.get().rsvp_at == NOW + 20 * MINUTE


@pytest.mark.parametrize("command", ["run", "serve"])
def test_at_every_start_it_is_tried_anew_whether_the_address_arrives(
    command: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mends the address and starts again need not wait for the next day to see whether it does."""
    settings.EMAIL_HOST = "mail.example.org"
    program = import_module(f"config.management.commands.{command}")
    for name in ("files_must_be_collected", "port_must_be_free", "serve"):
        monkeypatch.setattr(program, name, lambda: None)
    monkeypatch.setattr("config.runner.Runner.start", lambda self: None)
    monkeypatch.setattr("config.runner.Runner.join", lambda self, timeout: None)
    with time_machine.travel(NOW, tick=False) as clock:
        assert probe_send(now=NOW)
        # What starts again and again writes no more than one in ten minutes.
        call_command(command)
        assert not probe_send(now=NOW + MINUTE)
        clock.shift(10 * MINUTE)
        call_command(command)
        assert probe_send(now=NOW + 11 * MINUTE)
    assert Message.objects.filter(kind="answer_probe").count() == 2


def test_our_own_mail_of_a_day_says_whether_the_address_arrives(people: Cast, settings: Any) -> None:
    """Written once a day; what arrives of it is deleted and told, and what does not arrive is told after ten minutes."""
    settings.EMAIL_HOST = "mail.example.org"
    people.erin.is_staff = True
    people.erin.save(update_fields=["is_staff"])
    box = Box()
    with time_machine.travel(NOW, tick=False) as travel:
        staff = signed_in(people.erin)
        assert [probe_send(now=NOW), probe_send(now=NOW + MINUTE)] == [True, False]
        outbox.turn()
        (sent,) = [one for one in mail.outbox if one.to[0].startswith("calendar+")]
        assert "has not arrived" not in staff.get("/outbox/").content.decode()
        travel.shift(11 * MINUTE)
        assert "has not arrived" in staff.get("/outbox/").content.decode()
        box.put(sent.message().as_bytes())
        with mailbox_used(box):
            assert read() == MailboxCounts(understood=1)
        assert (box.waiting(), box.aside()) == (0, [])
        assert not AnswerMail.objects.exists()
        page = staff.get("/outbox/").content.decode()
        assert "has not arrived" not in page
        assert "Mail to the answer address arrives" in page
    # The next day asks anew; without a mail server there is nothing to ask.
    assert probe_send(now=NOW + timedelta(days=1))
    settings.EMAIL_HOST = ""
    assert not probe_send(now=NOW + timedelta(days=2))
