"""What a circle's overview puts first for whoever reads it, and what waits below: answered where it stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from circles.invitation_services import members_invite
from circles.models import Covenant
from notifications.outbox import turn
from sessions.enums import Rsvp
from sessions.models import CircleSession, Participation, PollAnswer, RoleSwap
from sessions.planning.bringing_services import rsvp_set
from sessions.planning.poll_services import poll_start
from tests.factories import NOW, Cast, make_circle, make_session, sign, signed_in

pytestmark = pytest.mark.django_db


def shown(people: Cast, circle: Any = None, user: User | None = None) -> str:
    found = signed_in(user or people.alice).get(reverse("pages:circle", args=[(circle or people.circle).code]))
    return " ".join(found.content.decode().split())


def step(page: str) -> str:
    """What the one next step says, with its buttons."""
    return page.split('aria-labelledby="step"')[1].split("</section>")[0]


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    Covenant.objects.update(sessions=1)
    return make_session(people.circle, people.alice)


def comes(session: CircleSession, *users: User) -> None:
    for user in users:
        rsvp_set(session=session, user=user, answer=Rsvp.YES, now=NOW)


def test_whoever_has_signed_is_not_asked_to_and_can_remind_the_others(
    people: Cast, session: CircleSession, clock: Any
) -> None:
    assert "Read the agreement and sign it" in step(shown(people))
    sign(people.circle, people.alice, people.bob)
    comes(session, people.alice)
    page = shown(people)
    assert "Nothing for you to do now" in step(page)
    assert "Not signed yet: Carol and Dave" in step(page)
    assert "Read and sign" not in page
    turn()
    mail.outbox.clear()
    path = reverse("sessions:sign_remind", args=[people.circle.code])
    alice = signed_in(people.alice)
    assert "2 people are reminded by mail." in alice.post(path, follow=True).content.decode()
    alice.post(path)
    turn()
    assert sorted(message.to[0] for message in mail.outbox) == ["carol@example.org", "dave@example.org"]
    sign(people.circle, people.carol, people.dave)
    assert "Everything is ready" in step(shown(people))


def test_with_no_date_nobody_can_be_reminded_before_a_session(people: Cast, clock: Any) -> None:
    path = reverse("sessions:sign_remind", args=[people.circle.code])
    assert "Set a date first." in signed_in(people.alice).post(path, follow=True).content.decode()


def test_who_has_invited_enough_waits_for_answers_and_sees_their_seats(people: Cast, clock: Any) -> None:
    circle = make_circle(people.alice, name="Young circle")
    sign(circle, people.alice)
    assert "2 more people and the circle can meet." in step(shown(people, circle))
    members_invite(circle=circle, emails=["x@example.org", "y@example.org"], by=people.alice, now=NOW)
    Covenant.objects.update(sessions=1)
    comes(make_session(circle, people.alice), people.alice)
    page = shown(people, circle)
    assert "2 invitations wait for an answer" in step(page)
    assert page.count("seat--away") == 2
    assert "Invited: X, Y." in page


def test_members_are_not_shown_who_is_invited(people: Cast, clock: Any) -> None:
    members_invite(circle=people.circle, emails=["x@example.org"], by=people.alice, now=NOW)
    assert "seat--away" in shown(people)
    assert "seat--away" not in shown(people, user=people.bob)


def test_the_other_dates_are_next_while_some_are_missing(people: Cast, session: CircleSession) -> None:
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    Covenant.objects.update(sessions=6)
    page = shown(people)
    assert "Plan the other sessions" in step(page)
    assert "1 of 6 dates are set." in step(page)
    assert "Plan the other sessions" not in shown(people, user=people.bob)


@pytest.mark.parametrize("minutes", [-59, 6])
def test_a_session_that_is_near_or_late_comes_first(
    people: Cast, session: CircleSession, clock: Any, minutes: int
) -> None:
    assert "Go to the live room" not in shown(people)
    clock.move_to(session.starts_at + timedelta(minutes=minutes))
    for user in (people.alice, people.bob):
        page = shown(people, user=user)
        assert "Go to the live room" in step(page)
        assert "Read the agreement and sign it" in page, "it waits below"
        assert page.count("btn--main") == 0, "one main action: the piece"


def test_a_member_answers_in_one_press_and_reads_there_that_it_is_said(people: Cast, session: CircleSession) -> None:
    sign(people.circle, people.bob)
    bob = signed_in(people.bob)
    page = shown(people, user=people.bob)
    assert "Do you come Thursday 14 January at 09:00?" in step(page)
    back = f"/circles/{people.circle.code}/#waits"
    assert f'value="{back}"' in step(page)
    answer = bob.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes", "next": back})
    assert answer.url == back
    page = " ".join(bob.get("/circles/" + str(people.circle.code) + "/").content.decode().split())
    assert "You come on Thursday 14 January." in page.split('id="waits"')[1]
    assert "You come on" not in page.split('id="waits"')[0]
    assert "Everything is ready" in step(page)
    assert Participation.objects.get(session=session, user=people.bob).rsvp == Rsvp.YES
    here = f"/sessions/{session.code}/#come"
    assert bob.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "no"}).url == here
    away = {"answer": "no", "next": "https://elsewhere.example/"}
    assert bob.post(reverse("sessions:rsvp", args=[session.code]), away).url == here


def test_a_role_and_a_poll_of_three_dates_are_answered_where_they_are_told_of(
    people: Cast, session: CircleSession, clock: Any
) -> None:
    sign(people.circle, people.bob)
    comes(session, people.bob)
    swap = RoleSwap.objects.create(
        session=session, role_key="scribe", asked_by=people.carol, asked=people.bob, asked_at=NOW
    )
    starts = [(NOW + timedelta(days=day)).replace(tzinfo=None) for day in (20, 21, 22)]
    poll = poll_start(circle=people.circle, starts=starts, zone="UTC", by=people.alice, now=NOW)
    page = shown(people, user=people.bob)
    assert "Carol asks you to be scribe on Thursday 14 January" in step(page)
    assert page.count(f'action="/polls/{poll.code}/"') == 1
    back = f"/circles/{people.circle.code}/#waits"
    levels = {f"level-{option.code}": "good" for option in poll.options.all()}
    answer = signed_in(people.bob).post(f"/polls/{poll.code}/", levels | {"next": back})
    assert answer.url == back
    assert PollAnswer.objects.filter(user=people.bob).count() == 3
    said = signed_in(people.bob).post(f"/swaps/{swap.code}/answer/", {"answer": "no", "next": back})
    assert said.url == back
    page = shown(people, user=people.bob)
    assert "asks you to be scribe" not in page
    assert "You have answered which time suits you" in page


def test_a_poll_of_more_dates_has_a_page(people: Cast, session: CircleSession, clock: Any) -> None:
    starts = [(NOW + timedelta(days=day)).replace(tzinfo=None) for day in (20, 21, 22, 23)]
    poll = poll_start(circle=people.circle, starts=starts, zone="UTC", by=people.alice, now=NOW)
    page = shown(people, user=people.bob)
    assert f'action="/polls/{poll.code}/"' not in page
    assert f'href="/polls/{poll.code}/"' in page


def test_four_lines_at_most_and_the_rest_one_press_away(people: Cast, session: CircleSession, clock: Any) -> None:
    for at in range(5):
        RoleSwap.objects.create(
            session=make_session(people.circle, people.alice, in_=timedelta(days=20 + at)), role_key="scribe",
            asked_by=people.carol, asked=people.bob, asked_at=NOW,
        )  # fmt: skip
    page = shown(people, user=people.bob)
    lines, more = page.split('id="waits"')[1].split("<details")[0], page.split("All that waits (2 more)")[1]
    assert lines.count("<li") == 4
    assert more.split("</ul>")[0].count("<li") == 2
