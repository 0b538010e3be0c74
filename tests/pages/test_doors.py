"""Doors attacked: nobody holds an address whose mailbox they do not hold, and whoever does gets it back whole."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FeedToken, StepRemoval, User
from accounts.services import feed_renew, user_create_verified
from circles.invitation_services import members_invite, slip_settle, slips_make
from circles.models import Circle, Invitation, Membership
from circles.tokens import shown_token_for, token_for
from notifications.models import Message
from notifications.outbox import turn
from notifications.services import About, messages_put
from pages.doors_mails import lost_token
from pages.doors_services import second_steps_take_off
from pages.erasing_services import person_erase
from programmes.enrolment_services import people_invite
from programmes.models import AdminInvitation, Enrolment, ProgrammeInvitation
from programmes.tokens import token_for as programme_token
from sessions.guests.services import guest_invite, guest_token
from sessions.models import GuestPass
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db
VICTIM = "victim@example.org"
THEIRS = "the owner's own words"


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[Any]:
    settings.EMAIL_HOST = "mail.example.org"
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def person(email: str = "", name: str = "Impostor", password: str = PASSWORD) -> dict[str, str]:
    form = {"yes": "1", "name": name, "time_zone": "Europe/London", "password": password}
    return form | ({"email": email} if email else {})


def shown_link(people: Cast, email: str = VICTIM) -> str:
    """What the people page shows to whoever invites."""
    page = signed_in(people.alice).post(
        reverse("circles:people", args=[people.circle.code]), {"people": email}, follow=True
    )
    found = re.search(r'value="http://testserver(/invitation/[^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def by_shown_link(people: Cast) -> Client:
    impostor = Client()
    impostor.get(shown_link(people))
    impostor.post("/invitation/", person(VICTIM))
    return impostor


def by_slip(people: Cast) -> Client:
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    impostor = Client()
    impostor.post("/join/", {"code": token_for(slip)})
    impostor.post("/invitation/", person(VICTIM))
    slip.refresh_from_db()
    slip_settle(invitation=slip, confirm=True, by=people.alice, now=NOW)
    return impostor


def by_setup_link(people: Cast) -> Client:
    """The first administrator's printed link; the seat in the circle comes from a slip afterwards."""
    from accounts.services import setup_link_make

    impostor = Client()
    impostor.get(f"/setup/{setup_link_make(now=NOW)}/")
    impostor.post("/setup/", {k: v for k, v in person(VICTIM).items() if k != "yes"})
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    impostor.post("/join/", {"code": token_for(slip)})
    impostor.post("/invitation/", {"yes": "1"})
    slip.refresh_from_db()
    slip_settle(invitation=slip, confirm=True, by=people.alice, now=NOW)
    return impostor


TAKEOVERS = {"shown link": by_shown_link, "slip": by_slip, "setup link": by_setup_link}


def last_code() -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4}|[A-Z0-9]{6,8})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found.group(1)


def by_reset() -> Client:
    owner = Client()
    owner.post("/sign/password/reset/", {"email": VICTIM})
    link = re.search(r"http://testserver(/sign/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    path = owner.get(link.group(1)).headers["Location"]
    owner.post(path, {"password1": THEIRS, "password2": THEIRS})
    owner.post("/sign/login/", {"login": VICTIM, "password": THEIRS})
    return owner


def by_code() -> Client:
    owner = Client()
    owner.post("/sign/login/code/", {"email": VICTIM})
    owner.post("/sign/login/code/confirm/", {"code": last_code()})
    return owner


def by_sign_up() -> Client:
    owner = Client()
    form = {"name": "Vic Owner", "email": VICTIM, "password1": THEIRS, "time_zone": "Asia/Tokyo"}
    owner.post("/sign/signup/", form)
    owner.post("/sign/confirm-email/", {"code": last_code()})
    return owner


def by_mailed_link() -> Client:
    owner = Client()
    host = make_user("Hanna Host")
    circle = make_circle(host, name="Birch circle")
    invitation = members_invite(circle=circle, emails=[VICTIM], by=host, now=NOW).sent[0]
    owner.get(reverse("pages:invitation_open", args=[token_for(invitation)]))
    owner.post("/invitation/", person(name="Vic Owner", password=THEIRS))
    return owner


def by_guest_pass() -> Client:
    owner = Client()
    host = make_user("Hanna Host")
    session = make_session(make_circle(host, name="Birch circle"), host)
    guest = guest_invite(session=session, name="Vic", email=VICTIM, by=host, now=NOW)
    owner.get(reverse("sessions:guest_open", args=[guest_token(guest)]))
    owner.post(reverse("sessions:guest"), person(name="Vic Owner", password=THEIRS))
    return owner


PROOFS: dict[str, Callable[[], Client]] = {
    "reset": by_reset, "code": by_code, "sign-up": by_sign_up, "mailed link": by_mailed_link, "guest": by_guest_pass,
}  # fmt: skip


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_no_address_is_proved_without_its_mailbox(people: Cast, takeover: str) -> None:
    impostor = TAKEOVERS[takeover](people)
    user = User.objects.get(email=VICTIM)
    assert user.unproved_since == NOW
    assert [row.verified for row in EmailAddress.objects.filter(user=user)] == [False]
    assert impostor.get(reverse("pages:circle", args=[people.circle.code])).status_code == 200  # in at once
    assert b"Your address is not proved" in impostor.get("/account/").content
    assert b"address not proved" in signed_in(people.alice).get(f"/circles/{people.circle.code}/people/").content


@pytest.mark.parametrize("takeover", TAKEOVERS)
@pytest.mark.parametrize("proof", PROOFS)
def test_whoever_holds_the_mailbox_gets_the_address_and_everything_of_the_other_ends(
    people: Cast, takeover: str, proof: str
) -> None:
    impostor = TAKEOVERS[takeover](people)
    user = User.objects.get(email=VICTIM)
    TOTP.activate(user, generate_totp_secret())
    secret = feed_renew(user=user, now=NOW)
    feed = reverse("pages:feed", args=[secret])
    assert Client().get(feed).status_code == 200
    second = Client()
    second.post("/sign/login/", {"login": VICTIM, "password": PASSWORD})  # waits for the second step
    owner = PROOFS[proof]()
    assert owner.get("/account/").status_code == 200
    assert b"Your address is not proved" not in owner.get("/account/").content
    user.refresh_from_db()
    assert (user.unproved_since, user.is_staff, user.is_superuser) == (None, False, False)
    assert EmailAddress.objects.get(user=user).verified
    assert not Authenticator.objects.filter(user=user).exists()
    assert Client().get(feed).status_code == 404
    assert not user.check_password(PASSWORD)
    assert user.check_password(THEIRS) is (proof != "code")
    for page in ("/account/", reverse("circles:people", args=[people.circle.code])):
        assert impostor.get(page).status_code == 302
        assert second.get(page).status_code == 302
    again = Client()
    again.post("/sign/login/", {"login": VICTIM, "password": PASSWORD})
    assert again.get("/account/").status_code == 302
    # Whoever looks after the circle hears of it.
    assert Message.objects.filter(kind="mailbox_claimed", user=people.alice).count() == 1
    assert "mailbox took the account over" in signed_in(people.alice).get(
        reverse("circles:people", args=[people.circle.code])
    ).content.decode().replace("&#x27;", "'")


def test_a_sign_up_that_nobody_confirmed_leaves_no_password_behind(people: Cast) -> None:
    """Somebody signs up under another's address and waits for its owner to prove it."""
    form = {"name": "Impostor", "email": VICTIM, "password1": PASSWORD, "time_zone": "Europe/London"}
    Client().post("/sign/signup/", form)
    owner = by_code()
    assert owner.get("/account/").status_code == 200
    assert not User.objects.get(email=VICTIM).check_password(PASSWORD)


def test_whoever_uses_the_account_proves_its_address_and_keeps_everything(people: Cast) -> None:
    member = by_shown_link(people)
    user = User.objects.get(email=VICTIM)
    TOTP.activate(user, generate_totp_secret())
    feed = reverse("pages:feed", args=[feed_renew(user=user, now=NOW)])
    assert b"Prove it: send me a code" in member.get("/account/").content
    assert member.post("/sign/email/", {"email": VICTIM, "action_send": "1"}).url == "/sign/confirm-email/"
    assert mail.outbox[-1].to == [VICTIM]
    assert member.post("/sign/confirm-email/", {"code": last_code()}).url == "/account/"
    user.refresh_from_db()
    assert user.unproved_since is None
    assert user.check_password(PASSWORD)
    assert Authenticator.objects.filter(user=user).exists()
    assert Client().get(feed).status_code == 200
    assert b"not proved" not in member.get("/account/").content


def test_an_account_that_is_not_proved_signs_in_with_its_password(people: Cast) -> None:
    """No code is asked, so that it works without a mail server too."""
    by_shown_link(people)
    again = Client()
    assert again.post("/sign/login/", {"login": VICTIM, "password": PASSWORD}).url == "/"
    assert again.get("/account/").status_code == 200
    assert mail.outbox == []


def test_strangers_who_ask_for_codes_keep_nobody_out(people: Cast) -> None:
    by_shown_link(people)
    form = {"name": "Stranger", "email": VICTIM, "password1": THEIRS, "time_zone": "Europe/London"}
    Client().post("/sign/signup/", form)
    assert len(mail.outbox) == 1
    again = Client()
    assert again.post("/sign/login/", {"login": VICTIM, "password": PASSWORD}).url == "/"


def test_a_shown_link_is_no_guess_at_a_secret(people: Cast) -> None:
    link = shown_link(people)
    assert {Client().get(link).status_code for _time in range(15)} == {302}


def test_an_address_that_is_not_proved_gets_no_mail_and_hears_of_everything_under_the_bell(people: Cast) -> None:
    member = by_shown_link(people)
    user = User.objects.get(email=VICTIM)
    turn()
    mail.outbox.clear()
    make_session(people.circle, people.alice)
    turn()
    assert VICTIM not in {to for one in mail.outbox for to in one.to}
    assert "bob@example.org" in {to for one in mail.outbox for to in one.to}
    assert Message.objects.get(kind="session_scheduled", user=user).state == "shown"
    assert "A session" in member.get("/notices/").content.decode()
    # What is otherwise only mailed, and concerns two people, is there too.
    membership = Membership.objects.get(circle=people.circle, user=people.bob)
    about = About("member", membership.code, NOW.toordinal(), people.circle.code)
    messages_put(kind="word_wanted", about=about, to=[user, people.carol], due_at=NOW, now=NOW)
    turn()
    assert "Bob Baker" in member.get("/notices/").content.decode()
    assert "Bob Baker" not in signed_in(people.carol).get("/notices/").content.decode()
    # Nor does the library write there.
    mail.outbox.clear()
    form = {"oldpassword": PASSWORD, "password1": THEIRS, "password2": THEIRS}
    member.post("/sign/password/change/", form)
    user.refresh_from_db()
    assert mail.outbox == []


def test_an_address_that_is_not_proved_gives_no_right_elsewhere(people: Cast) -> None:
    impostor = by_shown_link(people)
    user = User.objects.get(email=VICTIM)
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    join = reverse("programmes:join", args=[programme.code])
    people_invite(programme=programme, people={VICTIM: {}}, by=dana, now=NOW)
    assert b"Prove first that it is yours" in impostor.get(join).content
    impostor.post(join, {"motive": "x", "times-weekdays": "0", "times-start": "09:00", "times-end": "10:00"})
    assert not Enrolment.objects.exists()
    assert ProgrammeInvitation.objects.get().used_at is None
    lead = signed_in(dana)
    lead.post(reverse("programmes:admin_ask", args=[programme.code]), {"email": VICTIM})
    asked = AdminInvitation.objects.get()
    assert impostor.get(reverse("programmes:administer", args=[asked.code])).status_code == 404
    assert not programme.admins.filter(user=user).exists()
    # A closed programme, a circle and a session that ask the owner open nothing to somebody without the mail.
    closed = make_programme(dana, is_open=False, name="Closed")
    people_invite(programme=closed, people={VICTIM: {}}, by=dana, now=NOW)
    assert impostor.get(reverse("programmes:join", args=[closed.code])).status_code == 404
    session = make_session(make_circle(dana, name="Birch circle"), dana)
    guest_invite(session=session, name="Vic", email=VICTIM, by=dana, now=NOW)
    assert impostor.get(reverse("sessions:guest")).status_code == 404
    assert GuestPass.objects.get().user is None


def test_a_mailed_link_proves_the_address_of_whoever_is_signed_in(people: Cast) -> None:
    member = by_shown_link(people)
    dana = make_user("Dana Diaz")
    programme = make_programme(dana, is_open=False)
    people_invite(programme=programme, people={VICTIM: {}}, by=dana, now=NOW)
    link = reverse(
        "programmes:invitation_open", args=[programme.code, programme_token(ProgrammeInvitation.objects.get())]
    )
    member.get(link)
    join = reverse("programmes:join", args=[programme.code])
    assert member.get(join).status_code == 200
    assert User.objects.get(email=VICTIM).unproved_since is not None  # looking changes nothing
    times = {"times-weekdays": ["0"], "times-start": "540", "times-end": "720", "times-level": "good"}
    assert member.post(join, {"motive": "To think"} | times).url == reverse("programmes:mine", args=[programme.code])
    assert User.objects.get(email=VICTIM).unproved_since is None
    assert member.get("/account/").status_code == 200


def test_an_invitation_to_an_address_joins_nobody_else_under_it(people: Cast) -> None:
    """The people page never shows what is mailed, and what it shows proves nothing, whichever address is typed."""
    link = shown_link(people)
    invitation = Invitation.objects.get(email=VICTIM)
    assert token_for(invitation) not in link
    assert token_for(invitation) != shown_token_for(invitation)
    turn()
    assert token_for(invitation) in str(mail.outbox[-1].body)
    assert shown_token_for(invitation) not in str(mail.outbox[-1].body)
    visitor = Client()
    assert b"Your email address" in visitor.get(link, follow=True).content
    page = visitor.post("/invitation/", person()).content.decode()
    assert "Enter an address of your own." in page
    visitor.post("/invitation/", person("mine@example.org", name="Nina New"))
    nina = User.objects.get(email="mine@example.org")
    assert nina.unproved_since == NOW
    assert "as Nina New (mine@example.org)" in " ".join(
        signed_in(people.alice).get(reverse("circles:people", args=[people.circle.code])).content.decode().split()
    )


def test_an_address_with_an_account_is_not_joined_by_a_shown_link(people: Cast) -> None:
    link = shown_link(people)
    visitor = Client()
    visitor.get(link)
    page = visitor.post("/invitation/", person("erin@example.org")).content.decode()
    assert "sign in to accept" in page
    for _try in range(4):
        visitor.post("/invitation/", person("erin@example.org"))
    # After a few the link tells of nobody any more.
    for email in ("bob@example.org", "nobody@example.org"):
        assert (
            "Sign in first, or ask whoever invited you" in visitor.post("/invitation/", person(email)).content.decode()
        )
    assert not User.objects.filter(email="nobody@example.org").exists()
    erin = signed_in(people.erin)
    erin.get(link)
    assert erin.post("/invitation/", {"yes": "1"}).url == reverse("pages:circle", args=[people.circle.code])


def test_a_new_password_ends_calendar_addresses(people: Cast) -> None:
    from tests.factories import change_password

    feed_renew(user=people.bob, now=NOW)
    change_password(people.bob)
    assert not FeedToken.objects.filter(user=people.bob, revoked_at=None).exists()


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
    assert erin.post("/invitation/", {"yes": "1", "of": one}).url == reverse("pages:circle", args=[first.code])
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
        link = reverse("sessions:guest_open", args=[guest_token(guest)])
    else:
        dana = make_user("Dana Diaz")
        programme = make_programme(dana, is_open=False)
        people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
        link = reverse(
            "programmes:invitation_open", args=[programme.code, programme_token(ProgrammeInvitation.objects.get())]
        )
    erin = signed_in(people.erin)
    page = erin.get(link, follow=True).content.decode()
    form = re.search(r'action="(/sign-out/)">.*?name="next" value="([^"]+)"', page, re.DOTALL)
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
    assert not [name for name in ("Bob", "Carol", "Dave", "BB") if name in page]
    assert "Take my seat" not in page


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
    assert thief.get("/account/").status_code == 302
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
        token = programme_token(ProgrammeInvitation.objects.get(programme=programme))
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


def test_whoever_signs_in_with_the_second_step_has_not_lost_it(people: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(people.bob, secret)
    asked(people)
    client = at_the_second_step(people.bob)
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


def test_nobody_asks_for_it_without_the_mail(people: Cast) -> None:
    TOTP.activate(people.bob, generate_totp_secret())
    assert Client().post("/second-step/lost/").url == "/"
    assert not Message.objects.filter(kind="second_step_lost").exists()
    client = at_the_second_step(people.bob)
    for _press in range(3):
        client.post("/second-step/lost/")
    assert Message.objects.filter(kind="second_step_lost").count() == 1  # once an hour at most
    assert client.post(reverse("pages:step_lost_ask", args=["forged"])).status_code == 404
    assert not StepRemoval.objects.exists()


def test_accounts_from_before_stay_proved(people: Cast) -> None:
    """Nothing that stands is made unproved."""
    assert not User.objects.exclude(unproved_since=None).exists()
    user_create_verified(email="old@example.org", name="Old", time_zone="UTC", password=PASSWORD)
    assert User.objects.get(email="old@example.org").unproved_since is None
