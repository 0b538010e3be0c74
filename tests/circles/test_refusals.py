"""What is refused about circles, each in its words: also where a page does not offer it any more."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from accounts.refusals import Gone, Refused
from circles.access import CircleClosed, get_circle, get_circle_to_run
from circles.change_services import facilitation_answer, facilitation_ask
from circles.invitation_services import (
    invitation_accept,
    invitation_decline,
    invitation_resend,
    invitation_revoke,
    invited_count,
    members_invite,
    room_left,
    slip_settle,
    slips_make,
)
from circles.membership_services import facilitator_appoint, member_leave
from circles.models import Announcement, AuditEntry, Circle, Invitation, Membership, RemovalRequest, Vault
from circles.removal_services import removal_agree, removal_ask, removal_withdraw
from tests.factories import NOW, Cast, make_user, signed_in

pytestmark = pytest.mark.django_db


def seat(people: Cast, name: str) -> Membership:
    return Membership.objects.select_related("circle", "user").get(circle=people.circle, user=getattr(people, name))


def invited(people: Cast, email: str = "erin@example.org") -> Invitation:
    return members_invite(circle=people.circle, emails=[email], by=people.alice, now=NOW).sent[0]


def test_what_was_answered_or_decided_is_not_taken_back(people: Cast) -> None:
    """And the trail does not say that it was."""
    invitation = invited(people)
    stale = Invitation.objects.get(pk=invitation.pk)
    invitation_accept(invitation=invitation, user=people.erin, now=NOW)
    trail = AuditEntry.objects.count()
    page = reverse("circles:invitation_revoke", args=[people.circle.code, invitation.code])
    told = signed_in(people.alice).post(page, follow=True).content.decode()
    assert ("answered or withdrawn meanwhile" in told, "no longer works" in told) == (True, False)
    with pytest.raises(Refused, match="answered or withdrawn"):
        invitation_revoke(invitation=stale, by=people.alice, now=NOW)
    assert AuditEntry.objects.count() == trail
    removal = removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    asked = RemovalRequest.objects.get(pk=removal.pk)
    removal_agree(removal=removal, by=people.bob, now=NOW)
    with pytest.raises(Refused, match="settled meanwhile"):
        removal_withdraw(removal=asked, now=NOW)


def test_a_circle_that_is_full_lets_nobody_else_in(people: Cast) -> None:
    invitation = invited(people)
    Circle.objects.update(max_size=4)
    with pytest.raises(Refused, match="This circle is full now"):
        invitation_accept(invitation=invitation, user=people.erin, now=NOW)
    assert Membership.objects.filter(circle=people.circle, left_at=None).count() == 4
    invitation.refresh_from_db()
    assert invitation.used_at is None, "it can be used once there is room"
    Circle.objects.update(max_size=5)
    assert invitation_accept(invitation=invitation, user=people.erin, now=NOW) is True


def test_a_closed_circle_is_read_and_nothing_new_begins_in_it(people: Cast) -> None:
    code = people.circle.code
    with pytest.raises(Http404):
        get_circle_to_run(people.bob, code)
    assert get_circle_to_run(people.alice, code).circle == people.circle
    Circle.objects.update(closed_at=NOW, status="closed")
    assert get_circle(people.bob, code).circle == people.circle
    with pytest.raises(CircleClosed, match="can be read, and nothing new begins in it"):
        get_circle(people.bob, code, writes=True)
    with pytest.raises(CircleClosed, match="nothing new begins in it"):
        get_circle_to_run(people.alice, code)
    Vault.objects.update(destroyed_at=NOW, wrapped_key=None)
    with pytest.raises(CircleClosed, match="What was said in this circle has been deleted"):
        get_circle(people.bob, code)


def test_seats_are_kept_for_open_invitations_and_for_slips_that_wait(people: Cast) -> None:
    """Four of eight are in. A slip counts until it is confirmed or not, however long it takes."""
    slips = slips_make(circle=people.circle, number=2, by=people.alice, now=NOW)
    other = invited(people, "other@example.org")
    assert (invited_count(people.circle, now=NOW), room_left(people.circle, now=NOW)) == (3, 1)
    invitation_accept(invitation=slips[0], user=people.erin, now=NOW)
    assert room_left(people.circle, now=NOW) == 1, "claimed and not confirmed"
    later = NOW + timedelta(days=21)
    assert room_left(people.circle, now=later) == 3, "what ran out keeps no seat, what was claimed does"
    assert room_left(people.circle, now=later - timedelta(microseconds=1)) == 1
    slip_settle(invitation=slips[0], confirm=False, by=people.alice, now=NOW)
    assert room_left(people.circle, now=NOW) == 2
    invitation_revoke(invitation=other, by=people.alice, now=NOW)
    assert room_left(people.circle, now=NOW) == 3
    with pytest.raises(Refused, match="not that many free seats"):
        slips_make(circle=people.circle, number=4, by=people.alice, now=NOW)
    assert len(slips_make(circle=people.circle, number=3, by=people.alice, now=NOW)) == 3


def test_a_slip_is_settled_once(people: Cast) -> None:
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    with pytest.raises(Refused, match="settled already"):
        slip_settle(invitation=slip, confirm=True, by=people.alice, now=NOW)
    invitation_accept(invitation=slip, user=people.erin, now=NOW)
    assert slip_settle(invitation=slip, confirm=False, by=people.alice, now=NOW) is False
    with pytest.raises(Refused, match="settled already"):
        slip_settle(invitation=slip, confirm=True, by=people.alice, now=NOW)
    assert not Membership.objects.filter(user=people.erin).exists()


def test_an_invitation_is_used_by_one_answer_of_whom_it_was_mailed_to(people: Cast) -> None:
    invitation = invited(people)
    zoe = make_user("Zoe Zane")
    with pytest.raises(Refused, match="sent to another address"):
        invitation_accept(invitation=invitation, user=zoe, now=NOW, by_mail=True)
    with pytest.raises(Refused, match="in this circle already"):
        invitation_accept(invitation=invitation, user=people.bob, now=NOW)
    invitation_accept(invitation=invitation, user=people.erin, now=NOW, by_mail=True)
    with pytest.raises(Gone, match="no longer works"):
        invitation_accept(invitation=invitation, user=zoe, now=NOW)
    with pytest.raises(Gone, match="no longer works"):
        invitation_decline(invitation=invitation, word="", now=NOW)


def test_one_circle_sends_three_times_a_day_to_one_address(people: Cast) -> None:
    for _again in range(2):
        invitation_resend(
            invitation=Invitation.objects.get(revoked_at=None) if _again else invited(people), by=people.alice, now=NOW
        )
    last = Invitation.objects.get(revoked_at=None)
    with pytest.raises(Refused, match="sent often today"):
        invitation_resend(invitation=last, by=people.alice, now=NOW + timedelta(days=1) - timedelta(microseconds=1))
    again = invitation_resend(
        invitation=Invitation.objects.get(pk=last.pk), by=people.alice, now=NOW + timedelta(days=1)
    )
    assert Invitation.objects.get(revoked_at=None) == again


def test_looking_after_it_is_asked_once_and_answered_once_by_whom_it_is_asked_of(people: Cast) -> None:
    with pytest.raises(Refused, match="look after the circle already"):
        facilitation_ask(membership=seat(people, "alice"), by=people.alice, now=NOW)
    change = facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    with pytest.raises(Refused, match="asked already"):
        facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    with pytest.raises(Refused, match="not asked of you"):
        facilitation_answer(change=change, by=people.carol, yes=True, now=NOW)
    stale = Announcement.objects.get(pk=change.pk)
    facilitation_answer(change=Announcement.objects.get(pk=change.pk), by=people.bob, yes=False, now=NOW)
    for yes in (True, False):
        with pytest.raises(Refused, match="settled meanwhile"):
            facilitation_answer(change=stale, by=people.bob, yes=yes, now=NOW)
    assert not seat(people, "bob").facilitates


def test_what_has_ended_meanwhile_is_not_ended_again(people: Cast) -> None:
    bob, stale = seat(people, "bob"), seat(people, "bob")
    member_leave(membership=bob, now=NOW)
    with pytest.raises(Refused, match="ended meanwhile"):
        member_leave(membership=stale, now=NOW + timedelta(hours=1))
    assert seat(people, "bob").left_at == NOW
    removal = removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    removal_agree(removal=removal, by=people.carol, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        removal_agree(removal=removal, by=people.carol, now=NOW)


def test_nobody_is_appointed_where_somebody_looks_after_the_circle(people: Cast) -> None:
    with pytest.raises(Refused, match="Its members choose who does next"):
        facilitator_appoint(circle=people.circle, user=people.erin, by=people.erin, administrator=True, now=NOW)
    Membership.objects.update(facilitates=False)
    Circle.objects.update(status="closed", closed_at=NOW)
    with pytest.raises(Refused, match="Its members choose who does next"):
        facilitator_appoint(circle=people.circle, user=people.erin, by=people.erin, administrator=True, now=NOW)
    assert not Membership.objects.filter(user=people.erin).exists()
