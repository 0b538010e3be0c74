"""What changes while a mail about it waits is mailed as it is then; the same again is told again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from agreements.commitment_services import CommitmentDetails, commitment_change, commitment_make, commitment_move
from circles.invitation_services import members_invite
from notifications import claims, outbox
from notifications.enums import Channel, MessageState
from notifications.models import Message
from notifications.registry import registered
from notifications.services import (
    PART_AT_MOST,
    About,
    event_part,
    message_key,
    preference_set,
)
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, enrolment_withdraw, waiting_move_up
from sessions.enums import Role, Rsvp
from sessions.formats.library import version_of
from sessions.kinds import DAY_BEFORE, ROLE_NEXT, SCHEDULED
from sessions.models import Participation, SessionRole
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.roles_services import roles_announce, roles_choose
from sessions.planning.services import session_update
from tests.factories import NOW, Cast, make_session, signed_in
from tests.notifications.changes import details, to


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


# --- a key that rises without a new row


def test_another_length_or_format_before_the_mail_goes_is_mailed_as_it_is_then(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    session_update(session=session, details=details(session, minutes=90), now=NOW)
    outbox.turn()
    assert to(people.bob) == ["Alder circle meets on Thursday 14 January at 09:00, London time"]
    assert "09:00–10:30" in str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))
    session_update(session=session, details=details(session, format=version_of("forum")), now=NOW)
    outbox.turn()
    assert len(to(people.bob)) == 1, "what was told already is not told again"


def test_a_reminder_that_is_late_survives_a_change_of_length(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    at = session.starts_at - timedelta(days=1) + timedelta(minutes=1)
    session_update(session=session, details=details(session, minutes=100), now=at)
    clock.move_to(at)
    outbox.turn()
    assert to(people.bob, "meets tomorrow") != []
    assert Message.objects.filter(kind=DAY_BEFORE, user=people.bob).count() == 1


def test_a_call_link_is_told_and_wipes_no_answer(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    for more in ({"call_link": "https://call.example"}, {"place": "Room 3"}):
        mail.outbox.clear()
        session_update(session=session, details=details(session, **more), now=NOW)
        outbox.turn()
        (told,) = [m for m in mail.outbox if m.to == [people.bob.email]]
        assert "again whether you come" not in str(told.message())
        assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.YES
    mail.outbox.clear()
    later = session.starts_at.replace(tzinfo=None) + timedelta(hours=1)
    session_update(session=session, details=details(session, local_start=later), now=NOW)
    outbox.turn()
    (told,) = [m for m in mail.outbox if m.to == [people.bob.email]]
    assert "Tell the others again whether you come." in str(told.body)
    assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.NONE


def test_another_place_keeps_reminders_and_roles_that_wait(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    roles_announce(now=NOW)
    waiting = set(Message.objects.filter(kind=ROLE_NEXT, state="waiting").values_list("user", flat=True))
    assert waiting
    session_update(session=session, details=details(session, place="Room 3"), now=NOW)
    outbox.turn()
    told = Message.objects.filter(kind=ROLE_NEXT, state=MessageState.SENT)
    assert set(told.values_list("user", flat=True)) == waiting
    for user in (people.alice, people.bob, people.carol, people.dave):
        assert to(user, "meets on Thursday 14 January at 09:00") == to(user, "Changed:") != []


def test_one_that_is_being_sent_while_its_thing_changes_goes_out_as_it_is_then(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    taken = claims.claim(claims.due_ids(now=NOW), now=NOW)
    session_update(session=session, details=details(session, minutes=90), now=NOW)
    for message in taken:
        assert not claims.restamp(message, now=NOW)
        claims.settle(message, MessageState.DROPPED, now=NOW)
    outbox.turn()
    assert len(to(people.bob)) == 1


def commitment(people: Cast) -> Any:
    due = (NOW + timedelta(days=5)).date()
    return commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails("a plan", due, people.carol), now=NOW
    )


def test_a_commitment_reworded_or_moved_still_asks_its_partner(clock: Any, people: Cast) -> None:
    first, second = commitment(people), commitment(people)
    changed = CommitmentDetails("another plan", first.due_on, people.carol)
    commitment_change(commitment=first, details=changed, now=NOW)
    commitment_move(commitment=second, due_on=date(2027, 1, 20), now=NOW)
    outbox.turn()
    assert Message.objects.filter(kind="partner_asked", user=people.carol, state=MessageState.SENT).count() == 2
    outbox.turn()
    assert len(to(people.carol)) == 2


# --- keys


def test_a_second_role_in_one_session_is_told(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    roles_announce(now=NOW)
    outbox.turn()
    mail.outbox.clear()
    held = {row.role_key: row.user for row in SessionRole.objects.filter(session=session).select_related("user")}
    holder = held[Role.SCRIBE]
    clock.shift(timedelta(minutes=1))
    session.refresh_from_db()
    chosen = {Role.TIMEKEEPER.value: holder}
    roles_choose(session=session, holders=chosen, now=NOW + timedelta(minutes=1))
    outbox.turn()
    told = [subject for subject in to(holder) if ": you are " in subject]
    assert len(told) == 1
    assert "scribe" in told[0].lower()
    assert "timekeeper" in told[0].lower()


def test_the_longest_key_fits_its_column() -> None:
    longest = f"{'a' * 64}@{'b' * 180}.example"
    about = About("x", uuid4(), 2**31 - 1, part="r" * (PART_AT_MOST + 20))
    key = message_key("k" * 40, about, longest[:254])
    assert len(key) <= Message._meta.get_field("key").max_length
    assert max(len(kind) for kind in registered()) <= 40
    every_role = "+".join(sorted(role.value for role in Role)) + "@" + event_part(NOW)
    assert len(every_role) <= PART_AT_MOST, "nothing that tells two apart is cut off"


def test_an_address_of_250_letters_is_invited(clock: Any, people: Cast) -> None:
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example"
    members_invite(circle=people.circle, emails=[address], by=people.alice, now=NOW)
    outbox.turn()
    assert [m.to for m in mail.outbox] == [[address]]


def test_the_same_again_within_a_day_is_told_again(clock: Any, people: Cast, programme: Any) -> None:
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        clock.move_to(at)
        row = enrolment_make(programme=programme, user=people.bob, yes=EnrolmentDetails(), now=at)
        outbox.turn()
        enrolment_withdraw(enrolment=row, now=at)
    assert len(to(people.bob)) == 2


def test_a_place_that_gets_free_twice_in_a_day_is_told_twice(clock: Any, people: Cast, programme: Any) -> None:
    type(programme).objects.filter(pk=programme.pk).update(places=1)
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        clock.move_to(at)
        first = enrolment_make(programme=programme, user=people.bob, yes=EnrolmentDetails(), now=at)
        second = enrolment_make(programme=programme, user=people.carol, yes=EnrolmentDetails(), now=at)
        enrolment_withdraw(enrolment=first, now=at)
        outbox.turn()
        enrolment_withdraw(enrolment=second, now=at)
    assert Message.objects.filter(kind="programme_place_free", user=people.carol, state=MessageState.SENT).count() == 2
    assert waiting_move_up(programme=programme, now=NOW) == 0


@pytest.fixture
def programme(db: None) -> Any:
    from tests.factories import make_programme, make_user

    return make_programme(make_user("Dana Administrator"), is_open=True)


def test_the_daily_mail_comes_at_a_changed_hour_on_the_same_day(clock: Any, people: Cast) -> None:
    """Monday 09:00. The mail of eight has gone; now the evening is chosen, and something new waits for it."""
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.DAILY)
    bob = signed_in(people.bob)
    bob.post(reverse("pages:day"), {"daily_hour": "10", "quiet_from": "", "quiet_to": ""})
    people.bob.refresh_from_db()
    make_session(people.circle, people.alice, in_=timedelta(days=3))
    outbox.turn()
    clock.move_to(NOW.replace(hour=10))
    outbox.turn()
    assert to(people.bob) == ["One thing from your circles"]
    bob.post(reverse("pages:day"), {"daily_hour": "18", "quiet_from": "", "quiet_to": ""})
    make_session(people.circle, people.alice, in_=timedelta(days=5))
    outbox.turn()
    clock.move_to(NOW.replace(hour=18))
    outbox.turn()
    assert to(people.bob) == ["One thing from your circles"] * 2


def test_what_waits_for_the_daily_mail_follows_its_hour(clock: Any, people: Cast) -> None:
    preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.DAILY)
    make_session(people.circle, people.alice, in_=timedelta(days=3))
    outbox.turn()
    signed_in(people.bob).post(reverse("pages:day"), {"daily_hour": "17", "quiet_from": "", "quiet_to": ""})
    assert Message.objects.get(kind="daily").due_at == NOW.replace(hour=17)
