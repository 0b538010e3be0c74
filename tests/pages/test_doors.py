"""Doors attacked: nobody holds an address whose mailbox they do not hold, and whoever does gets it back whole."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import FeedToken, User
from accounts.services import feed_renew
from circles.invitation_services import members_invite, slip_settle, slips_make
from circles.models import Invitation, Membership
from circles.tokens import shown_token_for, token_for
from notifications.models import Message
from notifications.outbox import turn
from notifications.services import About, messages_put
from programmes.enrolment_services import people_invite
from programmes.models import AdminInvitation, Enrolment, ProgrammeInvitation
from sessions.guests.services import guest_invite
from sessions.models import GuestPass
from tests.factories import NOW, PASSWORD, Cast, make_circle, make_programme, make_session, make_user, signed_in
from tests.pages.doors import VICTIM, by_shown_link, last_code, person, shown_link
from tests.thorough import seldom

pytestmark = pytest.mark.django_db

THEIRS = "the owner's own words"


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[Any]:
    settings.EMAIL_HOST = "mail.example.org"
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


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
    owner.get(reverse("sessions:guest_open", args=[guest.secret]))
    owner.post(reverse("sessions:guest"), person(name="Vic Owner", password=THEIRS))
    return owner


PROOFS: dict[str, Callable[[], Client]] = {
    "reset": by_reset, "code": by_code, "sign-up": by_sign_up, "mailed link": by_mailed_link, "guest": by_guest_pass,
}  # fmt: skip
# In `make test` each proof once, and each takeover at least once.
EVERY_WAY = seldom(product(TAKEOVERS, PROOFS), of=3)


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_no_address_is_proved_without_its_mailbox(people: Cast, takeover: str) -> None:
    impostor = TAKEOVERS[takeover](people)
    user = User.objects.get(email=VICTIM)
    assert user.unproved_since == NOW
    assert [row.verified for row in EmailAddress.objects.filter(user=user)] == [False]
    assert impostor.get(reverse("pages:circle", args=[people.circle.code])).status_code == 200  # in at once
    assert b"Your address is not proved" in impostor.get("/account/").content
    assert b"address not proved" in signed_in(people.alice).get(f"/circles/{people.circle.code}/people/").content


@pytest.mark.parametrize(("takeover", "proof"), EVERY_WAY)
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
    link = reverse("programmes:invitation_open", args=[programme.code, ProgrammeInvitation.objects.get().secret])
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
    assert erin.post("/invitation/", {"yes": "1"}).url == reverse("pages:joined", args=[people.circle.code])


def test_a_new_password_ends_calendar_addresses(people: Cast) -> None:
    from tests.factories import change_password

    feed_renew(user=people.bob, now=NOW)
    change_password(people.bob)
    assert not FeedToken.objects.filter(user=people.bob, revoked_at=None).exists()
