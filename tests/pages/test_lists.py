"""A list that ends says how many there are, and leads on."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from agreements.models import AgreementVersion
from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond, proposals_settle
from circles.enums import CircleStatus
from circles.models import Circle
from notifications.enums import MessageState
from notifications.models import Message
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


def test_what_was_done_is_all_there_page_by_page(people: Cast) -> None:
    for at in range(11):
        details = CommitmentDetails(f"Promise {at:02}", date(2027, 2, 1), None)
        made = commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
        commitment_settle(commitment=made, status=CommitmentStatus.KEPT, now=NOW + timedelta(minutes=at))
    bob, path = signed_in(people.bob), reverse("agreements:commitments")
    first = bob.get(path).content.decode()
    assert "1 to 10 of 11" in first
    assert 'href="?done=2#done"' in first
    assert "Promise 00" not in first
    assert "Promise 00" in bob.get(f"{path}?done=2").content.decode()


def test_the_bell_is_all_there_page_by_page(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    Message.objects.bulk_create(
        Message(
            kind="session_scheduled", subject_type="session", subject_code=session.code, circle_code=people.circle.code,
            user=people.bob, key=f"k{at}", due_at=NOW, created_at=NOW, state=MessageState.SENT,
            heard_at=NOW + timedelta(minutes=at),
        )
        for at in range(61)
    )  # fmt: skip
    bob, path = signed_in(people.bob), reverse("pages:notices")
    assert "1 to 60 of 61" in bob.get(path).content.decode()
    assert "61 to 61 of 61" in bob.get(f"{path}?page=2").content.decode()
    oldest = Message.objects.get(key="k0")
    assert bob.post(reverse("pages:notice_open", args=[oldest.pk])).status_code == 302
    oldest.refresh_from_db()
    assert oldest.read_at is not None
    dave = signed_in(people.dave)
    assert dave.post(reverse("pages:notice_open", args=[oldest.pk])).status_code == 404


def sessions(people: Cast, number: int, *, held: bool) -> None:
    """So many sessions of the circle, a day apart, held before now or planned after it."""
    like = make_session(people.circle, people.alice, in_=timedelta(days=200))
    step = timedelta(days=-1 if held else 1)
    CircleSession.objects.bulk_create(
        CircleSession(
            circle=people.circle, local_date=(NOW + step * at).date(), local_time=NOW.time(), zone="UTC",
            starts_at=NOW + step * at, format_version=like.format_version, minutes=60 + at,
            status=SessionStatus.ENDED if held else SessionStatus.PLANNED,
        )
        for at in range(1, number + 1)
    )  # fmt: skip
    like.delete()


def test_sessions_of_a_circle_are_all_there_page_by_page(people: Cast, clock: Any) -> None:
    sessions(people, 13, held=False)
    sessions(people, 14, held=True)
    bob, path = signed_in(people.bob), reverse("pages:circle_sessions", args=[people.circle.code])
    circle = reverse("pages:circle", args=[people.circle.code])
    first = bob.get(path).content.decode()
    assert "1 to 12 of 13" in first
    assert "1 to 12 of 14" in first
    assert 'href="?coming=2#coming"' in first
    assert 'href="?held=2#held"' in first
    later = bob.get(f"{path}?coming=2").content.decode()
    assert "13 to 13 of 13" in later
    assert "14 are held." in bob.get(circle).content.decode(), "counted over all of them"
    for wrong in ("0", "99", "x", ""):
        assert bob.get(f"{path}?held={wrong}&coming={wrong}").status_code == 200
    Circle.objects.update(status=CircleStatus.CLOSED, closed_at=NOW)
    assert "13 to 14 of 14" in bob.get(f"{circle}?held=2").content.decode()


def test_a_list_that_fits_says_nothing_of_pages(people: Cast, clock: Any) -> None:
    sessions(people, 12, held=True)
    bob = signed_in(people.bob)
    assert "Twelve are held." in bob.get(reverse("pages:circle", args=[people.circle.code])).content.decode()
    assert "of 12" not in bob.get(reverse("pages:circle_sessions", args=[people.circle.code])).content.decode()


def test_versions_and_settled_proposals_are_all_there_page_by_page(people: Cast, clock: Any) -> None:
    for at in range(11):
        wish = ProposalDetails(change="add", theme="scope", text=f"Clause {at:02}", why="")
        made = proposal_make(circle=people.circle, details=wish, by=people.alice, now=NOW + timedelta(minutes=at))
        for user in (people.bob, people.carol, people.dave):
            proposal_respond(
                proposal=made, user=user, stance="yes", comment="", now=NOW + timedelta(minutes=at, seconds=30)
            )
        proposals_settle(now=NOW + timedelta(minutes=at, seconds=40))
    assert AgreementVersion.objects.count() == 12
    bob, path = signed_in(people.bob), reverse("agreements:agreement", args=[people.circle.code])
    first = bob.get(path).content.decode()
    assert "1 to 8 of 12" in first
    assert "1 to 10 of 11" in first
    assert 'href="?versions=2#ver"' in first
    assert 'href="?settled=2#settled"' in first
    assert "The text we started from" not in first
    assert "The text we started from" in bob.get(f"{path}?versions=2").content.decode()
    assert "11 to 11 of 11" in bob.get(f"{path}?settled=2").content.decode()
