"""Commitments with a partner who says yes: seen by whom the owner chose, reworded, reminded of."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.refusals import Refused
from accounts.rules.quiet import after_quiet, is_quiet
from agreements import appointment_services, kinds
from agreements import commitment_services as services
from agreements.commitment_selectors import partner_suggested
from agreements.commitment_services import CommitmentDetails
from agreements.enums import Audience, CommitmentStatus, EntryKind
from agreements.kinds import COMMITMENT_DUE
from agreements.models import Appointment, Commitment, CommitmentEntry
from circles.membership_services import member_leave
from circles.models import Membership
from notifications import outbox
from notifications.models import Message
from tests.agreements.committing import DUE, WORDS, make, subjects
from tests.factories import NOW, Cast, signed_in


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
        commitment=made, details=CommitmentDetails(text=WORDS, due_on=DUE, partner=people.dave), now=NOW
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
        commitment=written, details=CommitmentDetails(text="Other words", due_on=DUE, partner=people.carol), now=NOW
    )
    made.refresh_from_db()
    assert (made.partner, made.partner_yes_at) == (people.carol, NOW)


def test_when_a_partner_leaves_the_commitment_stays(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    appointment_services.appointment_set(
        commitment=made, local_start=datetime(2027, 1, 13, 12), zone="Europe/London", now=NOW
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
    assert (entry.kind, entry.text) == (EntryKind.REWORDED, WORDS)
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


def test_a_partner_is_asked_whose_question_waited_when_it_was_ticked_by_mistake(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    client, path = signed_in(people.bob), reverse("agreements:commitment_settle", args=[made.code])
    client.post(path, {"status": "kept"})
    client.post(path, {"status": "let_go"})
    client.post(path, {"status": "open"})
    outbox.turn()
    assert subjects("carol@example.org") == ["Alder circle: Bob would like you to ask how it went"]
    client.post(path, {"status": "kept"})
    client.post(path, {"status": "open"})
    outbox.turn()
    assert len(subjects("carol@example.org")) == 1, "she has been asked"


@pytest.mark.parametrize("way", ["note", "reword", "let go"])
def test_a_hundred_notes_are_enough_whatever_writes_them(way: str, people: Cast, clock: Any) -> None:
    commitment = make(people, partner=people.carol)
    for _note in range(99):
        services.progress_note(commitment=commitment, text="It goes", now=NOW)

    def write(text: str) -> None:
        if way == "note":
            services.progress_note(commitment=commitment, text=text, now=NOW)
        elif way == "reword":
            details = CommitmentDetails(text=text, due_on=commitment.due_on, partner=people.carol)
            services.commitment_change(commitment=commitment, details=details, now=NOW)
        else:
            services.commitment_settle(commitment=commitment, status=CommitmentStatus.OPEN, now=NOW)
            services.commitment_settle(commitment=commitment, status=CommitmentStatus.LET_GO, now=NOW, why=text)

    write("Once")
    with pytest.raises(Refused, match="many notes"):
        write("Twice")
    assert CommitmentEntry.objects.count() == 100
    services.commitment_settle(commitment=commitment, status=CommitmentStatus.KEPT, now=NOW)


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
    assert subjects("bob@example.org") == ["Alder circle: a kind word from Carol"]
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
