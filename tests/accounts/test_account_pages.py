"""Pages about one's own account that allauth serves, in our words: bad input is said beside its field, nothing is lost."""

import re
from pathlib import Path

import allauth
import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.models import User
from accounts.passkey_forms import AddPasskey, ConfirmByPasskey, SecondStepByPasskey, SignInByPasskey
from tests.factories import NOW, PASSWORD, Cast, change_password, signed_in

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def test_another_address_is_asked_with_a_code_before_it_counts(people: Cast) -> None:
    client = signed_in(people.bob)
    assert "Invitations and reminders go to bob@example.org" in client.get("/sign/email/").content.decode()
    wrong = client.post("/sign/email/", {"email": "nonsense", "action_add": "1"}).content.decode()
    assert 'value="nonsense"' in wrong
    assert "There is a problem" in wrong
    first = client.post("/sign/email/", {"email": "bob@home.example", "action_add": "1"})
    # Who they are is asked once more; then what they sent goes on.
    page = client.post(first.headers["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert "A code is on its way to bob@home.example" in page
    code = re.search(r"^[A-Z0-9-]{6,}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    people.bob.refresh_from_db()
    assert people.bob.email == "bob@example.org"
    client.post("/sign/confirm-email/", {"code": code.group()})
    people.bob.refresh_from_db()
    assert people.bob.email == "bob@home.example"


def test_whoever_signs_in_elsewhere_can_choose_a_first_password(people: Cast) -> None:
    people.carol.set_unusable_password()
    people.carol.save()
    client = signed_in(people.carol)
    path = "/sign/password/set/"
    assert "Your account has none so far" in client.get(path).content.decode()
    short = client.post(path, {"password1": "short", "password2": ""}).content.decode()
    assert "Enter the new password once more." in short
    assert "at least 10 characters" in short
    client.post(path, {"password1": "another three words", "password2": "another three words"})
    people.carol.refresh_from_db()
    assert people.carol.check_password("another three words")


def test_a_link_from_the_mail_changes_the_password_once(people: Cast) -> None:
    client = Client()
    assert (
        "Look at your mail"
        in client.post("/sign/password/reset/", {"email": "bob@example.org"}, follow=True).content.decode()
    )
    link = re.search(r"http://testserver(/sign/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    page = client.get(link.group(1), follow=True)
    assert "Choose a new password" in page.content.decode()
    path = page.redirect_chain[-1][0]
    assert "Choose a new password." in client.post(path, {"password1": "", "password2": ""}).content.decode()
    new = {"password1": "another three words", "password2": "another three words"}
    assert "Your password is changed" in client.post(path, new, follow=True).content.decode()
    assert "This link does not work any more" in Client().get(link.group(1), follow=True).content.decode()


def test_the_name_of_a_passkey_has_a_maximum(people: Cast) -> None:
    form = AddPasskey({"name": "x" * 61, "credential": "{}"}, user=people.bob)
    assert form.errors["name"] == ["Use at most 60 characters; this has 61."]
    assert AddPasskey(user=people.bob).initial["name"] == "Passkey 1"


def test_a_passkey_made_as_proposed_can_do_what_the_sign_in_page_offers(people: Cast) -> None:
    """“Sign in with a passkey” knows only those that sign in alone, so that is what one gets without a thought."""
    bob = signed_in(people.bob)
    first = bob.get("/sign/2fa/webauthn/add/")
    bob.post(first.headers["Location"], {"password": PASSWORD})
    tick = re.search(r'<input[^>]*name="passwordless"[^>]*>', bob.get("/sign/2fa/webauthn/add/").content.decode())
    assert tick
    assert " checked" in tick[0]
    door = Client().get("/sign/login/").content.decode()
    reasons = ["", "NotAllowedError", "InvalidStateError", "ConstraintError NotSupportedError", "SecurityError"]
    assert re.findall('data-passkey-failed="(.*?)"', door) == reasons


READABLE = '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA", '
ANSWERS = [
    "", "{}", "[]", "1", '"x"', "null", "x", '{"id": "x"}', '{"id": 1, "rawId": [], "response": null}', "9" * 5000,
    "[" * 100_000, '{"id": "x", "rawId": "x", "response": {}, "type": "public-key"}',
    READABLE + '"attestationObject": "AAAA"}}',
    READABLE + '"authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "AAAA"}}',
    READABLE + '"authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "' + "z" * 40 + '"}}',
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_a_forged_answer_of_a_device_is_refused_and_is_no_fault(people: Cast, answer: str) -> None:
    bob = signed_in(people.bob)
    first = bob.get("/sign/2fa/webauthn/add/")
    bob.post(first.headers["Location"], {"password": PASSWORD})
    bob.get("/sign/2fa/webauthn/add/")
    page = bob.post("/sign/2fa/webauthn/add/", {"name": "Mine", "credential": answer, "passwordless": "on"})
    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()
    door = Client()
    door.get("/sign/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert door.post("/sign/2fa/webauthn/login/", {"credential": answer}).url == "/sign/login/"


def test_every_form_that_takes_a_devices_answer_is_ours() -> None:
    from django.conf import settings

    for form in (AddPasskey, ConfirmByPasskey, SecondStepByPasskey, SignInByPasskey):
        assert f"accounts.passkey_forms.{form.__name__}" in settings.MFA_FORMS.values()


def test_a_notice_says_when_it_was_in_its_readers_own_time(people: Cast) -> None:
    User.objects.filter(pk=people.bob.pk).update(time_zone="Asia/Tokyo")
    with time_machine.travel(NOW, tick=False):
        change_password(people.bob)
    (told,) = mail.outbox
    assert (
        "It happened on Monday 11 January at 18:00, Tokyo time, from 127.0.0.1 (A browser we do not know)." in told.body
    )


def test_every_mail_about_signing_in_is_in_our_words_and_look(people: Cast) -> None:
    library = Path(allauth.__file__).parent / "templates"
    theirs = {str(one.relative_to(library)) for one in library.glob("*/email/*_message.txt")}
    ours = {str(one.relative_to(TEMPLATES)) for one in TEMPLATES.glob("*/email/*_message.txt")}
    # These are sent by choices that are not ours, or include one that is.
    others = {"base", "email_confirmation_signup", "password_reset", "password_reset_code"}
    assert {one for one in theirs - ours if Path(one).name.removesuffix("_message.txt") not in others} == set()

    client = Client()
    client.post("/sign/login/code/", {"email": "bob@example.org"})
    client.post("/sign/password/reset/", {"email": "bob@example.org"})
    client.post("/sign/login/code/", {"email": "<b>nobody@example.org"})
    client.post("/sign/password/reset/", {"email": "o'nobody@example.org"})
    assert [one.subject for one in mail.outbox] == [
        "Your code to sign in",
        "Choose a new password",
        "There is no account under this address",
    ]
    pages = [str(one.alternatives[0].content) for one in mail.outbox if isinstance(one, EmailMultiAlternatives)]
    code = re.search(r"^[A-Z0-9-]{6,}$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    for page, said in zip(
        pages, (code.group(), "http://testserver/sign/password/reset/key/", "o&#x27;nobody@example.org"), strict=True
    ):
        assert said in page
        assert "Talking Piece" in page
    assert ">Choose a new password</a>" in pages[1]
