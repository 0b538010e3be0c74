"""Coaching pairs of a circle: chosen by whoever looks after it, changed as sessions are held, mended as people go."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from circles.models import AuditEntry, Circle, Membership
from circles.services import circle_hold
from notifications.outbox import turn
from sessions.models import CircleSession, PairRound, PairSeat
from sessions.planning.pairs_selectors import ROUNDS_LOOKED_BACK, partners_in, past_of
from sessions.planning.pairs_services import pairs_choose, pairs_turn
from tests.factories import NOW, Cast, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(days=4)


def hold_one(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW)


def pairs_now(circle: Circle) -> list[set[str]]:
    found: dict[int, set[str]] = {}
    for one in PairSeat.objects.filter(round__circle=circle, round__ended_at=None).select_related("user"):
        found.setdefault(one.group, set()).add(one.user.first)
    return sorted(found.values(), key=sorted)


def test_whoever_looks_after_a_circle_chooses_and_everybody_hears_with_whom(people: Cast, clock: Any) -> None:
    path = reverse("sessions:pairs", args=[people.circle.code])
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    assert "This circle has no pairs." in bob.get(path).content.decode()
    assert "Your circle’s choice" not in bob.get(path).content.decode()
    assert bob.post(path, {"every": "2"}).status_code == 404
    mail.outbox.clear()
    alice.post(path, {"every": "2"})
    turn(clock=lambda: NOW)
    [partner] = partners_in(people.circle, people.bob)
    [letter] = [one for one in mail.outbox if people.bob.email in one.to]
    assert letter.subject == f"Alder circle: you coach with {partner}"
    page = " ".join(bob.get(path).content.decode().split())
    assert f"You coach with {partner}." in page
    assert "Others after 2 more sessions" in page
    assert str(AuditEntry.objects.latest("pk")) == "Alice Archer began coaching pairs"
    assert alice.post(path, {"every": "9"}).status_code == 200, "no such choice: the form again"


def test_today_and_the_page_of_a_session_say_with_whom_one_coaches(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    bob, at = signed_in(people.bob), reverse("sessions:session", args=[session.code])
    assert "Coaching in pairs" not in bob.get("/").content.decode()
    assert "You coach with" not in bob.get(at).content.decode()
    pairs_choose(circle=people.circle, every=2, by=people.alice, now=NOW)
    [partner] = partners_in(people.circle, people.bob)
    today = bob.get("/")
    assert today.context["pairs"] == [(people.circle, [partner])]
    assert f"<b>{partner}</b>" in today.content.decode()
    assert f"You coach with {partner} between sessions" in " ".join(bob.get(at).content.decode().split())
    assert "Coaching in pairs" not in signed_in(people.erin).get("/").content.decode()


def test_after_so_many_sessions_everybody_has_somebody_they_have_not_had(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=2, by=people.alice, now=NOW)
    hold_one(people)
    assert pairs_turn(now=AFTER) == 0
    hold_one(people)
    assert pairs_turn(now=AFTER) == 1
    assert pairs_turn(now=AFTER) == 0, "late or twice it does the same"
    for _more in range(2):
        hold_one(people)
    pairs_turn(now=AFTER)
    rounds = past_of(people.circle)
    assert len({pair for groups in rounds for pair in groups}) == 6, "four people: three rounds, all pairs once"
    assert PairRound.objects.filter(ended_at=None).count() == 1


def test_whoever_comes_or_is_left_alone_gets_a_partner_and_few_others_change(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=3, by=people.alice, now=NOW)
    Membership.objects.filter(user=people.dave).update(left_at=NOW)
    mail.outbox.clear()
    pairs_turn(now=AFTER)
    [three] = pairs_now(people.circle)
    assert three == {"Alice", "Bob", "Carol"}
    frank = make_user("Frank Fox")
    Membership.objects.create(circle=people.circle, user=frank, joined_at=AFTER)
    pairs_turn(now=AFTER)
    now = pairs_now(people.circle)
    assert sorted(map(len, now)) == [2, 2]
    turn(clock=lambda: AFTER)
    assert any(frank.email in one.to for one in mail.outbox)
    assert PairRound.objects.count() == 1, "the round goes on"


def test_whoever_has_another_partner_again_hears_of_it_again(people: Cast, clock: Any) -> None:
    """Somebody leaves, is back and leaves once more: the same pairs as before are another change."""
    pairs_choose(circle=people.circle, every=3, by=people.alice, now=NOW)
    dave = Membership.objects.get(circle=people.circle, user=people.dave)
    told = []
    for hours, left_at in enumerate((AFTER, None, AFTER)):
        moment = AFTER + timedelta(hours=hours)
        mail.outbox.clear()
        Membership.objects.filter(pk=dave.pk).update(left_at=left_at)
        pairs_turn(now=moment)
        turn(clock=lambda moment=moment: moment)
        told.append(sorted(one.to[0] for one in mail.outbox))
    everybody_left = sorted(one.email for one in (people.alice, people.bob, people.carol))
    assert (told[0], told[2]) == (everybody_left, everybody_left)


def test_two_changes_before_the_mail_goes_are_one_mail(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=3, by=people.alice, now=NOW)
    Membership.objects.filter(circle=people.circle, user=people.dave).update(left_at=AFTER)
    pairs_turn(now=AFTER)
    mail.outbox.clear()
    turn(clock=lambda: AFTER)
    assert sorted(one.to[0] for one in mail.outbox) == sorted(
        one.email for one in (people.alice, people.bob, people.carol)
    )


def test_no_pairs_any_more_and_then_again_goes_on_where_it_was(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=1, by=people.alice, now=NOW)
    first = pairs_now(people.circle)
    pairs_choose(circle=people.circle, every=0, by=people.alice, now=NOW)
    assert pairs_now(people.circle) == []
    assert pairs_turn(now=AFTER) == 0
    pairs_choose(circle=people.circle, every=1, by=people.alice, now=AFTER)
    assert not set(map(frozenset, first)) & set(map(frozenset, pairs_now(people.circle)))


def test_a_circle_on_hold_or_closed_changes_nothing(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=1, by=people.alice, now=NOW)
    hold_one(people)
    circle_hold(circle=people.circle, on_hold=True, by=people.alice, now=NOW)
    assert pairs_turn(now=AFTER) == 0
    circle_hold(circle=people.circle, on_hold=False, by=people.alice, now=NOW)
    assert pairs_turn(now=AFTER) == 1


def test_a_mail_about_pairs_that_are_over_does_not_go(people: Cast, clock: Any) -> None:
    pairs_choose(circle=people.circle, every=1, by=people.alice, now=NOW)
    hold_one(people)
    pairs_turn(now=NOW)
    mail.outbox.clear()
    turn(clock=lambda: NOW)
    told = [one.subject for one in mail.outbox if people.bob.email in one.to]
    [partner] = partners_in(people.circle, people.bob)
    assert told == [f"Alder circle: you coach with {partner}"]


def test_pressing_on_and_off_leaves_no_longer_past_to_look_through(people: Cast, clock: Any) -> None:
    for at in range(ROUNDS_LOOKED_BACK + 5):
        pairs_choose(circle=people.circle, every=1 + at % 2, by=people.alice, now=NOW)
        pairs_choose(circle=people.circle, every=0, by=people.alice, now=NOW)
    pairs_choose(circle=people.circle, every=1, by=people.alice, now=NOW)
    assert PairRound.objects.count() == ROUNDS_LOOKED_BACK + 6
    past = past_of(people.circle)
    assert len(past) == ROUNDS_LOOKED_BACK
    assert {person for group in past[-1] for person in group} == {
        people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk,
    }  # fmt: skip
