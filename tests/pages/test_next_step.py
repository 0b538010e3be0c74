"""What a facilitator's circle page puts first: what is theirs to do now."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from circles.invitation_services import members_invite
from circles.models import Covenant
from notifications.outbox import turn
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_circle, make_session, sign, signed_in

pytestmark = pytest.mark.django_db


def shown(people: Cast, circle: Any = None) -> str:
    found = signed_in(people.alice).get(reverse("pages:circle", args=[(circle or people.circle).code]))
    return " ".join(found.content.decode().split())


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    Covenant.objects.update(sessions=1)
    return make_session(people.circle, people.alice)


def test_whoever_has_signed_is_not_asked_to_and_can_remind_the_others(
    people: Cast, session: CircleSession, clock: Any
) -> None:
    assert "You have not signed yet." in shown(people)
    sign(people.circle, people.alice, people.bob)
    page = shown(people)
    assert "Nothing for you to do now" in page
    assert "Not signed yet: Carol Cook, Dave Dyer." in page
    assert "Open the agreement" not in page
    turn()
    mail.outbox.clear()
    path = reverse("sessions:sign_remind", args=[people.circle.code])
    alice = signed_in(people.alice)
    assert "2 people are reminded by mail." in alice.post(path, follow=True).content.decode()
    alice.post(path)
    turn()
    assert sorted(message.to[0] for message in mail.outbox) == ["carol@example.org", "dave@example.org"]
    sign(people.circle, people.carol, people.dave)
    assert "Everything is ready for" in shown(people)


def test_with_no_date_nobody_can_be_reminded_before_a_session(people: Cast, clock: Any) -> None:
    path = reverse("sessions:sign_remind", args=[people.circle.code])
    assert "Set a date first." in signed_in(people.alice).post(path, follow=True).content.decode()


def test_who_has_invited_enough_waits_for_answers(people: Cast, clock: Any) -> None:
    circle = make_circle(people.alice, name="Young circle")
    assert "Invite people" in shown(people, circle)
    members_invite(circle=circle, emails=["x@example.org", "y@example.org"], by=people.alice, now=NOW)
    sign(circle, people.alice)
    Covenant.objects.update(sessions=1)
    make_session(circle, people.alice)
    page = shown(people, circle)
    assert "You wait for others" in page
    assert "2 invitations wait for an answer." in page


def test_the_other_dates_are_next_while_some_are_missing(people: Cast, session: CircleSession) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    Covenant.objects.update(sessions=6)
    page = shown(people)
    assert "Plan the other sessions" in page
    assert "1 of 6 dates are set." in page


@pytest.mark.parametrize("minutes", [-30, 6])
def test_a_session_that_is_near_or_late_comes_first(
    people: Cast, session: CircleSession, clock: Any, minutes: int
) -> None:
    assert "Go to the live room" not in shown(people)
    clock.move_to(session.starts_at + timedelta(minutes=minutes))
    page = shown(people)
    assert "You have not signed yet." not in page
    assert page.count("Go to the live room") == 2
