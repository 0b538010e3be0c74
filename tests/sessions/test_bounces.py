"""Mail that comes back: an address that does not exist gets no more of it, and nothing else stops it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import override_settings

from accounts.doors_services import address_prove
from accounts.models import User
from notifications.models import Message
from notifications.outbox import turn
from sessions.enums import Rsvp, Way
from sessions.models import AnswerMail, CircleSession
from sessions.planning.bringing_services import rsvp_set
from sessions.replies.services import answer_token, mail_take
from tests.factories import NOW, Cast, make_session, signed_in
from tests.sessions.test_replies import CORPUS, TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("address")]
LATER = NOW + timedelta(hours=12)
FOR_GOOD = ["bounce_postfix", "bounce_exchange", "bounce_exim", "bounce_to_the_sender_with_the_original"]


@pytest.fixture
def address():
    with (
        override_settings(ANSWER_ADDRESS="calendar@circles.example", EMAIL_HOST="mail.example.org"),
        time_machine.travel(LATER, tick=False),
    ):
        yield


def came_back(session: CircleSession, user: User, name: str, *, written_to: str = "") -> bytes:
    """A bounce of the corpus as that of a mail to this person about this session."""
    raw = (CORPUS / f"{name}.eml").read_bytes()
    raw = raw.replace(TOKEN.encode(), answer_token(user=user, session=session, now=NOW).encode())
    return raw.replace(b"bob@gone.example", (written_to or user.email).encode())


@pytest.mark.parametrize("name", FOR_GOOD)
def test_an_address_that_does_not_exist_is_written_to_no_more_until_it_is_put_right(people: Cast, name: str) -> None:
    session = make_session(people.circle, people.alice)
    mail_take(raw=came_back(session, people.bob, name), now=LATER)
    people.bob.refresh_from_db()
    assert people.bob.mail_returns
    turn()
    mail.outbox.clear()
    make_session(people.circle, people.alice, in_=timedelta(days=14))
    turn()
    written = {to for one in mail.outbox for to in one.to}
    assert people.bob.email not in written
    assert people.carol.email in written
    bob = signed_in(people.bob)
    assert "A session" in bob.get("/notices/").content.decode()
    for page in ("/", "/account/"):
        assert "there is no such mailbox" in bob.get(page).content.decode()
    # Whoever looks after the circle sees it; other members do not.
    people_page = f"/circles/{people.circle.code}/people/"
    assert "mail comes back" in signed_in(people.alice).get(people_page).content.decode()
    assert "mail comes back" not in signed_in(people.carol).get(people_page).content.decode()
    said = bob.post("/account/address/works/", {"next": "/"}, follow=True).content.decode()
    assert re.search(r"Mail goes to bob@example.org\s+again", said)
    people.bob.refresh_from_db()
    assert not people.bob.mail_returns
    # The same bounce once more says nothing new.
    mail_take(raw=came_back(session, people.bob, name), now=LATER)
    people.bob.refresh_from_db()
    assert not people.bob.mail_returns


def test_an_address_proved_or_changed_is_written_to_again(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    mail_take(raw=came_back(session, people.bob, "bounce_postfix"), now=LATER)
    people.bob.refresh_from_db()
    people.bob.email = "robert@example.org"
    assert not people.bob.mail_returns
    people.bob.email = "BOB@example.org"
    assert people.bob.mail_returns
    people.bob.refresh_from_db()
    address_prove(user=people.bob)
    assert not User.objects.get(pk=people.bob.pk).mail_returns


@pytest.mark.parametrize(
    ("name", "written_to"),
    [
        ("bounce_full_mailbox", ""),
        ("bounce_postfix", "bob.at.home@elsewhere.example"),  # a forward of their own, or an earlier address
        ("bounce_postfix", "bob@example.org.evil.example"),
        ("bounce_exim", "someone@example.org"),
        ("bounce_qmail", ""),  # names nobody: who is meant is not guessed
        ("aside_out_of_office_exchange", ""),
    ],
)
def test_nothing_else_stops_mail_to_anybody(people: Cast, name: str, written_to: str) -> None:
    session = make_session(people.circle, people.alice)
    mail_take(raw=came_back(session, people.bob, name, written_to=written_to), now=LATER)
    assert not User.objects.exclude(returned_address="").exists()


def test_a_bounce_with_nobodys_token_stops_no_mail(people: Cast) -> None:
    raw = (CORPUS / "bounce_postfix.eml").read_bytes().replace(b"bob@gone.example", people.bob.email.encode())
    mail_take(raw=raw, now=LATER)
    assert AnswerMail.objects.get().why == "foreign_bounce"
    assert not User.objects.exclude(returned_address="").exists()


def test_a_bounce_of_one_is_nothing_to_another(people: Cast) -> None:
    """Carol's token under a bounce that names Bob's address: neither is stopped."""
    session = make_session(people.circle, people.alice)
    mail_take(raw=came_back(session, people.carol, "bounce_postfix", written_to=people.bob.email), now=LATER)
    assert not User.objects.exclude(returned_address="").exists()
    assert not Message.objects.filter(state="shown").exists()


@pytest.mark.parametrize(("way", "stopped"), [(Way.CALENDAR, False), (Way.LINK, False), (Way.PAGE, True)])
def test_a_bounce_of_a_mail_that_was_answered_is_made_up(people: Cast, way: Way, stopped: bool) -> None:
    """Whoever was forwarded an invitation knows its token: an answer from the mail says that it had arrived."""
    session = make_session(people.circle, people.alice)
    rsvp_set(session=session, user=people.bob, answer=Rsvp.YES, now=NOW, way=way)
    mail_take(raw=came_back(session, people.bob, "bounce_postfix"), now=LATER)
    people.bob.refresh_from_db()
    assert people.bob.mail_returns is stopped
    assert AnswerMail.objects.get().why == ("5.1.1" if stopped else "answered")
    # One about a later date, which was not answered, does count.
    mail_take(
        raw=came_back(make_session(people.circle, people.alice, in_=timedelta(days=9)), people.bob, "bounce_exim"),
        now=LATER,
    )
    people.bob.refresh_from_db()
    assert people.bob.mail_returns
