"""What holds whatever happens in one moment: each pair in both orders, on PostgreSQL with real connections.

A race is a generator: it sets out, yields two acts, is told what refused each of them, and says what holds. The second
act runs while the first has written and not yet committed (tests/together.py). SQLite, where whoever writes is alone,
has no such moments, and this file is not collected there.
"""

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import models

from accounts.models import Absence, Availability, FeedToken, User
from accounts.services import absence_add, availability_add, feed_renew, user_set_day, user_update_profile
from agreements.appointment_services import appointment_set
from agreements.commitment_services import (
    CommitmentWish,
    commitment_change,
    commitment_delete,
    commitment_make,
    commitment_settle,
    nudge_send,
    partner_answer,
    progress_note,
    step_add,
)
from agreements.enums import CommitmentStatus, Stance
from agreements.models import AgreementVersion, Appointment, Commitment, Nudge, Proposal, Review
from agreements.proposal_services import Wish, proposal_make, proposal_respond, proposals_settle
from agreements.selectors import in_force
from circles.change_services import change_object, facilitator_stop, hosting_say
from circles.covenant_services import covenant_settle, decision_say, farewell_write
from circles.invitation_services import invitation_accept, invitation_resend, members_invite, slip_settle, slips_make
from circles.membership_services import facilitator_add, facilitator_appoint, member_leave
from circles.models import Announcement, Circle, Covenant, Farewell, Goal, Invitation, Membership, SelfRunVoice
from circles.removal_services import removal_agree, removal_ask
from circles.selectors import covenant_of
from circles.services import circle_hold, goal_write
from notifications.models import Message, Preference
from notifications.services import preference_set
from pages.departure_services import person_has_left
from pages.ending_services import circle_close, circle_leave, closing_announce, closings_take_effect
from pages.erasing_services import person_erase
from pages.own_words import words_of
from pages.own_words_services import EXPORTS_A_DAY, export_make
from programmes.asking_services import admin_add, admin_ask, admin_remove, facilitator_answer, facilitators_ask
from programmes.enrolment_services import Yes, enrol, enrolment_withdraw, people_invite, quote_offer
from programmes.forming_services import draft_add, draft_change, person_place, round_begin, round_publish
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
from sessions.enums import Attendance, Role, SessionStatus
from sessions.formats.library import version_of
from sessions.guests.services import GUESTS_AT_MOST, guest_accept, guest_invite, guest_withdraw
from sessions.live.presence_services import presence_arrive
from sessions.live.services import session_command
from sessions.live.starting_services import session_start
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import (
    CheckOut,
    CircleSession,
    GuestPass,
    Issue,
    Note,
    Participation,
    RoleSwap,
    SessionEvent,
    SessionRole,
    TimePoll,
)
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_services import role_take, roles_choose, swap_answer, swap_ask
from sessions.planning.selectors import sessions_at
from sessions.planning.services import SessionWish, issue_bring, issue_take_back, rsvp_set, session_cancel
from sessions.planning.services import session_schedule as schedule
from sessions.planning.services import session_update as update
from tests.factories import NOW, Cast, make_cast, make_circle, make_programme, make_session, make_user
from tests.together import overlapping

Act = Callable[[], object]
Race = Generator[tuple[Act, Act], list[str], None]
Row = TypeVar("Row", bound=models.Model)
RACES: list[Callable[[Cast], Race]] = []
SOON, LATER = timedelta(days=3), timedelta(days=10)


def race(made: Callable[[Cast], Race]) -> Callable[[Cast], Race]:
    RACES.append(made)
    return made


def again(row: Row) -> Row:
    """The row as another request has it before it: an object of its own."""
    found: Row = type(row)._base_manager.get(pk=row.pk)
    return found


def one_refused(said: list[str]) -> bool:
    return sum(bool(words) for words in said) == 1


def seat(people: Cast, user: User) -> Membership:
    return Membership.objects.select_related("circle", "user").get(circle=people.circle, user=user, left_at=None)


def invited(people: Cast, *emails: str) -> list[Invitation]:
    sent = members_invite(circle=people.circle, emails=emails, by=people.alice, now=NOW).sent
    return [again(one) for one in sent]


def seats_taken(people: Cast) -> int:
    return Membership.objects.filter(circle=people.circle, left_at=None, takes_part=True).count()


def looked_after(people: Cast) -> bool:
    rows = Membership.objects.filter(circle=people.circle, left_at=None, facilitates=True, user__is_active=True)
    return rows.exists()


@race
def one_session_is_started_twice(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield lambda: _start(people, one), lambda: _start(people, other)
    assert said == ["", ""], "the second Start is answered as the first"
    assert SessionEvent.objects.count() == 1


# Seats and people


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


# Dates, parts and guests


def _wish(in_: timedelta = SOON, **more: Any) -> SessionWish:
    local = (NOW + in_).replace(tzinfo=None)
    return SessionWish(local_start=local, zone="UTC", format=version_of("council"), minutes=120, **more)


def no_two_at_one_time() -> bool:
    planned = list(CircleSession.objects.filter(status=SessionStatus.PLANNED).select_related("circle"))
    return not any(sessions_at(one.circle, [(one.starts_at, one.plans_to_end_at)], besides=[one.pk]) for one in planned)


@race
def two_dates_at_one_time(people: Cast) -> Race:
    one, other, wish = again(people.circle), again(people.circle), _wish()
    said = yield (
        lambda: schedule(circle=one, wish=wish, by=people.alice, now=NOW),
        lambda: schedule(circle=other, wish=wish, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def one_is_moved_to_where_another_is_planned(people: Cast) -> Race:
    moved, circle, wish = again(make_session(people.circle, people.alice, in_=LATER)), again(people.circle), _wish()
    said = yield (
        lambda: update(session=moved, wish=wish, by=people.alice, now=NOW),
        lambda: schedule(circle=circle, wish=wish, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def two_are_moved_to_one_time(people: Cast) -> Race:
    one = again(make_session(people.circle, people.alice, in_=LATER))
    other, wish = again(make_session(people.circle, people.alice, in_=2 * LATER)), _wish()
    said = yield (
        lambda: update(session=one, wish=wish, by=people.alice, now=NOW),
        lambda: update(session=other, wish=wish, by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert no_two_at_one_time()


@race
def nothing_is_planned_in_a_circle_that_closes(people: Cast) -> Race:
    one, other, wish = again(people.circle), again(people.circle), _wish()
    yield (
        lambda: circle_close(circle=one, by=people.alice, now=NOW),
        lambda: schedule(circle=other, wish=wish, by=people.bob, now=NOW),
    )
    assert not CircleSession.objects.filter(status=SessionStatus.PLANNED).exists()


def _start(people: Cast, session: CircleSession) -> None:
    here = [people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk]
    session_start(session=session, here=here, presenting=here[:2], expected_seq=0, by=people.alice, now=NOW)


@race
def no_session_runs_in_a_closed_circle(people: Cast) -> Race:
    session, circle = again(make_session(people.circle, people.alice)), again(people.circle)
    said = yield lambda: circle_close(circle=circle, by=people.alice, now=NOW), lambda: _start(people, session)
    assert one_refused(said)
    now_there = (Circle.objects.get().status, CircleSession.objects.get().status)
    assert now_there in (("closed", "cancelled"), ("open", "running"))


@race
def one_is_started_and_cancelled(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: _start(people, one),
        lambda: session_cancel(session=other, by=people.alice, now=NOW),
    )
    assert one_refused(said)
    left = CircleSession.objects.get()
    assert (left.status, left.seq) in (("running", 1), ("cancelled", 0))


@race
def one_is_started_and_moved(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other, wish = again(session), again(session), _wish(LATER)
    yield (
        lambda: _start(people, one),
        lambda: update(session=other, wish=wish, by=people.alice, now=NOW),
    )
    left = CircleSession.objects.get()
    assert left.status == "running"


@race
def two_change_one_session(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: update(session=one, wish=_wish(place="Room 1"), by=people.alice, now=NOW),
        lambda: update(session=other, wish=_wish(place="Room 2"), by=people.bob, now=NOW),
    )
    assert one_refused(said)


@race
def no_more_guests_than_two(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    guest_invite(session=session, name="Gail", email="gail@example.org", by=people.alice, now=NOW)
    one, other = again(session), again(session)
    said = yield (
        lambda: guest_invite(session=one, name="Hal", email="hal@example.org", by=people.alice, now=NOW),
        lambda: guest_invite(session=other, name="Ida", email="ida@example.org", by=people.bob, now=NOW),
    )
    assert one_refused(said)
    assert GuestPass.objects.filter(revoked_at=None).count() == GUESTS_AT_MOST


@race
def one_guest_is_asked_once(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: guest_invite(session=one, name="Hal", email="hal@example.org", by=people.alice, now=NOW),
        lambda: guest_invite(session=other, name="Hal", email="hal@example.org", by=people.bob, now=NOW),
    )
    assert one_refused(said)


@race
def a_guest_who_is_not_to_come_is_not_in(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    guest = guest_invite(session=session, name="Erin", email="erin@example.org", by=people.alice, now=NOW)
    one, other = again(guest), again(guest)
    yield lambda: guest_accept(guest=one, user=people.erin, now=NOW), lambda: guest_withdraw(guest=other, now=NOW)
    assert not Participation.objects.filter(user=people.erin).exists()


@race
def one_person_brings_in_two_tabs(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other, words = again(session), again(session), {"title": "t", "text": "x", "ask": "listen", "now": NOW}
    said = yield (
        lambda: issue_bring(session=one, owner=again(people.bob), **words),  # type: ignore[arg-type]
        lambda: issue_bring(session=other, owner=again(people.bob), **words),  # type: ignore[arg-type]
    )
    assert said == ["", ""]
    assert Issue.objects.count() == 1


@race
def an_issue_is_taken_back_while_its_session_starts(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.alice, title="t", text="x", ask="listen", now=NOW)
    one, other = again(session), again(session)
    said = yield lambda: _start(people, one), lambda: issue_take_back(session=other, owner=people.alice)
    assert Issue.objects.exists() is bool(said[1])


@race
def one_person_says_in_two_tabs_whether_they_come(people: Cast) -> Race:
    session = make_session(people.circle, people.alice)
    one, other = again(session), again(session)
    said = yield (
        lambda: rsvp_set(session=one, user=people.bob, answer="yes", now=NOW),  # type: ignore[arg-type]
        lambda: rsvp_set(session=other, user=people.bob, answer="no", now=NOW),  # type: ignore[arg-type]
    )
    assert said == ["", ""]


def _asked(people: Cast) -> tuple[CircleSession, RoleSwap]:
    session = make_session(people.circle, people.alice)
    roles_choose(session=session, holders={"scribe": people.bob}, by=people.alice, now=NOW)
    return session, swap_ask(session=session, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)


@race
def yes_and_no_to_one_question(people: Cast) -> Race:
    _session, swap = _asked(people)
    one, other = again(swap), again(swap)
    said = yield lambda: swap_answer(swap=one, yes=True, now=NOW), lambda: swap_answer(swap=other, yes=False, now=NOW)
    assert one_refused(said)


@race
def a_role_is_taken_while_it_changes_hands(people: Cast) -> Race:
    session, swap = _asked(people)
    one, other = again(swap), again(session)
    said = yield (
        lambda: swap_answer(swap=one, yes=True, now=NOW),
        lambda: role_take(session=other, role=Role.SCRIBE, user=people.dave, now=NOW),
    )
    assert said[1] == "", "whoever takes it last has it"
    assert SessionRole.objects.get(role_key=Role.SCRIBE).user == people.dave
    assert not RoleSwap.objects.filter(answer="").exists()


@race
def one_role_is_asked_about_once(people: Cast) -> Race:
    session, swap = _asked(people)
    swap.delete()
    one, other = again(session), again(session)
    said = yield (
        lambda: swap_ask(session=one, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW),
        lambda: swap_ask(session=other, role=Role.SCRIBE, by=people.bob, asked=people.dave, now=NOW),
    )
    assert one_refused(said)


@race
def two_polls_are_started(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    starts = [(NOW + SOON).replace(tzinfo=None)]
    said = yield (
        lambda: poll_start(circle=one, starts=starts, zone="UTC", by=people.alice, now=NOW),
        lambda: poll_start(circle=other, starts=starts, zone="UTC", by=people.bob, now=NOW),
    )
    assert said == ["", ""]
    assert TimePoll.objects.filter(closed_at=None).count() == 1


# The room


def _running(people: Cast) -> CircleSession:
    session = make_session(people.circle, people.alice)
    _start(people, again(session))
    return again(session)


@race
def one_person_checks_out_in_two_tabs(people: Cast) -> Race:
    one = _running(people)
    other, promise = again(one), CommitmentWish("a promise", NOW.date(), None)
    said = yield (
        lambda: check_out_share(session=one, user=again(people.bob), insight="i", promise=promise, now=NOW),
        lambda: check_out_share(session=other, user=again(people.bob), insight="i", promise=promise, now=NOW),
    )
    assert one_refused(said)
    assert (CheckOut.objects.count(), Commitment.objects.count()) == (1, 1)


@race
def the_last_two_check_out(people: Cast) -> Race:
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    session = _running(people)
    Participation.objects.update(attendance=Attendance.CAME)
    CircleSession.objects.update(status=SessionStatus.ENDED, ended_at=NOW)
    for user in (people.alice, people.bob, people.erin):
        check_out_share(session=again(session), user=user, insight="", promise=None, now=NOW)
    one, other = again(session), again(session)
    said = yield (
        lambda: check_out_share(session=one, user=people.carol, insight="", promise=None, now=NOW),
        lambda: check_out_share(session=other, user=people.dave, insight="", promise=None, now=NOW),
    )
    assert said == ["", ""]
    assert Review.objects.get().closed


@race
def somebody_arrives_while_it_ends(people: Cast) -> Race:
    session = _running(people)
    Participation.objects.filter(user=people.dave).update(attendance=Attendance.EXPECTED)
    one, dave = again(session), {people.dave.pk}
    said = yield (
        lambda: session_command(session=one, kind="end", seat=1, expected_seq=1, now=NOW),
        lambda: presence_arrive(code=session.code, users=dave, now=NOW),
    )
    assert said == ["", ""]
    came = Participation.objects.filter(session=session, attendance=Attendance.CAME).count()
    assert CircleSession.objects.get().came_count == came


@race
def one_note_in_two_tabs(people: Cast) -> Race:
    one = _running(people)
    other = again(one)
    said = yield (
        lambda: note_write(session=one, author=again(people.bob), text="one"),
        lambda: note_write(session=other, author=again(people.bob), text="two"),
    )
    assert said == ["", ""]
    assert Note.objects.count() == 1


# What people write


@race
def one_goal_in_two_tabs(people: Cast) -> Race:
    covenant = covenant_of(people.circle)
    assert covenant
    one, other = again(covenant), again(covenant)
    said = yield (
        lambda: goal_write(covenant=one, user=again(people.bob), text="one", now=NOW),
        lambda: goal_write(covenant=other, user=again(people.bob), text="two", now=NOW),
    )
    assert said == ["", ""]
    assert Goal.objects.count() == 1


@race
def one_farewell_in_two_tabs(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    said = yield (
        lambda: farewell_write(circle=one, user=again(people.bob), thanks="a", takes="b", now=NOW),
        lambda: farewell_write(circle=other, user=again(people.bob), thanks="c", takes="d", now=NOW),
    )
    assert said == ["", ""]
    assert Farewell.objects.count() == 1


def _proposal(people: Cast, text: str = "A clause") -> Proposal:
    wish = Wish(change="add", theme="scope", text=text, why="w")
    return again(proposal_make(circle=people.circle, wish=wish, by=people.bob, now=NOW))


@race
def one_answer_to_a_proposal_in_two_tabs(people: Cast) -> Race:
    one = _proposal(people)
    other = again(one)
    said = yield (
        lambda: proposal_respond(proposal=one, user=again(people.carol), stance="yes", comment="", now=NOW),
        lambda: proposal_respond(proposal=other, user=again(people.carol), stance="", comment="x", now=NOW),
    )
    assert said == ["", ""]


@race
def two_proposals_are_adopted(people: Cast) -> Race:
    one, other = _proposal(people, "One"), _proposal(people, "Two")
    for made in (one, other):
        for user in (people.alice, people.dave):
            proposal_respond(proposal=again(made), user=user, stance=Stance.YES, comment="", now=NOW)
    yield (
        lambda: proposal_respond(proposal=one, user=again(people.carol), stance="yes", comment="", now=NOW),
        lambda: proposal_respond(proposal=other, user=again(people.carol), stance="yes", comment="", now=NOW),
    )
    assert set(Proposal.objects.values_list("status", flat=True)) == {"adopted"}
    assert list(AgreementVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


@race
def the_last_yes_comes_while_time_decides(people: Cast) -> Race:
    made = _proposal(people)
    for user in (people.alice, people.dave):
        proposal_respond(proposal=again(made), user=user, stance=Stance.YES, comment="", now=NOW)
    yield (
        lambda: proposal_respond(proposal=made, user=again(people.carol), stance="yes", comment="", now=NOW),
        lambda: proposals_settle(now=NOW + timedelta(days=30)),
    )
    assert AgreementVersion.objects.count() == 2


@race
def the_same_is_proposed_twice(people: Cast) -> Race:
    one, other = again(people.circle), again(people.circle)
    wish = Wish(change="add", theme="scope", text="A clause", why="w")
    said = yield (
        lambda: proposal_make(circle=one, wish=wish, by=people.bob, now=NOW),
        lambda: proposal_make(circle=other, wish=wish, by=people.carol, now=NOW),
    )
    assert one_refused(said)


def _promise(people: Cast) -> Commitment:
    wish = CommitmentWish("a promise", NOW.date() + LATER, people.carol)
    return again(commitment_make(circle=people.circle, owner=people.bob, wish=wish, now=NOW))


@race
def a_promise_is_kept_while_it_is_changed(people: Cast) -> Race:
    one = _promise(people)
    other, wish = again(one), CommitmentWish("other words", NOW.date() + LATER, people.carol)
    yield (
        lambda: commitment_settle(commitment=one, status=CommitmentStatus.KEPT, now=NOW),
        lambda: commitment_change(commitment=other, wish=wish, now=NOW),
    )
    left = Commitment.objects.get()
    assert (left.status, str(left.text)) == ("kept", "other words")


@race
def a_partner_says_yes_while_it_is_changed(people: Cast) -> Race:
    one = _promise(people)
    other, wish = again(one), CommitmentWish("other words", NOW.date() + LATER, people.carol)
    yield (
        lambda: partner_answer(commitment=one, yes=True, now=NOW),
        lambda: commitment_change(commitment=other, wish=wish, now=NOW),
    )
    assert Commitment.objects.get().partner_yes_at == NOW


@race
def a_note_is_added_while_all_of_it_is_deleted(people: Cast) -> Race:
    one = _promise(people)
    other = again(one)
    yield lambda: progress_note(commitment=one, text="n", now=NOW), lambda: commitment_delete(commitment=other, now=NOW)
    assert words_of(people.bob) == []


@race
def two_appointments_about_one_promise(people: Cast) -> Race:
    one, at = _promise(people), (NOW + SOON).replace(tzinfo=None)
    other = again(one)
    said = yield (
        lambda: appointment_set(commitment=one, local_start=at, zone="UTC", by=people.bob, now=NOW),
        lambda: appointment_set(commitment=other, local_start=at, zone="UTC", by=people.carol, now=NOW),
    )
    assert said == ["", ""]
    assert (Appointment.objects.count(), Appointment.objects.get().sequence) == (1, 1)


@race
def one_kind_word(people: Cast) -> Race:
    one = _promise(people)
    other = again(one)
    said = yield (
        lambda: nudge_send(commitment=one, by=people.carol, now=NOW),
        lambda: nudge_send(commitment=other, by=people.carol, now=NOW),
    )
    assert one_refused(said)
    assert Nudge.objects.count() == 1


# One person on two devices


@race
def one_calendar_address(people: Cast) -> Race:
    one, other = again(people.bob), again(people.bob)
    said = yield lambda: feed_renew(user=one, now=NOW), lambda: feed_renew(user=other, now=NOW)
    assert said == ["", ""]
    assert FeedToken.objects.filter(revoked_at=None).count() == 1


@race
def five_exports_a_day(people: Cast) -> Race:
    for _time in range(EXPORTS_A_DAY - 1):
        export_make(user=people.bob, now=NOW)
    one, other = again(people.bob), again(people.bob)
    said = yield lambda: export_make(user=one, now=NOW), lambda: export_make(user=other, now=NOW)
    assert one_refused(said)


@race
def leave_that_overlaps_is_one(people: Cast) -> Race:
    one, other, day = again(people.bob), again(people.bob), NOW.date()
    yield (
        lambda: absence_add(user=one, first_on=day, last_on=day + SOON),
        lambda: absence_add(user=other, first_on=day, last_on=day + LATER),
    )
    assert list(Absence.objects.values_list("first_on", "last_on")) == [(day, day + LATER)]


@race
def an_hour_is_named_once(people: Cast) -> Race:
    one, other = again(people.bob), again(people.bob)
    yield (
        lambda: availability_add(user=one, weekdays=[1], start=540, end=600, level="good"),
        lambda: availability_add(user=other, weekdays=[1], start=540, end=600, level="poor"),
    )
    assert Availability.objects.count() == 1


# Programmes


@race
def the_last_place_is_given_once(people: Cast) -> Race:
    programme = make_programme(people.alice, places=1)
    one, other = again(programme), again(programme)
    yield (
        lambda: enrol(programme=one, user=people.bob, yes=Yes(), now=NOW),
        lambda: enrol(programme=other, user=people.carol, yes=Yes(), now=NOW),
    )
    assert sorted(Enrolment.objects.values_list("status", flat=True)) == ["enrolled", "waiting"]


@race
def one_person_asks_for_a_place_twice(people: Cast) -> Race:
    programme = make_programme(people.alice)
    one, other = again(programme), again(programme)
    said = yield (
        lambda: enrol(programme=one, user=again(people.bob), yes=Yes(), now=NOW),
        lambda: enrol(programme=other, user=again(people.bob), yes=Yes(), now=NOW),
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
        lambda: admin_remove(programme=one, user=people.alice, now=NOW),
        lambda: admin_remove(programme=other, user=people.bob, now=NOW),
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
        rows.append(enrol(programme=programme, user=user, yes=Yes(), now=NOW))
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


# Whoever is erased while they write


def _erased(write: Callable[[Cast, User], Act]) -> Callable[[Cast], Race]:
    def run(people: Cast) -> Race:
        bob, gone = again(people.bob), again(people.bob)
        act = write(people, bob)
        yield act, lambda: person_erase(user=gone, now=NOW)
        left = again(people.bob)
        assert words_of(left) == []
        assert str(left) == "Former member"
        for model in (Preference, Availability, Absence):
            assert not model.objects.filter(user=left).exists()
        assert not FeedToken.objects.filter(user=left, revoked_at=None).exists()
        assert not Membership.objects.filter(user=left, left_at=None).exists()

    return run


def _session(people: Cast) -> CircleSession:
    return again(make_session(people.circle, people.alice))


def _of_bob(write: Callable[[Commitment], object]) -> Callable[[Cast, User], Act]:
    def begin(people: Cast, bob: User) -> Act:
        held = _promise(people)
        return lambda: write(held)

    return begin


def _issue(people: Cast, bob: User) -> Act:
    session = _session(people)
    return lambda: issue_bring(session=session, owner=bob, title="t", text="x", ask="listen", now=NOW)


def _note(people: Cast, bob: User) -> Act:
    session = _session(people)
    return lambda: note_write(session=session, author=bob, text="t")


def _check_out(people: Cast, bob: User) -> Act:
    session, promise = _running(people), CommitmentWish("a promise", NOW.date(), None)
    return lambda: check_out_share(session=session, user=bob, insight="i", promise=promise, now=NOW)


def _commitment(people: Cast, bob: User) -> Act:
    circle, wish = again(people.circle), CommitmentWish("a promise", NOW.date(), None)
    return lambda: commitment_make(circle=circle, owner=bob, wish=wish, now=NOW)


def _proposing(people: Cast, bob: User) -> Act:
    circle, line = again(people.circle), in_force(people.circle)[1][0].line
    return lambda: proposal_make(circle=circle, wish=Wish(change="drop", why="w", line=line), by=bob, now=NOW)


def _answering(people: Cast, bob: User) -> Act:
    wish = Wish(change="add", theme="scope", text="t", why="w")
    made = again(proposal_make(circle=people.circle, wish=wish, by=people.carol, now=NOW))
    return lambda: proposal_respond(proposal=made, user=bob, stance="concern", comment="c", now=NOW)


def _goal(people: Cast, bob: User) -> Act:
    covenant = Covenant.objects.get()
    return lambda: goal_write(covenant=covenant, user=bob, text="t", now=NOW)


def _farewell(people: Cast, bob: User) -> Act:
    circle = again(people.circle)
    return lambda: farewell_write(circle=circle, user=bob, thanks="t", takes="x", now=NOW)


def _enrolling(people: Cast, bob: User) -> Act:
    programme = make_programme(people.erin)
    return lambda: enrol(programme=programme, user=bob, yes=Yes(motive="m"), now=NOW)


def _quote(people: Cast, bob: User) -> Act:
    programme = make_programme(people.erin)
    return lambda: quote_offer(programme=programme, user=bob, text="q", with_name=True, now=NOW)


def _joining(people: Cast, bob: User) -> Act:
    (one,) = invited(people, "zoe@example.org")
    Membership.objects.filter(user=bob).update(left_at=NOW)
    return lambda: invitation_accept(invitation=one, user=bob, now=NOW)


def _slip(people: Cast, bob: User) -> Act:
    Membership.objects.filter(user=bob).update(left_at=NOW)
    slip = slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)[0]
    invitation_accept(invitation=slip, user=bob, now=NOW)
    claimed = again(slip)
    return lambda: slip_settle(invitation=claimed, confirm=True, by=people.alice, now=NOW)


WRITING: dict[str, Callable[[Cast, User], Act]] = {
    "an_issue": _issue,
    "a_note": _note,
    "a_check_out": _check_out,
    "a_promise": _commitment,
    "a_step": _of_bob(lambda held: step_add(commitment=held, text="s")),
    "how_it_goes": _of_bob(lambda held: progress_note(commitment=held, text="p", now=NOW)),
    "other_words": _of_bob(
        lambda held: commitment_change(commitment=held, wish=CommitmentWish("other", NOW.date(), None), now=NOW)
    ),
    "why_let_go": _of_bob(
        lambda held: commitment_settle(commitment=held, status=CommitmentStatus.LET_GO, why="w", now=NOW)
    ),
    "a_proposal": _proposing,
    "an_answer": _answering,
    "a_goal": _goal,
    "a_farewell": _farewell,
    "a_yes_to_a_programme": _enrolling,
    "a_sentence": _quote,
    "a_name": lambda people, bob: lambda: user_update_profile(user=bob, name="Bob Back", time_zone="UTC"),
    "quiet_hours": lambda people, bob: lambda: user_set_day(user=bob, daily_hour=7, quiet_from=1, quiet_to=2),
    "a_choice_of_mails": lambda people, bob: lambda: preference_set(user=bob, kind="poll", channel="off"),
    "an_hour": lambda people, bob: lambda: availability_add(user=bob, weekdays=[1], start=1, end=2, level="good"),
    "leave": lambda people, bob: lambda: absence_add(user=bob, first_on=NOW.date(), last_on=NOW.date()),
    "a_calendar_address": lambda people, bob: lambda: feed_renew(user=bob, now=NOW),
    "joining": _joining,
    "a_slip": _slip,
}


for what, write in WRITING.items():
    of_somebody_erased = _erased(write)
    of_somebody_erased.__name__ = f"{what}_of_somebody_erased"
    RACES.append(of_somebody_erased)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [False, True], ids=["so", "turned"])
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Callable[[Cast], Race], turned: bool) -> None:
    running = made(make_cast())
    first, second = next(running)
    said = overlapping(second, first) if turned else overlapping(first, second)
    with pytest.raises(StopIteration):
        running.send(said[::-1] if turned else said)
