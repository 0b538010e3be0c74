"""Whether the line of a plan helps: drawn by lot among circles, told of two halves, and never of fewer than five."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.refusals import Refused
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from circles.models import Circle
from programmes.figures_services import figures_count
from programmes.lot_selectors import plan_lot_shown
from programmes.lot_services import plan_lot_draw
from programmes.models import PlanLot, PlanLotCircle, Programme, RoundCircle
from programmes.rules.anonymity import blocks, may_be_told
from programmes.rules.lots import Side, drawn, side_change, told_together
from programmes.services import programme_end
from tests.factories import NOW, make_circle, make_user, signed_in
from tests.programmes.test_figures import WEEK, in_programme

LATER = NOW + 12 * WEEK


@given(st.sets(st.uuids().map(str), max_size=40), st.text(max_size=16))
def test_a_draw_is_half_of_the_circles_and_the_same_every_time(codes: set[str], seed: str) -> None:
    half = drawn(codes, seed)
    assert half == drawn(sorted(codes, reverse=True), seed)
    assert half <= codes
    assert len(half) == (len(codes) + 1) // 2


def test_every_circle_is_drawn_about_as_often_as_every_other() -> None:
    codes = [f"circle {number}" for number in range(6)]
    counts = dict.fromkeys(codes, 0)
    for seed in range(2000):
        for code in drawn(codes, str(seed)):
            counts[code] += 1
    # 1000 of 2000 each; five standard deviations are 112.
    assert all(888 <= number <= 1112 for number in counts.values()), counts


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Six circles a side that differ much: shares between 40 and 80 per cent, and no difference between the sides."""
    dice, missed, tries = random.Random(1), 0, 2000
    for _try in range(tries):
        sides = []
        for _side in range(2):
            shares = [dice.uniform(0.4, 0.8) for _circle in range(6)]
            counts = [(12, sum(dice.random() < share for _promise in range(12))) for share in shares]
            sides.append(Side(tuple(counts), 30))
        change = side_change(*sides)
        missed += change.is_clear
    # Five of a hundred and not many more; what is cautious may be fewer.
    assert missed / tries < 0.065


def test_two_circles_a_side_say_little() -> None:
    change = side_change(Side(((5, 1), (5, 1)), 6), Side(((5, 5), (5, 5)), 6))
    assert round(change.by, 2) == 0.8
    assert (change.low, change.high) != (change.by, change.by)
    assert not change.is_clear


@given(st.lists(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 9)), max_size=20))
def test_nothing_told_of_a_half_differs_from_anything_told_by_less_than_five(weeks: list[dict[str, int]]) -> None:
    """Whoever looks every week, and takes away what they saw before, or what is told of the whole."""
    halves = [frozenset("abc"), frozenset("def")]
    before = 0
    for number in range(len(weeks) + 1):
        whole = [_summed(weeks[block.start : block.stop]) for block in blocks(weeks[:number])]
        told = told_together(whole, halves, frozenset("g"))
        assert told >= before
        if told > before:
            fresh = _summed(whole[before:told])
            for half in halves:
                assert may_be_told({one: n for one, n in fresh.items() if one in half})
            rest = fresh.get("g", 0)
            assert rest == 0, "one circle alone is never what is left"
        before = told


def _summed(some: list[dict[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in some:
        for circle, number in one.items():
            found[circle] = found.get(circle, 0) + number
    return found


def four_circles(*, members: int = 2) -> tuple[Programme, User, list[Circle]]:
    circles = []
    for letter in "ABCD":
        some = [
            make_user(f"{letter}{number} {letter}", email=f"{letter}{number}@example.org".lower())
            for number in range(members)
        ]
        circles.append(make_circle(some[0], some[1:], name=f"Circle {letter}"))
    programme, dana = in_programme(*circles)
    programme.ends_on = (NOW + 30 * WEEK).date()
    programme.save(update_fields=["ends_on"])
    return programme, dana, circles


def promises(circle: Circle, *, kept: int, of: int, weeks: int = 6) -> None:
    people = [member.user for member in circle.memberships.all()]
    for number in range(of):
        details = CommitmentDetails("w", (NOW + weeks * WEEK).date())
        made = commitment_make(circle=circle, owner=people[number % len(people)], details=details, now=NOW)
        if number < kept:
            commitment_settle(commitment=made, status=CommitmentStatus.KEPT, now=NOW + timedelta(days=1))


def offered(circles: list[Circle]) -> list[bool]:
    return [Circle.objects.get(pk=one.pk).offers_plans for one in circles]


def kept_well(programme: Programme, circles: list[Circle]) -> None:
    for circle in circles:
        circle.refresh_from_db()
        promises(circle, kept=4 if circle.offers_plans else 2, of=5)
    figures_count(programme=programme, now=LATER)


def test_it_is_drawn_once_and_half_of_the_circles_lose_the_line_until_the_end(db: None, clock: Any) -> None:
    programme, _dana, circles = four_circles()
    lot = plan_lot_draw(programme=programme, now=NOW, seed="one")
    half = drawn([str(one.code) for one in circles], "one")
    assert offered(circles) == [str(one.code) in half for one in circles]
    with pytest.raises(Refused):
        plan_lot_draw(programme=programme, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanLot.objects.create(programme=programme, seed="two", drawn_at=NOW, counts_from=NOW.date())
    assert PlanLotCircle.objects.filter(lot=lot).count() == 4
    programme_end(programme=programme, now=NOW)
    assert offered(circles) == [True] * 4


def test_three_circles_are_too_few_to_draw(db: None, clock: Any) -> None:
    programme, dana, circles = four_circles()
    RoundCircle.objects.filter(circle=circles[0]).delete()
    with pytest.raises(Refused):
        plan_lot_draw(programme=programme, now=NOW)
    page = reverse("programmes:evaluation", args=[programme.code])
    assert "Draw by lot" not in signed_in(dana).get(page).content.decode()


def test_the_forms_of_a_circle_ask_as_the_lot_says(db: None, clock: Any) -> None:
    programme, _dana, circles = four_circles()
    plan_lot_draw(programme=programme, now=NOW)
    for circle in circles:
        client = signed_in(circle.memberships.earliest("pk").user)
        circle.refresh_from_db()
        page = client.get(reverse("agreements:commitment_add", args=[circle.code])).content.decode()
        assert ("I will …" in page) == circle.offers_plans
        seen = client.get(reverse("pages:circle_seen", args=[circle.code])).content.decode()
        assert "A lot decided which circles are offered a line for plans" in seen


def test_it_is_told_from_five_people_and_two_circles_on_each_side(db: None, clock: Any) -> None:
    programme, dana, circles = four_circles(members=3)
    plan_lot_draw(programme=programme, now=NOW, seed="s")
    kept_well(programme, circles)
    shown = plan_lot_shown(programme, now=LATER)
    assert shown.with_it
    assert shown.without
    assert shown.change
    assert (shown.with_it.kept, shown.with_it.due, shown.without.kept, shown.without.due) == (8, 10, 4, 10)
    assert round(shown.change.by, 2) == 0.4
    assert not shown.change.is_clear
    page = signed_in(dana).get(reverse("programmes:evaluation", args=[programme.code])).content.decode()
    assert "8 of 10" in page
    assert "Nothing that could be told from chance" in page
    for circle in circles:
        assert circle.name not in page


def test_four_people_on_a_side_are_too_few(db: None, clock: Any) -> None:
    programme, dana, circles = four_circles(members=2)
    plan_lot_draw(programme=programme, now=NOW, seed="s")
    kept_well(programme, circles)
    assert plan_lot_shown(programme, now=LATER).change is None
    page = signed_in(dana).get(reverse("programmes:evaluation", args=[programme.code])).content.decode()
    assert "Too few promises of five people and two circles on each side" in page
    assert "8 of 10" not in page


def test_what_was_promised_before_the_draw_counts_on_neither_side(db: None, clock: Any) -> None:
    programme, _dana, circles = four_circles(members=3)
    plan_lot_draw(programme=programme, now=NOW, seed="s")
    for circle in circles:
        promises(circle, kept=5, of=5, weeks=3)
    figures_count(programme=programme, now=LATER)
    assert plan_lot_shown(programme, now=LATER).change is None


def test_one_circle_beside_the_lot_keeps_both_halves_untold(db: None, clock: Any) -> None:
    """Less both halves, the share of the whole would be that circle's."""
    programme, _dana, circles = four_circles(members=3)
    plan_lot_draw(programme=programme, now=NOW, seed="s")
    late = make_circle(make_user("Late Comer"), name="Late")
    RoundCircle.objects.create(round=programme.rounds.get(), circle=late)
    promises(late, kept=1, of=1)
    kept_well(programme, circles)
    assert plan_lot_shown(programme, now=LATER).change is None


def test_an_administrator_draws_it_with_one_press(db: None, clock: Any) -> None:
    programme, dana, circles = four_circles()
    client, page = signed_in(dana), reverse("programmes:evaluation", args=[programme.code])
    assert "Draw by lot" in client.get(page).content.decode()
    for _press in range(2):
        assert client.post(reverse("programmes:plan_lot", args=[programme.code])).url == page
    assert PlanLot.objects.count() == 1
    assert sorted(offered(circles)) == [False, False, True, True]
    assert "2 circles are offered the line, 2 are not." in client.get(page).content.decode()
