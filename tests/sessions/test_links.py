"""Answers without signing in: the links in a mail, and the signed door for mail services."""

import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from notifications import outbox
from notifications.services import messages_put
from pages.departure_services import person_has_left
from pages.ending_services import circle_leave
from sessions.enums import Rsvp
from sessions.kinds import RSVP_WANTED
from sessions.models import AnswerToken, CircleSession, Participation
from sessions.planning.reminder_services import about_session
from sessions.planning.services import session_cancel
from sessions.replies.links import link_of
from sessions.replies.services import answer_row
from tests.factories import NOW, Cast, make_session
from tests.sessions.test_answers import MINUTE, everything, reply, said

pytestmark = pytest.mark.django_db
SECRET = "a secret of the door, long enough"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def link(session: CircleSession, user: User, answer: Rsvp) -> str:
    return link_of(answer_row(user=user, session=session, now=NOW), answer)


def test_opening_a_link_changes_nothing_and_its_button_answers(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    path = link(session, people.bob, Rsvp.MAYBE)
    before = everything()
    for _scanner in range(3):
        page = Client().get(path)
        assert page.status_code == 200
        assert Client().head(path).status_code == 200
    assert everything() == before
    assert len(re.findall(rb'<form\s+method="post"', page.content)) == 1
    done = Client().post(path)
    assert b"The others see that you are not sure." in done.content
    row = Participation.objects.get(session=session)
    assert (row.user, row.rsvp, row.rsvp_by, row.rsvp_at) == (people.bob, "maybe", "link", NOW)
    Client().post(link(session, people.bob, Rsvp.NO))
    assert said(session, people.bob) == "no"


def test_a_link_opens_nothing_else_and_signs_nobody_in(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    client = Client()
    path = link(session, people.bob, Rsvp.YES)
    client.get(path)
    client.post(path)
    assert "sessionid" not in client.cookies
    assert client.get(reverse("sessions:session", args=[session.code])).url.startswith("/sign/login/")  # type: ignore[attr-defined]
    page = client.get(path).content
    assert b"Carol" not in page
    assert b"bob@example.org" not in page


def test_a_link_ends_with_its_session_its_persons_place_and_the_secret(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    path = link(session, people.bob, Rsvp.YES)
    clock.move_to(session.starts_at - timedelta(seconds=1))
    assert Client().get(path).status_code == 200
    clock.move_to(session.starts_at)
    assert refused(path)
    clock.move_to(NOW)
    with override_settings(SECRET_KEY="another secret that is long enough for it"):
        assert Client().get(path).status_code == 404
    other = make_session(people.circle, people.alice, in_=timedelta(days=9))
    off, left, gone = (link(other, user, Rsvp.YES) for user in (people.alice, people.carol, people.dave))
    circle_leave(membership=people.circle.memberships.get(user=people.carol), now=NOW)
    assert refused(left)
    person_has_left(user=people.dave, by=User.objects.create_superuser("sue@example.org", "x"), now=NOW)
    assert Client().get(gone).status_code == 404
    session_cancel(session=other, now=NOW)
    assert refused(off)
    assert not Participation.objects.exclude(rsvp="").exists()


def refused(path: str) -> bool:
    """Neither the page nor its button answers any more, and both say so."""
    said = [Client().get(path), Client().post(path)]
    return all(one.status_code == 404 and b"This link answers no more" in one.content for one in said)


@pytest.mark.parametrize("token", ["nothing", "a:b:c", "é", "x" * 900, "WyIxIiwieWVzIl0:1:2"])
def test_what_is_no_link_of_ours_is_a_404(people: Cast, token: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(reverse("sessions:answer_open", args=[token]))
        assert answer.status_code == 404


def test_an_altered_link_answers_for_nobody(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    path = link(session, people.bob, Rsvp.YES)
    before, token = everything(), path.rstrip("/").rsplit("/", 1)[1]
    for at in range(0, len(token), 4):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert Client().post(path.replace(token, changed)).status_code in (404, 429)
    assert everything() == before


def test_the_mail_that_asks_has_three_links_where_nobody_is_invited_by_calendar(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    outbox.turn()
    mail.outbox.clear()
    messages_put(kind=RSVP_WANTED, about=about_session(session), to=[people.bob], due_at=NOW, now=NOW)
    outbox.turn()
    (asked,) = mail.outbox
    links = re.findall(r"^(I come|Not sure|I cannot): (http\S+/answer/\S+)$", str(asked.body), re.MULTILINE)
    assert [label for label, _link in links] == ["I come", "Not sure", "I cannot"]
    assert [str(one.content).count("/answer/") for one in asked.alternatives] == [3]  # type: ignore[attr-defined]
    Client().post(links[2][1])
    assert said(session, people.bob) == "no"


def test_where_people_are_invited_by_calendar_the_mail_that_asks_is_an_invitation(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
        outbox.turn()
        mail.outbox.clear()
        messages_put(kind=RSVP_WANTED, about=about_session(session), to=[people.bob], due_at=NOW, now=NOW)
        outbox.turn()
    (asked,) = mail.outbox
    assert "/answer/" not in str(asked.body)
    assert "METHOD:REQUEST" in str(asked.message())


def handed_in(raw: bytes, *, at: datetime = NOW, secret: str = SECRET, **more: Any) -> Any:
    """A mail service hands a mail in."""
    stamp = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, sha256).hexdigest()
    heads = {"X-Timestamp": stamp, "X-Signature": f"sha256={signature}"} | more
    return Client(enforce_csrf_checks=True).post(
        reverse("sessions:answer_door"), raw, content_type="message/rfc822", headers=heads
    )


@pytest.fixture
def door() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example", ANSWER_DOOR_SECRET=SECRET):
        yield


def test_a_signed_mail_is_taken_in_as_from_the_mailbox(people: Cast, door: None) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED", at=NOW - MINUTE)
    assert [handed_in(raw).json() for _again in range(2)] == [{"understood": True}, {"understood": True}]
    assert handed_in(b"To: x\r\n\r\nwords").json() == {"understood": False}
    assert said(session, people.bob) == "yes"


def test_the_door_opens_to_nobody_without_the_secret(people: Cast, door: None) -> None:
    session = make_session(people.circle, people.alice)
    raw = reply(session, people.bob, "ACCEPTED", at=NOW - MINUTE)
    tries = [
        handed_in(raw, secret="another"),
        handed_in(raw, **{"X-Signature": ""}),
        handed_in(raw, **{"X-Timestamp": "soon"}),
        handed_in(raw, **{"X-Timestamp": str(int(NOW.timestamp()) + 1)}),
        handed_in(raw, at=NOW - timedelta(seconds=301)),
        handed_in(raw, at=NOW + timedelta(seconds=301)),
    ]
    with override_settings(ANSWER_DOOR_SECRET=""):
        tries.append(handed_in(raw, secret=""))
    assert [one.status_code for one in tries] == [404] * 7
    assert handed_in(raw, at=NOW - timedelta(seconds=300)).status_code == 200
    assert handed_in(b"a" * 1_048_577).status_code in (400, 413)
    assert AnswerToken.objects.count() == 1
