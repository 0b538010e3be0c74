"""Answers of calendars on odd days: two circles at one hour, an address that changed, mails that machines wrote; and a
series, each date of which is answered by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import override_settings

from accounts.models import User
from notifications import outbox
from notifications.calendars import uid
from notifications.models import Message
from sessions.replies.services import mail_take
from sessions.rules.calendar_lines import read_calendars
from tests.factories import NOW, Cast, make_circle, make_session
from tests.sessions.test_answers import MINUTE, reply, said, take
from tests.sessions.test_inviting import entries_of, sent_to, six_planned
from tests.sessions.test_replies import CORPUS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"), time_machine.travel(NOW, tick=False):
        yield


def test_two_circles_that_meet_at_the_same_hour_are_told_apart(people: Cast) -> None:
    here = make_session(people.circle, people.alice)
    there = make_session(make_circle(people.alice, [people.bob], name="Birch circle"), people.alice)
    assert here.starts_at == there.starts_at
    assert take(reply(here, people.bob, "ACCEPTED")) == [("answer", "yes")]
    assert take(reply(there, people.bob, "DECLINED", name="other")) == [("answer", "no")]
    assert (said(here, people.bob), said(there, people.bob)) == ("yes", "no")
    # The token of one under the event of the other is neither's.
    crossed = reply(here, people.bob, "TENTATIVE", event=uid(there.code), name="crossed", at=NOW + 5 * MINUTE)
    assert take(crossed) == [("aside", "other_event")]
    assert (said(here, people.bob), said(there, people.bob)) == ("yes", "no")


def test_an_address_that_changed_since_the_invitation_changes_nothing(people: Cast) -> None:
    """The answer names the address of before, or another: it is told by its token."""
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED").replace(b"anybody@alias.example", people.bob.email.encode())
    User.objects.filter(pk=people.bob.pk).update(email="bob@new.example")
    assert take(raw) == [("answer", "yes")]
    again = reply(session, people.bob, "DECLINED", at=NOW + 2 * MINUTE).replace(
        b"anybody@alias.example", b"bob@new.example"
    )
    assert take(again) == [("answer", "no")]
    assert said(session, people.bob) == "no"


def test_no_mail_that_comes_is_ever_answered(people: Cast) -> None:
    """So that no loop begins: whatever the corpus holds, nothing is mailed because of it, but the wish that a
    facilitator hears of."""
    session = make_session(people.circle, people.alice)
    outbox.turn()
    before, mailed = set(Message.objects.values_list("pk", flat=True)), len(mail.outbox)
    raws = [path.read_bytes() for path in sorted(Path(CORPUS).glob("*.eml"))]
    automatic = b"Auto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nI am away."
    to_bob = reply(session, people.bob, "ACCEPTED")
    raws += [automatic, b"To: " + to_bob.split(b"To: ")[1].split(b"\r\n")[0] + b"\r\n" + automatic]
    assert len(raws) > 40
    for raw in raws:
        mail_take(raw=raw, now=NOW + MINUTE)
    outbox.turn()
    assert set(Message.objects.values_list("pk", flat=True)) == before
    assert len(mail.outbox) == mailed
    assert said(session, people.bob) == ""


def test_each_date_of_a_series_is_an_invitation_that_two_programs_read_alike(people: Cast) -> None:
    series = six_planned(people)
    dates = {uid(one.code): one.starts_at for one in series.sessions.all()}
    _told, *each = sent_to(people.bob)
    theirs = {name: at for _method, name, at in entries_of(each)}
    assert theirs == dates
    ours, organizers = {}, set()
    for message in each:
        for part in message.iter_attachments():
            (calendar,) = read_calendars(part.get_payload(decode=True))  # type: ignore[arg-type]
            (entry,) = calendar.entries
            start = calendar.when(entry.one("DTSTART"))
            assert start
            ours[entry.text("UID")] = start.is_at(dates[entry.text("UID")])
            organizers.add(entry.text("ORGANIZER"))
    assert (ours, len(organizers)) == (dict.fromkeys(dates, True), 6)
    # A program keeps each by its own name: an answer to the third is of the third.
    third = list(series.sessions.order_by("starts_at"))[2]
    assert take(reply(third, people.bob, "DECLINED", at=NOW + MINUTE)) == [("answer", "no")]
    assert [said(one, people.bob) for one in series.sessions.order_by("starts_at")] == ["", "", "no", "", "", ""]
