"""Races of what people write, in the room and elsewhere, and of one person on two devices."""

from datetime import timedelta

import pytest

from accounts.models import Absence, Availability, FeedToken
from accounts.services import absence_add, availability_add, feed_renew
from agreements.appointment_services import appointment_set
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_change,
    commitment_delete,
    commitment_settle,
    nudge_send,
    partner_answer,
    progress_note,
)
from agreements.enums import CommitmentStatus, Stance
from agreements.models import AgreementVersion, Appointment, Commitment, Nudge, Proposal, Review
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond, proposals_settle
from circles.covenant_services import farewell_write
from circles.models import Farewell, Goal, Membership
from circles.selectors import covenant_of
from circles.services import goal_write
from notifications.enums import Channel
from notifications.models import EVERY_CIRCLE, Preference
from notifications.services import kind_unsubscribe, preference_set, unsubscribe_all
from pages.own_words import words_of
from pages.own_words_services import EXPORTS_A_DAY, export_make
from sessions.enums import Attendance, SessionStatus
from sessions.kinds import SCHEDULED
from sessions.live.presence_services import presence_arrive
from sessions.live.services import session_command
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import (
    CheckOut,
    CircleSession,
    Note,
    Participation,
)
from tests.factories import NOW, Cast
from tests.races.racing import (
    LATER,
    SOON,
    Made,
    Race,
    a_promise,
    a_running_session,
    again,
    in_both_orders,
    one_refused,
    run,
)

RACES: list[Made] = []


def race(made: Made) -> Made:
    RACES.append(made)
    return made


@race
def one_person_checks_out_in_two_tabs(people: Cast) -> Race:
    one = a_running_session(people)
    other, promise = again(one), CommitmentDetails("a promise", NOW.date(), None)
    said = yield (
        lambda: check_out_share(session=one, user=again(people.bob), insight="i", promise=promise, now=NOW),
        lambda: check_out_share(session=other, user=again(people.bob), insight="i", promise=promise, now=NOW),
    )
    assert one_refused(said)
    assert (CheckOut.objects.count(), Commitment.objects.count()) == (1, 1)


@race
def the_last_two_check_out(people: Cast) -> Race:
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    session = a_running_session(people)
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
    session = a_running_session(people)
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
    one = a_running_session(people)
    other = again(one)
    said = yield (
        lambda: note_write(session=one, author=again(people.bob), text="one"),
        lambda: note_write(session=other, author=again(people.bob), text="two"),
    )
    assert said == ["", ""]
    assert Note.objects.count() == 1


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
    details = ProposalDetails(change="add", theme="scope", text=text, why="w")
    return again(proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW))


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
    details = ProposalDetails(change="add", theme="scope", text="A clause", why="w")
    said = yield (
        lambda: proposal_make(circle=one, details=details, by=people.bob, now=NOW),
        lambda: proposal_make(circle=other, details=details, by=people.carol, now=NOW),
    )
    assert one_refused(said)


@race
def a_promise_is_kept_while_it_is_changed(people: Cast) -> Race:
    one = a_promise(people)
    other, details = again(one), CommitmentDetails("other words", NOW.date() + LATER, people.carol)
    yield (
        lambda: commitment_settle(commitment=one, status=CommitmentStatus.KEPT, now=NOW),
        lambda: commitment_change(commitment=other, details=details, now=NOW),
    )
    left = Commitment.objects.get()
    assert (left.status, str(left.text)) == ("kept", "other words")


@race
def a_partner_says_yes_while_it_is_changed(people: Cast) -> Race:
    one = a_promise(people)
    other, details = again(one), CommitmentDetails("other words", NOW.date() + LATER, people.carol)
    yield (
        lambda: partner_answer(commitment=one, yes=True, now=NOW),
        lambda: commitment_change(commitment=other, details=details, now=NOW),
    )
    assert Commitment.objects.get().partner_yes_at == NOW


@race
def a_note_is_added_while_all_of_it_is_deleted(people: Cast) -> Race:
    one = a_promise(people)
    other = again(one)
    yield lambda: progress_note(commitment=one, text="n", now=NOW), lambda: commitment_delete(commitment=other, now=NOW)
    assert words_of(people.bob) == []


@race
def two_appointments_about_one_promise(people: Cast) -> Race:
    one, at = a_promise(people), (NOW + SOON).replace(tzinfo=None)
    other = again(one)
    said = yield (
        lambda: appointment_set(commitment=one, local_start=at, zone="UTC", now=NOW),
        lambda: appointment_set(commitment=other, local_start=at, zone="UTC", now=NOW),
    )
    assert said == ["", ""]
    assert (Appointment.objects.count(), Appointment.objects.get().sequence) == (1, 1)


@race
def one_kind_word(people: Cast) -> Race:
    one = a_promise(people)
    other = again(one)
    said = yield (
        lambda: nudge_send(commitment=one, by=people.carol, now=NOW),
        lambda: nudge_send(commitment=other, by=people.carol, now=NOW),
    )
    assert one_refused(said)
    assert Nudge.objects.count() == 1


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


@race
def a_kind_of_mail_is_ended_by_a_mail_program_and_by_its_reader_at_once(people: Cast) -> Race:
    ended = {"user": people.bob, "kind": SCHEDULED, "circle_code": people.circle.code}
    said = yield lambda: kind_unsubscribe(**ended), lambda: kind_unsubscribe(**ended)
    assert said == ["", ""]
    assert Preference.objects.get(user=people.bob).channel == Channel.BELL


@race
def all_mails_are_ended_while_one_kind_is_chosen(people: Cast) -> Race:
    yield (
        lambda: unsubscribe_all(user=people.bob),
        lambda: preference_set(user=people.bob, kind=SCHEDULED, channel=Channel.DAILY),
    )
    assert Preference.objects.filter(user=people.bob, kind=SCHEDULED, circle_code=EVERY_CIRCLE).count() == 1


@pytest.mark.django_db(transaction=True)
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
