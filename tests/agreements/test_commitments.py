"""Commitments from being made to being kept or let go, with a partner, an appointment and a kind word."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.quiet import after_quiet, is_quiet
from agreements import appointment_services, kinds
from agreements import commitment_services as services
from agreements.calendars import appointment_file
from agreements.commitment_selectors import kept_counts, partner_suggested
from agreements.commitment_services import CommitmentWish, commitment_make, commitment_settle
from agreements.enums import Audience, CommitmentStatus, Entry
from agreements.kinds import COMMITMENT_DUE
from agreements.models import Appointment, Commitment, CommitmentEntry
from circles.membership_services import member_leave
from circles.models import Membership
from notifications import outbox
from notifications.models import Message
from tests.factories import NOW, Cast, signed_in

DUE = NOW.date() + timedelta(days=5)
WORDS = "Say no to a canary"


def make(people: Cast, *, partner: User | None = None, text: str = WORDS, due: date = DUE, **more: Any) -> Commitment:
    wish = CommitmentWish(text, due, partner, **more)
    return commitment_make(circle=people.circle, owner=people.bob, wish=wish, now=NOW)


def subjects(to: str = "") -> list[str]:
    return [message.subject for message in mail.outbox if not to or message.to == [to]]


def test_the_partner_is_asked_and_says_yes(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    outbox.turn()
    assert subjects("carol@example.org") == ["Alder circle: Bob would like you to ask how it went"]
    assert "canary" not in str([message.body for message in mail.outbox])
    assert made.partner_yes_at is None
    carol = signed_in(people.carol)
    page = reverse("agreements:commitment", args=[made.code])
    assert b"Will you ask how it went?" in carol.get(page).content
    carol.post(reverse("agreements:partner_answer", args=[made.code]), {"answer": "yes"})
    made.refresh_from_db()
    assert made.partner_yes_at == NOW
    assert b"Carol Cook has said yes." in signed_in(people.bob).get(page).content


def test_a_partner_who_cannot_is_replaced_by_the_owner(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    signed_in(people.carol).post(reverse("agreements:partner_answer", args=[made.code]), {"answer": "no"})
    made.refresh_from_db()
    assert (made.partner, made.status) == (None, "open")
    outbox.turn()
    assert subjects() == ["Alder circle: Choose somebody else to ask you"]
    assert mail.outbox[0].to == ["bob@example.org"]
    assert "Carol" not in str(mail.outbox[0].body)


@pytest.mark.parametrize("yes", [True, False])
def test_an_answer_counts_while_its_partner_is_still_asked(people: Cast, clock: Any, yes: bool) -> None:
    """Carol answers from a page that was drawn before Bob chose Dave."""
    made = make(people, partner=people.carol)
    drawn = Commitment.objects.get(pk=made.pk)
    services.commitment_change(
        commitment=made, wish=CommitmentWish(text=WORDS, due_on=DUE, partner=people.dave), now=NOW
    )
    with pytest.raises(Refused, match="changed meanwhile"):
        services.partner_answer(commitment=drawn, yes=yes, now=NOW)
    made.refresh_from_db()
    assert (made.partner, made.partner_yes_at) == (people.dave, None)


def test_a_yes_is_not_lost_to_a_change_that_was_being_written(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    written = Commitment.objects.get(pk=made.pk)
    services.partner_answer(commitment=made, yes=True, now=NOW)
    services.commitment_change(
        commitment=written, wish=CommitmentWish(text="Other words", due_on=DUE, partner=people.carol), now=NOW
    )
    made.refresh_from_db()
    assert (made.partner, made.partner_yes_at) == (people.carol, NOW)


def test_when_a_partner_leaves_the_commitment_stays(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    appointment_services.appointment_set(
        commitment=made, local_start=datetime(2027, 1, 13, 12), zone="Europe/London", by=people.bob, now=NOW
    )
    member_leave(membership=Membership.objects.get(user=people.carol), now=NOW)
    assert services.partners_gone(now=NOW) == 1
    assert services.partners_gone(now=NOW) == 0
    made.refresh_from_db()
    assert (made.partner, made.status) == (None, "open")
    assert Appointment.objects.get().cancelled
    outbox.turn()
    assert "Alder circle: Choose somebody else to ask you" in subjects("bob@example.org")
    assert not any(one.startswith("You and Bob talk") for one in subjects("carol@example.org"))


def test_whoever_asked_least_often_is_proposed(people: Cast) -> None:
    ring = [people.alice, people.bob, people.carol, people.dave]
    assert partner_suggested(people.circle, people.bob, people=ring) == people.alice
    make(people, partner=people.alice)
    make(people, partner=people.carol)
    assert partner_suggested(people.circle, people.bob, people=ring) == people.dave


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        (Audience.CIRCLE, {"bob", "carol", "dave"}),
        (Audience.PARTNER, {"bob", "carol"}),
    ],
)
def test_it_is_seen_by_whom_its_owner_chose(people: Cast, clock: Any, audience: str, readers: set[str]) -> None:
    make(people, partner=people.carol, audience=audience)
    seen = {
        name
        for name, user in (("bob", people.bob), ("carol", people.carol), ("dave", people.dave))
        if Commitment.objects.filter(circle=people.circle).readable_by(user, came=NOW).exists()
    }
    assert seen == readers


def test_what_only_its_owner_sees_has_no_partner(people: Cast, clock: Any) -> None:
    with pytest.raises(Refused, match="able to see it"):
        make(people, partner=people.carol, audience=Audience.ME)
    page = signed_in(people.bob).post(
        reverse("agreements:commitment_add", args=[people.circle.code]),
        {"text": "t", "due_on": DUE.isoformat(), "partner": str(people.carol.code), "audience": "me"},
    )
    assert b"Whoever asks how it went has to be able to see it." in page.content
    assert not Commitment.objects.exists()


def test_other_words_leave_the_earlier_ones_readable(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    form = {"text": "Say no to two", "due_on": DUE.isoformat(), "partner": str(people.dave.code), "audience": "circle"}
    signed_in(people.bob).post(reverse("agreements:commitment_change", args=[made.code]), form)
    made.refresh_from_db()
    assert made.text == "Say no to two"
    assert (made.partner, made.partner_yes_at, made.remind_days) == (people.dave, None, None)
    entry = CommitmentEntry.objects.get()
    assert (entry.kind, entry.text) == (Entry.REWORDED, WORDS)
    page = signed_in(people.bob).get(reverse("agreements:commitment", args=[made.code])).content.decode()
    assert "earlier wording" in page
    assert WORDS in page
    outbox.turn()
    assert subjects("dave@example.org") == ["Alder circle: Bob would like you to ask how it went"]
    assert subjects("carol@example.org") == []


def test_letting_go_needs_no_reason_and_keeps_one_that_is_given(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    made, other = make(people), make(people, text="another")
    client.post(
        reverse("agreements:commitment_settle", args=[made.code]), {"status": "let_go", "why": "It was not mine"}
    )
    client.post(reverse("agreements:commitment_settle", args=[other.code]), {"status": "let_go"})
    assert {one.status for one in Commitment.objects.all()} == {"let_go"}
    assert [entry.text for entry in CommitmentEntry.objects.all()] == ["It was not mine"]
    assert not Message.objects.filter(kind=COMMITMENT_DUE, state="waiting").exists()


def test_steps_and_notes_are_the_owners(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    step = reverse("agreements:step_add", args=[made.code])
    assert bob.post(step, {"text": "Ring Jo"}).status_code == 302
    assert carol.post(step, {"text": "x"}).status_code == 404
    assert b"Write the step first." in bob.post(step, {"text": " "}).content
    one = made.steps.get()
    mark = reverse("agreements:step_mark", args=[made.code, one.code])
    bob.post(mark, {"done": "1"})
    assert made.steps.get().done
    bob.post(mark, {"drop": "1"})
    assert not made.steps.exists()
    note = reverse("agreements:progress", args=[made.code])
    bob.post(note, {"text": "Half way"})
    assert carol.post(note, {"text": "x"}).status_code == 404
    assert b"Half way" in carol.get(reverse("agreements:commitment", args=[made.code])).content
    assert b"Use at most 500 characters" in bob.post(note, {"text": "word " * 5000}).content


def test_a_kind_word_is_sent_once(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    carol, path = signed_in(people.carol), reverse("agreements:nudge", args=[made.code])
    for _again in range(2):
        carol.post(path)
    outbox.turn()
    assert subjects("bob@example.org") == ["A kind word from Carol"]
    assert signed_in(people.dave).post(path).status_code == 404


def test_a_kind_word_waits_for_the_end_of_quiet_hours(people: Cast, clock: Any) -> None:
    people.bob.quiet_from, people.bob.quiet_to = 8, 11
    people.bob.save()
    made = make(people, partner=people.carol)
    services.nudge_send(commitment=made, by=people.carol, now=NOW)  # nine o'clock
    outbox.turn()
    message = Message.objects.get(kind=kinds.NUDGE)
    assert (message.state, message.due_at, message.attempts) == ("waiting", NOW + timedelta(hours=2), 0)


def test_planning_reminders_asks_as_much_of_three_as_of_one(people: Cast, clock: Any) -> None:
    asked = []
    for number in (1, 2):
        for _more in range(number):
            make(people, due=NOW.date() + timedelta(days=3))
        Message.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            services.reminders_plan(now=NOW)
        asked.append((len(queries), Message.objects.count()))
    assert asked == [(asked[0][0], 1), (asked[0][0], 3)]


@pytest.mark.parametrize(
    ("days", "due_at"),
    [
        (0, "2027-01-16T09:00:00+00:00"),
        (1, "2027-01-15T09:00:00+00:00"),
        (3, "2027-01-13T09:00:00+00:00"),
        (None, None),
    ],
)
def test_reminders_come_as_many_days_before_as_was_chosen(people: Cast, days: int | None, due_at: str | None) -> None:
    make(people, remind_days=days)
    planned = [message.due_at.isoformat() for message in Message.objects.filter(kind=COMMITMENT_DUE)]
    assert planned == ([due_at] if due_at else [])


def test_a_reminder_on_the_day_says_so(people: Cast, clock: Any) -> None:
    make(people, remind_days=0)
    clock.move_to(datetime(2027, 1, 16, 9, tzinfo=ZoneInfo("UTC")))
    outbox.turn()
    assert subjects() == ["Alder circle: One of your commitments is for today"]


@given(st.integers(0, 23), st.none() | st.integers(0, 23), st.none() | st.integers(0, 23))
def test_quiet_hours_are_left_at_their_end(hour: int, begins: int | None, ends: int | None) -> None:
    local = datetime(2027, 1, 11, hour, 30)
    after = after_quiet(local, begins, ends)
    assert after >= local
    assert after - local < timedelta(days=1)
    assert not is_quiet(after.hour, begins, ends)
    if not is_quiet(hour, begins, ends):
        assert after == local


def appointment(made: Commitment, by: User, local: datetime, zone: str) -> Appointment:
    return appointment_services.appointment_set(commitment=made, local_start=local, zone=zone, by=by, now=NOW)


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
    assert subjects("bob@example.org") == ["Your appointment with Carol is off"]
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
    assert subjects("carol@example.org") == ["You and Bob talk in an hour"]
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
    assert subjects("carol@example.org") == ["Your appointment with Bob is off"]
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
    heard = ["Your appointment with Bob is off", "You and Bob talk on Wednesday 13 January at 12:00"]
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


def test_a_partner_who_steps_back_is_one_mail_to_the_owner_with_the_entry(people: Cast, talk: Commitment) -> None:
    services.nudge_send(commitment=talk, by=people.carol, now=NOW)
    services.partner_answer(commitment=talk, yes=False, now=NOW)
    outbox.turn()
    assert subjects("bob@example.org") == ["Alder circle: Choose somebody else to ask you"]
    body = next(message for message in mail.outbox if message.to == ["bob@example.org"])
    assert "your talk with Carol on Wednesday 13 January at 12:00 (London time) is off" in body.body
    assert "METHOD:CANCEL" in str([part.get_payload(decode=True) for part in body.message().walk()])
    assert subjects("carol@example.org") == ["Your appointment with Bob is off"]
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


def test_two_fields_and_enter_from_home(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    assert b'name="next" value="/"' in client.get("/").content
    form = {"text": "One small thing", "due_on": DUE.isoformat(), "circle": str(people.circle.code), "next": "/"}
    assert client.post("/commitments/", form).url == "/"
    made = Commitment.objects.get()
    assert (made.text, made.partner, made.remind_days) == ("One small thing", None, 1)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": "", "due_on": DUE.isoformat()}, "Write what you will do."),
        ({"text": "t", "due_on": "2027-01-10"}, "Choose today or a later day."),
        ({"text": "t", "due_on": "2037-01-10"}, "Choose a day within a year"),
        ({"text": "word " * 5000, "due_on": DUE.isoformat()}, "Use at most 500 characters"),
        ({"text": "t", "due_on": DUE.isoformat(), "circle": "x"}, "Select a valid choice"),
    ],
)
def test_a_mistake_in_the_two_fields_keeps_what_was_typed(
    people: Cast, clock: Any, form: dict[str, str], words: str
) -> None:
    page = signed_in(people.bob).post("/commitments/", {"circle": str(people.circle.code)} | form)
    assert words in page.content.decode()
    assert not Commitment.objects.exists()


def test_how_many_were_kept_is_for_their_own_eyes(people: Cast, clock: Any) -> None:
    for status in (CommitmentStatus.KEPT, CommitmentStatus.KEPT, CommitmentStatus.LET_GO):
        commitment_settle(commitment=make(people), status=status, now=NOW)
    make(people)
    assert kept_counts(people.bob) == {"closed": 3, "kept": 2}
    assert "2 of 3" in signed_in(people.bob).get("/commitments/").content.decode()
    assert "2 of 3" not in signed_in(people.carol).get("/commitments/").content.decode()


def test_words_can_be_taken_back_altogether(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    services.step_add(commitment=made, text="s")
    appointment(made, people.bob, datetime(2027, 1, 13, 12), "Europe/London")
    signed_in(people.bob).post(reverse("agreements:commitment_delete", args=[made.code]))
    assert not Commitment.objects.exists()
    outbox.turn()
    assert subjects() == []


def test_somebody_who_left_neither_asks_nor_reads(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    member_leave(membership=Membership.objects.get(user=people.carol), now=NOW)
    page = reverse("agreements:commitment", args=[made.code])
    assert signed_in(people.carol).get(page).status_code == 404
    member_leave(membership=Membership.objects.get(user=people.bob, left_at=None), now=NOW)
    assert signed_in(people.bob).get(page).status_code == 200, "one's own words stay one's own"


def test_who_has_left_keeps_their_words_and_reaches_nobody(people: Cast) -> None:
    """A removed member's own commitment leads to no ring, no partner and no mail any more."""
    wish = services.CommitmentWish(text="Ring the school", due_on=NOW.date() + timedelta(days=9), partner=people.carol)
    made = services.commitment_make(circle=people.circle, owner=people.bob, wish=wish, now=NOW)
    services.partner_answer(commitment=made, yes=True, now=NOW)
    made.refresh_from_db()
    start = (NOW + timedelta(days=2)).replace(tzinfo=None)
    appointment_services.appointment_set(commitment=made, local_start=start, zone="UTC", by=people.bob, now=NOW)
    Membership.objects.filter(circle=people.circle, user=people.bob).update(left_at=NOW)
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    Message.objects.all().delete()
    page = bob.get(reverse("agreements:commitment", args=[made.code])).content.decode()
    assert "Ring the school" in page
    assert "You are no longer in this circle." in page
    assert "Carol" not in page
    for name in ("commitment_change", "appointment", "appointment_settle", "appointment_calendar"):
        path = reverse(f"agreements:{name}", args=[made.code])
        answer = bob.get(path) if name == "appointment_calendar" else bob.post(path, {"off": "1"})
        assert answer.status_code == 404, name
    for name in ("commitment", "appointment_calendar"):
        assert carol.get(reverse(f"agreements:{name}", args=[made.code])).status_code == 404, (
            "nor does a partner read on"
        )
    assert "Ring the school" not in carol.get(reverse("agreements:commitments")).content.decode()
    assert not Message.objects.exists()
    assert services.owners_gone(now=NOW) == 1
    assert services.owners_gone(now=NOW) == 0
    made.refresh_from_db()
    assert made.partner is None
    assert set(Message.objects.values_list("kind", flat=True)) == {"appointment_off"}
    bob.post(reverse("agreements:commitment_settle", args=[made.code]), {"status": "kept"})
    made.refresh_from_db()
    assert made.status == "kept"
