"""The outbox: nothing lost, nothing after the fact, one extra copy at most."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_move, commitment_settle
from agreements.enums import CommitmentStatus
from agreements.kinds import COMMITMENT_DUE
from circles.membership_services import member_leave
from circles.models import Circle, Membership
from notifications import claims, outbox, registry
from notifications.enums import Channel, Dropped, MessageState
from notifications.models import Message
from notifications.registry import Kind, kind_of, register
from notifications.services import About, messages_drop, messages_put, messages_revive, preference_set
from sessions.enums import Rsvp
from sessions.formats.library import version_of
from sessions.kinds import DAY_BEFORE, HOUR_BEFORE, SCHEDULED
from sessions.models import CircleSession
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.reminder_services import reminders_plan
from sessions.planning.services import SessionDetails, session_cancel, session_update
from tests.factories import NOW, Cast, make_session
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers ends with it: others ask about every kind there is."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


def subjects(kind: str = "") -> list[str]:
    return sorted(message.to[0] for message in mail.outbox if kind in message.subject)


def test_members_are_told_of_a_session_and_reminded_a_day_and_an_hour_before(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    assert subjects("Alder circle meets on") == [f"{n}@example.org" for n in ("alice", "bob", "carol", "dave")]
    mail.outbox.clear()
    clock.move_to(session.starts_at - timedelta(days=1, seconds=1))
    outbox.turn()
    assert [m.subject for m in mail.outbox if "meets" in m.subject] == []
    clock.move_to(session.starts_at - timedelta(days=1))
    outbox.turn()
    assert len(subjects("meets tomorrow at")) == 4
    clock.move_to(session.starts_at - timedelta(hours=1))
    outbox.turn()
    outbox.turn()
    assert len(subjects("meets today at")) == 4


@pytest.mark.parametrize("leaves", [True, False])
def test_the_last_reminder_leads_into_the_call_where_its_link_may_leave(clock: Any, people: Cast, leaves: bool) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.update(call_link="https://call.example/alder")
    Circle.objects.update(call_in_calendar=leaves)
    led = []
    for before in (timedelta(days=1), timedelta(hours=1)):
        mail.outbox.clear()
        clock.move_to(session.starts_at - before)
        outbox.turn()
        sent = next(m for m in mail.outbox if m.to == ["bob@example.org"] and " meets " in m.subject)
        html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
        led += ["call.example" in sent.body, "call.example" in html]
    assert led == [False, False, leaves, leaves]


def test_nothing_is_sent_after_a_session_began_moved_or_was_cancelled(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    clock.move_to(session.starts_at)
    outbox.turn()
    assert mail.outbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {"dropped"}


def test_a_moved_session_reminds_for_its_new_time_only(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    old = session.starts_at
    details = SessionDetails((old + timedelta(days=2)).replace(tzinfo=None), "UTC", version_of("council"), 120)
    session_update(session=session, details=details, now=NOW)
    outbox.turn()
    assert subjects("Changed:") == [f"{n}@example.org" for n in ("alice", "bob", "carol", "dave")]
    mail.outbox.clear()
    clock.move_to(old - timedelta(hours=1))
    outbox.turn()
    assert subjects("meets today at") == []
    # Moved there and back, it reminds again: the key holds the revision, not the time.
    back = SessionDetails((old + timedelta(days=1)).replace(tzinfo=None), "UTC", version_of("council"), 120)
    session.refresh_from_db()
    session_update(session=session, details=back, now=old - timedelta(hours=1))
    clock.move_to(old + timedelta(hours=23))
    outbox.turn()
    assert len(subjects("meets today at")) == 4


def test_a_cancelled_session_is_told_once_and_never_reminded(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    session_cancel(session=session, now=NOW)
    outbox.turn()
    assert len(subjects("Cancelled:")) == 4
    mail.outbox.clear()
    clock.move_to(session.starts_at - timedelta(hours=1))
    outbox.turn()
    assert mail.outbox == []


def test_who_said_no_or_left_is_not_reminded(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    rsvp_set(session=session, user=people.bob, answer=Rsvp.NO, now=NOW)
    member_leave(membership=Membership.objects.get(user=people.carol), now=NOW)
    clock.move_to(session.starts_at - timedelta(hours=1))
    outbox.turn()
    assert subjects("meets today") == ["alice@example.org", "dave@example.org"]


def test_reminders_are_planned_within_eight_days_and_for_newcomers(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=20))
    assert not Message.objects.filter(kind__in=[DAY_BEFORE, HOUR_BEFORE]).exists()
    later = session.starts_at - timedelta(days=8)
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    for _again in range(2):
        reminders_plan(now=later)
    assert Message.objects.filter(kind=DAY_BEFORE).count() == 5
    assert Message.objects.filter(kind=HOUR_BEFORE).count() == 5


def test_a_commitment_reminds_on_the_morning_before_without_its_words(clock: Any, people: Cast) -> None:
    due = (NOW + timedelta(days=5)).date()
    commitment = commitment_make(
        circle=people.circle,
        owner=people.bob,
        details=CommitmentDetails("a secret plan", due, people.carol),
        now=NOW,
    )
    message = Message.objects.get(kind=COMMITMENT_DUE)
    assert message.due_at.isoformat() == "2027-01-15T09:00:00+00:00"
    outbox.turn()
    mail.outbox.clear()  # Carol was asked to be the partner
    clock.move_to(message.due_at)
    outbox.turn()
    assert subjects("for tomorrow") == ["bob@example.org"]
    assert "secret" not in str(mail.outbox[0].message())
    assert "Carol will ask" in mail.outbox[0].body
    commitment.refresh_from_db()
    commitment_move(commitment=commitment, due_on=due + timedelta(days=2), now=message.due_at)
    commitment_settle(commitment=commitment, status=CommitmentStatus.KEPT, now=message.due_at)
    mail.outbox.clear()
    clock.move_to(message.due_at + timedelta(days=2))
    outbox.turn()
    assert mail.outbox == []


def plain(message: Message, now: Any) -> dict[str, Any]:
    return {"circle": {"name": "Plain"}, "path": "/", "who": {"name": "x"}, "session": None}


@pytest.fixture
def waiting(people: Cast) -> Message:
    register(Kind(key="plain", email="circles/joined", prepare=plain))
    messages_put(kind="plain", about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    return Message.objects.get(kind="plain")


def test_the_same_message_is_put_once(people: Cast, waiting: Message) -> None:
    about = About("x", waiting.subject_code)
    messages_put(kind="plain", about=about, to=[people.bob], due_at=NOW, now=NOW)
    messages_put(kind="plain", about=About("x", waiting.subject_code, 1), to=[people.bob], due_at=NOW, now=NOW)
    assert Message.objects.filter(kind="plain").count() == 2


def test_an_unknown_kind_fails_when_it_is_put(people: Cast) -> None:
    with pytest.raises(KeyError):
        messages_put(kind="unknown", about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    assert kind_of(SCHEDULED).key == SCHEDULED


def test_a_kill_between_sending_and_marking_makes_one_extra_with_the_same_id(
    clock: Any, waiting: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    settle = claims.settle

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    monkeypatch.setattr(claims, "settle", die)
    with pytest.raises(Killed):
        outbox.turn()
    monkeypatch.setattr(claims, "settle", settle)
    outbox.turn()
    assert len(mail.outbox) == 1  # the lease still holds
    clock.shift(claims.LEASE + timedelta(seconds=1))
    outbox.turn()
    outbox.turn()
    assert len(mail.outbox) == 2
    assert len({str(copy.message()["Message-ID"]) for copy in mail.outbox}) == 1


@pytest.mark.django_db(transaction=True)
def test_several_schedulers_send_each_message_once(clock: Any) -> None:
    register(Kind(key="plain", email="circles/joined", prepare=plain))
    messages_put(
        kind="plain",
        about=About("x", uuid4()),
        to=[f"p{n}@example.org" for n in range(40)],
        due_at=NOW,
        now=NOW,
    )

    at_once(*[outbox.turn] * 4)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(f"p{n}@example.org" for n in range(40))


def test_an_idle_tick_is_cheap_however_much_waits(clock: Any, people: Cast, django_assert_max_num_queries: Any) -> None:
    register(Kind(key="plain", email="circles/joined", prepare=plain))
    later = NOW + timedelta(days=1)
    messages_put(
        kind="plain",
        about=About("x", uuid4()),
        to=[f"p{n}@example.org" for n in range(2000)],
        due_at=later,
        now=NOW,
    )
    outbox.turn()
    with django_assert_max_num_queries(3):
        outbox.turn()


@pytest.mark.parametrize(
    ("back_at", "said"),
    [
        (timedelta(hours=-20), ["tomorrow at"]),
        (timedelta(minutes=-30), ["today at"]),
        (timedelta(minutes=1), []),
        (timedelta(hours=2), []),
    ],
)
def test_after_hours_without_a_scheduler_late_ones_say_how_soon_and_nothing_comes_after_the_fact(
    clock: Any, people: Cast, back_at: timedelta, said: list[str]
) -> None:
    """It was gone when the reminders of the day and of the hour before fell due, and is back so long before the start."""
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    clock.move_to(session.starts_at + back_at)
    outbox.turn()
    outbox.turn()
    reminders = [m.subject for m in mail.outbox if m.to == ["bob@example.org"] and " meets " in m.subject]
    assert len(reminders) == len(said)
    assert all(part in subject for part, subject in zip(said, reminders, strict=True))


def test_a_clock_set_back_and_forward_sends_nothing_twice(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    for hours in (0, -3, 2, -1, 70, 67, 71, 68, 72):
        clock.move_to(NOW + timedelta(hours=hours))
        reminders_plan(now=NOW + timedelta(hours=hours))
        outbox.turn()
    ids = [(m.to[0], m.extra_headers["Message-ID"]) for m in mail.outbox]
    assert len(ids) == len(set(ids))
    assert session.revision == 0


def test_nobody_there_ends_a_turn_at_the_first_try_and_counts_none(clock: Any, people: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "notifications.smtp.TimedRelay"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for at in range(2):
        make_session(people.circle, people.alice, in_=timedelta(days=3, hours=3 * at))
    done = outbox.turn()
    assert (done.sent, done.put_off) == (0, 8)
    rest = Message.objects.filter(state=MessageState.WAITING, due_at__lte=NOW)
    assert set(rest.values_list("attempts", "claimed_until", "held")) == {(0, None, True)}
    assert rest.count() == 8


def test_a_mail_that_cannot_be_made_holds_nobody_up(clock: Any, people: Cast, caplog: Any) -> None:
    """Whatever goes wrong in one kind is logged without its words; the others go out, and it is tried again."""

    def broken(message: Message, now: Any) -> None:
        raise ValueError("a canary")

    register(Kind(key="broken", email="circles/joined", prepare=broken))
    make_session(people.circle, people.alice)
    first = Message.objects.order_by("due_at", "pk").first()
    assert first
    Message.objects.filter(pk=first.pk).update(kind="broken")
    done = outbox.turn()
    assert (done.sent, done.put_off) == (3, 1)
    first.refresh_from_db()
    assert (first.state, first.trouble, first.attempts) == (MessageState.WAITING, "ValueError", 1)
    assert (first.due_at, first.again_at) == (NOW, NOW + claims.FIRST_WAIT)
    assert "canary" not in caplog.text
    for _try in range(10):
        clock.shift(timedelta(hours=2))
        outbox.turn()
    first.refresh_from_db()
    assert (first.state, first.attempts) == (MessageState.FAILED, outbox.TRIES), "our own fault: it is shown"


def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(clock: Any, waiting: Message) -> None:
    (mine,) = claims.claim(claims.due_ids(now=NOW), now=NOW)
    assert (mine.claimed_until, mine.attempts) == (NOW + timedelta(minutes=4), 1)
    end = NOW + timedelta(minutes=4)
    assert claims.due_ids(now=end) == []
    assert claims.claim([waiting.pk], now=end) == []
    later = end + timedelta(microseconds=1)
    assert claims.due_ids(now=later) == [waiting.pk]
    assert [one.attempts for one in claims.claim([waiting.pk], now=later)] == [2]


def test_only_what_is_due_and_waits_is_claimed(clock: Any, waiting: Message) -> None:
    assert claims.due_ids(now=NOW - timedelta(microseconds=1)) == []
    assert claims.claim([waiting.pk], now=NOW - timedelta(microseconds=1)) == []
    Message.objects.update(again_at=NOW + timedelta(seconds=30))
    assert claims.due_ids(now=NOW + timedelta(seconds=29)) == []
    assert claims.due_ids(now=NOW + timedelta(seconds=30)) == [waiting.pk]
    Message.objects.update(state=MessageState.DROPPED)
    assert claims.due_ids(now=NOW + timedelta(days=1)) == []
    assert claims.claim([waiting.pk], now=NOW + timedelta(days=1)) == []


def test_the_lease_is_stamped_anew_once_it_is_too_short_for_a_send(clock: Any, waiting: Message) -> None:
    (mine,) = claims.claim([waiting.pk], now=NOW)
    soon = NOW + timedelta(seconds=79)  # 161 of 240 seconds are left, and sending with marking may take 160
    assert claims.restamp(mine, now=soon)
    waiting.refresh_from_db()
    assert waiting.claimed_until == NOW + timedelta(seconds=240)
    late = NOW + timedelta(seconds=80)
    assert claims.restamp(mine, now=late)
    waiting.refresh_from_db()
    assert waiting.claimed_until == late + timedelta(seconds=240)


def test_a_mail_waits_twice_as_long_each_time_and_an_hour_at_most(clock: Any, waiting: Message) -> None:
    waits = []
    for attempts in range(1, 10):
        Message.objects.update(attempts=attempts)
        waiting.refresh_from_db()
        waits.append(claims.put_off(waiting, "x", now=NOW).total_seconds())
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    waiting.refresh_from_db()
    assert (waiting.again_at, waiting.claimed_until, waiting.trouble) == (NOW + timedelta(hours=1), None, "x")


def test_what_ends_while_a_mail_is_made_is_not_mailed(clock: Any, people: Cast) -> None:
    """P3: it is asked a second time, just before it leaves."""
    asked = []

    def ends(message: Message, now: Any) -> dict[str, Any] | None:
        asked.append(now)
        return plain(message, now) if len(asked) == 1 else None

    register(Kind(key="plain_ends", email="circles/joined", prepare=ends))
    messages_put(kind="plain_ends", about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    assert outbox.turn().dropped == 1
    assert (len(asked), mail.outbox) == (2, [])
    assert _end_of(Message.objects.get()) == (MessageState.DROPPED, Dropped.CHANGED)


def test_its_own_small_question_decides_where_a_kind_has_one(clock: Any, people: Cast) -> None:
    asked: list[Any] = []

    def still(now: Any) -> bool:
        asked.append(now)
        return False

    def prepared(message: Message, now: Any) -> dict[str, Any]:
        return plain(message, now) | {"still": still}

    register(Kind(key="plain_still", email="circles/joined", prepare=prepared))
    messages_put(kind="plain_still", about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    assert outbox.turn().dropped == 1
    assert (asked, mail.outbox) == ([NOW], [])


def test_nothing_is_mailed_to_somebody_who_cannot_sign_in_any_more(clock: Any, waiting: Message, people: Cast) -> None:
    type(people.bob).objects.filter(pk=people.bob.pk).update(is_active=False)
    assert outbox.turn().dropped == 1
    assert mail.outbox == []
    assert _end_of(waiting) == (MessageState.DROPPED, Dropped.ACCOUNT_CLOSED)


def _end_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.trouble


def test_what_was_dropped_says_why(clock: Any, people: Cast) -> None:
    """Whoever looks into a mail that never came can tell these apart; put back, nothing of it is left."""
    session = make_session(people.circle, people.alice)
    messages_drop(about_code=session.code, kinds=[SCHEDULED], to=[people.bob.pk])
    register(Kind(key="plain_no", email="circles/joined", prepare=lambda _message, _now: None))
    messages_put(kind="plain_no", about=About("x", uuid4()), to=[people.dave], due_at=NOW, now=NOW)
    Circle.objects.update(status="closed", closed_at=NOW)
    outbox.turn()
    found = {row.user: row.trouble for row in Message.objects.filter(state=MessageState.DROPPED, kind=SCHEDULED)}
    assert found[people.bob] == Dropped.TAKEN_BACK
    assert {found[people.alice], found[people.dave]} == {Dropped.CIRCLE_CLOSED}
    assert Message.objects.get(kind="plain_no").trouble == Dropped.HOLDS_NO_MORE
    messages_revive(user=people.bob, now=NOW - timedelta(days=1))
    assert set(
        Message.objects.filter(user=people.bob, state=MessageState.WAITING).values_list("trouble", flat=True)
    ) == {""}


def test_what_is_switched_off_says_so(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice)
    preference_set(user=people.carol, kind=SCHEDULED, channel=Channel.OFF)
    outbox.turn()
    assert _end_of(Message.objects.get(user=people.carol, kind=SCHEDULED)) == (
        MessageState.DROPPED,
        Dropped.SWITCHED_OFF,
    )
