"""Ending mails from a mail, and what mails say to their readers and to calendars."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from notifications import outbox
from notifications.enums import Channel
from notifications.models import EVERY_CIRCLE, Message, Preference
from notifications.registry import kind_of, noticed, registered
from notifications.services import (
    kind_unsubscribe,
    preference_set,
    unsubscribe_all,
    unsubscribe_ends,
)
from sessions.kinds import DAY_BEFORE, MOVED, SCHEDULED
from sessions.planning.poll_services import poll_start
from sessions.planning.series_services import session_skip
from sessions.planning.services import session_cancel, session_update
from tests.factories import NOW, Cast, make_session, signed_in
from tests.notifications.changes import details, to
from tests.reading import read_calendar


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def programme(db: None) -> Any:
    from tests.factories import make_programme, make_user

    return make_programme(make_user("Dana Administrator"), is_open=True)


# --- unsubscribing


def test_the_link_in_a_mail_about_a_date_leaves_moves_and_cancellations(clock: Any, people: Cast) -> None:
    kind_unsubscribe(user=people.bob, kind=SCHEDULED, circle_code=people.circle.code)
    session = make_session(people.circle, people.alice)
    outbox.turn()
    assert to(people.bob) == []
    at = session.starts_at + timedelta(hours=2)
    moved = details(session, local_start=at.replace(tzinfo=None))
    session_update(session=session, details=moved, now=NOW)
    outbox.turn()
    session_cancel(session=session, now=NOW)
    outbox.turn()
    assert [subject.split(":")[0] for subject in to(people.bob)] == ["Changed", "Cancelled"]


def test_the_page_names_every_kind_that_the_press_ends(clock: Any, people: Cast) -> None:
    from notifications.services import unsubscribe_token

    for key in registered():
        kind = kind_of(key)
        if not kind.may_choose:
            continue
        path = reverse("pages:unsubscribe", args=[unsubscribe_token(people.bob, key, people.circle.code)])
        page = signed_in(people.bob).get(path).content.decode()
        ended = {one.key for one in map(kind_of, registered()) if one.may_choose and one.choice == kind.choice}
        assert {one.key for one in unsubscribe_ends(kind)} == ended
        for one in ended:
            assert f"<li>{kind_of(one).label}</li>" in page, (key, one)


def test_ending_mails_keeps_what_was_not_wanted_at_all_and_every_lead(clock: Any, people: Cast) -> None:
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.OFF)
    preference_set(user=people.bob, kind=DAY_BEFORE, channel=Channel.MAIL, lead=2880)
    kind_unsubscribe(user=people.bob, kind=SCHEDULED, circle_code=people.circle.code)
    kind_unsubscribe(user=people.bob, kind=DAY_BEFORE, circle_code=EVERY_CIRCLE)
    rows = Preference.objects.filter(user=people.bob).order_by("kind")
    assert set(rows.values_list("kind", "channel", "lead")) == {
        (SCHEDULED, Channel.OFF, None),
        (DAY_BEFORE, Channel.BELL, 2880),
    }
    unsubscribe_all(user=people.bob)
    assert rows.get(kind=SCHEDULED).channel == Channel.OFF
    assert rows.get(kind=DAY_BEFORE).lead == 2880
    assert rows.get(kind=MOVED).channel == Channel.BELL


def test_as_in_all_circles_again_brings_the_usual_lead_back(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    path = f"{reverse('pages:preferences')}?circle={people.circle.code}"
    bob = signed_in(people.bob)
    from tests.notifications.test_choices import chosen

    blank = {key: value if key.endswith("-lead") else "" for key, value in chosen().items()}
    bob.post(path, blank | {DAY_BEFORE: "mail", f"{DAY_BEFORE}-lead": "4320"})
    assert Message.objects.get(user=people.bob, kind=DAY_BEFORE).due_at == session.starts_at - timedelta(days=3)
    bob.post(path, blank)
    assert Message.objects.get(user=people.bob, kind=DAY_BEFORE).due_at == session.starts_at - timedelta(days=1)


def test_every_kind_has_a_name_and_what_is_under_the_bell_leads_somewhere() -> None:
    """Without exception: an empty row under the bell was a kind without a name."""
    named = list(registered())
    assert len(named) > 40
    assert [key for key in named if not str(kind_of(key).label)] == []
    assert [key for key in named if key in noticed() and not kind_of(key).page] == []


# --- what the mail says


def calendar_of(user: Any) -> Any:
    return next(m for m in reversed(mail.outbox) if m.to == [user.email]).attachments[0]


def test_a_cancellation_takes_the_entry_out_of_a_calendar(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    planned = calendar_of(people.bob)
    session_cancel(session=session, now=NOW)
    outbox.turn()
    cancelled = calendar_of(people.bob)
    for part, method in ((planned, "PUBLISH"), (cancelled, "CANCEL")):
        kind = part["Content-Type"]
        assert kind == f'text/calendar; charset="utf-8"; method="{method}"'
        assert f"METHOD:{method}".encode() in part.get_payload(decode=True)
    before, after = (read_calendar(part.get_payload(decode=True))[0] for part in (planned, cancelled))
    assert (before.uid, before.status) == (after.uid, "CONFIRMED")
    assert (after.summary, after.status) == ("Cancelled: Alder circle", "CANCELLED")
    assert after.sequence > before.sequence
    assert b"ORGANIZER:mailto:" in cancelled.get_payload(decode=True)


def test_the_calendar_part_says_its_charset_once_on_the_wire(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice)
    outbox.turn()
    wire = next(m for m in mail.outbox if m.to == [people.bob.email]).message().as_bytes()
    head = wire[wire.index(b"Content-Type: text/calendar") :].split(b"\n\n")[0].split(b"\nContent-Transfer")[0]
    assert head.count(b"charset") == 1
    assert b"X-Auto-Response-Suppress: OOF, AutoReply" in wire


def test_a_change_names_the_date_that_people_knew_of(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    for hours in (2, 4):  # the mail about the first move never went
        start = (NOW + timedelta(days=3, hours=hours)).replace(tzinfo=None)
        session_update(session=session, details=details(session, local_start=start), now=NOW)
    outbox.turn()
    body = str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))
    assert "Thursday 14 January, 13:00–15:00 (London time). It was Thursday 14 January at 09:00." in body
    mail.outbox.clear()
    session_update(session=session, details=details(session, place="Room 3"), now=NOW)
    outbox.turn()
    assert "It was" not in str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))


def test_a_date_that_is_left_out_and_made_up_for_is_one_mail(clock: Any, people: Cast) -> None:
    from tests.sessions.test_series import make

    second = make(people)[1]
    outbox.turn()
    mail.outbox.clear()
    later = NOW + timedelta(hours=1)
    clock.move_to(later)
    made = session_skip(session=second, now=later)
    assert made
    outbox.turn()
    told = [m for m in mail.outbox if m.to == [people.bob.email]]
    assert [m.subject.split(":")[0] for m in told] == ["Cancelled"]
    assert "It meets once more at the end instead: Thursday 29 April at 16:00 (London time)." in str(told[0].body)
    methods = [part["Content-Type"].split("method=")[1] for part in told[0].attachments]
    assert methods == ['"CANCEL"', '"PUBLISH"']


def test_a_mail_says_what_its_reader_needs_to_answer(clock: Any, people: Cast) -> None:
    """A poll its times, a cancelled date the next one, and neither what it does not name."""
    first = make_session(people.circle, people.alice)
    make_session(people.circle, people.alice, in_=timedelta(days=10))
    start = (NOW + timedelta(days=20)).replace(tzinfo=None)
    poll_start(circle=people.circle, starts=[start], zone="Europe/London", by=people.alice, now=NOW)
    outbox.turn()
    asked = next(str(m.body) for m in mail.outbox if m.to == [people.bob.email] and "which time" in m.subject)
    assert "- Sunday 31 January, 09:00" in asked
    assert "Answers count until a date is set." in asked
    assert "names no issue" not in asked
    mail.outbox.clear()
    session_cancel(session=first, reason="", now=NOW)
    outbox.turn()
    told = next(str(m.body) for m in mail.outbox if m.to == [people.bob.email])
    assert "The next one is on Thursday 21 January at 09:00 (London time)." in told


def test_days_in_subjects_keep_their_capitals(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    clock.move_to(session.starts_at - timedelta(days=4))
    outbox.turn()
    assert to(people.carol, "do you come") == ["Alder circle: do you come on Sunday 17 January?"]
