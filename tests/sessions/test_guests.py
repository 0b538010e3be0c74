"""Guests: one session, if no member would rather not; they sign first, take part in rounds, distort nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from agreements.commitment_services import CommitmentDetails, commitment_make
from circles.invitation_services import invitation_accept, members_invite
from circles.models import Membership
from circles.removal_services import removal_agree, removal_ask
from notifications.models import Message
from notifications.outbox import turn
from sessions.access import may_attend
from sessions.enums import ParticipantKind
from sessions.guests.services import (
    NO_HOLDS,
    guest_accept,
    guest_invite,
    guest_withdraw,
    guests_close,
)
from sessions.live import log_selectors, services, starting_services
from sessions.live.hub import Listener
from sessions.live.stream import _look_again
from sessions.models import CircleSession, GuestPass, Participation
from sessions.planning.bringing_services import issue_bring
from sessions.planning.gathering_selectors import history_of
from sessions.planning.selectors import sessions_next_for
from sessions.planning.services import session_cancel
from tests.factories import NOW, Cast, make_circle, make_session, make_user, sign, signed_in

EMAIL = "gus@example.org"


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    return make_session(people.circle, people.alice, in_=timedelta(days=5))


def invite(session: CircleSession, people: Cast, email: str = EMAIL) -> GuestPass:
    return guest_invite(session=session, name="Gus from finance", email=email, by=people.alice, now=NOW)


def accepted(session: CircleSession, people: Cast) -> tuple[GuestPass, User]:
    guest, gus = invite(session, people), make_user("Gus Guest", email=EMAIL)
    guest_accept(guest=guest, user=gus, now=NOW)
    guest.refresh_from_db()
    return guest, gus


def test_the_members_hear_of_it_a_day_before_the_guest_does(session: CircleSession, people: Cast, clock: Any) -> None:
    invite(session, people)
    told = Message.objects.filter(kind="guest_told")
    assert {message.to for message in told} == {"bob@example.org", "carol@example.org", "dave@example.org"}
    assert Message.objects.get(kind="guest_invited").due_at == NOW + timedelta(days=1)
    turn()
    assert EMAIL not in [message.to[0] for message in mail.outbox]
    clock.move_to(NOW + timedelta(days=1))
    turn()
    sent = [message for message in mail.outbox if message.to == [EMAIL]]
    assert len(sent) == 1
    assert GuestPass.objects.get().secret in str(sent[0].body)


@pytest.mark.parametrize(("left", "asked"), [(49, 24), (47, 23.5), (2, 1)])
def test_the_members_are_asked_first_however_near_the_session_is(
    people: Cast, clock: Any, left: float, asked: float
) -> None:
    """A day, or half of the time that is left when that is less; and the page says when the guest is asked."""
    near = make_session(people.circle, people.alice, in_=timedelta(hours=left))
    path = reverse("sessions:guest_invite", args=[near.code])
    said = signed_in(people.alice).post(path, {"name": "Gus Guest", "email": EMAIL}, follow=True).content.decode()
    goes = NOW + timedelta(hours=asked)
    assert f"the invitation goes out on {goes.day} January at {goes:%H:%M}." in said
    assert Message.objects.get(kind="guest_invited").due_at == goes
    turn()
    assert {message.to[0] for message in mail.outbox} >= {"bob@example.org", "carol@example.org", "dave@example.org"}
    assert EMAIL not in {message.to[0] for message in mail.outbox}


def test_a_guest_who_came_in_and_is_out_again_is_no_guest_any_more(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    """Whoever was removed from the circle reaches nothing in it, also not by the way they first came."""
    _guest, gus = accepted(session, people)
    sent = members_invite(circle=people.circle, emails=[EMAIL], by=people.alice, now=NOW).sent[0]
    invitation_accept(invitation=sent, user=gus, now=NOW)
    assert may_attend(gus, session.code, now=NOW)
    clock.shift(timedelta(hours=1))
    removal = removal_ask(membership=Membership.objects.get(user=gus), by=people.alice, now=NOW)
    removal_agree(removal=removal, by=people.bob, now=NOW + timedelta(hours=1))
    assert not may_attend(gus, session.code, now=NOW + timedelta(hours=1))
    client = signed_in(gus)
    for name in ("sessions:session", "sessions:live"):
        assert client.get(reverse(name, args=[session.code])).status_code == 404
    assert session not in sessions_next_for(gus, now=NOW + timedelta(hours=1))
    turn()
    mail.outbox.clear()
    clock.move_to(session.starts_at - timedelta(hours=1))
    turn()
    assert EMAIL not in {message.to[0] for message in mail.outbox}
    # Asked anew, they are a guest as anybody.
    again = invite(make_session(people.circle, people.alice, in_=timedelta(days=9)), people)
    guest_accept(guest=again, user=gus, now=NOW + timedelta(hours=2))
    assert may_attend(gus, again.session.code, now=NOW + timedelta(hours=2))


def test_a_no_is_remembered_for_thirty_days(session: CircleSession, people: Cast, clock: Any) -> None:
    """Whoever said it: the same guest is asked neither to this session nor to the next, in other letters either."""
    guest = invite(session, people)
    signed_in(people.carol).post(reverse("sessions:guest_withdraw", args=[session.code, guest.code]))
    later = make_session(people.circle, people.alice, in_=timedelta(days=40))
    for asked in (session, later):
        path = reverse("sessions:guest_invite", args=[asked.code])
        said = signed_in(people.alice).post(path, {"name": "Another name", "email": EMAIL.upper()}, follow=True)
        assert "nobody is told which. Ask them again from 10 February on." in said.content.decode()
    assert GuestPass.objects.count() == 1
    until = NOW.replace(hour=0) + NO_HOLDS
    with pytest.raises(Refused, match="nobody is told which"):
        guest_invite(session=later, name="G", email=EMAIL, by=people.alice, now=until - timedelta(seconds=1))
    assert guest_invite(session=later, name="G", email=EMAIL, by=people.alice, now=until)
    elsewhere = make_session(make_circle(people.erin, name="Elsewhere"), people.erin)
    assert guest_invite(session=elsewhere, name="G", email=EMAIL, by=people.erin, now=NOW)


def test_a_guest_who_was_there_may_come_again(session: CircleSession, people: Cast, clock: Any) -> None:
    guest, _gus = accepted(session, people)
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    starting_services.session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    GuestPass.objects.filter(pk=guest.pk).update(revoked_at=NOW + timedelta(days=1, hours=3))
    later = make_session(people.circle, people.alice, in_=timedelta(days=9))
    assert guest_invite(session=later, name="G", email=EMAIL, by=people.alice, now=NOW + timedelta(days=2))


def test_a_member_who_would_rather_not_is_enough_and_is_not_named(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    guest, gus = accepted(session, people)
    path = reverse("sessions:guest_withdraw", args=[session.code, guest.code])
    told = signed_in(people.carol).post(path, follow=True)
    assert b"Nobody is told who said so" in told.content
    guest.refresh_from_db()
    assert guest.revoked_at == NOW.replace(hour=0), "the hour would tell who was there"
    assert not Participation.objects.filter(session=session, user=gus).exists()
    assert signed_in(gus).get(reverse("sessions:session", args=[session.code])).status_code == 404
    turn()
    assert [message for message in mail.outbox if message.to == [EMAIL]] == [], "its hour would tell too"
    clock.move_to(NOW + timedelta(days=1))
    turn()
    sent = [message for message in mail.outbox if message.to == [EMAIL]]
    assert [message.subject for message in sent] == ["No visit to Alder circle this time"]
    for days in (2, 4, 5, 6):
        clock.move_to(NOW + timedelta(days=days))
        turn()
    assert len([message for message in mail.outbox if message.to == [EMAIL]]) == 1, "and nothing more about it"
    trail = people.circle.audit.get(verb="guest_withdrawn")
    assert trail.actor is None
    everything = "".join(str(message.body) for message in mail.outbox) + str(trail)
    assert "Carol" not in everything


@pytest.mark.parametrize("email", ["bob@example.org", EMAIL])
def test_a_member_and_the_same_person_twice_are_no_guests(session: CircleSession, people: Cast, email: str) -> None:
    invite(session, people)
    with pytest.raises(Refused):
        invite(session, people, email)
    invite(session, people, "other@example.org")
    with pytest.raises(Refused, match="Two guests"):
        invite(session, people, "third@example.org")


def test_a_new_guest_comes_in_by_the_link_and_signs_first(session: CircleSession, people: Cast) -> None:
    guest = invite(session, people)
    client = Client()
    page = client.get(reverse("sessions:guest_open", args=[guest.secret]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("sessions:guest")
    assert b"invites you to one session" in page.content
    wrong = client.post(reverse("sessions:guest"), {"yes": "1", "name": "", "time_zone": "UTC", "password": "x"})
    assert b"Enter your name." in wrong.content
    form = {"yes": "1", "name": "Gus Guest", "time_zone": "Europe/London", "password": "three plain words"}
    inside = client.post(reverse("sessions:guest"), form, follow=True)
    assert b"First, our agreement" in inside.content
    assert Participation.objects.get(user__email=EMAIL).kind == ParticipantKind.GUEST
    assert client.get(reverse("pages:circle", args=[people.circle.code])).status_code == 404
    assert str(session.code).encode() in client.get("/").content
    version = people.circle.agreement.versions.get()
    signed = client.post(
        reverse("sessions:guest_sign", args=[session.code]),
        {"read": "on", "version": str(version.code), "digest": version.digest},
        follow=True,
    )
    assert b"Signed. Thank you." in signed.content
    assert b"First, our agreement" not in signed.content


def test_a_guest_may_say_no_and_is_not_asked_again(session: CircleSession, people: Cast, clock: Any) -> None:
    guest = invite(session, people)
    client = Client()
    client.get(reverse("sessions:guest_open", args=[guest.secret]))
    assert client.post(reverse("sessions:guest"), {"no": "1"}).status_code == 200
    again = client.get(reverse("sessions:guest_open", args=[guest.secret]), follow=True)
    assert again.status_code == 404
    clock.move_to(NOW + timedelta(days=1))
    turn()
    assert not [message for message in mail.outbox if message.to == [EMAIL]]


def test_another_address_cannot_use_the_link(session: CircleSession, people: Cast) -> None:
    guest, erin = invite(session, people), people.erin
    with pytest.raises(Refused, match="another address"):
        guest_accept(guest=guest, user=erin, now=NOW)
    assert signed_in(erin).get(reverse("sessions:session", args=[session.code])).status_code == 404


def test_a_guest_speaks_in_rounds_presents_nothing_and_distorts_no_ledger(session: CircleSession, people: Cast) -> None:
    _guest, gus = accepted(session, people)
    ids = [people.alice.pk, people.bob.pk, gus.pk]
    state = starting_services.session_start(
        session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW
    )
    part = Participation.objects.get(session=session, user=gus)
    assert part.seat == 5, "after the members"
    spoken = {segment.stage for segment in state.segments if segment.speaker == 5}
    assert "check_in" in spoken
    assert "present" not in spoken
    assert 5 not in {segment.presenter for segment in state.segments}
    client, seq = signed_in(gus), 1
    while state.segment is None or state.segment.speaker != 5:
        state = services.session_command(session=session, kind="next", seat=1, expected_seq=seq, now=NOW)
        seq += 1
    client.post(
        reverse("sessions:live", args=[session.code]) + "turn/put_off/", {"expected_seq": str(seq), "sure": "1"}
    )
    session.refresh_from_db()
    assert log_selectors.state_of(session).segment.speaker != 5, "and may always pass"  # type: ignore[union-attr]
    services.session_command(
        session=session, kind="end", seat=1, expected_seq=session.seq, now=NOW + timedelta(minutes=5)
    )
    session.refresh_from_db()
    assert (session.came_count, session.expected_count) == (2, 4)
    history = history_of(people.circle)
    assert gus.pk not in history.orders[0]
    assert all(gus.pk not in came for came, _presented in history.presented)


def test_a_guest_sees_words_once_signed_while_it_runs_and_for_a_day(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    _guest, gus = accepted(session, people)
    issue_bring(session=session, owner=people.alice, title="a canary", text="", ask="listen")
    ids = [people.alice.pk, people.bob.pk, gus.pk]
    starting_services.session_start(
        session=session, here=ids, presenting=[people.alice.pk], expected_seq=0, by=people.alice, now=NOW
    )
    for seq in range(1, 5):
        services.session_command(session=session, kind="next", seat=1, expected_seq=seq, now=NOW)
        session.refresh_from_db()
    room = reverse("sessions:live_room", args=[session.code])
    assert b"canary" in signed_in(people.bob).get(room).content
    assert b"canary" not in signed_in(gus).get(room).content
    sign(people.circle, gus)
    assert b"canary" in signed_in(gus).get(room).content
    services.session_command(session=session, kind="end", seat=1, expected_seq=5, now=NOW)
    page = reverse("sessions:session", args=[session.code])
    assert b"canary" in signed_in(gus).get(page).content
    assert b"You can still check out" not in signed_in(gus).get(page).content
    clock.move_to(NOW + timedelta(days=1))
    assert guests_close(now=NOW + timedelta(days=1)) == 0
    assert guests_close(now=NOW + timedelta(days=1, seconds=1)) == 1
    assert signed_in(gus).get(page).status_code == 404


def test_a_guest_neither_starts_nor_steers_nor_takes_over(session: CircleSession, people: Cast) -> None:
    _guest, gus = accepted(session, people)
    client = signed_in(gus)
    assert client.post(reverse("sessions:start", args=[session.code]), {"expected_seq": "0"}).status_code == 404
    ids = [people.alice.pk, people.bob.pk, gus.pk]
    starting_services.session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    for name in ("take_over", "hand_over"):
        assert client.post(reverse(f"sessions:{name}", args=[session.code]), {"expected_seq": "1"}).status_code == 404
    refused = client.post(
        reverse("sessions:command", args=[session.code, "next"]),
        {"expected_seq": "1"},
        headers={"X-Requested-With": "fetch"},
    )
    assert refused.status_code == 409
    with pytest.raises(Refused, match="does not host"):
        services.session_hand_over(session=session, by=people.alice, by_seat=1, who=5, expected_seq=1, now=NOW)
    paused = client.post(
        reverse("sessions:command", args=[session.code, "pause"]),
        {"expected_seq": "1"},
        headers={"X-Requested-With": "fetch"},
    )
    assert paused.status_code == 204, "anybody may stop the clock"
    page = client.get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "you are a guest" in page
    assert "I would like a word" not in page
    assert "Bring an issue late" not in page


def test_the_stream_of_a_guest_ends_with_the_pass(
    session: CircleSession, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.live.stream.close_old_connections", lambda: None)
    guest, gus = accepted(session, people)
    key = signed_in(gus).cookies["sessionid"].value
    listener = Listener(session.code, gus.pk, key)
    allowed, _versions = _look_again([listener])
    assert allowed == {listener}
    guest_withdraw(guest=guest, now=NOW)
    allowed, _versions = _look_again([listener])
    assert allowed == set()


def test_a_guest_hears_when_the_session_is_moved(session: CircleSession, people: Cast, clock: Any) -> None:
    from sessions.planning.services import session_cancel

    accepted(session, people)
    session_cancel(session=session, now=NOW)
    turn()
    assert "Alder circle" in [message for message in mail.outbox if message.to == [EMAIL]][-1].subject


def test_a_guests_access_ends_by_the_clock_whatever_any_task_has_done(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    _guest, gus = accepted(session, people)
    ids = [people.alice.pk, people.bob.pk, gus.pk]
    starting_services.session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    services.session_command(session=session, kind="end", seat=1, expected_seq=1, now=NOW)
    page = reverse("sessions:session", args=[session.code])
    clock.move_to(NOW + timedelta(days=1))
    assert signed_in(gus).get(page).status_code == 200
    clock.move_to(NOW + timedelta(days=1, seconds=1))
    assert signed_in(gus).get(page).status_code == 404
    assert not may_attend(gus, session.code, now=NOW + timedelta(days=1, seconds=1))


def test_a_guest_of_a_session_that_was_cancelled_or_never_opened_is_out(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    _guest, gus = accepted(session, people)
    page, starts_at = reverse("sessions:session", args=[session.code]), session.starts_at
    assert may_attend(gus, session.code, now=starts_at + timedelta(days=1))
    assert not may_attend(gus, session.code, now=starts_at + timedelta(days=1, seconds=1))
    session_cancel(session=session, now=NOW)
    assert signed_in(gus).get(page).status_code == 404


def test_a_guest_reads_nobodys_earlier_commitments(session: CircleSession, people: Cast) -> None:
    details = CommitmentDetails(text="a canary", due_on=NOW.date() + timedelta(days=3))
    commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    _guest, gus = accepted(session, people)
    sign(people.circle, gus, people.carol)
    ids = [people.bob.pk, people.carol.pk, people.alice.pk, gus.pk]
    state = starting_services.session_start(
        session=session, here=ids, presenting=[people.alice.pk], expected_seq=0, by=people.alice, now=NOW
    )
    seat = Participation.objects.get(session=session, user=people.bob).seat
    room = reverse("sessions:live_room", args=[session.code])
    for _step in range(4):
        state = services.session_command(session=session, kind="next", seat=1, expected_seq=state.seq, now=NOW)
        session.refresh_from_db()
        if state.segment and state.segment.speaker == seat:
            break
    assert b"canary" in signed_in(people.carol).get(room).content
    assert b"canary" not in signed_in(gus).get(room).content


def mails(to: str = "") -> list[str]:
    turn()
    found = [message.subject for message in mail.outbox if not to or message.to == [to]]
    mail.outbox.clear()
    return found


def test_a_yes_is_confirmed_to_the_guest_and_told_to_whoever_invited_them(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    CircleSession.objects.update(place="Room 2", call_link="https://call.example.org/x")
    turn()
    mail.outbox.clear()
    accepted(session, people)
    turn()
    told = {message.to[0]: message for message in mail.outbox if message.to[0] in (EMAIL, "alice@example.org")}
    assert told["alice@example.org"].subject == "Gus from finance comes to Alder circle as a guest"
    own = told[EMAIL]
    assert own.subject == "You are a guest of Alder circle on Saturday 16 January"
    for said in ("Saturday 16 January, 09:00–11:00", "Room 2", "https://call.example.org/x", "sign it"):
        assert said in own.body
    assert "BEGIN:VEVENT" in str([part.get_payload(decode=True) for part in own.message().walk()])


@pytest.mark.parametrize("who", ["guest", "member"])
def test_whoever_invited_a_guest_hears_that_there_is_none_and_not_why(
    session: CircleSession, people: Cast, clock: Any, who: str
) -> None:
    guest, gus = accepted(session, people)
    mails()
    if who == "guest":
        signed_in(gus).post(reverse("sessions:guest_leave", args=[session.code]))
    else:
        signed_in(people.carol).post(reverse("sessions:guest_withdraw", args=[session.code, guest.code]))
    assert mails("alice@example.org") == [], "its hour would tell"
    clock.move_to(NOW.replace(hour=0) + timedelta(days=1))
    turn()
    (told,) = (message for message in mail.outbox if message.to == ["alice@example.org"])
    assert told.subject == "Gus from finance is no guest of Alder circle"
    assert [line for line in str(told.body).splitlines() if line][:3] == [
        "There will be no such guest",
        "Gus from finance does not come as a guest. Whether they or one of you would rather not is told to nobody. "
        "On Saturday 16 January at 09:00 (London time).",
        f"Open the session: http://testserver{reverse('sessions:session', args=[session.code])}",
    ]


def test_roles_are_offered_to_members_and_a_wrong_choice_is_said(session: CircleSession, people: Cast) -> None:
    _guest, gus = accepted(session, people)
    alice = signed_in(people.alice)
    page = alice.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert f'<option value="{gus.code}"' not in page
    form = {"host": str(people.alice.code), "timekeeper": str(gus.code), "scribe": str(people.carol.code)}
    for name, posted in (("roles", form), ("stand_in", {"person": str(gus.code)})):
        said = alice.post(reverse(f"sessions:{name}", args=[session.code]), posted, follow=True)
        assert (said.status_code, "in the circle now" in said.content.decode()) == (200, True), name
    assert not session.roles.filter(user=gus).exists()


def test_the_label_of_whoever_invited_them_is_not_a_guests_name(session: CircleSession, people: Cast) -> None:
    guest, visitor = invite(session, people), Client()
    shown = visitor.get(reverse("sessions:guest_open", args=[guest.secret]), follow=True).content.decode()
    assert "Gus from finance" not in shown
    assert 'name="name"' in shown


def test_the_today_of_a_guest_offers_what_guests_can(session: CircleSession, people: Cast, clock: Any) -> None:
    _guest, gus = accepted(session, people)
    shown = signed_in(gus).get("/").content.decode()
    assert "you are a guest" in shown
    assert "What a guest does, and the agreement" in shown
    for not_theirs in ("Prepare, or say you cannot come", "Your role", "Bob", "Session 1 of 6"):
        assert not_theirs not in shown
