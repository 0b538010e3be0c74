"""What is changed while its mail waits is mailed as it is then; keys name what a mail is about and fit their column."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from agreements.commitment_services import CommitmentWish, commitment_change, commitment_make, commitment_move
from circles.invitation_services import members_invite
from circles.membership_services import word_ask
from notifications import claims, outbox
from notifications.enums import Channel, MessageState
from notifications.models import EVERY_CIRCLE, Message, Preference
from notifications.registry import kind_of, noticed, registered
from notifications.services import (
    PART_AT_MOST,
    About,
    event,
    message_key,
    messages_after_restore,
    messages_put,
    messages_try_again,
    messages_try_all_again,
    preference_set,
    unsubscribe,
    unsubscribe_all,
    unsubscribe_ends,
)
from programmes.enrolment_services import Yes, enrol, enrolment_withdraw, waiting_move_up
from sessions.enums import Role, Rsvp
from sessions.formats.library import version_of
from sessions.kinds import DAY_BEFORE, MOVED, ROLE_NEXT, SCHEDULED
from sessions.models import Participation, SessionRole
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_services import roles_announce, roles_choose
from sessions.planning.series_services import session_skip
from sessions.planning.services import SessionWish, rsvp_set, session_cancel, session_update
from tests.factories import NOW, Cast, make_session, signed_in
from tests.reading import read_calendar


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def to(user: Any, part: str = "") -> list[str]:
    return [m.subject for m in mail.outbox if m.to == [user.email] and part in m.subject]


def wish(session: Any, **changes: Any) -> SessionWish:
    kept = {
        "local_start": session.starts_at.replace(tzinfo=None),
        "zone": "UTC",
        "format": session.format_version,
        "minutes": session.minutes,
        "place": session.place,
        "call_link": session.call_link,
    }
    return SessionWish(**(kept | changes))


# --- a key that rises without a new row


def test_another_length_or_format_before_the_mail_goes_is_mailed_as_it_is_then(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    session_update(session=session, wish=wish(session, minutes=90), by=people.alice, now=NOW)
    outbox.turn()
    assert to(people.bob) == ["Alder circle meets on Thursday 14 January at 09:00"]
    assert "90 minutes" in str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))
    session_update(session=session, wish=wish(session, format=version_of("forum")), by=people.alice, now=NOW)
    outbox.turn()
    assert len(to(people.bob)) == 1, "what was told already is not told again"


def test_a_reminder_that_is_late_survives_a_change_of_length(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    at = session.starts_at - timedelta(days=1) + timedelta(minutes=1)
    session_update(session=session, wish=wish(session, minutes=100), by=people.alice, now=at)
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
        session_update(session=session, wish=wish(session, **more), by=people.alice, now=NOW)
        outbox.turn()
        (told,) = [m for m in mail.outbox if m.to == [people.bob.email]]
        assert "again whether you come" not in str(told.message())
        assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.YES
    mail.outbox.clear()
    later = session.starts_at.replace(tzinfo=None) + timedelta(hours=1)
    session_update(session=session, wish=wish(session, local_start=later), by=people.alice, now=NOW)
    outbox.turn()
    (told,) = [m for m in mail.outbox if m.to == [people.bob.email]]
    assert "Tell the others again whether you come." in str(told.body)
    assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.NONE


def test_another_place_keeps_reminders_and_roles_that_wait(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    roles_announce(now=NOW)
    waiting = set(Message.objects.filter(kind=ROLE_NEXT, state="waiting").values_list("user", flat=True))
    assert waiting
    session_update(session=session, wish=wish(session, place="Room 3"), by=people.alice, now=NOW)
    outbox.turn()
    told = Message.objects.filter(kind=ROLE_NEXT, state=MessageState.SENT)
    assert set(told.values_list("user", flat=True)) == waiting
    assert to(people.bob, "Changed:") != []
    assert to(people.bob, "meets on Thursday 14 January at 09:00") == to(people.bob, "Changed:")


def test_one_that_is_being_sent_while_its_thing_changes_goes_out_as_it_is_then(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    taken = claims.claim(claims.due_ids(now=NOW), now=NOW)
    session_update(session=session, wish=wish(session, minutes=90), by=people.alice, now=NOW)
    for message in taken:
        assert not claims.restamp(message, now=NOW)
        claims.settle(message, MessageState.DROPPED, now=NOW)
    outbox.turn()
    assert len(to(people.bob)) == 1


def commitment(people: Cast) -> Any:
    due = (NOW + timedelta(days=5)).date()
    return commitment_make(
        circle=people.circle, owner=people.bob, wish=CommitmentWish("a plan", due, people.carol), now=NOW
    )


def test_a_commitment_reworded_or_moved_still_asks_its_partner(clock: Any, people: Cast) -> None:
    first, second = commitment(people), commitment(people)
    changed = CommitmentWish("another plan", first.due_on, people.carol)
    commitment_change(commitment=first, wish=changed, now=NOW)
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
    roles_choose(session=session, holders=chosen, by=people.alice, now=NOW + timedelta(minutes=1))
    outbox.turn()
    told = [subject for subject in to(holder) if " in Alder circle " in subject]
    assert len(told) == 1
    assert "scribe" in told[0].lower()
    assert "timekeeper" in told[0].lower()


def test_the_longest_key_fits_its_column() -> None:
    longest = f"{'a' * 64}@{'b' * 180}.example"
    about = About("x", uuid4(), 2**31 - 1, part="r" * (PART_AT_MOST + 20))
    key = message_key("k" * 40, about, longest[:254])
    assert len(key) <= Message._meta.get_field("key").max_length
    assert max(len(kind) for kind in registered()) <= 40
    every_role = "+".join(sorted(role.value for role in Role)) + "@" + event(NOW)
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
        row = enrol(programme=programme, user=people.bob, yes=Yes(), now=at)
        outbox.turn()
        enrolment_withdraw(enrolment=row, now=at)
    assert len(to(people.bob)) == 2


def test_a_place_that_gets_free_twice_in_a_day_is_told_twice(clock: Any, people: Cast, programme: Any) -> None:
    type(programme).objects.filter(pk=programme.pk).update(places=1)
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        clock.move_to(at)
        first = enrol(programme=programme, user=people.bob, yes=Yes(), now=at)
        second = enrol(programme=programme, user=people.carol, yes=Yes(), now=at)
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


# --- unsubscribing


def test_the_link_in_a_mail_about_a_date_leaves_moves_and_cancellations(clock: Any, people: Cast) -> None:
    unsubscribe(user=people.bob, kind=SCHEDULED, circle_code=people.circle.code)
    session = make_session(people.circle, people.alice)
    outbox.turn()
    assert to(people.bob) == []
    at = session.starts_at + timedelta(hours=2)
    moved = wish(session, local_start=at.replace(tzinfo=None))
    session_update(session=session, wish=moved, by=people.alice, now=NOW)
    outbox.turn()
    session_cancel(session=session, by=people.alice, now=NOW)
    outbox.turn()
    assert [subject.split(":")[0] for subject in to(people.bob)] == ["Changed", "Cancelled"]


def test_the_page_names_every_kind_that_the_press_ends(clock: Any, people: Cast) -> None:
    from notifications.services import unsubscribe_token

    for key in registered():
        kind = kind_of(key)
        if not kind.may_choose or key.startswith(("plain", "broken")):
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
    unsubscribe(user=people.bob, kind=SCHEDULED, circle_code=people.circle.code)
    unsubscribe(user=people.bob, kind=DAY_BEFORE, circle_code=EVERY_CIRCLE)
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
    named = [key for key in registered() if not key.startswith(("plain", "broken"))]
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
    session_cancel(session=session, by=people.alice, now=NOW)
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
        session_update(session=session, wish=wish(session, local_start=start), by=people.alice, now=NOW)
    outbox.turn()
    body = str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))
    assert "Thursday 14 January at 13:00, London time. It was Thursday 14 January at 09:00." in body
    mail.outbox.clear()
    session_update(session=session, wish=wish(session, place="Room 3"), by=people.alice, now=NOW)
    outbox.turn()
    assert "It was" not in str(next(m.body for m in mail.outbox if m.to == [people.bob.email]))


def test_a_date_that_is_left_out_and_made_up_for_is_one_mail(clock: Any, people: Cast) -> None:
    from tests.sessions.test_series import make

    second = make(people)[1]
    outbox.turn()
    mail.outbox.clear()
    later = NOW + timedelta(hours=1)
    clock.move_to(later)
    made = session_skip(session=second, by=people.alice, now=later)
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
    assert "names no issue" not in asked
    mail.outbox.clear()
    session_cancel(session=first, by=people.alice, reason="", now=NOW)
    outbox.turn()
    told = next(str(m.body) for m in mail.outbox if m.to == [people.bob.email])
    assert "The next one is on Thursday 21 January at 09:00 (London time)." in told


def test_days_in_subjects_keep_their_capitals(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=6))
    clock.move_to(session.starts_at - timedelta(days=4))
    outbox.turn()
    assert to(people.carol, "do you come") == ["Alder circle: do you come on Sunday 17 January?"]


# --- sending again


def failed(people: Cast, trouble: str = "refused 550") -> Message:
    if not people.circle.sessions.exists():
        make_session(people.circle, people.alice)
    outbox.turn()
    one = Message.objects.get(user=people.bob, kind=SCHEDULED)
    Message.objects.filter(pk=one.pk).update(state=MessageState.FAILED, trouble=trouble, attempts=8)
    mail.outbox.clear()
    return one


def test_what_could_not_be_sent_is_sent_again_by_kind_or_all(clock: Any, people: Cast) -> None:
    failed(people)
    assert messages_try_again(kind=SCHEDULED, trouble="refused 551") == 0
    assert messages_try_again(kind=SCHEDULED, trouble="refused 550") == 1
    outbox.turn()
    assert len(to(people.bob)) == 1
    failed(people)
    assert messages_try_all_again() == 1
    outbox.turn()
    assert len(to(people.bob)) == 1


def test_sending_again_drops_what_holds_no_more(clock: Any, people: Cast) -> None:
    one = failed(people)
    clock.shift(timedelta(days=4))
    messages_try_all_again()
    outbox.turn()
    one.refresh_from_db()
    assert (one.state, to(people.bob)) == (MessageState.DROPPED, [])


def test_a_restored_backup_sends_nothing_old_and_plans_what_comes(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    word_ask(membership=people.circle.memberships.get(user=people.bob), to=people.carol, now=NOW)
    restored = NOW + timedelta(hours=6)
    clock.move_to(restored)
    assert messages_after_restore(now=restored) == 5
    outbox.turn()
    assert mail.outbox == []
    clock.move_to(session.starts_at - timedelta(days=1))
    outbox.turn()
    assert len(to(people.bob, "meets tomorrow")) == 1
    assert messages_try_all_again() == 5, "on the outbox page, where somebody may decide otherwise"


# --- the pages


def test_the_outbox_page_says_trouble_and_its_buttons_work(clock: Any, people: Cast, settings: Any) -> None:
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    settings.EMAIL_BACKEND = "notifications.smtp.TimedRelay"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_session(people.circle, people.alice)
    outbox.turn()
    page = " ".join(alice.get(reverse("pages:outbox")).content.decode().split())
    for said in (
        "The mail server is in trouble",
        "there is no connection to the mail server",
        "4 mails wait.",
        "09:00",
    ):
        assert said in page, said
    assert "@example.org" not in page.split("<main", 1)[1]
    alice.post(reverse("pages:outbox_test"))
    assert "The test mail did not go: there is no connection" in alice.get(reverse("pages:outbox")).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    alice.post(reverse("pages:outbox_test"))
    assert [m.subject for m in mail.outbox] == ["A test mail from Talking Piece"]
    page = alice.get(reverse("pages:outbox")).content.decode()
    assert "The mail server took the test mail to alice@example.org" in page
    assert "is in trouble" not in page
    outbox.turn()
    assert len(mail.outbox) == 5, "a test mail that went shows that the server is well"


def test_send_again_stands_beside_what_was_not_sent(clock: Any, people: Cast) -> None:
    failed(people)
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    page = alice.get(reverse("pages:outbox")).content.decode()
    assert "this address was refused (550)" in page
    alice.post(reverse("pages:outbox_again"), {"kind": SCHEDULED, "trouble": "refused 550"})
    assert "1 mail is tried again." in alice.get(reverse("pages:outbox")).content.decode()
    assert alice.post(reverse("pages:outbox_again"), {"kind": "nonsense"}).status_code == 404


def test_files_instead_of_a_mail_server_are_said(clock: Any, people: Cast, settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", tmp_path
    settings.EMAIL_BACKEND = "config.mail.ReadableFiles"
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    assert "mails are written to" in alice.get(reverse("pages:outbox")).content.decode()
    path = reverse("circles:people", args=[people.circle.code])
    page = alice.post(path, {"people": "new@example.org"}, follow=True).content.decode()
    assert "1 invitation was written to" in page
    assert "on its way" not in page


def refuse_all(kind: str) -> None:
    Message.objects.filter(kind=kind).update(state=MessageState.FAILED, trouble="refused 550", heard_at=NOW)


def test_a_refused_invitation_is_told_where_it_can_be_mended(clock: Any, people: Cast, programme: Any) -> None:
    from programmes.enrolment_services import people_invite

    members_invite(circle=people.circle, emails=["wrong@example.org"], by=people.alice, now=NOW)
    refuse_all("invitation")
    said = "This address was refused by its mail server."
    page = signed_in(people.alice).get(reverse("circles:people", args=[people.circle.code])).content.decode()
    assert said in page
    dana = programme.admins.get().user
    people_invite(programme=programme, people={"wrong@example.org": {}}, by=dana, now=NOW)
    refuse_all("programme_invitation")
    assert said in signed_in(dana).get(reverse("programmes:people", args=[programme.code])).content.decode()


def test_a_person_whose_address_was_refused_reads_it_here(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice)
    refuse_all(SCHEDULED)
    bob = signed_in(people.bob)
    account = reverse("accounts:account")
    assert "a mail to you was refused" in bob.get(account).content.decode()
    assert "A session was scheduled" in bob.get(reverse("pages:notices")).content.decode()
    clock.shift(timedelta(hours=1))
    messages_put(kind=MOVED, about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    Message.objects.filter(kind=MOVED).update(state=MessageState.SENT, heard_at=NOW + timedelta(hours=1))
    assert "was refused" not in bob.get(account).content.decode(), "one that came since says that it works again"
