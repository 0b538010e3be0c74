"""Whoever comes in late gets the dates, their roles and the calendar; whoever says no is heard."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from circles.invitation_services import invitation_accept, members_invite, slips_make
from circles.models import Circle, Invitation
from circles.tokens import token_for
from notifications.outbox import turn
from pages.joining_services import invitation_yes
from sessions.models import CircleSession, SessionRole
from sessions.planning.roles_services import roles_announce
from tests.factories import NOW, Cast, make_circle, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def young(people: Cast, clock: Any) -> Circle:
    """Erin's circle: alone in it, with two dates and an invitation to Ivy, all told already."""
    circle = make_circle(people.erin, name="Rowan circle")
    for days in (3, 10):
        make_session(circle, people.erin, in_=timedelta(days=days))
    members_invite(circle=circle, emails=["ivy@example.org"], by=people.erin, now=NOW)
    turn()
    mail.outbox.clear()
    return circle


def invited(circle: Circle) -> Invitation:
    return Invitation.objects.get(circle=circle, email="ivy@example.org")


def sent() -> dict[str, Any]:
    turn()
    told = {message.to[0].split("@")[0]: message for message in mail.outbox}
    assert len(told) == len(mail.outbox), "one mail each"
    mail.outbox.clear()
    return told


def roles_of(circle: Circle) -> list[list[str]]:
    """Who holds something in each session that is planned, in order of dates."""
    dates = CircleSession.objects.filter(circle=circle).order_by("starts_at")
    rows = SessionRole.objects.order_by("role_key")
    return [list(rows.filter(session=one).values_list("user__name", flat=True)) for one in dates]


def test_whoever_joins_late_gets_every_date_their_roles_and_the_calendar(people: Cast, young: Circle) -> None:
    ivy = signed_in(make_user("Ivy Ito", zone="Asia/Tokyo"))
    ivy.get(reverse("pages:invitation_open", args=[token_for(invited(young))]))
    ivy.post("/invitation/", {"yes": "1"})
    told = sent()
    assert set(told) == {"ivy", "erin"}
    welcome = told["ivy"]
    assert welcome.subject == "You are in Rowan circle: it meets on Thursday 14 January"
    for said in ("Thursday 14 January, 18:00", "Thursday 21 January, 18:00", "(you: ", "/agreement/"):
        assert said in welcome.body
    calendar = next(part for part in welcome.message().walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_payload(decode=True).decode().count("BEGIN:VEVENT") == 2
    assert told["erin"].subject == "Ivy Ito has joined Rowan circle"


def test_a_new_account_is_welcomed_too(people: Cast, young: Circle, client: Any) -> None:
    client.get(reverse("pages:invitation_open", args=[token_for(invited(young))]))
    person = {"yes": "1", "name": "Ivy Ito", "time_zone": "Europe/London"}
    client.post("/invitation/", person | {"password": "three plain words"})
    assert "it meets on Thursday 14 January" in sent()["ivy"].subject


def test_with_no_date_yet_the_welcome_says_so(people: Cast, clock: Any) -> None:
    circle = make_circle(people.erin, name="Rowan circle")
    members_invite(circle=circle, emails=["ivy@example.org"], by=people.erin, now=NOW)
    sent()
    invitation_accept(invitation=invited(circle), user=make_user("Ivy Ito"), now=NOW, by_mail=True)
    welcome = sent()["ivy"]
    assert (welcome.subject, "No date is set yet." in welcome.body) == ("You are in Rowan circle", True)


@pytest.mark.parametrize("way", ["invitation", "slip"])
def test_roles_are_shared_out_as_people_come(people: Cast, young: Circle, way: str) -> None:
    assert roles_of(young) == [["Erin Else"] * 3] * 2
    ivy = make_user("Ivy Ito")
    if way == "slip":
        slip = slips_make(circle=young, number=1, by=people.erin, now=NOW)[0]
        invitation_accept(invitation=slip, user=ivy, now=NOW)
        path = reverse("pages:slip_settle", args=[young.code, slip.code])
        signed_in(people.erin).post(path, {"confirm": "yes"})
    else:
        invitation_yes(invitation=invited(young), user=ivy, now=NOW, by_mail=True)
    assert all("Ivy Ito" in names for names in roles_of(young))


def test_roles_that_were_announced_to_one_person_alone_are_shared_out_too(people: Cast, young: Circle) -> None:
    roles_announce(now=NOW)
    assert CircleSession.objects.filter(circle=young, roles_announced_at=NOW).count() == 1
    for name in ("Ivy Ito", "Jon Jay"):
        members_invite(circle=young, emails=[f"{name.split()[0].lower()}@example.org"], by=people.erin, now=NOW)
        found = Invitation.objects.get(circle=young, email=f"{name.split()[0].lower()}@example.org")
        invitation_yes(invitation=found, user=make_user(name), now=NOW, by_mail=True)
    assert sorted(roles_of(young)[0]) == ["Erin Else", "Ivy Ito", "Jon Jay"]


@pytest.mark.parametrize("word", ["", "CANARY"])
def test_a_no_is_told_to_whoever_looks_after_the_circle(people: Cast, young: Circle, client: Any, word: str) -> None:
    client.get(reverse("pages:invitation_open", args=[token_for(invited(young))]))
    client.post("/invitation/", {"no": "1", "word": word})
    told = sent()
    assert {name: message.subject for name, message in told.items()} == {
        "erin": "ivy@example.org does not join Rowan circle"
    }
    said = str(told["erin"].message())
    assert "CANARY" not in said
    assert ("left a word" in told["erin"].body) is bool(word)
    assert "Somebody said no to an invitation" in signed_in(people.erin).get("/notices/").content.decode()


def test_a_no_to_a_printed_slip_is_told_without_a_name(people: Cast, young: Circle, client: Any) -> None:
    slip = slips_make(circle=young, number=1, by=people.erin, now=NOW)[0]
    client.post("/join/", {"code": token_for(slip)})
    client.post("/invitation/", {"no": "1", "word": ""})
    assert sent()["erin"].subject == "Somebody does not join Rowan circle"
