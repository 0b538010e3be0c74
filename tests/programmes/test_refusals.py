"""What is refused about programmes, each in its words: also where a page does not offer it any more."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.refusals import Refused
from circles.invitation_services import members_invite
from circles.models import Circle, Membership
from programmes.asking_services import admin_ask, facilitator_answer, facilitator_ask, facilitators_ask
from programmes.board_services import person_place
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.enums import statements_of
from programmes.forming_services import CIRCLES_AT_MOST, draft_add, draft_change, draft_drop, round_begin, round_publish
from programmes.models import (
    DraftCircle,
    Enrolment,
    FacilitatorAsked,
    Placement,
    Programme,
    Pulse,
    PulseAnswer,
    PulseTicket,
    Round,
    RoundCircle,
)
from programmes.pulse_services import PulseDetails, pulse_answer, pulse_change, pulse_freeze, pulse_open, pulses_plan
from programmes.services import programme_end
from tests.factories import NOW, make_circle, make_programme, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(clock: Any) -> User:
    return make_user("Dana Diaz")


@pytest.fixture
def programme(dana: User) -> Programme:
    return make_programme(dana)


def test_a_programme_that_is_not_open_takes_people_by_invitation(programme: Programme) -> None:
    Programme.objects.update(is_open=False)
    with pytest.raises(Refused, match="takes people by invitation"):
        enrolment_make(programme=programme, user=make_user("Zoe Zane"), yes=EnrolmentDetails(motive="m"), now=NOW)
    assert not Enrolment.objects.exists()


def test_the_last_day_to_ask_is_a_day_where_the_programme_is(dana: User) -> None:
    programme = make_programme(dana, enrol_until=date(2027, 1, 20), time_zone="America/New_York")
    enrolment_make(
        programme=programme,
        user=make_user("Zoe Zane"),
        yes=EnrolmentDetails(motive="m"),
        now=NOW.replace(day=21, hour=4),
    )
    with pytest.raises(Refused, match="last day to ask"):
        enrolment_make(
            programme=programme,
            user=make_user("Yve Young"),
            yes=EnrolmentDetails(motive="m"),
            now=NOW.replace(day=21, hour=5),
        )


def test_nobody_who_administers_or_had_many_mails_is_asked_to_administer(programme: Programme, dana: User) -> None:
    with pytest.raises(Refused, match="administer the programme already"):
        admin_ask(programme=programme, email=dana.email, by=dana, now=NOW)
    for number in range(5):
        host = make_user(f"Host{number} Host")
        members_invite(circle=make_circle(host), emails=["often@example.org"], by=host, now=NOW)
    with pytest.raises(Refused, match="many invitations today"):
        admin_ask(programme=programme, email="often@example.org", by=dana, now=NOW)


def test_a_board_holds_so_many_circles_of_different_names(programme: Programme, dana: User) -> None:
    round_ = round_begin(programme=programme, first_on=NOW.date() + timedelta(days=21))
    for _more in range(CIRCLES_AT_MOST - DraftCircle.objects.count()):
        draft_add(round_=round_)
    with pytest.raises(Refused, match="120 circles at most"):
        draft_add(round_=round_)
    one, other = DraftCircle.objects.order_by("pk")[:2]
    with pytest.raises(Refused, match="has that name"):
        draft_change(draft=one, name=other.name, facilitator=None, first_on=None, first_at=None)
    assert DraftCircle.objects.count() == CIRCLES_AT_MOST


def test_a_board_whose_circles_are_made_changes_no_more(programme: Programme, dana: User) -> None:
    zoe = enrolment_make(programme=programme, user=make_user("Zoe Zane"), yes=EnrolmentDetails(motive="m"), now=NOW)
    round_ = round_begin(programme=programme, first_on=NOW.date() + timedelta(days=21))
    draft = draft_add(round_=round_)
    Round.objects.update(published_at=NOW)
    for act in (
        lambda: draft_add(round_=round_),
        lambda: draft_drop(draft=draft),
        lambda: person_place(round_=round_, enrolment=zoe, draft=draft),
        lambda: round_publish(round_=round_, by=dana, now=NOW),
    ):
        with pytest.raises(Refused, match="made already"):
            act()
    assert (DraftCircle.objects.filter(pk=draft.pk).count(), Placement.objects.count()) == (1, 0)


def test_circles_are_made_of_a_board_that_has_what_it_takes_and_of_a_programme_that_goes_on(
    programme: Programme, dana: User
) -> None:
    round_ = round_begin(programme=programme, first_on=NOW.date() + timedelta(days=21))
    DraftCircle.objects.all().delete()
    with pytest.raises(Refused, match="no circle on the board"):
        round_publish(round_=round_, by=dana, now=NOW)
    draft = draft_add(round_=Round.objects.get())
    with pytest.raises(Refused, match=f"^{draft.name}: "):
        round_publish(round_=Round.objects.get(), by=dana, now=NOW)
    programme_end(programme=Programme.objects.get(), now=NOW)
    with pytest.raises(Refused, match="no more circles are made"):
        round_publish(round_=Round.objects.get(), by=dana, now=NOW)
    assert not Circle.objects.exists()


def test_whoever_is_asked_to_look_after_a_circle_answers_before_it_is_made(programme: Programme, dana: User) -> None:
    round_ = round_begin(programme=programme, first_on=NOW.date() + timedelta(days=21))
    draft, zoe = draft_add(round_=round_), make_user("Zoe Zane")
    draft_change(draft=draft, name=draft.name, facilitator=zoe, first_on=None, first_at=None)
    assert facilitators_ask(round_=round_, by=dana, now=NOW) == 1
    asked = FacilitatorAsked.objects.get()
    Round.objects.update(published_at=NOW)
    with pytest.raises(Refused, match="have been made meanwhile"):
        facilitator_answer(asked=asked, yes=True, now=NOW)
    assert FacilitatorAsked.objects.get().yes is None


def test_a_circle_without_anybody_who_looks_after_it_asks_each_once(programme: Programme, dana: User) -> None:
    round_ = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
    circle = make_circle(make_user("Ann Archer"), [make_user("Bea Baker")])
    of = RoundCircle.objects.create(round=round_, circle=circle)
    zoe = make_user("Zoe Zane")
    with pytest.raises(Refused, match="Its members choose who does next"):
        facilitator_ask(of=of, user=zoe, by=dana, now=NOW)
    Membership.objects.update(facilitates=False)
    facilitator_ask(of=of, user=zoe, by=dana, now=NOW)
    with pytest.raises(Refused, match="asked already"):
        facilitator_ask(of=of, user=zoe, by=dana, now=NOW)
    facilitator_answer(asked=FacilitatorAsked.objects.get(), yes=False, now=NOW)
    with pytest.raises(Refused, match="answered this already"):
        facilitator_answer(asked=FacilitatorAsked.objects.get(), yes=True, now=NOW)
    Circle.objects.update(status="closed", closed_at=NOW)
    with pytest.raises(Refused, match="Its members choose who does next"):
        facilitator_ask(of=RoundCircle.objects.get(), user=make_user("Yve Young"), by=dana, now=NOW)


def test_a_pulse_is_answered_once_while_it_is_open(programme: Programme) -> None:
    round_ = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
    RoundCircle.objects.create(round=round_, circle=make_circle(make_user("Ann Archer"), [make_user("Bea Baker")]))
    pulses_plan(round_=round_, first_on=NOW.date())
    pulse = Pulse.objects.get(moment="start")
    pulse_open(pulse=pulse, now=NOW)
    one, other = PulseTicket.objects.order_by("pk")
    answer = PulseDetails({one.value: 3 for one in statements_of("start")})
    pulse_answer(ticket=one, answer=answer)
    with pytest.raises(Refused, match="answered already"):
        pulse_answer(ticket=one, answer=answer)
    assert PulseAnswer.objects.count() == 1
    pulse_freeze(pulse=pulse, now=NOW)
    with pytest.raises(Refused, match="figures are fixed"):
        pulse_answer(ticket=other, answer=answer)
    with pytest.raises(Refused, match="figures are fixed"):
        pulse_change(pulse=pulse, opens_on=NOW.date(), closes_on=NOW.date() + timedelta(days=9))
    assert not PulseTicket.objects.get(pk=other.pk).answered
