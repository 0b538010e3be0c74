"""Somebody has left the organisation: from that moment their mailbox, their sessions and their links open nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import Refused, feed_renew
from circles.models import AuditEntry, Invitation, Membership
from circles.services import members_invite
from notifications.models import Message
from notifications.outbox import turn
from pages.departure_services import person_has_left, person_is_here
from programmes.enrolment_services import Yes, enrol, people_invite
from programmes.models import Enrolment, ProgrammeAdmin, ProgrammeInvitation
from sessions.enums import Role
from sessions.guests.services import guest_accept, guest_invite
from sessions.models import GuestPass, SessionRole
from sessions.planning.roles_services import roles_choose
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def left(user: User) -> str:
    return reverse("pages:person_left", args=[user.code])


def test_a_facilitator_says_so_and_everything_of_theirs_is_shut(people: Cast, clock: Any) -> None:
    dave = signed_in(people.dave)
    secret = feed_renew(user=people.dave, now=NOW)
    feed = reverse("pages:feed", args=[secret])
    make_session(people.circle, people.alice)
    members_invite(
        circle=make_circle(people.erin, name="Another"), emails=["dave@example.org"], by=people.erin, now=NOW
    )
    assert Client().get(feed).status_code == 200
    alice = signed_in(people.alice)
    page = alice.get(left(people.dave)).content.decode()
    assert "Has Dave Dyer left the organisation?" in page
    assert "dave@example.org" not in page
    assert "Tick that you are sure" in alice.post(left(people.dave), {}).content.decode()
    assert alice.post(left(people.dave), {"sure": "on", "next": "/circles/"}).url == "/circles/"
    assert dave.get(reverse("pages:circle", args=[people.circle.code])).url.startswith("/sign/login/")
    assert Client().get(feed).status_code == 404
    assert not Invitation.objects.filter(email="dave@example.org", revoked_at=None).exists()
    assert str(AuditEntry.objects.latest("pk")) == "Alice Archer said that Dave Dyer has left the organisation"
    mail.outbox.clear()
    clock.shift(timedelta(days=4))
    turn()
    assert "dave@example.org" not in {message.to[0] for message in mail.outbox}
    told = [message.to[0] for message in mail.outbox if "no longer in Alder circle" in message.subject]
    assert sorted(told) == ["bob@example.org", "carol@example.org"]


def test_no_door_opens_for_the_next_reader_of_the_mailbox(people: Cast, clock: Any) -> None:
    """Password, code, reset and sign-up: each answers as for an address nobody knows, and mails no secret."""
    person_has_left(user=people.dave, by=people.alice, now=NOW)
    client = Client()
    said = client.post("/sign/login/", {"login": "dave@example.org", "password": PASSWORD}, follow=True)
    assert "This account is closed" in said.content.decode()
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
    roles_choose(session=session, holders={Role.SCRIBE: people.dave}, by=people.alice, now=NOW)
    dana, sue = make_user("Dana Lead"), User.objects.create_superuser("sue@example.org", name="Sue")
    programme = make_programme(dana, is_open=True)
    enrol(programme=programme, user=people.dave, yes=Yes(motive="a canary"), now=NOW)
    people_invite(programme=make_programme(sue, name="Next"), people={"dave@example.org": {"function": "x"}}, by=sue, now=NOW)  # fmt: skip
    other = make_session(make_circle(people.erin, name="Another"), people.erin)
    guest = guest_invite(session=other, name="Dave", email="dave@example.org", by=people.erin, now=NOW)
    guest_accept(guest=guest, user=people.dave, now=NOW)
    person_has_left(user=people.dave, by=people.alice, now=NOW)
    assert not SessionRole.objects.filter(session=session, user=people.dave).exists()
    assert SessionRole.objects.filter(session=session, role_key=Role.SCRIBE).exists()
    assert Enrolment.objects.get(user=people.dave).status == "withdrawn"
    assert ProgrammeInvitation.objects.get().revoked_at == NOW
    assert GuestPass.objects.get().revoked_at == NOW
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


def test_a_mistake_is_undone_by_those_who_look_after_the_site(people: Cast, clock: Any) -> None:
    person_has_left(user=people.dave, by=people.alice, now=NOW)
    assert signed_in(people.alice).get(left(people.dave)).status_code == 404
    sue = signed_in(User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True))
    assert "They are here after all" in sue.get(left(people.dave)).content.decode()
    sue.post(left(people.dave))
    assert Client().post("/sign/login/", {"login": "dave@example.org", "password": PASSWORD}).url == "/"
    assert not Membership.objects.filter(user=people.dave, left_at=None).exists()
    person_is_here(user=people.dave)


def test_about_whom_it_cannot_be_said(people: Cast) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
    with pytest.raises(Refused, match="look after this site"):
        person_has_left(user=sue, by=people.alice, now=NOW)
    with pytest.raises(Refused, match="delete your account"):
        person_has_left(user=people.alice, by=people.alice, now=NOW)
    said = signed_in(people.alice).post(left(people.alice), {"sure": "on"})
    assert "delete your account" in said.content.decode()


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
