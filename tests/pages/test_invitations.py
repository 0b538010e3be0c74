"""Invitations: who gets in with one, and the nine ways in which one does not work."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from circles.invitation_services import invitation_revoke, members_invite, slips_make
from circles.models import Invitation, Membership
from circles.tokens import shown_token_for, token_for
from notifications.models import Message
from notifications.outbox import turn
from programmes.enrolment_services import people_invite
from sessions.guests.services import guest_invite
from tests.factories import NOW, Cast, make_cast, make_circle, make_programme, make_session, signed_in
from tests.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def invite(people: Cast, email: str = "guest@example.org") -> tuple[Invitation, str]:
    invitation = members_invite(circle=people.circle, emails=[email], by=people.alice, now=NOW).sent[0]
    return invitation, reverse("pages:invitation_open", args=[token_for(invitation)])


JOIN = {"yes": "1", "name": "Guest", "time_zone": "Europe/London", "password": "three plain words"}


def test_an_invitation_works_once(people: Cast, client: Any) -> None:
    _invitation, link = invite(people)
    shown = client.get(link, follow=True)
    assert b"Your account will be for guest@example.org." in shown.content
    assert Membership.objects.filter(circle=people.circle).count() == 4, "opening it accepts nothing"
    assert client.post("/invitation/", JOIN).status_code == 302
    assert Membership.objects.get(circle=people.circle, user__name="Guest").user.email == "guest@example.org"
    other = Client()
    page = other.get(link, follow=True)
    assert page.status_code == 404
    assert b"This invitation no longer works" in page.content
    assert other.post("/invitation/", JOIN | {"name": "Second"}).status_code == 404
    assert Membership.objects.filter(circle=people.circle, left_at=None).count() == 5


def test_a_name_that_was_typed_with_an_address_is_kept_and_used(people: Cast) -> None:
    alice = signed_in(people.alice)
    page = reverse("circles:people", args=[people.circle.code])
    answer = alice.post(page, {"people": 'nonsense; "Zo\u00eb Baker" <zoe@example.org>'}, follow=True).content.decode()
    assert "Zo\u00eb Baker" in answer
    assert ">\nnonsense</textarea>" in answer
    assert "nonsense" not in alice.get(page).content.decode()
    invitation = Invitation.objects.get(email="zoe@example.org")
    visitor = Client()
    visitor.get(reverse("pages:invitation_open", args=[token_for(invitation)]))
    shown = visitor.get(reverse("pages:invitation"))
    assert shown.context["form"]["name"].value() == "Zo\u00eb Baker"
    alice.post(reverse("circles:invitation_resend", args=[people.circle.code, invitation.code]))
    again = Invitation.objects.get(email="zoe@example.org", revoked_at=None)
    assert (again.pk != invitation.pk, again.called) == (True, "Zo\u00eb Baker")


def test_an_invitation_works_until_the_end_of_the_time_that_its_mail_names(
    people: Cast, client: Any, clock: Any, mailoutbox: Any
) -> None:
    _invitation, link = invite(people)
    turn()
    assert "until Monday 1 February" in str(mailoutbox[-1].body)
    clock.shift(timedelta(days=21, seconds=-1))
    assert client.get(link, follow=True).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert client.get(link, follow=True).status_code == 404


def test_a_dump_of_the_database_alone_opens_no_invitation(people: Cast, settings: Any) -> None:
    """Neither secret lies there, and both need a key that does not either."""
    invitation, _link = invite(people)
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    secrets = [token_for(invitation), shown_token_for(invitation), token_for(slip)]
    stored = str(list(Invitation.objects.values())) + str(list(Message.objects.values()))
    assert [secret for secret in secrets if secret in stored] == []
    settings.SECRET_KEY = "another key of another site"
    again = [token_for(invitation), shown_token_for(invitation), token_for(slip)]
    assert [secret for secret in again if secret in secrets] == []


@pytest.mark.parametrize("how", ["expired", "revoked", "unknown", "none"])
def test_an_invitation_that_does_not_work_says_so(people: Cast, client: Any, clock: Any, how: str) -> None:
    invitation, link = invite(people)
    if how == "expired":
        clock.shift(timedelta(days=21))
    elif how == "revoked":
        invitation_revoke(invitation=invitation, by=people.alice, now=NOW)
    elif how == "unknown":
        link = reverse("pages:invitation_open", args=["0" * 64])
    if how != "none":
        client.get(link)
    assert client.get("/invitation/").status_code == 404
    assert client.post("/invitation/", JOIN).status_code == 404
    assert Membership.objects.filter(circle=people.circle).count() == 4


def test_an_invitation_is_for_its_address_only(people: Cast) -> None:
    _invitation, link = invite(people)
    erin = signed_in(people.erin)
    page = erin.get(link, follow=True)
    assert b"This invitation was sent to another address." in page.content
    erin.post("/invitation/", {"yes": "1"})
    assert not Membership.objects.filter(circle=people.circle, user=people.erin).exists()


def test_whoever_is_signed_in_with_another_address_gets_out_with_one_press(people: Cast) -> None:
    _invitation, link = invite(people)
    erin = Client(enforce_csrf_checks=True)
    erin.force_login(people.erin)
    page = erin.get(link, follow=True).content.decode()
    (form,) = re.findall(r'<form[^>]*action="/sign-out/".*?</form>', page, re.DOTALL)
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert erin.post("/sign-out/", sent).status_code == 302
    assert "_auth_user_id" not in erin.session


def test_an_invited_person_with_an_account_signs_in_first(people: Cast, client: Any) -> None:
    _invitation, link = invite(people, "erin@example.org")
    page = client.get(link, follow=True)
    assert b"Sign in to accept" in page.content
    answer = client.post("/invitation/", JOIN)  # somebody who only holds the link cannot take the account over
    assert answer.url.startswith("/sign/login/?next=/invitation/%3Fof%3D")
    assert not Membership.objects.filter(circle=people.circle, user=people.erin).exists()
    erin = signed_in(people.erin)
    erin.get(link)
    assert erin.post("/invitation/", {"yes": "1"}).url == reverse("pages:joined", args=[people.circle.code])


def test_declining_is_told_to_facilitators_only_and_nothing_more_is_sent(
    people: Cast, client: Any, clock: Any, mailoutbox: Any
) -> None:
    _invitation, link = invite(people)
    client.get(link)
    assert b"That is fine" in client.post("/invitation/", {"no": "1", "word": "Too much on"}).content
    turn()
    told = [(message.to[0], message.subject) for message in mailoutbox]
    assert told == [("alice@example.org", "guest@example.org does not join Alder circle")]
    path = reverse("circles:people", args=[people.circle.code])
    assert "“Too much on”" in signed_in(people.alice).get(path).content.decode()
    assert "Too much on" not in signed_in(people.bob).get(path).content.decode()
    again = members_invite(circle=people.circle, emails=["guest@example.org"], by=people.alice, now=NOW)
    assert (again.sent, again.said_no) == ((), ("guest@example.org",))


def test_whoever_does_not_answer_is_not_reminded(people: Cast, clock: Any, mailoutbox: Any) -> None:
    """One mail to whoever is invited to a circle, to a session or to a programme; nothing more while it is open."""
    session = make_session(people.circle, people.alice, in_=timedelta(days=20))
    invite(people, "one@example.org")
    guest_invite(session=session, name="Gus", email="two@example.org", by=people.alice, now=NOW)
    people_invite(programme=make_programme(people.erin), people={"three@example.org": {}}, by=people.erin, now=NOW)
    for day in range(62):
        clock.move_to(NOW + timedelta(days=day))
        turn()
    told = [address for one in mailoutbox for address in one.to]
    assert [told.count(f"{one}@example.org") for one in ("one", "two", "three")] == [1, 1, 1]


def test_nobody_asks_again_whoever_said_no(people: Cast, client: Any) -> None:
    """The invitation promises it: pasting the same list again, in other letters too, skips them and says so."""
    _invitation, link = invite(people)
    client.get(link)
    client.post("/invitation/", {"no": "1", "word": ""})
    before = Message.objects.filter(email="guest@example.org").count()
    path = reverse("circles:people", args=[people.circle.code])
    answer = signed_in(people.alice).post(path, {"people": "Guest@Example.org, new@example.org"}, follow=True)
    said = answer.content.decode()
    assert "They said no to this circle, so they are not asked again" in said
    assert Invitation.objects.filter(email="guest@example.org").count() == 1
    assert Message.objects.filter(email="guest@example.org").count() == before
    assert Invitation.objects.filter(email="new@example.org").count() == 1
    elsewhere = make_circle(people.erin, name="Elsewhere")
    assert members_invite(circle=elsewhere, emails=["guest@example.org"], by=people.erin, now=NOW).sent


def test_the_token_is_in_no_page_and_leaves_the_address(people: Cast, client: Any) -> None:
    _invitation, link = invite(people)
    token = link.split("/")[-2]
    answer = client.get(link)
    assert answer.url == "/invitation/"
    page = client.get("/invitation/")
    assert token not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert token not in str(Invitation.objects.values())


def test_a_printed_slip_lets_a_person_in_after_the_facilitator_confirms(people: Cast) -> None:
    alice = signed_in(people.alice)
    alice.post(reverse("circles:slips_make", args=[people.circle.code]), {"number": "1"})
    page = alice.get(reverse("circles:slips", args=[people.circle.code])).content.decode()
    assert "Alice Archer invites you." in page
    code = re.search(r'slip__code">([^<]+)<', page).group(1)  # type: ignore[union-attr]
    erin = signed_in(people.erin)
    assert erin.post("/join/", {"code": f" {code.lower()} "}).url == "/invitation/"
    waiting = erin.post("/invitation/", {"yes": "1"}, follow=True)
    assert b"Almost there" in waiting.content
    first = signed_in(people.dave)
    first.post("/join/", {"code": code})
    assert first.get("/invitation/").status_code == 404, "somebody has used it, whether or not they are let in"
    assert erin.get(reverse("pages:circle", args=[people.circle.code])).status_code == 404
    slip = Invitation.objects.get(email="")
    bob = signed_in(people.bob)
    settle = reverse("pages:slip_settle", args=[people.circle.code, slip.code])
    assert bob.post(settle, {"confirm": "yes"}).status_code == 404
    alice.post(settle, {"confirm": "yes"})
    assert erin.get(reverse("pages:circle", args=[people.circle.code])).status_code == 200
    carol = signed_in(people.carol)
    carol.post("/join/", {"code": code})
    assert carol.get("/invitation/").status_code == 404


def test_a_closed_site_makes_accounts_by_invitation_only(people: Cast, client: Any, settings: Any) -> None:
    settings.REGISTRATION = "invite"
    assert b'name="password1"' not in client.get("/sign/signup/").content
    _invitation, link = invite(people)
    client.get(link)
    assert client.post("/invitation/", JOIN).status_code == 302


def test_the_invitation_is_still_held_after_signing_in(people: Cast, client: Any) -> None:
    _invitation, link = invite(people, "erin@example.org")
    client.get(link)
    answer = client.post(
        "/sign/login/", {"login": "erin@example.org", "password": "three plain words", "next": "/invitation/"}
    )
    assert answer.url == "/invitation/"
    assert client.post("/invitation/", {"yes": "1"}).url == reverse("pages:joined", args=[people.circle.code])


def test_a_slip_brings_its_holder_in_on_a_closed_site_without_mail(
    people: Cast, client: Any, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.REGISTRATION = "invite"
    signed_in(people.alice).post(reverse("circles:slips_make", args=[people.circle.code]), {"number": "1"})
    slip = Invitation.objects.get(email="")
    page = client.post("/join/", {"code": token_for(slip)}, follow=True)
    assert b"stands as not proved" in page.content
    assert b"Almost there" in client.post("/invitation/", JOIN | {"email": "nina@example.org"}, follow=True).content
    nina = User.objects.get(email="nina@example.org")
    assert nina.unproved_since == NOW
    assert mailoutbox == []
    # The slip opens sign-up for nobody else.
    assert b'name="password1"' not in client.get("/sign/signup/").content


def people_in(people: Cast) -> int:
    return Membership.objects.filter(circle=people.circle, left_at=None).count()


def test_an_invitation_that_waits_in_a_session_is_looked_up_again(people: Cast) -> None:
    """Opened while it worked, answered after it was withdrawn."""
    invitation, link = invite(people)
    client = Client()
    assert client.get(link, follow=True).status_code == 200
    invitation_revoke(invitation=invitation, by=people.alice, now=NOW)
    assert client.post("/invitation/", JOIN).status_code == 404
    assert not User.objects.filter(email="guest@example.org").exists()


def test_nobody_brings_a_role_along(people: Cast) -> None:
    """What an address or a form adds about rights is read by nobody."""
    _invitation, link = invite(people)
    more = {"facilitates": "1", "role": "facilitator", "is_staff": "on", "is_superuser": "on", "takes_part": ""}
    client = Client()
    client.get(link, more)
    client.post("/invitation/?facilitates=1&is_staff=1", JOIN | more)
    member = Membership.objects.select_related("user").get(user__email="guest@example.org")
    assert (member.facilitates, member.takes_part) == (False, True)
    assert (member.user.is_staff, member.user.is_superuser) == (False, False)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_gets_in() -> None:
    people = make_cast()
    _invitation, link = invite(people)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.get(link)
    answers: list[Any] = []
    acts = [lambda one=one: answers.append(one.post("/invitation/", JOIN)) for one in browsers]  # type: ignore[misc]
    at_once(*acts)
    assert people_in(people) == 5
    assert User.objects.filter(email="guest@example.org").count() == 1
    assert {answer.status_code for answer in answers} <= {302, 404}


def browser_at(path: str) -> tuple[Client, dict[str, str]]:
    """A visitor's browser on the page where one says yes, and the form as it would be sent."""
    client = Client()
    page = client.get(path, follow=True).content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key
    form = {"yes": "1", "name": "Nina New", "time_zone": "Europe/London", "password": "three plain words"}
    return client, form | {"form_key": key.group(1)}


def twin(client: Client) -> Client:
    """The same browser, at this moment: what it is told later on one way it does not know on the other."""
    other = Client()
    other.cookies.load({name: one.value for name, one in client.cookies.items()})
    return other


@pytest.mark.parametrize("as_guest", [False, True])
def test_a_visitors_second_press_lets_them_in_too_and_nobody_later(people: Cast, as_guest: bool) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        if as_guest:
            session = make_session(people.circle, people.alice)
            guest = guest_invite(session=session, name="Nina", email="nina@example.org", by=people.alice, now=NOW)
            path, to = reverse("sessions:guest_open", args=[guest.secret]), f"/sessions/{session.code}/"
        else:
            members_invite(circle=people.circle, emails=["nina@example.org"], by=people.alice, now=NOW)
            path = reverse("pages:invitation_open", args=[token_for(Invitation.objects.get())])
            to = reverse("pages:joined", args=[people.circle.code])
        first, form = browser_at(path)
        second, late = twin(first), twin(first)
        address = reverse("sessions:guest" if as_guest else "pages:invitation")
        for browser in (first, second):
            answer = browser.post(address, form)
            assert (answer.status_code, answer.url) == (302, to)
            assert browser.get(to).status_code == 200
        assert User.objects.filter(email="nina@example.org").count() == 1
        clock.move_to(NOW + timedelta(seconds=61))
        assert late.post(address, form).status_code == 404
        assert late.get(to).status_code == 302, "the form's key signs nobody in later"


@pytest.mark.django_db(transaction=True)
def test_a_visitors_two_presses_at_once_both_let_them_in() -> None:
    people = make_cast()
    with time_machine.travel(NOW, tick=False):
        members_invite(circle=people.circle, emails=["nina@example.org"], by=people.alice, now=NOW)
        first, form = browser_at(reverse("pages:invitation_open", args=[token_for(Invitation.objects.get())]))
        second = twin(first)
        answers: list[Any] = []
        at_once(
            *[lambda one=one: answers.append(one.post(reverse("pages:invitation"), form)) for one in (first, second)]
        )  # type: ignore[misc]
        to = reverse("pages:joined", args=[people.circle.code])
        assert [(answer.status_code, answer.url) for answer in answers] == [(302, to)] * 2
        assert [browser.get(to).status_code for browser in (first, second)] == [200, 200]
    assert Membership.objects.filter(user__email="nina@example.org").count() == 1


def test_the_page_says_nothing_about_whether_there_is_an_account(people: Cast) -> None:
    """Whoever holds a link sees the same for an address with an account and for one without."""
    pages = []
    for email in ("erin@example.org", "nobd@example.org"):
        _invitation, link = invite(people, email)
        body = Client().get(link, follow=True).content.decode().replace(email, "")
        pages.append(
            re.sub(
                r'name="(csrfmiddlewaretoken|of|form_key)" value="[^"]*"|%3Fof%3D\w+|<svg.*?</svg>',
                "",
                body,
                flags=re.DOTALL,
            )
        )
    assert pages[0] == pages[1]


def test_inviting_looks_the_same_for_every_address(people: Cast) -> None:
    alice, path = signed_in(people.alice), reverse("circles:people", args=[people.circle.code])
    pages = []
    for email in ("erin@example.org", "nobd@example.org"):
        body = alice.post(path, {"people": email}, follow=True).content.decode().replace(email, "")
        said = re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", body)
        pages.append(re.sub(r"/invitations?/[^/]+/", "", said))
        Invitation.objects.all().delete()
    assert pages[0] == pages[1]
