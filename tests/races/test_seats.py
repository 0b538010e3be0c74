"""Races about seats and people: the last seat, leaving, removing, closing, who looks after a circle."""

import pytest

from accounts.models import User
from circles.change_services import change_object, facilitator_stop, hosting_say
from circles.covenant_services import covenant_settle, decision_say
from circles.invitation_services import invitation_accept, invitation_resend, members_invite, slip_settle, slips_make
from circles.membership_services import facilitator_add, facilitator_appoint, member_leave
from circles.models import Announcement, Circle, Covenant, Invitation, Membership, SelfRunVoice
from circles.removal_services import removal_agree, removal_ask
from circles.services import circle_hold
from notifications.models import Message
from pages.departure_services import person_has_left
from pages.ending_services import circle_close, circle_leave, closing_announce, closings_take_effect
from pages.erasing_services import person_erase
from programmes.enrolment_services import people_invite
from tests.factories import NOW, Cast, make_circle, make_programme, make_user
from tests.races.racing import LATER, Made, Race, again, in_both_orders, invited, one_refused, run, seat

RACES: list[Made] = []


def race(made: Made) -> Made:
    RACES.append(made)
    return made


def seats_taken(people: Cast) -> int:
    return Membership.objects.filter(circle=people.circle, left_at=None, takes_part=True).count()


def looked_after(people: Cast) -> bool:
    rows = Membership.objects.filter(circle=people.circle, left_at=None, facilitates=True, user__is_active=True)
    return rows.exists()


@race
def the_last_seat_is_given_once(people: Cast) -> Race:
    one, other = invited(people, "erin@example.org", "zoe@example.org")
    Circle.objects.update(max_size=5)
    zoe = make_user("Zoe Zane")
    said = yield (
        lambda: invitation_accept(invitation=one, user=people.erin, now=NOW),
        lambda: invitation_accept(invitation=other, user=zoe, now=NOW),
    )
    assert one_refused(said)
    assert seats_taken(people) == 5


@race
def a_slip_and_an_invitation_share_no_seat(people: Cast) -> Race:
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    invitation_accept(invitation=slip, user=people.erin, now=NOW)
    (other,) = invited(people, "zoe@example.org")
    Circle.objects.update(max_size=5)
    zoe, claimed = make_user("Zoe Zane"), again(slip)
    said = yield (
        lambda: slip_settle(invitation=claimed, confirm=True, by=people.alice, now=NOW),
        lambda: invitation_accept(invitation=other, user=zoe, now=NOW),
    )
    assert one_refused(said)
    assert seats_taken(people) == 5


@race
def one_address_is_invited_once(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    said = yield (
        lambda: members_invite(circle=one, emails=["zoe@example.org"], by=people.alice, now=NOW),
        lambda: members_invite(circle=other, emails=["zoe@example.org"], by=people.bob, now=NOW),
    )
    assert said == ["", ""]
    assert Invitation.objects.filter(email="zoe@example.org").count() == 1


@race
def one_address_gets_five_mails_a_day_from_all_circles_together(people: Cast) -> Race:
    stranger = "zoe@example.org"
    for number in range(4):
        host = make_user(f"Host{number} Host")
        members_invite(circle=make_circle(host), emails=[stranger], by=host, now=NOW)
    one, other = again(people.circle), again(make_circle(people.erin))
    said = yield (
        lambda: members_invite(circle=one, emails=[stranger], by=people.alice, now=NOW),
        lambda: members_invite(circle=other, emails=[stranger], by=people.erin, now=NOW),
    )
    assert said == ["", ""]
    assert Message.objects.filter(email=stranger).count() == 5


@race
def a_circle_and_a_programme_share_what_one_address_gets(people: Cast) -> Race:
    stranger = "zoe@example.org"
    for number in range(4):
        host = make_user(f"Host{number} Host")
        members_invite(circle=make_circle(host), emails=[stranger], by=host, now=NOW)
    one, programme = again(people.circle), make_programme(people.erin)
    said = yield (
        lambda: members_invite(circle=one, emails=[stranger], by=people.alice, now=NOW),
        lambda: people_invite(programme=programme, people={stranger: {}}, by=people.erin, now=NOW),
    )
    assert said == ["", ""]
    assert Message.objects.filter(email=stranger).count() == 5


@race
def no_more_are_invited_than_there_are_seats(people: Cast) -> Race:
    Circle.objects.update(max_size=6)
    one, other = again(people.circle), again(people.circle)
    yield (
        lambda: members_invite(circle=one, emails=["zoe@example.org", "x@example.org"], by=people.alice, now=NOW),
        lambda: slips_make(circle=other, number=2, by=people.bob, now=NOW),
    )
    assert Invitation.objects.count() == 2


@race
def an_invitation_is_sent_again_once(people: Cast) -> Race:
    (one,) = invited(people, "zoe@example.org")
    other = again(one)
    said = yield (
        lambda: invitation_resend(invitation=one, by=people.alice, now=NOW),
        lambda: invitation_resend(invitation=other, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert Invitation.objects.filter(revoked_at=None).count() == 1


@race
def nobody_joins_a_circle_that_closes(people: Cast) -> Race:
    (one,) = invited(people, "erin@example.org")
    circle = again(people.circle)
    said = yield (
        lambda: circle_close(circle=circle, by=people.alice, now=NOW),
        lambda: invitation_accept(invitation=one, user=people.erin, now=NOW),
    )
    assert (seats_taken(people) == 5) is (said[1] == "")
    assert not Invitation.objects.filter(used_at=None, revoked_at=None).exists()


@race
def a_closed_circle_stays_closed(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    yield (
        lambda: circle_close(circle=one, by=people.alice, now=NOW),
        lambda: circle_hold(circle=other, on_hold=True, by=people.alice, now=NOW),
    )
    assert Circle.objects.get().status == "closed"


@race
def a_circle_is_closed_while_somebody_objects(people: Cast) -> Race:
    closing_announce(circle=people.circle, by=people.alice, now=NOW)
    change, later = Announcement.objects.get(), NOW + LATER
    said = yield (
        lambda: change_object(change=change, by=people.bob, now=later),
        lambda: closings_take_effect(now=later),
    )
    assert Circle.objects.get().status == ("closed" if said[0] else "open")


@race
def the_last_two_leave(people: Cast) -> Race:
    Membership.objects.filter(user__in=[people.carol, people.dave]).update(left_at=NOW)
    one, other = seat(people, people.bob), seat(people, people.alice)
    said = yield lambda: circle_leave(membership=one, now=NOW), lambda: circle_leave(membership=other, now=NOW)
    assert seats_taken(people) == (1 if said[1] else 0)
    assert Circle.objects.get().status == ("open" if said[1] else "closed")


def _two_look_after(people: Cast) -> None:
    facilitator_add(membership=seat(people, people.bob), by=people.alice, now=NOW)


@race
def both_who_look_after_it_leave(people: Cast) -> Race:
    _two_look_after(people)
    one, other = seat(people, people.alice), seat(people, people.bob)
    said = yield lambda: member_leave(membership=one, now=NOW), lambda: member_leave(membership=other, now=NOW)
    assert one_refused(said)
    assert looked_after(people)


@race
def both_who_look_after_it_are_removed(people: Cast) -> Race:
    _two_look_after(people)
    one = again(removal_ask(membership=seat(people, people.bob), by=people.alice, now=NOW))
    other = again(removal_ask(membership=seat(people, people.alice), by=people.bob, now=NOW))
    yield (
        lambda: removal_agree(removal=one, by=people.carol, now=NOW),
        lambda: removal_agree(removal=other, by=people.dave, now=NOW),
    )
    assert looked_after(people)


@race
def one_leaves_while_the_other_is_removed(people: Cast) -> Race:
    _two_look_after(people)
    removal = again(removal_ask(membership=seat(people, people.bob), by=people.alice, now=NOW))
    leaving = seat(people, people.alice)
    yield (
        lambda: removal_agree(removal=removal, by=people.carol, now=NOW),
        lambda: member_leave(membership=leaving, now=NOW),
    )
    assert looked_after(people)


@race
def two_agree_to_one_removal(people: Cast) -> Race:
    removal = removal_ask(membership=seat(people, people.dave), by=people.alice, now=NOW)
    one, other = again(removal), again(removal)
    said = yield (
        lambda: removal_agree(removal=one, by=people.bob, now=NOW),
        lambda: removal_agree(removal=other, by=people.carol, now=NOW),
    )
    assert one_refused(said)


@race
def both_stop_looking_after_it(people: Cast) -> Race:
    _two_look_after(people)
    one, other = seat(people, people.alice), seat(people, people.bob)
    said = yield lambda: facilitator_stop(membership=one, now=NOW), lambda: facilitator_stop(membership=other, now=NOW)
    assert one_refused(said)
    assert looked_after(people)


@race
def one_has_left_the_organisation_while_the_other_leaves(people: Cast) -> Race:
    _two_look_after(people)
    sue = User.objects.create_superuser("sue@example.org", name="Sue Site")
    gone, leaving = again(people.bob), seat(people, people.alice)
    yield lambda: person_has_left(user=gone, by=sue, now=NOW), lambda: member_leave(membership=leaving, now=NOW)
    assert looked_after(people)


@race
def both_who_look_after_it_are_erased(people: Cast) -> Race:
    _two_look_after(people)
    one, other = again(people.alice), again(people.bob)
    said = yield lambda: person_erase(user=one, now=NOW), lambda: person_erase(user=other, now=NOW)
    assert one_refused(said)
    assert looked_after(people)


@race
def one_is_appointed_where_nobody_looks_after_it(people: Cast) -> Race:
    Membership.objects.update(facilitates=False)
    one, other = again(people.circle), again(people.circle)
    erin, zoe = again(people.erin), make_user("Zoe Zane")
    said = yield (
        lambda: facilitator_appoint(circle=one, user=erin, by=people.alice, administrator=False, now=NOW),
        lambda: facilitator_appoint(circle=other, user=zoe, by=people.alice, administrator=False, now=NOW),
    )
    assert one_refused(said)
    assert Membership.objects.filter(facilitates=True).count() == 1


@race
def the_last_two_say_yes_to_hosting_themselves(people: Cast) -> Race:
    for user in (people.alice, people.bob):
        hosting_say(circle=people.circle, user=user, yes=True, now=NOW)
    one, other = again(people.circle), again(people.circle)
    yield (
        lambda: hosting_say(circle=one, user=people.carol, yes=True, now=NOW),
        lambda: hosting_say(circle=other, user=people.dave, yes=True, now=NOW),
    )
    assert Circle.objects.get().self_run
    assert SelfRunVoice.objects.count() == 4


@race
def two_settle_what_the_circle_wants(people: Cast) -> Race:
    covenant = Covenant.objects.get()
    for user in (people.alice, people.bob, people.carol):
        decision_say(covenant=covenant, user=user, choice="carry_on")
    one, other = again(covenant), again(covenant)
    said = yield (
        lambda: covenant_settle(covenant=one, sessions=6, by=people.alice, now=NOW),
        lambda: covenant_settle(covenant=other, sessions=6, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert list(Covenant.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
