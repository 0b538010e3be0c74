"""A circle ends as a whole: its dates, its invitations and its words, and everybody in it is told once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.refusals import Refused
from circles.change_services import WAITS, hosting_end
from circles.covenant_services import KEPT_AFTER_CLOSING, closed_empty
from circles.enums import Relied
from circles.invitation_services import invitation_accept, members_invite
from circles.membership_services import BACK_WITHIN
from circles.models import Announcement, Circle, Goal, Invitation, Membership
from circles.services import goal_write
from notifications.outbox import turn
from pages.departure_services import person_has_left, person_is_here
from pages.ending_services import (
    circle_close,
    circle_delete,
    circles_end_empty,
    closing_announce,
    facilitators_find,
)
from pages.erasing_services import person_erase
from pages.tasks import changes_due
from sessions.guests.services import guest_accept, guest_invite
from sessions.models import CircleSession, SessionRole
from tests.factories import NOW, Cast, make_circle, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def alone(people: Cast, clock: Any) -> Circle:
    """Erin's circle: one address is invited, one session dated, nobody came yet."""
    circle = make_circle(people.erin, name="Rowan circle")
    members_invite(circle=circle, emails=["zoe@example.org"], by=people.erin, now=NOW)
    make_session(circle, people.erin)
    turn()
    mail.outbox.clear()
    return circle


def page(circle: Circle, name: str) -> str:
    return reverse(f"pages:{name}", args=[circle.code])


def sent() -> dict[str, list[str]]:
    """Subjects by whom they went to, since the last look."""
    turn()
    told: dict[str, list[str]] = {}
    for message in mail.outbox:
        told.setdefault(message.to[0].split("@")[0], []).append(message.subject)
    mail.outbox.clear()
    return told


def has_ended(circle: Circle) -> bool:
    circle.refresh_from_db()
    dates = set(CircleSession.objects.filter(circle=circle).values_list("status", flat=True))
    out = Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None)
    return (circle.status, dates - {"ended"}, out.count()) == ("closed", {"cancelled"}, 0)


def held(circle: Circle) -> None:
    session = make_session(circle, circle.memberships.get(facilitates=True).user, in_=timedelta(days=9))
    when = NOW - timedelta(days=1)
    CircleSession.objects.filter(pk=session.pk).update(status="ended", starts_at=when, started_at=when, ended_at=NOW)


def test_the_last_person_out_ends_the_circle_and_reads_so_before(people: Cast, alone: Circle) -> None:
    erin = signed_in(people.erin)
    shown = erin.get(page(alone, "leave")).content.decode()
    for said in ("You are the last one in it", "The invitation that is out stops working", "Thursday 14 January"):
        assert said in shown
    assert "has ended" in erin.post(page(alone, "leave"), follow=True).content.decode()
    assert has_ended(alone)
    zoe, invitation = make_user("Zoe Zorn"), Invitation.objects.get(circle=alone)
    with pytest.raises(Refused):
        invitation_accept(invitation=invitation, user=zoe, now=NOW, by_mail=True)
    assert not Membership.objects.filter(circle=alone, left_at=None).exists()


def test_somebody_who_stays_does_not_end_it(people: Cast, clock: Any) -> None:
    bob = signed_in(people.bob)
    assert "the circle ends" not in bob.get(page(people.circle, "leave")).content.decode()
    bob.post(page(people.circle, "leave"))
    assert (Circle.objects.get().status, people.circle.memberships.filter(left_at=None).count()) == ("open", 3)
    only = signed_in(people.alice).get(page(people.circle, "leave")).content.decode()
    assert "Choose who looks after the circle next" in only
    assert "Leave, and end" not in only


def test_an_account_deleted_as_the_last_one_ends_it_too(people: Cast, alone: Circle) -> None:
    person_erase(user=people.erin, now=NOW)
    assert has_ended(alone)


def test_whoever_left_the_organisation_as_the_last_one_may_come_back_for_a_week(people: Cast, alone: Circle) -> None:
    person_has_left(user=people.erin, by=make_user("Stan Staff"), now=NOW)
    assert Invitation.objects.get(circle=alone).revoked_at == NOW
    assert circles_end_empty(now=NOW + BACK_WITHIN - timedelta(seconds=1)) == 0
    people.erin.refresh_from_db()
    assert person_is_here(user=people.erin, by=people.alice, now=NOW + timedelta(days=1)) == [alone]
    assert circles_end_empty(now=NOW + timedelta(days=99)) == 0
    person_has_left(user=people.erin, by=people.alice, now=NOW + timedelta(days=2))
    assert circles_end_empty(now=NOW + timedelta(days=2) + BACK_WITHIN) == 1
    assert has_ended(alone)


def test_a_circle_that_nobody_was_in_before_this_rule_ends(people: Cast, alone: Circle) -> None:
    Membership.objects.filter(circle=alone).update(left_at=NOW)
    zoe, invitation = make_user("Zoe Zorn"), Invitation.objects.get(circle=alone)
    with pytest.raises(Refused, match="Nobody is in this circle"):
        invitation_accept(invitation=invitation, user=zoe, now=NOW, by_mail=True)
    assert circles_end_empty(now=NOW) == 1
    assert circles_end_empty(now=NOW) == 0
    assert has_ended(alone)
    assert Circle.objects.get(pk=people.circle.pk).status == "open"


def test_where_nobody_looks_after_a_circle_somebody_does(people: Cast, clock: Any) -> None:
    assert facilitators_find(now=NOW) == 0
    people.alice.is_active = False
    people.alice.save()
    Circle.objects.update(self_run=True)
    assert facilitators_find(now=NOW) == 0
    Circle.objects.update(self_run=False)
    assert facilitators_find(now=NOW) == 1
    assert Membership.objects.get(user=people.bob).facilitates
    assert sent() == {key: ["Bob Baker looks after Alder circle now"] for key in ("bob", "carol", "dave")}


def test_what_has_not_met_is_deleted_with_all_that_was_written_by_the_only_one(people: Cast, alone: Circle) -> None:
    covenant = alone.covenants.get()
    goal_write(covenant=covenant, user=people.erin, text="CANARY", now=NOW)
    erin = signed_in(people.erin)
    assert page(alone, "end") in erin.get(reverse("circles:settings", args=[alone.code])).content.decode()
    shown = erin.get(page(alone, "end")).content.decode()
    assert "Delete Rowan circle?" in shown
    assert "is deleted at once" in shown
    assert "Rowan circle is deleted." in erin.post(page(alone, "end"), {"how": "delete"}, follow=True).content.decode()
    assert has_ended(alone)
    assert Circle.objects.get(pk=alone.pk).vault.wrapped_key is None
    assert (Goal.objects.values_list("text", flat=True).get() or b"") == b""
    assert not Invitation.objects.filter(circle=alone).exists()
    assert sent() == {"erin": ["Rowan circle is closed"]}


def test_what_others_wrote_in_a_deleted_circle_can_be_read_for_a_while(people: Cast, clock: Any) -> None:
    make_session(people.circle, people.alice)
    assert "The 3 others in it are told" in signed_in(people.alice).get(page(people.circle, "end")).content.decode()
    circle_delete(circle=people.circle, by=people.alice, now=NOW)
    assert has_ended(people.circle)
    assert Circle.objects.get().vault.wrapped_key is not None
    assert b"What was said can be read until" in signed_in(people.bob).get(page(people.circle, "circle")).content
    told = sent()
    assert {key: told[key][-1] for key in ("bob", "carol", "dave")} == dict.fromkeys(
        ("bob", "carol", "dave"), "Alder circle is closed"
    )
    for end, status in ((-1, 200), (0, 302)):
        at = NOW + timedelta(days=90, seconds=end)
        closed_empty(now=at)
        assert (
            signed_in(people.bob).get(reverse("agreements:agreement", args=[people.circle.code])).status_code == status
        )


def test_the_other_one_of_two_is_told_when_their_circle_is_deleted(people: Cast, clock: Any) -> None:
    circle = make_circle(people.erin, [people.bob], name="Two")
    sent()
    assert "The other person in it is told by mail" in signed_in(people.erin).get(page(circle, "end")).content.decode()
    circle_delete(circle=circle, by=people.erin, now=NOW)
    assert sent()["bob"] == ["Two is closed"]
    assert b"What was said can be read until" in signed_in(people.bob).get(page(circle, "circle")).content


def test_only_whoever_looks_after_it_ends_it(people: Cast, clock: Any) -> None:
    assert signed_in(people.bob).post(page(people.circle, "end"), {"how": "delete"}).status_code == 404
    assert Circle.objects.get().status == "open"


def test_one_that_has_met_closes_early_when_nobody_objects(people: Cast, clock: Any) -> None:
    held(people.circle)
    make_session(people.circle, people.alice)
    alice = signed_in(people.alice)
    old = alice.post(page(people.circle, "end"), {"how": "delete"}, follow=True).content.decode()
    assert "closed and not deleted" in old
    turn()
    mail.outbox.clear()
    assert (
        "Everybody is told." in alice.post(page(people.circle, "end"), {"how": "close"}, follow=True).content.decode()
    )
    assert sent() == {key: ["Something is to change in Alder circle"] for key in ("bob", "carol", "dave")}
    bob = signed_in(people.bob)
    assert "whether the circle goes on" in bob.get(page(people.circle, "circle")).content.decode()
    assert "the circle is closed" in bob.get(reverse("circles:people", args=[people.circle.code])).content.decode()
    clock.move_to(NOW + WAITS - timedelta(seconds=1))
    changes_due()
    assert Circle.objects.get().status == "open"
    clock.move_to(NOW + WAITS + timedelta(minutes=1))
    CircleSession.objects.filter(status="planned").update(status="running")
    changes_due()
    assert Circle.objects.get().status == "open"  # not under a session
    CircleSession.objects.filter(status="running").update(status="ended")
    changes_due()
    assert Circle.objects.get().status == "closed"
    assert Announcement.objects.get(what=Relied.CLOSING).outcome == "taken"


def test_one_that_somebody_objects_to_goes_on(people: Cast, clock: Any) -> None:
    held(people.circle)
    assert closing_announce(circle=people.circle, by=people.alice, now=NOW)
    change = Announcement.objects.get()
    signed_in(people.bob).post(reverse("circles:change_answer", args=[change.code]), {"answer": "object"})
    clock.move_to(NOW + timedelta(days=30))
    changes_due()
    assert Circle.objects.get().status == "open"


def test_with_nobody_else_in_it_it_closes_at_once(people: Cast, alone: Circle) -> None:
    held(alone)
    signed_in(people.erin).post(page(alone, "end"), {"how": "close"})
    assert has_ended(alone)


def test_closing_is_told_once_takes_dates_out_of_calendars_and_deletion_is_told_before(
    people: Cast, clock: Any
) -> None:
    make_session(people.circle, people.alice)
    turn()
    mail.outbox.clear()
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    turn()
    told = {message.to[0].split("@")[0]: message for message in mail.outbox}
    assert {message.subject for message in told.values()} == {"Alder circle is closed"}
    assert (sorted(told), len(mail.outbox)) == (["alice", "bob", "carol", "dave"], 4)
    assert "Alice Archer closed the circle." in told["bob"].body
    assert "You closed the circle." in told["alice"].body
    parts = told["bob"].message().walk()
    calendar = next(part for part in parts if part.get_content_type() == "text/calendar")
    assert "METHOD:CANCEL" in calendar.get_payload(decode=True).decode()  # type: ignore[union-attr]
    mail.outbox.clear()
    everybody = ["alice", "bob", "carol", "dave"]
    for before in (14, 2):
        clock.move_to(NOW + KEPT_AFTER_CLOSING - timedelta(days=before, seconds=1))
        assert sent() == {}
        clock.move_to(NOW + KEPT_AFTER_CLOSING - timedelta(days=before))
        assert sent() == {key: ["Alder circle: what was said is deleted soon"] for key in everybody}
    assert closed_empty(now=NOW + KEPT_AFTER_CLOSING) == 1
    assert sent() == {}


def test_a_guest_hears_that_their_session_ends_with_the_circle(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    guest = guest_invite(session=session, name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    guest_accept(guest=guest, user=make_user("Gus Guest"), now=NOW)
    turn()
    mail.outbox.clear()
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    assert sent()["gus"] == ["Cancelled: Alder circle on Thursday 14 January"]


def test_roles_follow_a_change_of_who_hosts(people: Cast, clock: Any) -> None:
    Circle.objects.update(self_run=True)
    people.circle.refresh_from_db()
    for days in (3, 10):
        make_session(people.circle, people.alice, in_=timedelta(days=days))
    assert {row.user for row in SessionRole.objects.filter(role_key="host")} != {people.alice}
    hosting_end(circle=people.circle, by=people.bob, now=NOW)
    clock.move_to(NOW + WAITS - timedelta(minutes=5))
    changes_due()
    assert {row.user for row in SessionRole.objects.filter(role_key="host")} != {people.alice}
    CircleSession.objects.update(starts_at=NOW + timedelta(days=20))
    clock.move_to(NOW + WAITS)
    changes_due()
    assert {row.user for row in SessionRole.objects.filter(role_key="host")} == {people.alice}
