"""Two tabs, used links, signing out on the way, slips, and how often anybody is written to."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from circles.invitation_services import members_invite, slips_make
from circles.models import Circle, Invitation, Membership
from circles.tokens import token_for
from notifications.models import Message
from notifications.outbox import turn
from pages.erasing_services import person_erase
from programmes.enrolment_services import people_invite
from programmes.models import ProgrammeInvitation
from sessions.guests.services import guest_invite
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in
from tests.pages.doors import VICTIM, by_shown_link, last_code, person, shown_link

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[Any]:
    settings.EMAIL_HOST = "mail.example.org"
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


# Two tabs, used links, signing out on the way


def two_invitations(email: str) -> tuple[Circle, str, Circle, str]:
    made: list[Any] = []
    for name in ("Hanna Host", "Henry Host"):
        host = make_user(name, email=f"{name.split()[0].lower()}@example.org")
        circle = make_circle(host, name=f"Circle of {name.split()[0]}")
        invitation = members_invite(circle=circle, emails=[email], by=host, now=NOW).sent[0]
        made += [circle, reverse("pages:invitation_open", args=[token_for(invitation)])]
    return made[0], made[1], made[2], made[3]


def mark(page: Any) -> str:
    found = re.search(r'name="of" value="([^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def test_each_of_two_tabs_answers_its_own_invitation(people: Cast) -> None:
    first, first_link, second, second_link = two_invitations("erin@example.org")
    erin = signed_in(people.erin)
    one = mark(erin.get(first_link, follow=True))
    two = mark(erin.get(second_link, follow=True))
    assert erin.post("/invitation/", {"yes": "1", "of": one}).url == reverse("pages:joined", args=[first.code])
    erin.post("/invitation/", {"no": "1", "word": "Not now", "of": two})
    assert Invitation.objects.get(circle=second).answer == "no"
    assert [m.circle for m in Membership.objects.filter(user=people.erin)] == [first]


def test_a_form_whose_link_this_browser_does_not_know_does_nothing(people: Cast) -> None:
    first, first_link, _second, second_link = two_invitations("erin@example.org")
    one = mark(signed_in(people.erin).get(first_link, follow=True))
    other = signed_in(people.erin)
    other.get(second_link)
    assert other.post("/invitation/", {"yes": "1", "of": one}).status_code == 404
    assert not Membership.objects.filter(user=people.erin).exists()
    assert Invitation.objects.get(circle=first).used_at is None


@pytest.mark.parametrize("door", ["invitation", "guest", "programme"])
def test_signing_out_on_the_way_keeps_the_way(people: Cast, door: str) -> None:
    if door == "invitation":
        _circle, link, *_rest = two_invitations("bob@example.org")
    elif door == "guest":
        dana = make_user("Dana Diaz")
        session = make_session(make_circle(dana, name="Birch circle"), dana)
        guest = guest_invite(session=session, name="Bob", email="bob@example.org", by=dana, now=NOW)
        link = reverse("sessions:guest_open", args=[guest.secret])
    else:
        dana = make_user("Dana Diaz")
        programme = make_programme(dana, is_open=False)
        people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
        link = reverse("programmes:invitation_open", args=[programme.code, ProgrammeInvitation.objects.get().secret])
    erin = signed_in(people.erin)
    page = erin.get(link, follow=True).content.decode()
    form = re.search(r'action="(/sign-out/)"\s*>.*?name="next" value="([^"]+)"', page, re.DOTALL)
    assert form
    answer = erin.post(form.group(1), {"next": form.group(2)}, follow=True)
    assert answer.status_code == 200
    assert not answer.wsgi_request.user.is_authenticated


def test_a_used_link_knows_its_owner_and_offers_to_sign_in(people: Cast) -> None:
    circle, link, _other, _other_link = two_invitations("erin@example.org")
    erin = signed_in(people.erin)
    erin.get(link)
    erin.post("/invitation/", {"yes": "1"})
    device = Client()
    page = device.get(link, follow=True)
    assert page.status_code == 404
    back = re.search(r'href="/sign/login/\?next=(/invitation/%3Fof%3D[^"]+)"', page.content.decode())
    assert back
    device.get(_other_link)  # whatever is opened in another tab meanwhile
    form = {"login": "erin@example.org", "password": PASSWORD, "next": unquote(back.group(1))}
    answer = device.post("/sign/login/", form, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("pages:circle", args=[circle.code])
    clean = Client().get("/invitation/")
    assert "Open the link first" in clean.content.decode()
    assert 'href="/sign/login/"' in clean.content.decode()


def test_the_mail_of_an_invitation_that_somebody_else_used_leads_its_owner_in(people: Cast) -> None:
    impostor = by_shown_link(people)
    owner = Client()
    page = owner.get(
        reverse("pages:invitation_open", args=[token_for(Invitation.objects.get(email=VICTIM))]), follow=True
    ).content.decode()
    assert "It has been used under your address" in page
    assert 'href="/sign/login/code/?next=/invitation/%3Fof%3D' in page
    owner.post("/sign/login/code/", {"email": VICTIM, "next": "/invitation/"})
    answer = owner.post("/sign/login/code/confirm/", {"code": last_code(), "next": "/invitation/"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("pages:circle", args=[people.circle.code])
    assert impostor.get("/account/").status_code == 302


def test_an_invitation_shows_dates_to_come_only(people: Cast, clock: Any) -> None:
    _circle, link, *_rest = two_invitations("erin@example.org")
    circle = Circle.objects.get(name="Circle of Hanna")
    make_session(circle, circle.memberships.get().user, in_=timedelta(days=1))
    assert "12 January" in Client().get(link, follow=True).content.decode()
    clock.shift(timedelta(days=2))
    assert "12 January" not in Client().get(link, follow=True).content.decode()


def test_an_invitation_to_a_full_circle_tells_nothing_of_who_is_in(people: Cast) -> None:
    link = shown_link(people)
    Circle.objects.filter(pk=people.circle.pk).update(max_size=4)
    page = Client().get(link, follow=True).content.decode()
    assert "The circle is full at the moment" in page
    # In what is read: the mark of a form may have any letters.
    assert not [name for name in ("Bob", "Carol", "Dave", "BB") if name in strip_tags(page)]
    assert "Join the circle" not in page
    assert "this link stays as it is" in page
    Circle.objects.filter(pk=people.circle.pk).update(max_size=5)
    visitor = Client()
    assert "Join the circle" in visitor.get(link, follow=True).content.decode()
    visitor.post("/invitation/", person("mine@example.org", name="Nina New"))
    assert Membership.objects.filter(circle=people.circle, user__email="mine@example.org").exists()


# Slips


def test_whoever_used_a_slip_is_told_the_answer(people: Cast) -> None:
    yes, no = slips_make(circle=people.circle, number=2, by=people.alice, now=NOW)
    olga = make_user("Olga Other")
    for slip, who in ((yes, people.erin), (no, olga)):
        client = signed_in(who)
        client.post("/join/", {"code": token_for(slip)})
        client.post("/invitation/", {"yes": "1"})
        slip.refresh_from_db()
    turn()
    mail.outbox.clear()
    alice = signed_in(people.alice)
    for slip, answer in ((yes, "yes"), (no, "no")):
        alice.post(reverse("pages:slip_settle", args=[people.circle.code, slip.code]), {"confirm": answer})
    turn()
    told = {one.to[0]: one.subject for one in mail.outbox}
    assert told == {
        "erin@example.org": "You are in Alder circle",  # the welcome
        "olga@example.org": "About your slip for Alder circle",
    }  # and nobody is told of what they did themselves


def test_a_mistyped_code_stays_in_the_field(people: Cast) -> None:
    page = Client().post("/join/", {"code": "ABCD-EFGH-2345"}).content.decode()
    assert 'value="ABCD-EFGH-2345"' in page
    assert "We do not know this code" in page


def test_a_slip_of_somebody_who_is_gone_seats_nobody(people: Cast) -> None:
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    erin = signed_in(people.erin)
    erin.post("/join/", {"code": token_for(slip)})
    erin.post("/invitation/", {"yes": "1"})
    person_erase(user=people.erin, now=NOW)
    signed_in(people.alice).post(reverse("pages:slip_settle", args=[people.circle.code, slip.code]), {"confirm": "yes"})
    assert not Membership.objects.filter(circle=people.circle, user=people.erin).exists()


# Limits of sending


def resend(people: Cast, invitation: Invitation) -> str:
    path = reverse("circles:invitation_resend", args=[people.circle.code, invitation.code])
    return signed_in(people.alice).post(path, follow=True).content.decode()


def test_sending_again_asks_for_room(people: Cast, clock: Any) -> None:
    invitation = members_invite(circle=people.circle, emails=[VICTIM], by=people.alice, now=NOW).sent[0]
    clock.shift(timedelta(days=22))
    Circle.objects.filter(pk=people.circle.pk).update(max_size=4)
    assert "There is no free seat" in resend(people, invitation)
    assert Invitation.objects.filter(email=VICTIM).count() == 1
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_sending_again_has_a_limit_and_a_withdrawn_one_is_no_fault(people: Cast) -> None:
    members_invite(circle=people.circle, emails=[VICTIM], by=people.alice, now=NOW)
    said = [resend(people, Invitation.objects.get(email=VICTIM, revoked_at=None)) for _time in range(4)]
    assert ["sent often today" in one for one in said] == [False, False, True, True]
    withdrawn = Invitation.objects.filter(email=VICTIM).exclude(revoked_at=None)[0]
    assert "answered or withdrawn meanwhile" in resend(people, withdrawn)


def test_many_circles_do_not_write_to_one_stranger(people: Cast) -> None:
    for number in range(7):
        host = make_user(f"Host{number} Host")
        circle = make_circle(host, name=f"Circle {number}")
        signed_in(host).post(reverse("circles:people", args=[circle.code]), {"people": VICTIM})
    assert Message.objects.filter(email=VICTIM).count() == 5
    dana = make_user("Dana Diaz")
    invited = people_invite(programme=make_programme(dana), people={VICTIM: {}}, by=dana, now=NOW)
    assert (invited.sent, invited.often) == (0, (VICTIM,))
    later = NOW + timedelta(days=1, seconds=1)
    assert len(members_invite(circle=people.circle, emails=[VICTIM], by=people.alice, now=later).sent) == 1


def test_one_person_sends_a_hundred_invitations_a_day(people: Cast) -> None:
    circles = [make_circle(people.alice, name=f"Circle {number}", max_size=12) for number in range(10)]
    sent = [
        len(
            members_invite(
                circle=circle, emails=[f"p{at}-{number}@example.org" for at in range(11)], by=people.alice, now=NOW
            ).sent
        )
        for number, circle in enumerate(circles)
    ]
    assert sent == [11] * 9 + [1]
