"""What people hear of and how: channels, leads, quiet hours, the daily mail, unsubscribing, the bell, notes, warnings."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.services import absence_add
from agreements.services import agreement_start
from circles.membership_services import member_leave
from circles.services import CircleDetails, circle_hold, circle_start
from notifications import outbox
from notifications.enums import Channel, MessageState
from notifications.mails import NAMED_AT_MOST
from notifications.models import EVERY_CIRCLE, LATER_KINDS, Heartbeat, Message, Preference
from notifications.registry import chosen_by_people, kind_of, registered
from notifications.selectors import outbox_health
from notifications.services import About, daily_put, messages_put, preference_set, unsubscribe_token
from sessions.enums import Rsvp
from sessions.kinds import BEFORE, DAY_BEFORE, HOUR_BEFORE, QUORUM, RSVP_WANTED, WEEK_BEFORE
from sessions.models import ReminderNote
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.forms import ReminderNoteForm
from sessions.planning.reminder_services import fading_tell, reminders_plan
from sessions.planning.services import SessionDetails, session_cancel, session_update
from tests.factories import NOW, Cast, make_session, sign, signed_in
from tests.relays import LASTING, kinds_register


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def to(user: Any, part: str = "") -> list[str]:
    return [m.subject for m in mail.outbox if m.to == [user.email] and part in m.subject]


def state(user: Any, kind: str) -> str:
    return Message.objects.get(user=user, kind=kind).state


def test_every_kind_has_a_name_and_a_page_that_exist(people: Cast) -> None:
    """What can be under the bell has words and leads somewhere."""
    for key in registered():
        kind = kind_of(key)
        if kind.private or (not kind.may_choose and key != "guest_not"):
            continue
        assert str(kind.label), key
        assert kind.page, key
        assert kind.choice in {one.key for one in chosen_by_people()} or not kind.may_choose, key


@pytest.mark.parametrize(
    ("channel", "mails", "after"),
    [
        (Channel.MAIL, 1, MessageState.SENT),
        (Channel.BELL, 0, MessageState.SHOWN),
        (Channel.OFF, 0, MessageState.DROPPED),
        (Channel.DAILY, 0, MessageState.BUNDLED),
    ],
)
def test_each_channel(clock: Any, people: Cast, channel: str, mails: int, after: str) -> None:
    preference_set(user=people.bob, kind="session_scheduled", channel=channel)
    make_session(people.circle, people.alice)
    outbox.turn()
    assert len(to(people.bob)) == mails
    assert state(people.bob, "session_scheduled") == after
    assert len(to(people.carol)) == 1, "what one person chose is theirs"


def test_a_choice_for_one_circle_goes_before_the_one_for_all(clock: Any, people: Cast) -> None:
    other = circle_start(details=CircleDetails(name="Birch", time_zone="UTC"), by=people.bob, now=NOW)
    agreement_start(circle=other, now=NOW)
    preference_set(user=people.bob, kind="session_scheduled", channel=Channel.OFF)
    preference_set(user=people.bob, kind="session_scheduled", channel=Channel.MAIL, circle_code=other.code)
    make_session(people.circle, people.alice)
    make_session(other, people.bob)
    outbox.turn()
    assert to(people.bob) == ["Birch meets on Thursday 14 January at 09:00, London time"]


def test_another_lead_moves_a_reminder_that_waits(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    signed_in(people.bob).post(reverse("pages:preferences"), chosen(**{f"{DAY_BEFORE}-lead": "4320"}))
    waiting = Message.objects.get(user=people.bob, kind=DAY_BEFORE)
    assert waiting.due_at == session.starts_at - timedelta(days=3)
    assert Message.objects.get(user=people.carol, kind=DAY_BEFORE).due_at == session.starts_at - timedelta(days=1)
    reminders_plan(now=NOW)
    assert Message.objects.filter(user=people.bob, kind=DAY_BEFORE).count() == 1


def chosen(**changes: str) -> dict[str, str]:
    data: dict[str, str] = {}
    for kind in chosen_by_people():
        data[kind.key] = str(kind.usual)
        if kind.leads:
            data[f"{kind.key}-lead"] = str(kind.leads[0])
    return data | changes


def test_the_page_of_one_circle_keeps_only_what_differs(clock: Any, people: Cast) -> None:
    path = f"{reverse('pages:preferences')}?circle={people.circle.code}"
    bob = signed_in(people.bob)
    blank = {key: value if key.endswith("-lead") else "" for key, value in chosen().items()}
    bob.post(path, blank | {"session_scheduled": "off"})
    kept = Preference.objects.get(user=people.bob)
    assert (kept.kind, kept.circle_code, kept.channel) == ("session_scheduled", people.circle.code, "off")
    bob.post(path, blank)
    assert not Preference.objects.filter(user=people.bob).exists()
    strange = f"{reverse('pages:preferences')}?circle=nonsense"
    assert b"In all circles" in bob.get(strange).content


def test_nonsense_among_the_choices_is_said_beside_the_field(clock: Any, people: Cast) -> None:
    page = signed_in(people.bob).post(reverse("pages:preferences"), chosen(session_scheduled="pigeon"))
    assert "Select a valid choice. pigeon" in page.content.decode()
    page = signed_in(people.bob).post(reverse("pages:day"), {"daily_hour": "8", "quiet_from": "22", "quiet_to": ""})
    assert "Choose both hours, or neither." in page.content.decode()
    assert not Preference.objects.exists()


def test_quiet_hours_put_off_and_what_would_come_too_late_is_under_the_bell(clock: Any, people: Cast) -> None:
    people.bob.quiet_from, people.bob.quiet_to = 8, 20
    people.bob.save()
    session = make_session(people.circle, people.alice)  # Thursday 09:00
    outbox.turn()
    put_off = Message.objects.get(user=people.bob, kind="session_scheduled")
    assert (put_off.state, put_off.due_at, put_off.attempts) == ("waiting", NOW.replace(hour=20), 0)
    clock.move_to(NOW.replace(hour=20))
    outbox.turn()
    assert to(people.bob) == ["Alder circle meets on Thursday 14 January at 09:00, London time"]
    clock.move_to(session.starts_at - timedelta(hours=1))
    outbox.turn()
    assert to(people.bob, "today at") == []
    assert state(people.bob, HOUR_BEFORE) == MessageState.SHOWN
    assert to(people.carol, "today at") != []


def test_a_move_is_told_in_quiet_hours_and_never_in_a_daily_mail(clock: Any, people: Cast) -> None:
    people.bob.quiet_from, people.bob.quiet_to = 8, 20
    people.bob.save()
    preference_set(user=people.bob, kind="session_scheduled", channel=Channel.DAILY)
    session = make_session(people.circle, people.alice)
    details = SessionDetails((NOW + timedelta(days=4)).replace(tzinfo=None), "UTC", session.format_version, 120)
    session_update(session=session, details=details, now=NOW)
    outbox.turn()
    assert to(people.bob, "Changed") != []
    session.refresh_from_db()
    session_cancel(session=session, now=NOW)
    outbox.turn()
    assert to(people.bob, "Cancelled") != []


def test_the_daily_mail_carries_what_still_holds_in_one(clock: Any, people: Cast) -> None:
    for kind in ("session_scheduled", RSVP_WANTED):
        preference_set(user=people.bob, kind=kind, channel=Channel.DAILY)
    first = make_session(people.circle, people.alice, in_=timedelta(days=3))
    make_session(people.circle, people.alice, in_=timedelta(days=6))
    outbox.turn()
    assert to(people.bob) == []
    details = SessionDetails((NOW + timedelta(days=5)).replace(tzinfo=None), "UTC", first.format_version, 120)
    session_update(session=first, details=details, now=NOW)
    outbox.turn()
    mail.outbox.clear()
    clock.move_to(NOW.replace(day=12, hour=8))
    outbox.turn()
    outbox.turn()
    assert to(people.bob) == ["One thing from your circles"], "the date that was moved since is not repeated"
    body = str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))
    assert "Alder circle meets on Sunday 17 January at 09:00" in body
    assert not Message.objects.filter(user=people.bob, kind="session_scheduled", state=MessageState.BUNDLED).exists()


def test_a_daily_mail_says_how_many_more_there_are_than_it_names(clock: Any, people: Cast) -> None:
    """And they are heard of with it: nothing waits for a mail that nobody writes."""
    kinds_register()
    for at in range(NAMED_AT_MOST + 2):
        about = About("circle", people.circle.code, circle=people.circle.code, part=str(at))
        messages_put(kind=LASTING, about=about, to=[people.bob], due_at=NOW, now=NOW)
    Message.objects.filter(kind=LASTING).update(state=MessageState.BUNDLED, heard_at=NOW)
    daily_put(user=people.bob, due_at=NOW, now=NOW)
    mail.outbox.clear()
    outbox.turn()
    [letter] = [one for one in mail.outbox if one.to == [people.bob.email]]
    assert letter.subject == f"{NAMED_AT_MOST + 2} things from your circles"
    for body in (letter.body, letter.alternatives[0].content):
        assert "2 more are under your bell." in " ".join(str(body).split())
    assert not Message.objects.filter(state=MessageState.BUNDLED).exists()


def test_what_cannot_wait_for_the_daily_mail_goes_at_once(clock: Any, people: Cast) -> None:
    preference_set(user=people.bob, kind=HOUR_BEFORE, channel=Channel.DAILY)
    session = make_session(people.circle, people.alice)
    clock.move_to(session.starts_at - timedelta(hours=1))
    outbox.turn()
    assert to(people.bob, "today at") != []


# --- unsubscribing


def test_a_mail_can_be_unsubscribed_from_in_one_click_and_a_scanner_changes_nothing(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice)
    outbox.turn()
    message = next(m for m in mail.outbox if m.to == [people.bob.email])
    link = re.fullmatch(r"<(.+)>", message.extra_headers["List-Unsubscribe"])[1]  # type: ignore[index]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in str(message.body)
    path = "/" + link.split("/", 3)[3]
    stranger = Client(enforce_csrf_checks=True)
    for _scan in range(3):
        assert stranger.get(path).status_code == 200
        assert stranger.head(path).status_code == 200
    assert not Preference.objects.exists()
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    kept = Preference.objects.get()
    assert (kept.user, kept.kind, kept.circle_code) == (people.bob, "session_scheduled", people.circle.code)
    mail.outbox.clear()
    make_session(people.circle, people.alice, in_=timedelta(days=4))
    outbox.turn()
    assert to(people.bob) == []
    assert len(to(people.carol)) == 1


def test_all_mails_can_be_ended_by_hand_and_links_we_did_not_make_are_nothing(clock: Any, people: Cast) -> None:
    path = reverse("pages:unsubscribe", args=[unsubscribe_token(people.bob, HOUR_BEFORE, None)])
    Client().post(path, {"all": "1"})
    make_session(people.circle, people.alice)
    outbox.turn()
    assert to(people.bob) == []
    assert Client().get(path[:-4] + "abc/").status_code == 404
    assert Client().post("/unsubscribe/nonsense/").status_code == 404
    assert set(Preference.objects.exclude(kind=LATER_KINDS).values_list("channel", flat=True)) == {Channel.BELL}
    assert Preference.objects.get(kind=LATER_KINDS).channel == Channel.OFF
    assert set(Preference.objects.values_list("circle_code", flat=True)) == {EVERY_CIRCLE}


def test_an_invitation_carries_no_unsubscribe_and_cannot_be_turned_off(clock: Any, people: Cast) -> None:
    from circles.invitation_services import members_invite

    members_invite(circle=people.circle, emails=["new@example.org"], by=people.alice, now=NOW)
    outbox.turn()
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


# --- the bell


def test_mail_and_bell_are_one_row_and_opening_marks_it_read(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    bob = signed_in(people.bob)
    page = bob.get(reverse("pages:notices")).content.decode()
    assert "A session was scheduled" in page
    assert "Notices, 1 unread" in page
    notice = Message.objects.get(user=people.bob, kind="session_scheduled")
    assert bob.get(reverse("pages:notice_open", args=[notice.pk])).status_code == 405
    answer = bob.post(reverse("pages:notice_open", args=[notice.pk]))
    assert answer.url == reverse("sessions:session", args=[session.code])
    assert "Notices, 0 unread" in bob.get("/").content.decode()
    assert signed_in(people.carol).post(reverse("pages:notice_open", args=[notice.pk])).status_code == 404


def test_all_notices_are_read_at_once_and_cost_the_same_however_many(
    clock: Any, people: Cast, django_assert_max_num_queries: Any
) -> None:
    for at in range(9):
        make_session(people.circle, people.alice, in_=timedelta(days=2, hours=3 * at))
    outbox.turn()
    bob = signed_in(people.bob)
    with django_assert_max_num_queries(6):
        page = bob.get(reverse("pages:notices")).content.decode()
    assert page.count("A session was scheduled") == 9
    bob.post(reverse("pages:notices_read"))
    assert "Notices, 0 unread" in bob.get("/").content.decode()
    assert Message.objects.filter(user=people.carol, read_at=None).exists()


# --- kinds


def test_who_has_not_said_is_asked_and_who_has_is_not(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW)
    clock.move_to(session.starts_at - timedelta(days=4))
    mail.outbox.clear()
    outbox.turn()
    assert to(people.bob, "do you come") == []
    assert len(to(people.carol, "do you come")) == 1


def test_a_facilitator_is_warned_when_too_few_come_and_leave_counts(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    rsvp_set(session=session, user=people.bob, answer=Rsvp.NO, now=NOW)
    absence_add(user=people.carol, first_on=session.local_date, last_on=session.local_date)
    clock.move_to(session.starts_at - timedelta(hours=48))
    outbox.turn()
    assert to(people.alice, "2 of 3 that you wanted come so far") != []
    assert to(people.dave, "come so far") == []


def test_enough_people_warn_nobody(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    clock.move_to(session.starts_at - timedelta(hours=48))
    outbox.turn()
    assert state(people.alice, QUORUM) == MessageState.DROPPED


def test_an_unsigned_agreement_is_asked_for_before_the_session(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    sign(people.circle, people.bob)
    clock.move_to(session.starts_at - timedelta(days=2))
    outbox.turn()
    assert to(people.bob, "please sign before") == []
    assert to(people.carol, "please sign before") != []


def test_a_circle_that_fades_is_told_once_to_its_facilitator(clock: Any, people: Cast) -> None:
    assert fading_tell(now=NOW + timedelta(days=31)) == 0
    at = NOW + timedelta(days=32)
    assert fading_tell(now=at) == 1
    fading_tell(now=at + timedelta(days=1))
    clock.move_to(at + timedelta(days=1))
    outbox.turn()
    assert [m.to for m in mail.outbox] == [[people.alice.email]]
    circle_hold(circle=people.circle, on_hold=True, by=people.alice, now=at)
    assert fading_tell(now=at) == 0, "on hold is not fading"


def test_a_circle_with_a_date_does_not_fade(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice, in_=timedelta(days=90))
    assert fading_tell(now=NOW + timedelta(days=60)) == 0


def test_the_week_before_is_under_the_bell_unless_somebody_wants_a_mail(clock: Any, people: Cast) -> None:
    preference_set(user=people.carol, kind=WEEK_BEFORE, channel=Channel.MAIL)
    session = make_session(people.circle, people.alice, in_=timedelta(days=8))
    clock.move_to(session.starts_at - timedelta(days=7))
    outbox.turn()
    assert (state(people.bob, WEEK_BEFORE), state(people.carol, WEEK_BEFORE)) == ("shown", "sent")


# --- notes


def test_a_note_goes_out_with_its_reminder_and_survives_a_move(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=5))
    alice = signed_in(people.alice)
    path = reverse("sessions:reminder_note", args=[session.code])
    alice.post(path, {"kind": DAY_BEFORE, "text": "Room 4, ring at the back."})
    page = alice.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert "with your note: Room 4, ring at the back." in re.sub(r"\s+", " ", page)
    details = SessionDetails((NOW + timedelta(days=6)).replace(tzinfo=None), "UTC", session.format_version, 120)
    session_update(session=session, details=details, now=NOW)
    clock.move_to(NOW + timedelta(days=5))
    outbox.turn()
    reminders = [m for m in mail.outbox if "meets tomorrow" in m.subject]
    assert len(reminders) == 4
    for message in reminders:
        assert "Room 4, ring at the back." in str(message.body)
        assert "Room 4, ring at the back." in str(message.alternatives[0][0])  # type: ignore[attr-defined]
    alice.post(path, {"kind": DAY_BEFORE, "text": ""})
    assert not ReminderNote.objects.exists()
    alice.post(path, {"kind": "session_scheduled", "text": "x"})
    alice.post(path, {"kind": DAY_BEFORE, "text": "x" * 501})
    assert not ReminderNote.objects.exists()


# --- the outbox as administrators see it


def test_the_health_of_the_outbox_is_counts_and_times_only(clock: Any, people: Cast) -> None:
    staff = people.erin
    staff.is_staff = True
    staff.save()
    session = make_session(people.circle, people.alice)
    Message.objects.filter(user=people.bob, kind="session_scheduled").update(
        state=MessageState.FAILED, trouble="refused 550"
    )
    Heartbeat.beat("outbox", now=NOW)
    clock.move_to(NOW + timedelta(minutes=5))
    health = outbox_health(now=NOW + timedelta(minutes=5))
    assert (health.waiting, health.late, health.failed, health.tick_age) == (3, 3, 1, timedelta(minutes=5))
    page = signed_in(staff).get(reverse("pages:outbox")).content.decode()
    assert "is the worker running?" in page
    assert "refused 550" in page
    for secret in (people.bob.email, "Alder circle", str(session.code)):
        assert secret not in page
    outbox.turn()
    after = outbox_health(now=NOW + timedelta(minutes=5))
    assert (after.waiting, after.sent, after.dwell_median) == (0, 3, 300.0)


def test_an_idle_tick_with_thousands_waiting_costs_three_queries_at_most(
    clock: Any, people: Cast, django_assert_max_num_queries: Any
) -> None:
    like = make_session(people.circle, people.alice)
    outbox.turn()
    later = NOW + timedelta(days=1)
    Message.objects.bulk_create(
        Message(
            kind=DAY_BEFORE, subject_type="session", subject_code=like.code, key=f"many:{at}", user=people.bob,
            due_at=later, created_at=NOW,
        )
        for at in range(4000)
    )  # fmt: skip
    with django_assert_max_num_queries(3):
        outbox.turn()


def test_what_somebody_who_left_waited_for_is_not_sent(clock: Any, people: Cast) -> None:
    preference_set(user=people.bob, kind="session_scheduled", channel=Channel.DAILY)
    session = make_session(people.circle, people.alice)
    outbox.turn()
    member_leave(membership=people.bob.memberships.get(), now=NOW)
    clock.move_to(NOW.replace(day=12, hour=8))
    outbox.turn()
    # Nor is anything that comes later: a date, a change, reminders, a cancellation.
    later = make_session(people.circle, people.alice, in_=timedelta(days=9))
    outbox.turn()
    session_cancel(session=later, now=NOW)
    for before in (timedelta(days=1), timedelta(hours=1)):
        clock.move_to(session.starts_at - before)
        reminders_plan(now=session.starts_at - before)
        outbox.turn()
    assert to(people.bob) == []
    assert len(to(people.carol)) == 6


def test_a_note_can_go_with_each_reminder_of_when_a_session_is() -> None:
    assert {key for key, _label in ReminderNoteForm.base_fields["kind"].choices} == set(BEFORE)  # type: ignore[attr-defined]
