"""Back to one's account: an address that was moved away, a second step that was lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import StepRemoval, User
from accounts.services import feed_renew, user_create_verified
from notifications.models import Message
from notifications.outbox import turn
from pages.doors_mails import lost_token
from pages.doors_services import second_steps_take_off
from programmes.enrolment_services import people_invite
from programmes.models import ProgrammeInvitation
from tests.factories import NOW, PASSWORD, Cast, make_programme, make_user, signed_in
from tests.pages.doors import last_code, person, shown_link

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[Any]:
    settings.EMAIL_HOST = "mail.example.org"
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


# An address that was moved away; a second step that was lost


def moved(people: Cast) -> tuple[Client, str]:
    """A thief at an open screen moves Bob's account; what the mail to the old address says."""
    thief = Client()
    thief.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD})
    first = thief.post("/sign/email/", {"email": "thief@example.org", "action_add": "1"})
    if "reauthenticate" in first.headers["Location"]:
        thief.post(first.headers["Location"], {"password": PASSWORD})
    thief.post("/sign/confirm-email/", {"code": last_code()})
    people.bob.refresh_from_db()
    assert people.bob.email == "thief@example.org"
    told = next(one for one in reversed(mail.outbox) if one.to == ["bob@example.org"])
    link = re.search(r"http://testserver(/address/back/\S+)", str(told.body))
    assert link, told.body
    return thief, link.group(1)


def test_an_address_that_was_moved_away_is_put_back_for_seven_days(people: Cast, clock: Any) -> None:
    thief, link = moved(people)
    secret = feed_renew(user=people.bob, now=NOW)
    TOTP.activate(people.bob, generate_totp_secret())
    clock.shift(timedelta(days=7, seconds=-1))
    owner = Client()
    assert "It was not me: put it back" in owner.get(link).content.decode()
    people.bob.refresh_from_db()
    assert people.bob.email == "thief@example.org"
    assert "The account is under bob@example.org again" in owner.post(link).content.decode()
    people.bob.refresh_from_db()
    assert (people.bob.email, people.bob.has_usable_password()) == ("bob@example.org", False)
    assert [one.get("/account/").status_code for one in (thief, owner)] == [302, 302], "nobody is signed in"
    assert Client().get(reverse("pages:feed", args=[secret])).status_code == 404
    assert not Authenticator.objects.filter(user=people.bob).exists()
    assert owner.get(link).status_code == 404
    owner.post("/sign/password/reset/", {"email": "bob@example.org"})
    assert "/sign/password/reset/key/" in str(mail.outbox[-1].body)


def test_nobody_takes_an_address_that_can_be_put_back(people: Cast) -> None:
    """The thief makes an account under the earlier address, so that nothing can return to it."""
    _thief, link = moved(people)
    visitor = Client()
    visitor.get(shown_link(people))
    assert b"sign in to accept" in visitor.post("/invitation/", person("bob@example.org")).content
    assert "under bob@example.org again" in Client().post(link).content.decode()


def test_two_programmes_in_two_tabs(people: Cast) -> None:
    dana = make_user("Dana Diaz")
    links, joins = [], []
    for name in ("One", "Two"):
        programme = make_programme(dana, is_open=False, name=name)
        people_invite(programme=programme, people={"erin@example.org": {}}, by=dana, now=NOW)
        token = ProgrammeInvitation.objects.get(programme=programme).secret
        links.append(reverse("programmes:invitation_open", args=[programme.code, token]))
        joins.append(reverse("programmes:join", args=[programme.code]))
    erin = signed_in(people.erin)
    for link in links:
        erin.get(link)
    assert [erin.get(join).status_code for join in joins] == [200, 200]


@pytest.mark.parametrize("after", [timedelta(days=7), timedelta(days=8)])
def test_after_seven_days_it_stays(people: Cast, clock: Any, after: timedelta) -> None:
    _thief, link = moved(people)
    clock.shift(after)
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404
    people.bob.refresh_from_db()
    assert people.bob.email == "thief@example.org"


def test_a_forged_way_back_is_none(people: Cast) -> None:
    moved(people)
    for token in ("x", "x:y:z", "0" * 200):
        assert Client().post(reverse("pages:address_back", args=[token])).status_code == 404


def at_the_second_step(user: User) -> Client:
    client = Client()
    client.post("/sign/login/", {"login": user.email, "password": PASSWORD})
    assert client.get("/sign/2fa/authenticate/").status_code == 200
    return client


def asked(people: Cast) -> Client:
    client = at_the_second_step(people.bob)
    client.post("/second-step/lost/")
    turn()
    link = re.search(r"http://testserver(/second-step/lost/\S+)", str(mail.outbox[-1].body))
    assert link
    assert client.get(link.group(1)).status_code == 200
    assert not StepRemoval.objects.exists()
    client.post(link.group(1))
    turn()
    assert "will be taken off" in mail.outbox[-1].subject
    return client


def test_a_lost_second_step_is_taken_off_after_seven_days(people: Cast, clock: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(people.bob, secret)
    asked(people)
    clock.shift(timedelta(days=7, seconds=-1))
    at_the_second_step(people.bob)
    clock.shift(timedelta(seconds=1))
    # The clock decides, whether or not a job has run.
    client = Client()
    assert client.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD}).url == "/"
    by_mail = Client()
    by_mail.post("/sign/login/code/", {"email": "bob@example.org"})
    assert by_mail.post("/sign/login/code/confirm/", {"code": last_code()}).url == "/"
    turn()
    assert mail.outbox[-1].subject == "Your second step is off"
    assert second_steps_take_off(now=timezone.now()) == 0


def test_whoever_is_signed_in_stops_it(people: Cast, clock: Any) -> None:
    TOTP.activate(people.bob, generate_totp_secret())
    asked(people)
    bob = signed_in(people.bob)
    assert "asked for your second step to be taken off" in bob.get("/account/").content.decode()
    assert "Your second step stays" in bob.post("/second-step/keep/", follow=True).content.decode()
    clock.shift(timedelta(days=8))
    assert second_steps_take_off(now=timezone.now()) == 0
    assert Authenticator.objects.filter(user=people.bob).exists()


@pytest.mark.parametrize("with_what", ["app", "recovery code"])
def test_whoever_signs_in_with_the_second_step_has_not_lost_it(people: Cast, with_what: str) -> None:
    secret = generate_totp_secret()
    TOTP.activate(people.bob, secret)
    code = RecoveryCodes.activate(people.bob).get_unused_codes()[0]
    asked(people)
    client = at_the_second_step(people.bob)
    if with_what == "app":
        code = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30))
    assert client.post("/sign/2fa/authenticate/", {"code": code}).url == "/"
    assert not StepRemoval.objects.exists()


def test_the_mailed_way_to_take_it_off_is_open_for_an_hour(people: Cast, clock: Any) -> None:
    TOTP.activate(people.bob, generate_totp_secret())
    path = reverse("pages:step_lost_ask", args=[lost_token(people.bob)])
    clock.move_to(NOW + timedelta(minutes=59))
    assert Client().get(path, follow=True).status_code == 200
    clock.move_to(NOW + timedelta(minutes=61))
    assert Client().get(path, follow=True).status_code == 404


def test_nobody_asks_for_it_without_the_mail(people: Cast, clock: Any) -> None:
    TOTP.activate(people.bob, generate_totp_secret())
    assert Client().post("/second-step/lost/").url == "/"
    assert not Message.objects.filter(kind="second_step_lost").exists()
    for minutes, sent in ((0, 1), (0, 1), (59, 1), (60, 2)):
        clock.move_to(NOW + timedelta(minutes=minutes))
        client = at_the_second_step(people.bob)
        client.post("/second-step/lost/")
        assert Message.objects.filter(kind="second_step_lost").count() == sent, "once an hour at most"
    assert client.post(reverse("pages:step_lost_ask", args=["forged"])).status_code == 404
    assert not StepRemoval.objects.exists()


def test_accounts_from_before_stay_proved(people: Cast) -> None:
    """Nothing that stands is made unproved."""
    assert not User.objects.exclude(unproved_since=None).exists()
    user_create_verified(email="old@example.org", name="Old", time_zone="UTC", password=PASSWORD)
    assert User.objects.get(email="old@example.org").unproved_since is None
