"""Deleting an account: the words go, the counts and the signatures stay."""

from datetime import datetime, time, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Absence, Availability, Leftover, User
from accounts.services import absence_add, availability_add, feed_renew
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_change,
    commitment_make,
    progress_note,
    step_add,
)
from agreements.enums import ClauseChange, Stance
from agreements.models import Commitment, Proposal, ProposalResponse, Signature
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
from agreements.rules.plans import Cue, PlanLine
from agreements.selectors import current_version
from circles.covenant_services import circle_mark_closed
from circles.models import Circle, Goal, Membership
from circles.services import goal_write
from notifications.models import Message, Preference
from notifications.services import preference_set
from pages.erasing_services import person_erase
from pages.own_words import OWN
from sessions.enums import Role
from sessions.live import starting_services
from sessions.live.writing_services import check_out_share, note_write
from sessions.models import CheckOut, CircleSession, Issue, Note, Participation, PollAnswer, RoleSwap
from sessions.planning.bringing_services import issue_bring
from sessions.planning.poll_services import poll_answer, poll_start
from sessions.planning.roles_services import roles_choose, stand_in_name, swap_ask
from tests.factories import NOW, PASSWORD, Cast, make_session, sign, signed_in

CANARY = "a canary of mine"


def live_through(people: Cast, user: User) -> None:
    """Words of one person in every place that holds some."""
    sign(people.circle, user)
    session = make_session(people.circle, people.alice, in_=timedelta(minutes=5))
    issue_bring(session=session, owner=user, title=CANARY, text=CANARY, ask="listen")
    ids = [people.alice.pk, people.bob.pk, people.carol.pk]
    starting_services.session_start(
        session=session, here=ids, presenting=[user.pk], expected_seq=0, by=people.alice, now=NOW
    )
    session.refresh_from_db()
    note_write(session=session, author=user, text=CANARY)
    promise = CommitmentDetails(CANARY, NOW.date() + timedelta(days=3), people.carol)
    check_out_share(session=session, user=user, insight=CANARY, promise=promise, now=NOW)
    made = commitment_make(
        circle=people.circle, owner=people.carol, details=CommitmentDetails("hers", NOW.date(), user), now=NOW
    )
    own = Commitment.objects.get(owner=user)
    step_add(commitment=own, text=CANARY)
    progress_note(commitment=own, text=CANARY, now=NOW)
    details = ProposalDetails(change=ClauseChange.ADD, theme="scope", text=CANARY, why=CANARY)
    proposal_make(circle=people.circle, details=details, by=user, now=NOW)
    other = proposal_make(
        circle=people.circle,
        details=ProposalDetails(change=ClauseChange.ADD, theme="scope", text="t", why="w"),
        by=people.carol,
        now=NOW,
    )
    proposal_respond(proposal=other, user=user, stance=Stance.CONCERN, comment=CANARY, now=NOW)
    covenant = people.circle.covenants.get()
    goal_write(covenant=covenant, user=user, text=CANARY, now=NOW)
    feed_renew(user=user, now=NOW)
    assert made.partner == user
    later = make_session(people.circle, people.alice, in_=timedelta(days=5))
    roles_choose(session=later, holders={"scribe": user}, now=NOW)
    swap_ask(session=later, role=Role.SCRIBE, by=user, asked=people.carol, now=NOW)
    stand_in_name(session=later, user=user, now=NOW)
    poll = poll_start(circle=people.circle, starts=[at_noon(40), at_noon(41)], zone="UTC", by=people.alice, now=NOW)
    poll_answer(poll=poll, user=user, levels={option.pk: "good" for option in poll.options.all()})
    availability_add(user=user, weekdays=[1], start=540, end=600, level="good")
    absence_add(user=user, first_on=NOW.date(), last_on=NOW.date())
    preference_set(user=user, kind="poll", channel="off")


def at_noon(days: int) -> datetime:
    return (NOW + timedelta(days=days)).replace(tzinfo=None, hour=12)


def test_the_words_go_and_what_others_count_on_stays(people: Cast, clock: Any, capsys: Any) -> None:
    bob = people.bob
    live_through(people, bob)
    before = Participation.objects.count()
    person_erase(user=bob, now=NOW)
    bob.refresh_from_db()
    assert (str(bob), bob.is_active, bob.erased_at) == ("Former member", False, NOW)
    assert not Membership.objects.filter(user=bob, left_at=None).exists()
    for rows in (Issue, Note, Goal):
        assert not rows.objects.exists()
    own = Commitment.objects.get(owner=bob)
    assert (own.text, own.status, own.partner) == ("", "let_go", None)
    assert not own.entries.exists()
    assert not own.steps.exists()
    assert CheckOut.objects.get().insight == ""
    mine = Proposal.objects.get(by=bob)
    assert (mine.status, mine.why) == ("withdrawn", "")
    assert ProposalResponse.objects.get(user=bob, stance=Stance.CONCERN).comment == ""
    for model in (Availability, Absence, Preference, PollAnswer, RoleSwap):
        assert not model.objects.exists(), model
    coming = CircleSession.objects.get(status="planned")
    assert coming.stand_in is None
    assert set(coming.roles.values_list("role_key", flat=True)) == {"host", "timekeeper", "scribe"}
    assert not coming.roles.filter(user=bob).exists()
    version = current_version(people.circle)
    assert version
    assert Signature.objects.get(user=bob).digest == version.digest
    assert Participation.objects.count() == before
    assert not Message.objects.filter(user=bob).exists()
    call_command("dumpdata", exclude=["contenttypes", "auth"])
    dump = capsys.readouterr().out
    assert "bob@example.org" not in dump
    assert "Bob Baker" not in dump


def test_nothing_that_somebody_wrote_stays_in_rows_that_do(people: Cast, clock: Any) -> None:
    """Where only words go, every one that the table of own words names, and the time of a plan with them."""
    live_through(people, people.bob)
    made = Commitment.objects.get(owner=people.bob)
    cue = Cue(NOW.date() + timedelta(days=1), time(15), "Europe/London")
    details = CommitmentDetails(CANARY, made.due_on, plan=PlanLine(CANARY, CANARY, cue))
    commitment_change(commitment=made, details=details, now=NOW)
    person_erase(user=people.bob, now=NOW)
    kept = [(own.key, name, row) for own in OWN for row in own.rows(people.bob) for name in own.fields]
    assert {key for key, _name, _row in kept} == {"insight", "commitment", "reason", "comment"}
    assert [(key, name) for key, name, row in kept if str(getattr(row, name))] == []
    assert Commitment.objects.get(owner=people.bob).cue is None


def test_a_plan_that_an_earlier_version_kept_of_somebody_erased_goes(people: Cast) -> None:
    details = CommitmentDetails("", NOW.date(), plan=PlanLine(CANARY, CANARY, Cue(NOW.date(), time(15), "UTC")))
    theirs, other = (
        commitment_make(circle=people.circle, owner=user, details=details, now=NOW)
        for user in (people.bob, people.carol)
    )
    User.objects.filter(pk=people.bob.pk).update(erased_at=NOW)
    import_module("agreements.migrations.0004_erased_plans").empty(apps, None)
    theirs, other = Commitment.objects.get(pk=theirs.pk), Commitment.objects.get(pk=other.pk)
    assert (theirs.plan, theirs.hurdle, theirs.cue) == ("", "", None)
    assert (other.plan, other.hurdle) == (CANARY, CANARY)
    assert Leftover.objects.filter(table=Commitment._meta.db_table).exists()


def test_it_needs_a_fresh_sign_in_and_a_tick(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    path = reverse("pages:account_delete")
    asked = client.get(path)
    assert asked.status_code == 302
    assert asked.url.startswith("/sign/reauthenticate/")
    client.post(asked.url, {"password": PASSWORD})
    assert "cannot be undone" in client.get(path).content.decode()
    client.post(path, {})
    assert User.objects.get(pk=people.bob.pk).is_active
    gone = client.post(path, {"sure": "on"}, follow=True)
    assert b"Your account is deleted." in gone.content
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["bob@example.org"], "Your account is deleted")
    assert "Nothing more is sent here." in told.body
    assert "Bob" not in told.body
    assert not Message.objects.filter(email="bob@example.org").exists()
    assert not User.objects.get(pk=people.bob.pk).is_active
    assert client.get(reverse("accounts:account")).status_code == 302


def test_the_only_facilitator_first_hands_over(people: Cast, clock: Any) -> None:
    client = signed_in(people.alice)
    path = reverse("pages:account_delete")
    client.post(client.get(path).url, {"password": PASSWORD})
    answer = client.post(path, {"sure": "on"}, follow=True)
    assert b"You are the only facilitator." in answer.content
    alice = User.objects.get(pk=people.alice.pk)
    assert (alice.is_active, alice.name) == (True, "Alice Archer")
    assert Membership.objects.filter(user=alice, left_at=None).exists()


def test_the_only_facilitator_of_a_closed_circle_can_be_erased(people: Cast, clock: Any) -> None:
    circle_mark_closed(circle=people.circle, by=people.alice, now=NOW)
    people.circle.refresh_from_db()
    person_erase(user=people.alice, now=NOW)
    assert User.objects.get(pk=people.alice.pk).erased_at == NOW
    assert not Membership.objects.filter(user=people.alice, left_at=None).exists()


def test_whoever_is_erased_is_nobodys_contact_any_more(people: Cast, clock: Any) -> None:
    Circle.objects.update(contact_name="Erin Else", contact_email="erin@example.org")
    person_erase(user=people.erin, now=NOW)
    assert list(Circle.objects.values_list("contact_name", "contact_email")) == [("", "")]
