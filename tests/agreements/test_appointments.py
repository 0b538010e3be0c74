"""Appointments about a commitment: across zones, called off, given back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from icalendar import Calendar

from accounts.refusals import Refused
from agreements import appointment_services
from agreements import commitment_services as services
from agreements.calendars import appointment_file
from agreements.models import Appointment, Commitment
from notifications import claims, outbox
from notifications.models import Message
from tests.agreements.committing import appointment, make, subjects
from tests.factories import NOW, Cast, signed_in


def test_an_appointment_across_zones_and_a_clock_change(people: Cast, clock: Any) -> None:
    """The wall time in its zone is the truth: 17:00 in Toronto is 22:00 in London before, 21:00 between the changes."""
    people.carol.time_zone = "America/Toronto"
    people.carol.save()
    made = make(people, partner=people.carol, due=date(2027, 4, 20))
    first = appointment(made, people.carol, datetime(2027, 3, 10, 17), "America/Toronto")
    assert first.starts_at.isoformat() == "2027-03-10T22:00:00+00:00"
    moved = appointment(made, people.bob, datetime(2027, 3, 17, 17), "America/Toronto")
    assert moved.starts_at.isoformat() == "2027-03-17T21:00:00+00:00"
    assert (moved.pk, moved.sequence) == (first.pk, 1)
    outbox.turn()
    told = [message for message in mail.outbox if "talk" in message.subject]
    assert {message.to[0] for message in told} == {"bob@example.org", "carol@example.org"}
    assert len(told) == 2, "the first time was never mailed: it had been moved"
    body = next(str(message.body) for message in told if message.to == ["bob@example.org"])
    assert "21:00" in body
    part = told[0].attachments[0]
    assert (part.get_filename(), part["Content-Type"]) == (
        "calendar.ics",
        'text/calendar; charset="utf-8"; method="PUBLISH"',
    )
    content = part.get_payload(decode=True)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert event["DTSTART"].dt == moved.starts_at
    assert (event["SEQUENCE"], event["STATUS"]) == (1, "CONFIRMED")
    assert "canary" not in str(content)


def test_the_same_entry_is_taken_out_when_it_is_called_off(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    one = appointment(made, people.bob, datetime(2027, 1, 13, 12), "Europe/London")
    before = Calendar.from_ical(appointment_file(one, people.bob).content).walk("VEVENT")[0]
    path = reverse("agreements:appointment_settle", args=[made.code])
    signed_in(people.carol).post(path, {"off": "1"})
    one.refresh_from_db()
    after = Calendar.from_ical(appointment_file(one, people.bob).content).walk("VEVENT")[0]
    assert before["UID"] == after["UID"]
    assert (after["STATUS"], after["SEQUENCE"]) == ("CANCELLED", 1)
    clock.shift(appointment_services.UNDO_WITHIN)
    outbox.turn()
    assert subjects("bob@example.org") == ["Alder circle: your appointment with Carol is off"]
    again = appointment(made, people.bob, datetime(2027, 1, 14, 12), "Europe/London")
    assert again.pk != one.pk


def test_they_are_reminded_an_hour_before_and_note_that_they_talked(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    one = appointment(made, people.bob, datetime(2027, 1, 11, 12), "Europe/London")
    outbox.turn()
    mail.outbox.clear()
    with pytest.raises(Refused, match="still to come"):
        appointment_services.appointment_talked(appointment=one, now=NOW)
    clock.move_to(NOW + timedelta(hours=2))
    outbox.turn()
    assert subjects("carol@example.org") == ["Alder circle: you and Bob talk in an hour"]
    clock.move_to(NOW + timedelta(hours=4))
    page = signed_in(people.carol).get(reverse("agreements:commitment", args=[made.code]))
    assert b"Did you talk?" in page.content
    signed_in(people.carol).post(reverse("agreements:appointment_settle", args=[made.code]), {"talked": "1"})
    assert Appointment.objects.get().talked_at == NOW + timedelta(hours=4)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"date": "2027-01-10", "time": "12:00", "zone": "Europe/London"}, "still to come"),
        ({"date": "2027-03-28", "time": "01:30", "zone": "Europe/London"}, "clocks change"),
        ({"date": "2037-03-28", "time": "01:30", "zone": "Europe/London"}, "within the next two years"),
        ({"date": "x", "time": "y", "zone": "Europe/Nowhere"}, "Choose a city"),
    ],
)
def test_an_appointment_that_cannot_be_is_explained(people: Cast, clock: Any, form: dict[str, str], words: str) -> None:
    made = make(people, partner=people.carol)
    page = signed_in(people.bob).post(reverse("agreements:appointment", args=[made.code]), form)
    assert words in page.content.decode()
    assert not Appointment.objects.exists()


@pytest.fixture
def talk(people: Cast, clock: Any) -> Commitment:
    """Bob and Carol talk on Wednesday; both know."""
    made = make(people, partner=people.carol)
    appointment(made, people.bob, datetime(2027, 1, 13, 12), "Europe/London")
    outbox.turn()
    mail.outbox.clear()
    return made


def settle(client: Any, made: Commitment, **form: str) -> str:
    answer = client.post(reverse("agreements:commitment_settle", args=[made.code]), form, follow=True)
    return str(answer.content.decode())


def test_settling_calls_the_talk_off_says_so_and_tells_ten_minutes_later(
    people: Cast, talk: Commitment, clock: Any
) -> None:
    shown = settle(signed_in(people.bob), talk, status="kept")
    assert "Your talk is called off" in shown
    assert "Nobody is told before 09:10." in shown
    assert Appointment.objects.get().cancelled
    clock.shift(appointment_services.UNDO_WITHIN - timedelta(seconds=1))
    outbox.turn()
    assert mail.outbox == []
    clock.shift(timedelta(seconds=1))
    outbox.turn()
    told = {message.to[0]: message.subject for message in mail.outbox}
    assert told == {
        "bob@example.org": "Alder circle: your appointment with Carol is off",
        "carol@example.org": "Alder circle: your appointment with Bob is off",
    }
    path = reverse("agreements:commitment", args=[talk.code])
    assert "Both of you were told." in signed_in(people.bob).get(path).content.decode()


@pytest.mark.parametrize("after", [timedelta(minutes=1), timedelta(minutes=11)])
@pytest.mark.parametrize("how", ["open", "keep", "called off"])
def test_a_talk_that_one_tap_called_off_is_given_back(
    people: Cast, talk: Commitment, clock: Any, how: str, after: timedelta
) -> None:
    bob, path = signed_in(people.bob), reverse("agreements:appointment_settle", args=[talk.code])
    if how == "called off":
        assert "until then you can keep it" in bob.post(path, {"off": "1"}, follow=True).content.decode()
    else:
        settle(bob, talk, status="let_go")
    clock.shift(after)
    outbox.turn()
    if how == "open":
        settle(bob, talk, status="open")
    else:
        assert "The talk is kept" in bob.post(path, {"keep": "1"}, follow=True).content.decode()
    outbox.turn()
    one = Appointment.objects.get()
    assert (one.cancelled, one.sequence) == (False, 2)
    heard = [
        "Alder circle: your appointment with Bob is off",
        "Alder circle: you and Bob talk on Wednesday 13 January at 12:00, London time",
    ]
    assert subjects("carol@example.org") == (heard if after > appointment_services.UNDO_WITHIN else [])
    assert Message.objects.filter(kind="appointment_soon", revision=2, state="waiting").count() == 2


def test_opening_again_gives_no_talk_back_that_was_called_off_by_itself(
    people: Cast, talk: Commitment, clock: Any
) -> None:
    bob = signed_in(people.bob)
    bob.post(reverse("agreements:appointment_settle", args=[talk.code]), {"off": "1"})
    clock.shift(timedelta(minutes=1))
    settle(bob, talk, status="kept")
    settle(bob, talk, status="open")
    assert Appointment.objects.get().cancelled


def test_who_has_heard_that_it_is_off_hears_that_it_is_on_and_the_other_nothing(
    people: Cast, talk: Commitment, clock: Any
) -> None:
    """Carol's mailbox had said "later" to hers; Bob had read his."""
    bob, path = signed_in(people.bob), reverse("agreements:appointment_settle", args=[talk.code])
    bob.post(path, {"off": "1"})
    later = NOW + timedelta(hours=2)
    Message.objects.filter(user=people.carol, kind="appointment_off").update(again_at=later)
    clock.shift(appointment_services.UNDO_WITHIN)
    outbox.turn()
    bob.post(path, {"keep": "1"})
    clock.shift(timedelta(hours=3))
    outbox.turn()
    heard = [
        "Alder circle: your appointment with Carol is off",
        "Alder circle: you and Carol talk on Wednesday 13 January at 12:00, London time",
    ]
    assert (subjects("bob@example.org"), subjects("carol@example.org")) == (heard, [])


def test_a_talk_that_was_called_off_before_anybody_knew_of_it_is_told_when_it_stands_again(
    people: Cast, clock: Any
) -> None:
    made = make(people, partner=people.carol)
    appointment(made, people.bob, datetime(2027, 1, 13, 12), "Europe/London")
    bob, path = signed_in(people.bob), reverse("agreements:appointment_settle", args=[made.code])
    bob.post(path, {"off": "1"})
    bob.post(path, {"keep": "1"})
    outbox.turn()
    told = "Alder circle: you and Bob talk on Wednesday 13 January at 12:00, London time"
    assert subjects("carol@example.org") == ["Alder circle: Bob would like you to ask how it went", told]


def test_a_mail_that_it_is_off_on_its_way_counts_as_heard(people: Cast, talk: Commitment, clock: Any) -> None:
    bob, path = signed_in(people.bob), reverse("agreements:appointment_settle", args=[talk.code])
    bob.post(path, {"off": "1"})
    at = NOW + appointment_services.UNDO_WITHIN
    clock.move_to(at)
    assert len(claims.claim(claims.due_ids(now=at), now=at)) == 2
    bob.post(path, {"keep": "1"})
    outbox.turn()
    assert len(subjects("carol@example.org")) == len(subjects("bob@example.org")) == 1


def test_a_partner_who_steps_back_is_one_mail_to_the_owner_with_the_entry(people: Cast, talk: Commitment) -> None:
    services.nudge_send(commitment=talk, by=people.carol, now=NOW)
    services.partner_answer(commitment=talk, yes=False, now=NOW)
    outbox.turn()
    assert subjects("bob@example.org") == ["Alder circle: Choose somebody else to ask you"]
    body = next(message for message in mail.outbox if message.to == ["bob@example.org"])
    assert "your talk with Carol on Wednesday 13 January at 12:00 (London time) is off" in body.body
    assert "METHOD:CANCEL" in str([part.get_payload(decode=True) for part in body.message().walk()])
    assert subjects("carol@example.org") == ["Alder circle: your appointment with Bob is off"]
    shown = signed_in(people.bob).get(reverse("agreements:commitment", args=[talk.code])).content.decode()
    assert "Carol sent you a kind word." in shown


def test_what_stands_in_anothers_calendar_is_called_off_before_it_is_deleted(
    people: Cast, talk: Commitment, clock: Any
) -> None:
    bob, path = signed_in(people.bob), reverse("agreements:commitment_delete", args=[talk.code])
    assert "Call it off first" in bob.post(path, follow=True).content.decode()
    words = reverse("pages:own_words_delete", args=["commitment", talk.code])
    assert "Call it off first" in bob.post(words, follow=True).content.decode()
    assert Commitment.objects.exists()
    bob.post(reverse("agreements:appointment_settle", args=[talk.code]), {"off": "1"})
    assert "Carol is still to hear" in bob.post(path, follow=True).content.decode()
    clock.shift(appointment_services.UNDO_WITHIN)
    outbox.turn()
    bob.post(path)
    assert not Commitment.objects.exists()
