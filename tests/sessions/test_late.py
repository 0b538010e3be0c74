"""What was said before somebody came is not theirs, on any page; what is said from then on is."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.enums import ClauseChange, Stance, Theme
from agreements.models import Proposal
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond, proposals_settle
from circles.access import get_seat, reads_goal
from circles.covenant_services import KEPT_AFTER_CLOSING, closed_empty, farewell_write
from circles.invitation_services import invitation_accept, members_invite
from circles.models import Covenant, Goal, Invitation, Membership, RemovalRequest
from circles.selectors import covenant_of
from circles.services import goal_write
from notifications.outbox import turn
from pages.ending_services import circle_close
from sessions.enums import Attendance, ParticipantKind, Role
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Participation, RoleSwap, SessionRole
from sessions.planning.gathering_selectors import gathering_of
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_selectors import role_history
from sessions.planning.roles_services import swap_answer, swap_ask, swap_withdraw
from tests.factories import NOW, Cast, make_session, make_user, sign, signed_in

AFTER = NOW + timedelta(days=2)


@pytest.fixture
def late(people: Cast, clock: Any) -> User:
    """Somebody who joined two days later and has signed."""
    lena = make_user("Lena Late")
    Membership.objects.create(circle=people.circle, user=lena, joined_at=AFTER)
    return lena


def of(people: Cast, name: str) -> str:
    return reverse(name, args=[people.circle.code])


def shows(user: User, path: str, text: str) -> bool:
    return text in signed_in(user).get(path).content.decode()


def test_comments_and_reasons_from_before_are_not_shown(people: Cast, late: User, clock: Any) -> None:
    details = ProposalDetails(change=ClauseChange.ADD, theme=Theme.RESPECT, text="A new clause", why="canary why")
    made = proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW)
    proposal_respond(proposal=made, user=people.carol, stance=Stance.CONCERN, comment="canary before", now=NOW)
    proposal_respond(proposal=made, user=people.dave, stance=Stance.YES, comment="said since", now=AFTER)
    path = reverse("agreements:proposal", args=[made.code])
    assert shows(people.bob, path, "canary before")
    assert shows(people.bob, path, "canary why")
    assert not shows(late, path, "canary")
    assert shows(late, path, "A new clause")
    assert shows(late, path, "said since")
    Proposal.objects.filter(pk=made.pk).update(status="withdrawn", settled_at=NOW)
    assert signed_in(late).get(path).status_code == 404


def test_goals_are_read_by_those_to_whom_they_were_read_out(people: Cast, late: User, clock: Any) -> None:
    covenant = covenant_of(people.circle)
    assert covenant
    goal_write(covenant=covenant, user=people.bob, text="canary goal", now=NOW)
    page = of(people, "circles:goals")
    assert shows(late, page, "canary goal"), "the first session is still to come: it will be read out to her"
    ids = [people.alice.pk, people.bob.pk, people.carol.pk]
    session = make_session(people.circle, people.alice)
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    assert Goal.objects.get().told_at == NOW
    assert not shows(late, page, "canary goal")
    assert shows(people.carol, page, "canary goal")
    assert shows(late, page, "until they are read out again")
    goal_write(covenant=covenant, user=people.bob, text="canary goal", now=AFTER)
    assert shows(late, page, "canary goal")


def test_who_was_appointed_reads_neither_lines_nor_thanks_from_before(people: Cast, late: User, clock: Any) -> None:
    Membership.objects.filter(user=late).update(takes_part=False, facilitates=True)
    covenant = Covenant.objects.get()
    goal_write(covenant=covenant, user=people.bob, text="canary goal", now=NOW)
    farewell_write(circle=people.circle, user=people.bob, thanks="canary thanks", takes="", now=NOW)
    farewell_write(circle=people.circle, user=people.carol, thanks="since then", takes="", now=AFTER)
    assert not reads_goal(get_seat(late, people.circle.code), Goal.objects.get())
    Covenant.objects.update(decided_at=NOW, decision="close")
    assert not shows(late, of(people, "pages:closing"), "canary thanks")
    assert shows(late, of(people, "pages:closing"), "since then")
    assert shows(people.alice, of(people, "pages:closing"), "canary thanks")


def test_texts_of_the_agreement_from_before_are_not_theirs(people: Cast, late: User, clock: Any) -> None:
    details = ProposalDetails(change=ClauseChange.ADD, theme=Theme.RESPECT, text="Version two", why="w")
    made = proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW)
    clock.shift(timedelta(hours=1))
    for user in (people.alice, people.carol, people.dave, late):
        proposal_respond(proposal=made, user=user, stance=Stance.YES, comment="", now=NOW + timedelta(hours=1))
    first, second = (reverse("agreements:agreement_version", args=[people.circle.code, n]) for n in (1, 2))
    assert [signed_in(late).get(path).status_code for path in (first, second)] == [404, 200]
    assert [signed_in(people.bob).get(path).status_code for path in (first, second)] == [200, 200]
    assert not shows(late, second, "What changed")
    assert signed_in(late).get(of(people, "agreements:agreement") + "?from=1").status_code == 404


def test_nobody_reads_a_session_they_neither_saw_begin_nor_were_in(people: Cast, clock: Any) -> None:
    """Somebody who joins while a session runs and is not let in reads nothing of it afterwards."""
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(
        started_at=NOW, ended_at=NOW + timedelta(hours=2), status="ended"
    )
    lena, nora = make_user("Lena Late"), make_user("Nora New")
    for user in (lena, nora):
        Membership.objects.create(circle=people.circle, user=user, joined_at=NOW + timedelta(hours=1))
    Participation.objects.create(session=session, user=nora, seat=5, kind=ParticipantKind.MEMBER)
    sign(people.circle, lena, nora, people.bob)
    path = reverse("sessions:session", args=[session.code])
    heard = "What we took with us"
    assert [shows(user, path, heard) for user in (people.bob, nora, lena)] == [True, True, False]


def test_a_closed_circle_begins_nothing_and_writes_to_nobody(people: Cast, clock: Any) -> None:
    """Everything that was open when it closed ends with it: that it closed is all that is sent."""
    circle, details = people.circle, CommitmentDetails("w", (NOW + timedelta(days=9)).date(), people.carol)
    commitment_make(circle=circle, owner=people.bob, details=details, now=NOW)
    change = ProposalDetails(change=ClauseChange.ADD, theme=Theme.RESPECT, text="A new clause", why="w")
    proposal_make(circle=circle, details=change, by=people.bob, now=NOW)
    poll_start(circle=circle, starts=[NOW.replace(tzinfo=None, day=20)], zone="UTC", by=people.alice, now=NOW)
    ivy = make_user("Ivy Invited")
    invitation = members_invite(circle=circle, emails=[ivy.email], by=people.alice, now=NOW).sent[0]
    member = Membership.objects.get(user=people.dave)
    RemovalRequest.objects.create(membership=member, asked_by=people.alice, asked_at=NOW)
    make_session(circle, people.alice)
    circle_close(circle=circle, by=people.alice, now=NOW)
    assert Invitation.objects.get().revoked_at == NOW
    assert RemovalRequest.objects.get().settled_at == NOW
    Invitation.objects.update(revoked_at=None)  # one that was out before closing ended them
    invitation.refresh_from_db()
    with pytest.raises(Refused, match="closed"):
        invitation_accept(invitation=invitation, user=ivy, now=NOW, by_mail=True)
    with pytest.raises(Refused, match="closed"):
        members_invite(circle=circle, emails=["new@example.org"], by=people.alice, now=NOW)
    turn()
    assert [message.subject for message in mail.outbox] == ["Alder circle is closed"] * 4
    mail.outbox.clear()
    for days in (3, 9, 30):
        clock.move_to(NOW + timedelta(days=days))
        proposals_settle(now=NOW + timedelta(days=days))
        turn()
    assert mail.outbox == []
    assert Proposal.objects.get().status == "open"


def test_a_circle_is_not_closed_under_a_session(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(status="running", started_at=NOW)
    with pytest.raises(Refused, match="is running"):
        circle_close(circle=people.circle, by=people.alice, now=NOW)


def test_once_the_words_are_gone_there_is_one_calm_page(people: Cast, clock: Any) -> None:
    details = CommitmentDetails("canary", NOW.date(), None)
    commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    page = of(people, "pages:circle")
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    assert shows(people.bob, page, "What was said can be read until")
    assert closed_empty(now=NOW + KEPT_AFTER_CLOSING) == 1
    clock.move_to(NOW + KEPT_AFTER_CLOSING)
    bob = signed_in(people.bob)
    for name in ("agreements:agreement", "circles:people", "pages:closing", "circles:goals"):
        answer = bob.get(of(people, name), follow=True)
        assert answer.redirect_chain == [(page, 302)], name
        assert "Dates and counts stay." in answer.content.decode()
        assert "What was said in it was deleted on Sunday 11 April." in answer.content.decode()
    assert "cannot be read" not in bob.get("/").content.decode()
    assert "cannot be read" not in bob.get(reverse("agreements:commitments")).content.decode()


def test_taking_a_question_back_leaves_anothers(people: Cast, clock: Any) -> None:
    """Asked and answered, the role is with somebody else, who asks about it in turn: that question is theirs."""
    session = make_session(people.circle, people.alice)
    SessionRole.objects.filter(session=session, role_key=Role.SCRIBE).update(user=people.bob)
    mine = swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)
    swap_answer(swap=mine, yes=True, now=NOW)
    hers = swap_ask(session=session, role=Role.SCRIBE, by=people.carol, asked=people.dave, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        swap_withdraw(swap=mine)
    assert RoleSwap.objects.filter(pk=hers.pk, answer="").exists()
    swap_withdraw(swap=hers)
    assert not RoleSwap.objects.filter(pk=hers.pk).exists()


def test_a_guest_is_in_no_rotation_and_once_in_the_ring(people: Cast, clock: Any) -> None:
    gus = make_user("Gus Guest")
    session = make_session(people.circle, people.alice)
    Participation.objects.create(
        session=session, user=gus, kind=ParticipantKind.GUEST, attendance=Attendance.CAME, rsvp="yes"
    )
    assert [one.guest for one in gathering_of(session).people if one.user == gus] == [True]
    Membership.objects.create(circle=people.circle, user=gus, joined_at=NOW)
    assert [one.guest for one in gathering_of(session).people if one.user == gus] == [False]
    CircleSession.objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW)
    assert [one.present for one in role_history(people.circle)] == [()]


def test_who_sees_a_commitment_is_told_as_it_is(people: Cast, clock: Any) -> None:
    """A commitment for oneself is not said to be the circle's; where no programme is, no administrator is named."""
    details = CommitmentDetails("w", NOW.date(), None, audience="me")
    commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    today = signed_in(people.bob).get("/").content.decode()
    mine, quick = today.split('id="mine"')[1].split("<details", 1)
    assert "Only me" in mine
    assert "Only your circle can see this" not in mine
    assert "Only your circle can see this" in quick.split("</details>")[0]
    circle = signed_in(people.bob).get(of(people, "pages:circle_more")).content.decode()
    assert "Administrators see who looks after it" not in circle
    assert "belongs to no programme" in circle
