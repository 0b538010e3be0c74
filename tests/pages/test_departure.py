"""Somebody has left the organisation: from that moment their mailbox, their sessions and their links open nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import feed_renew
from agreements.commitment_services import CommitmentDetails, commitment_make
from circles.invitation_services import members_invite
from circles.membership_services import member_leave
from circles.models import AuditEntry, Circle, Invitation, Membership
from notifications.models import Message
from notifications.outbox import turn
from pages.departure_services import person_has_left, person_is_here
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite
from programmes.models import Enrolment, ProgrammeAdmin, ProgrammeInvitation
from programmes.services import programme_end
from sessions.enums import Role
from sessions.guests.services import guest_accept, guest_invite
from sessions.models import GuestPass, Issue, SessionRole
from sessions.planning.bringing_services import issue_bring
from sessions.planning.roles_services import roles_choose
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db


def left(user: User) -> str:
    return reverse("pages:person_left", args=[user.code])


def make_sue() -> User:
    return User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)


def test_an_administrator_says_so_and_everything_of_theirs_is_shut(people: Cast, clock: Any) -> None:
    dana = make_user("Dana Lead")
    enrolment_make(programme=make_programme(dana, is_open=True), user=people.dave, yes=EnrolmentDetails(), now=NOW)
    dave = signed_in(people.dave)
    secret = feed_renew(user=people.dave, now=NOW)
    feed = reverse("pages:feed", args=[secret])
    make_session(people.circle, people.alice)
    members_invite(
        circle=make_circle(people.erin, name="Another"), emails=["dave@example.org"], by=people.erin, now=NOW
    )
    assert Client().get(feed).status_code == 200
    said = signed_in(dana)
    page = said.get(left(people.dave)).content.decode()
    assert "Has Dave Dyer left the organisation?" in page
    assert "dave@example.org" not in page
    assert "Tick that you are sure" in said.post(left(people.dave), {}).content.decode()
    assert said.post(left(people.dave), {"sure": "on", "next": "/circles/"}).url == "/circles/"
    assert dave.get(reverse("pages:circle", args=[people.circle.code])).url.startswith("/sign/login/")
    assert Client().get(feed).status_code == 404
    assert not Invitation.objects.filter(email="dave@example.org", revoked_at=None).exists()
    assert str(AuditEntry.objects.latest("pk")) == "Dana Lead said that Dave Dyer has left the organisation"
    mail.outbox.clear()
    clock.shift(timedelta(days=4))
    turn()
    assert "dave@example.org" not in {message.to[0] for message in mail.outbox}
    told = [message.to[0] for message in mail.outbox if "no longer in Alder circle" in message.subject]
    assert sorted(told) == ["alice@example.org", "bob@example.org", "carol@example.org"]


def test_no_door_opens_for_the_next_reader_of_the_mailbox(people: Cast, clock: Any) -> None:
    """Password, code, reset and sign-up: each answers as for an address nobody knows, and mails no secret."""
    person_has_left(user=people.dave, by=make_sue(), now=NOW)
    client = Client()
    said = client.post("/sign/login/", {"login": "dave@example.org", "password": PASSWORD}, follow=True)
    assert "This account is closed" in said.content.decode()
    assert "Nothing that was said in circles was deleted by it." in said.content.decode()
    for path in ("/sign/login/code/", "/sign/password/reset/"):
        answers = [Client().post(path, {"email": email}) for email in ("dave@example.org", "nobody@example.org")]
        assert {(answer.status_code, answer.url) for answer in answers} == {(302, answers[0].url)}
    bodies = [str(message.body).replace(message.to[0], "") for message in mail.outbox]
    assert len(bodies) == 4
    assert bodies[0] == bodies[1]
    assert bodies[2] == bodies[3]
    client.post(
        "/sign/signup/",
        {"email": "dave@example.org", "password1": PASSWORD, "name": "New reader", "time_zone": "UTC"},
    )
    assert client.get(reverse("pages:circles")).status_code == 302
    assert not people.dave.usersession_set.exists()
    people.dave.refresh_from_db()
    assert (people.dave.is_active, people.dave.name) == (False, "Dave Dyer")


def test_what_they_held_goes_to_others(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    roles_choose(session=session, holders={Role.SCRIBE: people.dave}, now=NOW)
    dana, sue = make_user("Dana Lead"), User.objects.create_superuser("sue@example.org", name="Sue")
    programme = make_programme(dana, is_open=True)
    enrolment_make(programme=programme, user=people.dave, yes=EnrolmentDetails(motive="a canary"), now=NOW)
    people_invite(programme=make_programme(sue, name="Next"), people={"dave@example.org": {"function": "x"}}, by=sue, now=NOW)  # fmt: skip
    other = make_session(make_circle(people.erin, name="Another"), people.erin)
    guest = guest_invite(session=other, name="Dave", email="dave@example.org", by=people.erin, now=NOW)
    guest_accept(guest=guest, user=people.dave, now=NOW)
    person_has_left(user=people.dave, by=sue, now=NOW)
    assert not SessionRole.objects.filter(session=session, user=people.dave).exists()
    assert SessionRole.objects.filter(session=session, role_key=Role.SCRIBE).exists()
    assert Enrolment.objects.get(user=people.dave).status == "withdrawn"
    assert ProgrammeInvitation.objects.get().revoked_at == NOW
    assert GuestPass.objects.get().revoked_at == NOW.replace(hour=0), "the day, and no hour"
    assert not Message.objects.filter(user=people.dave, state="waiting").exists()
    person_has_left(user=dana, by=sue, now=NOW)
    assert ProgrammeAdmin.objects.get(programme=programme).user == sue


def test_a_circle_is_never_left_with_nobody_to_look_after_it(people: Cast, clock: Any) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
    page = reverse("admin:accounts_user_change", args=[people.alice.pk])
    client = signed_in(sue)
    assert left(people.alice) in client.get(page).content.decode()
    client.post(page, {"is_active": "", "is_staff": "", "is_superuser": ""})
    people.alice.refresh_from_db()
    assert people.alice.is_active  # there is one way to close an account, and it is not this tick
    client.post(left(people.alice), {"sure": "on"})
    assert Membership.objects.get(circle=people.circle, left_at=None, facilitates=True).user == people.bob


def test_a_mistake_is_undone_for_seven_days_and_everybody_is_told(people: Cast, clock: Any) -> None:
    client, seat = signed_in(make_sue()), Membership.objects.get(circle=people.circle, user=people.dave)
    session = make_session(people.circle, people.alice, in_=timedelta(days=9))
    feed = reverse("pages:feed", args=[feed_renew(user=people.dave, now=NOW)])
    promise = commitment_make(
        circle=people.circle, owner=people.dave, details=CommitmentDetails("Mine", NOW.date(), None), now=NOW
    )
    issue_bring(session=session, owner=people.dave, title="What I bring", text="", ask="listen")
    client.post(left(people.dave), {"sure": "on"})
    promise.refresh_from_db()
    assert (promise.text, Issue.objects.get().title) == ("Mine", "What I bring"), "nothing said in circles is deleted"
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    turn()
    mail.outbox.clear()
    assert "They are here after all" in client.get(left(people.dave)).content.decode()
    said = client.post(left(people.dave), {"here": "on"}, follow=True).content.decode()
    assert "They are in these circles again: Alder circle." in said
    seat.refresh_from_db()
    assert (seat.left_at, seat.ended_with_account) == (None, False)
    assert str(AuditEntry.objects.latest("pk")) == "Sue said that Dave Dyer is here after all"
    assert Client().get(feed).status_code == 404, "what ended for good stays ended"
    assert Client().post("/sign/login/", {"login": "dave@example.org", "password": PASSWORD}).url == "/"
    turn()
    told = {message.to[0]: message.subject for message in mail.outbox}
    assert told["dave@example.org"] == "Your account is open again"
    others = {told[f"{name}@example.org"] for name in ("alice", "bob", "carol")}
    assert others == {"Dave Dyer is in Alder circle again"}
    mail.outbox.clear()
    clock.move_to(session.starts_at - timedelta(minutes=30))
    turn()
    assert "dave@example.org" in {message.to[0] for message in mail.outbox}, "reminders that were taken back too"


def test_a_second_press_from_another_window_opens_nothing(people: Cast, clock: Any) -> None:
    """What is pressed stands in the form: the page was loaded before the first press."""
    sue, tess = make_sue(), User.objects.create_superuser("tess@example.org", name="Tess", zone_confirmed=True)
    for by in (sue, tess):
        said = signed_in(by).post(left(people.dave), {"sure": "on"}, follow=True).content.decode()
        assert "Done. Nobody can sign in as Dave Dyer" in said
    people.dave.refresh_from_db()
    assert not people.dave.is_active
    assert 'name="here" value="on"' in signed_in(sue).get(left(people.dave)).content.decode()
    told = Message.objects.filter(kind="left_organisation").values_list("user__email", flat=True)
    assert sorted(told) == ["alice@example.org", "bob@example.org", "carol@example.org"]


@pytest.mark.parametrize("looks_after", [False, True])
def test_one_departure_is_one_mail_and_a_second_one_is_another(people: Cast, clock: Any, looks_after: bool) -> None:
    """Also to somebody who is in the circle, administers the programme they are in, and looks after the site."""
    sue, dana = make_sue(), make_user("Dana Lead")
    User.objects.filter(pk=dana.pk).update(is_staff=True)
    Membership.objects.create(circle=people.circle, user=dana, joined_at=NOW, facilitates=looks_after)
    enrolment_make(programme=make_programme(dana, is_open=True), user=people.dave, yes=EnrolmentDetails(), now=NOW)
    turn()
    for _time in range(2):
        mail.outbox.clear()
        clock.shift(timedelta(hours=1))
        signed_in(sue).post(left(people.dave), {"sure": "on"})
        turn()
        assert [one.subject for one in mail.outbox if one.to == ["dana@example.org"]] == [
            "Dave Dyer is no longer in Alder circle"
        ]
        assert sorted(one.to[0].split("@")[0] for one in mail.outbox) == ["alice", "bob", "carol", "dana"]
        signed_in(sue).post(left(people.dave), {"here": "on"})


def test_after_seven_days_the_account_opens_and_nothing_else_comes_back(people: Cast, clock: Any) -> None:
    person_has_left(user=people.dave, by=make_sue(), now=NOW)
    sue = User.objects.get(email="sue@example.org")
    assert person_is_here(user=people.dave, by=sue, now=NOW + timedelta(days=7)) == []
    people.dave.refresh_from_db()
    assert person_is_here(user=people.dave, by=sue, now=NOW + timedelta(days=7)) == []
    assert people.dave.is_active
    assert not Membership.objects.filter(user=people.dave, left_at=None).exists()


def test_what_ended_by_itself_or_has_no_room_does_not_come_back(people: Cast, clock: Any) -> None:
    sue, more = make_sue(), [make_user(f"Person{n} Extra") for n in range(5)]
    gone = make_circle(people.erin, [people.dave], name="Left before")
    member_leave(membership=Membership.objects.get(circle=gone, user=people.dave), now=NOW)
    person_has_left(user=people.dave, by=sue, now=NOW)
    for other in more:
        Membership.objects.create(circle=people.circle, user=other, joined_at=NOW)
    people.dave.refresh_from_db()
    assert person_is_here(user=people.dave, by=sue, now=NOW) == []


def test_about_whom_and_by_whom_it_cannot_be_said(people: Cast, clock: Any) -> None:
    """Whoever looks after a circle answers for nobody: anybody can invite anybody into one of their own."""
    sue, dana, other = make_sue(), make_user("Dana Lead"), make_user("Other Lead")
    programme, ended = make_programme(dana), make_programme(dana, name="Over")
    enrolment_make(programme=programme, user=other, yes=EnrolmentDetails(), now=NOW)
    enrolment_make(programme=programme, user=people.bob, yes=EnrolmentDetails(), now=NOW)
    make_programme(other, name="Next")
    enrolment_make(programme=ended, user=people.carol, yes=EnrolmentDetails(), now=NOW)
    programme_end(programme=ended, now=NOW)
    for by, about in (
        (people.alice, people.dave),
        (people.bob, people.dave),
        (dana, people.dave),
        (dana, people.carol),
        (other, people.bob),  # in a programme that somebody else looks after
    ):
        for answer in (signed_in(by).get(left(about)), signed_in(by).post(left(about), {"sure": "on"})):
            assert answer.status_code == 404
    Circle.objects.update(self_run=True)
    assert signed_in(people.bob).post(left(people.dave), {"sure": "on"}).status_code == 404
    with pytest.raises(Refused, match="look after this site"):
        person_has_left(user=sue, by=dana, now=NOW)
    with pytest.raises(Refused, match="look after a programme"):
        person_has_left(user=other, by=dana, now=NOW)
    with pytest.raises(Refused, match="delete your account"):
        person_has_left(user=sue, by=sue, now=NOW)
    said = signed_in(sue).post(left(sue), {"sure": "on"})
    assert "delete your account" in said.content.decode()
    assert User.objects.filter(is_active=False).count() == 0


def test_a_private_address_is_moved_to_and_the_old_mailbox_opens_nothing(people: Cast, clock: Any) -> None:
    """What waits for the person goes to where they are, once."""
    import re

    make_session(people.circle, people.alice)
    client = Client()
    client.post("/sign/login/", {"login": "dave@example.org", "password": PASSWORD})
    asked = client.post("/sign/email/", {"email": "dave@home.example", "action_add": ""})
    assert asked.url.startswith("/sign/reauthenticate/")  # whoever finds an open screen cannot move the account
    client.post(asked.url, {"password": PASSWORD})
    code = re.search(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b", str(mail.outbox[-1].body))
    assert code, mail.outbox[-1].body
    assert mail.outbox[-1].to == ["dave@home.example"]
    client.post("/sign/confirm-email/", {"code": code.group(1)})
    people.dave.refresh_from_db()
    assert people.dave.email == "dave@home.example"
    make_session(people.circle, people.alice, in_=timedelta(days=9))
    mail.outbox.clear()
    turn()
    assert "dave@example.org" not in {message.to[0] for message in mail.outbox}
    assert "dave@home.example" in {message.to[0] for message in mail.outbox}
    Client().post("/sign/login/code/", {"email": "dave@example.org"})
    assert not re.search(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b", str(mail.outbox[-1].body))
