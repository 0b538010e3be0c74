"""Whoever is not signed in is nobody: not the first person of the database either, whose number comes next to none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from agreements import access as agreements
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.models import Commitment
from circles import access as circles
from circles.models import Circle, Membership
from programmes import access as programmes
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.models import Enrolment, Programme, PulseTicket, Round, RoundCircle
from programmes.pulse_services import pulse_open, pulses_plan
from sessions import access as sessions
from sessions.formats.access import get_format
from sessions.formats.library import definitions
from sessions.formats.services import format_copy
from sessions.guests.services import guest_accept, guest_invite
from tests.factories import NOW, make_circle, make_programme, make_session, make_user

pytestmark = pytest.mark.django_db
NOBODY: Any = AnonymousUser()


@pytest.fixture
def first(clock: Any) -> User:
    found = User.objects.filter(pk=1).first()
    return found or User.objects.create(pk=1, email="first@example.org", name="First Of All", zone_confirmed=True)


@pytest.fixture
def circle(first: User) -> Circle:
    return make_circle(first, [make_user(f"Other{at} Person") for at in range(5)])


def refused(*asked: Callable[[Any], Any], but_not: User) -> None:
    for ask in asked:
        ask(but_not)  # the question is a real one: they are answered
        with pytest.raises(Http404):
            ask(NOBODY)


def test_circles_sessions_and_formats(first: User, circle: Circle) -> None:
    session = make_session(circle, first)
    own = format_copy(circle=circle, definition=definitions()["council"], name="Ours", now=NOW)
    refused(
        lambda user: circles.get_seat(user, circle.code),
        lambda user: circles.get_circle_to_run(user, circle.code),
        lambda user: sessions.get_session(user, session.code),
        lambda user: sessions.get_session_to_run(user, session.code),
        lambda user: sessions.get_attended(user, session.code, now=NOW),
        lambda user: get_format(user, str(own.code)),
        but_not=first,
    )
    assert sessions.may_attend(first, session.code, now=NOW)
    assert not sessions.may_attend(NOBODY, session.code, now=NOW)


def test_a_guest(first: User) -> None:
    host = make_user("Host Person")
    session = make_session(make_circle(host, [make_user("Other Person")]), host)
    guest = guest_invite(session=session, name="First", email=first.email, by=host, now=NOW)
    guest_accept(guest=guest, user=first, now=NOW)
    refused(lambda user: sessions.get_attended(user, session.code, now=NOW), but_not=first)
    assert sessions.may_attend(first, session.code, now=NOW)
    assert not sessions.may_attend(NOBODY, session.code, now=NOW)


def test_commitments(first: User, circle: Circle) -> None:
    other = Membership.objects.filter(circle=circle).exclude(user=first)[0].user
    due = NOW.date() + timedelta(days=3)
    mine: Commitment = commitment_make(
        circle=circle, owner=first, details=CommitmentDetails("Mine", due, other), now=NOW
    )
    theirs = commitment_make(circle=circle, owner=other, details=CommitmentDetails("Theirs", due, first), now=NOW)
    refused(
        lambda user: agreements.get_own_commitment(user, mine.code),
        lambda user: agreements.get_own_commitment_inside(user, mine.code),
        lambda user: agreements.get_commitment_as_partner(user, theirs.code),
        lambda user: agreements.get_commitment_to_talk_about(user, theirs.code),
        but_not=first,
    )


def test_programmes(first: User, circle: Circle) -> None:
    led, closed = make_programme(first), make_programme(make_user("Dana Lead"), name="Closed")
    enrolment_make(programme=closed, user=first, yes=EnrolmentDetails(), now=NOW)
    Programme.objects.filter(pk=closed.pk).update(is_open=False)
    round_ = Round.objects.create(programme=led, number=1, first_on=NOW.date(), published_at=NOW)
    RoundCircle.objects.create(round=round_, circle=circle)
    pulses_plan(round_=round_, first_on=NOW.date())
    pulse_open(pulse=round_.pulses.get(moment="start"), now=NOW)
    ticket = PulseTicket.objects.get(user=first)
    refused(
        lambda user: programmes.get_programme(user, led.code, now=NOW),
        lambda user: programmes.get_round(user, round_.code, now=NOW),
        lambda user: programmes.get_pulse(user, ticket.pulse.code, now=NOW),
        lambda user: programmes.get_enrolment(user, closed.code),
        lambda user: programmes.get_to_join(user, closed.code, "", now=NOW),
        lambda user: programmes.get_ticket(user, ticket.code),
        but_not=first,
    )
    Enrolment.objects.filter(user=first).update(status="withdrawn")
    refused(lambda user: programmes.get_withdrawn(user, closed.code), but_not=first)
