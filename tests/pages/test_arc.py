"""The arc of a circle: six sessions, a decision together, closing well, and words deleted after the stated time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from accounts.refusals import Refused
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.models import Commitment, Signature
from circles.covenant_services import (
    KEPT_AFTER_CLOSING,
    circle_mark_closed,
    closed_empty,
    decision_say,
)
from circles.enums import Decision
from circles.models import Circle, Covenant, Farewell
from circles.selectors import circles_closed_for, circles_for, covenant_of
from notifications.outbox import turn
from pages.ending_services import circle_close
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.covenant_selectors import counts_of, held_count
from sessions.planning.covenant_services import decisions_ask
from tests.factories import NOW, Cast, make_session, sign, signed_in

pytestmark = pytest.mark.django_db


def held(people: Cast, number: int, *, practice: bool = False) -> None:
    """So many sessions that were held, a day apart, before now."""
    like = make_session(people.circle, people.alice, in_=timedelta(days=90))
    for at in range(number):
        day = NOW - timedelta(days=at + 1, hours=int(practice))
        CircleSession.objects.create(
            circle=people.circle, local_date=day.date(), local_time=day.time(), zone="UTC", starts_at=day, minutes=120,
            format_version=like.format_version, status=SessionStatus.ENDED, started_at=day,
            ended_at=day + timedelta(hours=2), came_count=4, expected_count=4, practice=practice,
        )  # fmt: skip
    like.delete()


def page(people: Cast, name: str) -> str:
    return reverse(f"pages:{name}", args=[people.circle.code])


def say(people: Cast, choice: Decision, *names: str) -> None:
    covenant = covenant_of(people.circle)
    assert covenant
    for name in names:
        decision_say(covenant=covenant, user=getattr(people, name), choice=choice)


def test_nobody_is_asked_before_the_last_promised_session(people: Cast, clock: Any) -> None:
    held(people, 5)
    held(people, 2, practice=True)
    client = signed_in(people.bob)
    assert b"Decide together" not in client.get(page(people, "circle")).content
    assert b"What would you like?" not in client.get(page(people, "decide")).content
    client.post(page(people, "decide"), {"choice": "close"})
    assert Covenant.objects.get().votes.count() == 0
    assert decisions_ask(now=NOW) == 0
    held(people, 1)
    assert held_count(people.circle) == 6
    assert b"Decide together" in client.get(page(people, "circle")).content


def test_the_circle_decides_by_more_than_half_and_a_new_promise_begins(people: Cast, clock: Any) -> None:
    held(people, 6)
    client, alice = signed_in(people.bob), signed_in(people.alice)
    client.post(page(people, "decide"), {"choice": "carry_on"})
    say(people, Decision.CARRY_ON, "carol")
    shown = alice.get(page(people, "decide")).content.decode()
    assert "Have not said yet: Alice Archer, Dave Dyer" in shown
    assert "Write it down" not in shown
    alice.post(page(people, "decide_settle"), {"sessions": "4"})
    assert covenant_of(people.circle).number == 1  # type: ignore[union-attr]
    say(people, Decision.CARRY_ON, "alice")
    wrong = alice.post(page(people, "decide_settle"), {"sessions": "99"}, follow=True)
    assert b"between 1 and 24" in wrong.content
    answer = alice.post(page(people, "decide_settle"), {"sessions": "4"})
    assert answer.url == reverse("sessions:schedule", args=[people.circle.code])
    covenant = covenant_of(people.circle)
    assert covenant
    assert (covenant.number, covenant.sessions, Covenant.objects.get(number=1).decision) == (2, 4, "carry_on")
    assert held_count(people.circle) == 0
    following = make_session(people.circle, people.alice)
    assert counts_of(following).number == 1
    assert b"Decide together" not in alice.get(page(people, "circle")).content


def test_a_member_who_does_not_run_the_circle_settles_nothing(people: Cast, clock: Any) -> None:
    held(people, 6)
    say(people, Decision.CLOSE, "alice", "bob", "carol")
    assert signed_in(people.bob).post(page(people, "decide_settle")).status_code == 404
    assert covenant_of(people.circle) is not None


def test_each_is_told_once_and_only_until_they_have_said(people: Cast, clock: Any) -> None:
    held(people, 6)
    assert decisions_ask(now=NOW) == 1
    say(people, Decision.CLOSE, "bob")
    assert decisions_ask(now=NOW) == 1
    turn()
    told = sorted(m.to[0] for m in mail.outbox if m.subject == "How Alder circle goes on")
    assert told == ["alice@example.org", "carol@example.org", "dave@example.org"]


def test_closing_well(people: Cast, clock: Any) -> None:
    held(people, 6)
    planned = make_session(people.circle, people.alice)
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    assert alice.get(page(people, "closing")).url == page(people, "decide")
    alice.post(page(people, "close"))
    assert Circle.objects.get().status == "open"
    say(people, Decision.CLOSE, "alice", "bob", "dave")
    assert alice.post(page(people, "decide_settle")).url == page(people, "closing")
    assert b"closing_session" in alice.get(page(people, "closing")).content
    bob.post(page(people, "closing"), {"thanks": "For the silence", "takes": "A question"})
    assert b"For the silence" in alice.get(page(people, "closing")).content
    bob.post(page(people, "closing"), {"thanks": "", "takes": ""})
    assert Farewell.objects.count() == 0
    assert bob.post(page(people, "close")).status_code == 404
    alice.post(page(people, "close"))
    circle = Circle.objects.get()
    planned.refresh_from_db()
    assert (circle.status, circle.closed_at, planned.status) == ("closed", NOW, "cancelled")
    assert (circles_for(people.bob), circles_closed_for(people.bob)) == ([], [circle])
    assert b"This circle closed on" in bob.get(page(people, "circle")).content
    with pytest.raises(Refused, match="closed"):
        make_session(circle, people.alice)
    assert not circle_mark_closed(circle=circle, by=people.alice, now=NOW)


def test_what_was_said_is_deleted_after_the_stated_time_and_counts_stay(people: Cast, clock: Any) -> None:
    sign(people.circle, people.alice)
    commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails("CANARY", NOW.date(), None), now=NOW
    )
    assert timedelta(days=90) == KEPT_AFTER_CLOSING, "every page and mail says ninety days"
    circle_close(circle=people.circle, by=people.alice, now=NOW)
    assert closed_empty(now=NOW + KEPT_AFTER_CLOSING - timedelta(seconds=1)) == 0
    assert Commitment.objects.get().text == "CANARY"
    assert closed_empty(now=NOW + KEPT_AFTER_CLOSING) == 1
    assert closed_empty(now=NOW + KEPT_AFTER_CLOSING) == 0
    circle = Circle.objects.select_related("vault").get()
    assert (circle.vault.wrapped_key, circle.vault.destroyed_at) == (None, NOW + KEPT_AFTER_CLOSING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM agreements_commitment")
        assert bytes(cursor.fetchone()[0] or b"") == b""
        cursor.execute("SELECT count(*) FROM agreements_clause WHERE length(text) > 0")
        assert cursor.fetchone()[0] == 0
    assert (Commitment.objects.count(), Signature.objects.count()) == (1, 1)
    clock.move_to(NOW + KEPT_AFTER_CLOSING)
    assert signed_in(people.bob).get(page(people, "circle")).status_code == 200
    assert circles_closed_for(people.bob) == []


def test_today_asks_whoever_has_not_said_how_the_circle_goes_on(people: Cast, clock: Any) -> None:
    bob = signed_in(people.bob)
    held(people, 5)
    assert "Decide together" not in bob.get("/").content.decode()
    held(people, 1)
    assert page(people, "decide") in bob.get("/").content.decode()
    say(people, Decision.CARRY_ON, "bob")
    assert "Decide together" not in bob.get("/").content.decode()


@pytest.mark.parametrize("choice", [Decision.CARRY_ON, Decision.REFORM, Decision.CLOSE])
def test_what_was_decided_is_told_to_those_who_did_not_write_it_down(
    people: Cast, clock: Any, choice: Decision
) -> None:
    held(people, 6)
    say(people, choice, "alice", "bob", "carol")
    signed_in(people.alice).post(page(people, "decide_settle"), {"sessions": "4"})
    turn()
    told = {m.to[0]: m for m in mail.outbox if m.subject == f"Alder circle has decided: {choice.label}"}
    assert sorted(told) == ["bob@example.org", "carol@example.org", "dave@example.org"]
    body = told["dave@example.org"].body
    assert ("A new promise of 4 sessions begins." in body) is (choice != Decision.CLOSE)
    assert ("/closing/" in body) is (choice == Decision.CLOSE)
