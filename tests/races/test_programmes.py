"""Races in programmes: places, invitations, administrators, boards."""

import pytest

from accounts.services import availability_add
from circles.membership_services import facilitator_add
from circles.models import Circle, Invitation, Membership
from pages.erasing_services import person_erase
from programmes.asking_services import admin_add, admin_ask, admin_remove, facilitator_answer, facilitators_ask
from programmes.board_services import person_place
from programmes.enrolment_services import (
    EnrolmentDetails,
    enrolment_make,
    enrolment_withdraw,
    people_invite,
    quote_offer,
)
from programmes.forming_services import draft_add, draft_change, round_begin, round_publish
from programmes.models import (
    AdminInvitation,
    DraftCircle,
    Enrolment,
    FacilitatorAsked,
    ProgrammeAdmin,
    ProgrammeInvitation,
    Quote,
    Round,
)
from programmes.services import programme_end
from tests.factories import NOW, Cast, make_programme
from tests.races.racing import LATER, Made, Race, again, in_both_orders, one_refused, run, seat

RACES: list[Made] = []


def race(made: Made) -> Made:
    RACES.append(made)
    return made


@race
def the_last_place_is_given_once(people: Cast) -> Race:
    programme = make_programme(people.alice, places=1)
    one, other = again(programme), again(programme)
    yield (
        lambda: enrolment_make(programme=one, user=people.bob, yes=EnrolmentDetails(), now=NOW),
        lambda: enrolment_make(programme=other, user=people.carol, yes=EnrolmentDetails(), now=NOW),
    )
    assert sorted(Enrolment.objects.values_list("status", flat=True)) == ["enrolled", "waiting"]


@race
def one_person_asks_for_a_place_twice(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: enrolment_make(programme=one, user=again(people.bob), yes=EnrolmentDetails(), now=NOW),
        lambda: enrolment_make(programme=other, user=again(people.bob), yes=EnrolmentDetails(), now=NOW),
    )
    assert said == ["", ""]
    assert Enrolment.objects.count() == 1


@race
def one_sentence_is_offered_twice(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: quote_offer(programme=one, user=again(people.bob), text="a", with_name=False, now=NOW),
        lambda: quote_offer(programme=other, user=again(people.bob), text="b", with_name=False, now=NOW),
    )
    assert said == ["", ""]
    assert Quote.objects.count() == 1


@race
def one_address_is_invited_to_a_programme_once(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: people_invite(programme=one, people={"zoe@example.org": {}}, by=people.alice, now=NOW),
        lambda: people_invite(programme=other, people={"zoe@example.org": {}}, by=people.bob, now=NOW),
    )
    assert said == ["", ""]
    assert ProgrammeInvitation.objects.count() == 1


@race
def two_administrators_remove_each_other(people: Cast) -> Race:
    programme = make_programme(people.alice)
    admin_add(programme=programme, user=people.bob, now=NOW)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: admin_remove(programme=one, user=people.alice, by=people.alice, now=NOW),
        lambda: admin_remove(programme=other, user=people.bob, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert ProgrammeAdmin.objects.count() == 1


@race
def one_board_at_a_time(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other, day = again(programme), again(programme), (NOW + LATER).date()
    said = yield (
        lambda: round_begin(programme=one, first_on=day),
        lambda: round_begin(programme=other, first_on=day),
    )
    assert one_refused(said)
    assert Round.objects.count() == 1


@race
def no_board_begins_in_a_programme_that_ends(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other, day = again(programme), again(programme), (NOW + LATER).date()
    yield lambda: programme_end(programme=one, now=NOW), lambda: round_begin(programme=other, first_on=day)
    programme.refresh_from_db()
    assert programme.ended_at == NOW


def _board(people: Cast) -> tuple[Round, list[Enrolment]]:
    """One circle of four on a board, with everything it needs."""
    programme = make_programme(people.erin, min_size=3, sessions=2)
    rows = []
    for user in (people.alice, people.bob, people.carol, people.dave):
        availability_add(user=user, weekdays=[1], start=540, end=720, level="good")
        rows.append(enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(), now=NOW))
    round_ = round_begin(programme=programme, first_on=(NOW + 2 * LATER).date())
    draft = DraftCircle.objects.get()
    for row in rows:
        person_place(round_=round_, enrolment=row, draft=draft)
    draft_change(draft=draft, name="Alder", facilitator=people.alice, first_on=None, first_at=None)
    facilitators_ask(round_=round_, by=people.erin, now=NOW)
    facilitator_answer(asked=FacilitatorAsked.objects.get(), yes=True, now=NOW)
    return round_, rows


@race
def a_board_is_published_once(people: Cast) -> Race:
    round_, _rows = _board(people)
    one, other = again(round_), again(round_)
    said = yield (
        lambda: round_publish(round_=one, by=people.erin, now=NOW),
        lambda: round_publish(round_=other, by=people.erin, now=NOW),
    )
    assert one_refused(said)
    assert (Circle.objects.count(), Invitation.objects.count()) == (2, 3)


@race
def nobody_looks_after_a_circle_who_says_no(people: Cast) -> Race:
    round_, _rows = _board(people)
    one, asked = again(round_), FacilitatorAsked.objects.select_related("round__programme", "user", "asked_by").get()
    said = yield (
        lambda: round_publish(round_=one, by=people.erin, now=NOW),
        lambda: facilitator_answer(asked=asked, yes=False, now=NOW),
    )
    assert one_refused(said)
    asked.refresh_from_db()
    assert Circle.objects.filter(name="Alder").exists() is asked.yes


@race
def one_address_is_asked_to_administer_once(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: admin_ask(programme=one, email="zoe@example.org", by=people.alice, now=NOW),
        lambda: admin_ask(programme=other, email="zoe@example.org", by=people.alice, now=NOW),
    )
    assert said == ["", ""]
    assert AdminInvitation.objects.count() == 1


@race
def nobody_is_invited_who_withdraws(people: Cast) -> Race:
    round_, rows = _board(people)
    one, other = again(round_), again(rows[3])
    said = yield (
        lambda: round_publish(round_=one, by=people.erin, now=NOW),
        lambda: enrolment_withdraw(enrolment=other, now=NOW),
    )
    assert said == ["", ""]
    assert Enrolment.objects.get(pk=other.pk).status == "withdrawn"


@race
def a_published_board_stays_as_it_was(people: Cast) -> Race:
    round_, _rows = _board(people)
    one, other = again(round_), again(round_)
    said = yield (
        lambda: round_publish(round_=one, by=people.erin, now=NOW),
        lambda: draft_add(round_=other),
    )
    assert one_refused(said)  # a circle without anybody is in the way of publishing


@race
def two_circles_are_added_to_a_board(people: Cast) -> Race:
    round_, _rows = _board(people)
    one, other = again(round_), again(round_)
    said = yield lambda: draft_add(round_=one), lambda: draft_add(round_=other)
    assert said == ["", ""]
    assert sorted(DraftCircle.objects.values_list("name", flat=True)) == ["Alder", "Birch", "Cedar"]


@race
def whoever_looks_after_a_circle_to_be_is_erased(people: Cast) -> Race:
    round_, _rows = _board(people)
    for user in (people.bob, people.carol):
        facilitator_add(membership=seat(people, user), by=people.alice, now=NOW)
    one, alice = again(round_), again(people.alice)
    yield lambda: round_publish(round_=one, by=people.erin, now=NOW), lambda: person_erase(user=alice, now=NOW)
    for circle in Circle.objects.all():
        members = Membership.objects.filter(circle=circle, left_at=None)
        assert not members.filter(user__is_active=False).exists()


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
