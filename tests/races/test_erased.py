"""Whoever is erased while they write: nothing of them is left, whichever comes first."""

from collections.abc import Callable

import pytest

from accounts.models import Absence, Availability, FeedToken, User
from accounts.services import absence_add, availability_add, feed_renew, user_set_day, user_update_profile
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_change,
    commitment_make,
    commitment_settle,
    progress_note,
    step_add,
)
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.selectors import in_force
from circles.covenant_services import farewell_write
from circles.invitation_services import invitation_accept, slip_settle, slips_make
from circles.models import Covenant, Membership
from circles.services import goal_write
from notifications.models import Preference
from notifications.services import preference_set
from pages.erasing_services import person_erase
from pages.own_words import words_of
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, quote_offer
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import (
    CircleSession,
)
from sessions.planning.bringing_services import issue_bring
from tests.factories import NOW, Cast, make_programme, make_session
from tests.races.racing import (
    Act,
    Made,
    Race,
    a_promise,
    a_running_session,
    again,
    in_both_orders,
    invited,
    run,
)

RACES: list[Made] = []


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
        held = a_promise(people)
        return lambda: write(held)

    return begin


def _issue(people: Cast, bob: User) -> Act:
    session = _session(people)
    return lambda: issue_bring(session=session, owner=bob, title="t", text="x", ask="listen")


def _note(people: Cast, bob: User) -> Act:
    session = _session(people)
    return lambda: note_write(session=session, author=bob, text="t")


def _check_out(people: Cast, bob: User) -> Act:
    session, promise = a_running_session(people), CommitmentDetails("a promise", NOW.date(), None)
    return lambda: check_out_share(session=session, user=bob, insight="i", promise=promise, now=NOW)


def _commitment(people: Cast, bob: User) -> Act:
    circle, details = again(people.circle), CommitmentDetails("a promise", NOW.date(), None)
    return lambda: commitment_make(circle=circle, owner=bob, details=details, now=NOW)


def _proposing(people: Cast, bob: User) -> Act:
    circle, line = again(people.circle), in_force(people.circle)[1][0].line
    return lambda: proposal_make(
        circle=circle, details=ProposalDetails(change="drop", why="w", line=line), by=bob, now=NOW
    )


def _answering(people: Cast, bob: User) -> Act:
    details = ProposalDetails(change="add", theme="scope", text="t", why="w")
    made = again(proposal_make(circle=people.circle, details=details, by=people.carol, now=NOW))
    return lambda: proposal_respond(proposal=made, user=bob, stance="concern", comment="c", now=NOW)


def _goal(people: Cast, bob: User) -> Act:
    covenant = Covenant.objects.get()
    return lambda: goal_write(covenant=covenant, user=bob, text="t", now=NOW)


def _farewell(people: Cast, bob: User) -> Act:
    circle = again(people.circle)
    return lambda: farewell_write(circle=circle, user=bob, thanks="t", takes="x", now=NOW)


def _enrolling(people: Cast, bob: User) -> Act:
    programme = make_programme(people.erin)
    return lambda: enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="m"), now=NOW)


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
        lambda held: commitment_change(commitment=held, details=CommitmentDetails("other", NOW.date(), None), now=NOW)
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
@in_both_orders
@pytest.mark.parametrize("made", RACES, ids=lambda made: made.__name__)
def test_it_holds_whatever_happens_in_one_moment(made: Made, turned: bool) -> None:
    run(made, turned=turned)
