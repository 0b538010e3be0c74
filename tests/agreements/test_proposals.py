"""Proposing, objecting, settling, adopting; signatures are of exact texts (P6)."""

import os
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.refusals import Refused
from agreements.enums import ClauseChange, ProposalStatus, Stance
from agreements.models import AgreementVersion, Clause, Proposal, ProposalResponse, Signature
from agreements.proposal_services import (
    ProposalDetails,
    proposal_make,
    proposal_respond,
    proposal_withdraw,
    proposals_settle,
    proposals_talked_about,
)
from agreements.selectors import clauses_of, current_version, proposals_to_talk_about
from agreements.services import Replaced, agreement_sign, text_of
from notifications.models import Message
from tests.factories import NOW, Cast, make_cast, sign, signed_in
from tests.together import at_once

WEEK = timedelta(days=7)


def first(people: Cast) -> Clause:
    version = current_version(people.circle)
    assert version
    return clauses_of(version)[0]


def propose(people: Cast, text: str = "We come early.", **details: Any) -> Proposal:
    facts = {"change": ClauseChange.ADD, "theme": "attendance", "text": text, "why": "because"} | details
    return proposal_make(circle=people.circle, details=ProposalDetails(**facts), by=people.bob, now=NOW)


def answer(proposal: Proposal, stance: str, *who: Any, comment: str = "hm", now: Any = NOW) -> None:
    for user in who:
        proposal.refresh_from_db()
        proposal_respond(proposal=proposal, user=user, stance=stance, comment=comment, now=now)


def status(proposal: Proposal) -> str:
    proposal.refresh_from_db()
    return proposal.status


def texts(people: Cast) -> list[str]:
    version = current_version(people.circle)
    assert version
    return [clause.text for clause in clauses_of(version)]


def test_whoever_proposes_has_said_yes_and_reads_so(people: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        page = reverse("agreements:proposal", args=[propose(people).code])
        enough = "Your yes is counted: you need do nothing more here."
        assert enough in signed_in(people.bob).get(page).content.decode()
        assert "1 of 4" in " ".join(signed_in(people.bob).get(page).content.decode().split())
        assert enough not in signed_in(people.carol).get(page).content.decode()
        answer(Proposal.objects.get(), Stance.CONCERN, people.bob)
        assert enough not in signed_in(people.bob).get(page).content.decode()


def test_a_yes_of_everybody_counts_at_once(people: Cast) -> None:
    sign(people.circle, people.alice)
    made = propose(people)
    answer(made, Stance.YES, people.alice, people.carol)
    assert status(made) == ProposalStatus.OPEN
    answer(made, Stance.YES, people.dave)
    assert status(made) == ProposalStatus.ADOPTED
    version = current_version(people.circle)
    assert version
    assert version.number == 2
    themes = [clause.theme for clause in clauses_of(version)]
    assert "We come early." in texts(people)
    assert themes == sorted(themes, key=themes.index), "a new clause stands with those of its theme"
    assert not Signature.objects.filter(version=version).exists(), "nothing carries over"
    assert Message.objects.filter(kind="agreement_adopted").count() == 4


def test_a_week_without_a_concern_counts(people: Cast) -> None:
    made = propose(people, change=ClauseChange.DROP, line=first(people).line, text="", theme="")
    gone = first(people).text
    proposals_settle(now=NOW + WEEK - timedelta(seconds=1))
    assert status(made) == ProposalStatus.OPEN
    proposals_settle(now=NOW + WEEK)
    assert status(made) == ProposalStatus.ADOPTED
    assert gone not in texts(people)


def test_a_concern_opens_the_next_session_and_those_who_were_there_decide(people: Cast) -> None:
    made = propose(people)
    answer(made, Stance.CONCERN, people.carol)
    proposals_settle(now=NOW + 3 * WEEK)
    assert status(made) == ProposalStatus.OPEN
    assert proposals_to_talk_about(people.circle) == [made]
    there = [people.alice.pk, people.bob.pk, people.carol.pk]
    session = NOW + timedelta(days=2)
    proposals_talked_about(circle=people.circle, present=there, began=session, now=session)
    assert status(made) == ProposalStatus.OPEN
    assert proposals_to_talk_about(people.circle) == []
    answer(made, Stance.YES, people.dave, now=session)
    assert status(made) == ProposalStatus.OPEN, "who was not there does not decide"
    answer(made, Stance.YES, people.alice, now=session)
    assert status(made) == ProposalStatus.ADOPTED


def test_a_concern_raised_while_a_session_runs_waits_for_the_next(people: Cast) -> None:
    made = propose(people)
    answer(made, Stance.CONCERN, people.carol, now=NOW + timedelta(hours=1))
    proposals_talked_about(circle=people.circle, present=[people.alice.pk], began=NOW, now=NOW + timedelta(hours=2))
    made.refresh_from_db()
    assert made.talked_at is None


def test_without_more_than_half_it_is_not_adopted(people: Cast) -> None:
    made = propose(people)
    answer(made, Stance.CONCERN, people.carol)
    there = [people.bob.pk, people.carol.pk]
    proposals_talked_about(circle=people.circle, present=there, began=NOW, now=NOW)
    proposals_settle(now=NOW + WEEK)
    assert status(made) == ProposalStatus.DECLINED


def test_of_two_changes_of_one_clause_the_second_is_overtaken(people: Cast) -> None:
    line = first(people).line
    one = propose(people, "other words", change=ClauseChange.REWORD, line=line, theme="")
    two = propose(people, "quite other words", change=ClauseChange.REWORD, line=line, theme="")
    other = propose(people, "a new clause")
    proposals_settle(now=NOW + WEEK)
    assert [status(one), status(two), status(other)] == ["adopted", "overtaken", "adopted"]
    assert "other words" in texts(people)
    assert "a new clause" in texts(people)


def test_the_rule_itself_can_be_changed_and_then_holds(people: Cast) -> None:
    rule = propose(people, "", change=ClauseChange.RULE, days=14, theme="")
    proposals_settle(now=NOW + WEEK)
    assert status(rule) == ProposalStatus.ADOPTED
    version = current_version(people.circle)
    assert version
    assert version.adopt_days == 14
    later = proposal_make(
        circle=people.circle,
        details=ProposalDetails(change=ClauseChange.ADD, theme="scope", text="x", why="y"),
        by=people.bob,
        now=NOW + WEEK,
    )
    proposals_settle(now=NOW + 2 * WEEK)
    assert status(later) == ProposalStatus.OPEN
    proposals_settle(now=NOW + 3 * WEEK)
    assert status(later) == ProposalStatus.ADOPTED


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"change": ClauseChange.REWORD, "line": uuid4()}, "no longer in the agreement"),
        ({"change": ClauseChange.DROP, "line": uuid4()}, "no longer in the agreement"),
        ({"change": ClauseChange.RULE, "days": 7}, "as it stands now"),
    ],
)
def test_what_changes_nothing_is_refused(people: Cast, details: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        propose(people, **details)
    assert not Proposal.objects.exists()


def test_the_same_change_is_proposed_once(people: Cast) -> None:
    propose(people)
    with pytest.raises(Refused, match="exactly this"):
        propose(people)
    clause = first(people)
    with pytest.raises(Refused, match="stand there now"):
        propose(people, clause.text, change=ClauseChange.REWORD, line=clause.line)


def test_a_concern_needs_words_and_a_settled_proposal_takes_no_answer(people: Cast) -> None:
    made = propose(people)
    with pytest.raises(Refused, match="what concerns you"):
        answer(made, Stance.CONCERN, people.carol, comment="")
    proposal_withdraw(proposal=made, now=NOW)
    with pytest.raises(Refused, match="settled"):
        answer(made, Stance.YES, people.carol)
    with pytest.raises(Refused, match="settled"):
        proposal_withdraw(proposal=made, now=NOW)


def test_the_clause_that_was_signed_is_never_the_text_of_another_version(people: Cast) -> None:
    shown = current_version(people.circle)
    assert shown
    made = propose(people)
    answer(made, Stance.YES, people.alice, people.carol, people.dave)
    with pytest.raises(Replaced):
        agreement_sign(circle=people.circle, user=people.bob, version=shown.code, digest=shown.digest, now=NOW)
    assert not Signature.objects.exists()


def test_signing_a_version_that_was_replaced_shows_the_difference(people: Cast) -> None:
    shown = current_version(people.circle)
    assert shown
    made = propose(people, "Brand new words.")
    answer(made, Stance.YES, people.alice, people.carol, people.dave)
    with time_machine.travel(NOW, tick=False):
        page = signed_in(people.bob).post(
            reverse("agreements:agreement_sign", args=[people.circle.code]),
            {"version": str(shown.code), "digest": shown.digest, "read": "on"},
            follow=True,
        )
    assert page.redirect_chain[-1][0].endswith("?from=1")
    assert b"What changed since version 1" in page.content
    assert b"<ins>Brand new words.</ins>" in page.content
    assert not Signature.objects.exists()


# `make faults` runs two hundred, on both databases.
ROUNDS = int(os.environ.get("ROUNDS", "40"))


@pytest.mark.django_db(transaction=True)
def test_no_signature_is_of_another_text_than_was_shown(db: Any) -> None:
    """Two sign what they were shown while a change is adopted under their hands."""
    people = make_cast()
    for at in range(ROUNDS):
        shown = current_version(people.circle)
        assert shown
        made = (
            propose(people, f"Clause {at}")
            if at < 40
            else propose(people, f"Again {at}", change=ClauseChange.REWORD, line=first(people).line, theme="")
        )
        answer(made, Stance.YES, people.alice, people.carol)

        def put_name(user: Any, shown: AgreementVersion = shown) -> None:
            with suppress(Refused):
                agreement_sign(circle=people.circle, user=user, version=shown.code, digest=shown.digest, now=NOW)

        at_once(
            partial(put_name, people.alice),
            partial(put_name, people.carol),
            partial(answer, made, Stance.YES, people.dave),
        )
        for signature in Signature.objects.filter(version=shown):
            assert signature.digest == shown.digest
    for version in AgreementVersion.objects.all():
        told = text_of([(clause.theme, clause.text) for clause in clauses_of(version)], version.adopt_days)
        digest = people.circle.vault.digest(told)
        assert version.digest == digest
        assert set(Signature.objects.filter(version=version).values_list("digest", flat=True)) <= {digest}
    numbers = list(AgreementVersion.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > ROUNDS / 2, "most changes were adopted while somebody signed"


def test_the_pages_carry_proposing_and_answering_through(people: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        bob, alice = signed_in(people.bob), signed_in(people.alice)
        page = reverse("agreements:propose", args=[people.circle.code, "reword"]) + f"?line={first(people).line}"
        assert bob.get(page).status_code == 200
        empty = bob.post(page, {"text": " ", "why": ""})
        assert b"Write the clause." in empty.content
        assert b"Say in a sentence why" in empty.content
        long = bob.post(page, {"text": "word " * 5000, "why": "w"})
        assert b"Use at most 1000 characters" in long.content
        made = bob.post(page, {"text": "What we hear here, we keep here.", "why": "shorter"}, follow=True)
        assert b"You propose a change" in made.content
        proposal = Proposal.objects.get()
        there = reverse("agreements:proposal", args=[proposal.code])
        assert b"Choose an answer" in alice.post(there, {"stance": ""}).content
        assert b"what concerns you" in alice.post(there, {"stance": "concern"}).content
        alice.post(there, {"stance": "concern", "comment": "Too short for me"})
        assert ProposalResponse.objects.get(user=people.alice).stance == Stance.CONCERN
        told = alice.get(there).content
        assert b"Too short for me" in told
        assert b"The next session opens with it" in told
        assert (
            b"Other words for a clause" in alice.get(reverse("agreements:agreement", args=[people.circle.code])).content
        )
    mails = list(Message.objects.filter(kind="agreement_proposal"))
    assert len(mails) == 3


def test_what_proposes_stands_between_the_clauses_only_when_it_is_asked_for(people: Cast, clock: Any) -> None:
    page, bob = reverse("agreements:agreement", args=[people.circle.code]), signed_in(people.bob)
    reword = reverse("agreements:propose", args=[people.circle.code, "reword"])
    read = bob.get(page).content.decode()
    assert reword not in read
    assert f'href="{page}?propose=on#text"' in read
    asked = bob.get(page, {"propose": "on"}).content.decode()
    assert asked.count(reword) == asked.count('class="clause"') - 1, "the rule has its own link"
