"""What administrators did in a programme: who, what, when; how many and never whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from programmes.models import AdminAct, Enrolment
from programmes.tasks import forget_invited
from programmes.trail_services import TRAIL_KEPT, act_note
from programmes.trail_words import SENTENCES, act_words
from tests.factories import NOW, make_user, signed_in
from tests.programmes.boards import Board
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


def acts(board: Board) -> list[tuple[str, int]]:
    return list(AdminAct.objects.filter(programme=board.programme).order_by("pk").values_list("verb", "number"))


def test_what_is_done_on_a_board_is_told_to_the_other_administrator_without_a_name(clock: Any) -> None:
    board = Board(6)
    olga = make_user("Olga Orlova")
    board.programme.admins.create(user=olga, since=NOW)
    dana = signed_in(board.dana)
    move, to = reverse("programmes:move", args=[board.round.code]), board.drafts[0].code
    for at in (0, 1, 2):
        dana.post(move, {"who": [board.people[at].code], "to": to, "do": "move"})
    dana.post(reverse("programmes:move_undo", args=[board.round.code]))
    dana.post(page("people", board.programme), {"people": "new@example.org"})
    dana.post(page("settings", board.programme), {"nonsense": "1"})
    assert acts(board) == [("people_moved", 3), ("move_undone", 1), ("people_invited", 1)], "nothing of what failed"
    shown = signed_in(olga).get(page("trail", board.programme)).content.decode()
    assert "Dana Diaz moved 3 people on the board" in shown
    assert "Dana Diaz invited 1 person" in shown
    for person in Enrolment.objects.filter(programme=board.programme).select_related("user"):
        assert str(person.user) not in shown
    assert "new@example.org" not in shown


def test_moves_of_an_hour_are_one_entry_and_other_things_are_not(clock: Any) -> None:
    board = Board(0)
    for minutes, verb in ((0, "people_moved"), (50, "people_moved"), (70, "people_moved"), (71, "rules_changed"),
                          (72, "rules_changed"), (73, "people_moved")):  # fmt: skip
        act_note(programme=board.programme, by=board.dana, verb=verb, number=1, now=NOW + timedelta(minutes=minutes))
    found = [("people_moved", 2), ("people_moved", 1), ("rules_changed", 1), ("rules_changed", 1), ("people_moved", 1)]
    assert acts(board) == found


def test_every_entry_has_a_sentence_and_every_sentence_a_view_that_writes_it(clock: Any) -> None:
    from pathlib import Path

    views = "".join(one.read_text() for one in Path("programmes").glob("*_views.py"))
    for verb in SENTENCES:
        assert f'"{verb}"' in views, verb
        assert act_words(verb, 2, "Dana").startswith("Dana "), verb


def test_the_trail_goes_after_180_days(clock: Any) -> None:
    board = Board(0)
    for at in (NOW - TRAIL_KEPT - timedelta(seconds=1), NOW - TRAIL_KEPT + timedelta(seconds=1)):
        act_note(programme=board.programme, by=board.dana, verb="rules_changed", now=at)
    forget_invited()
    assert AdminAct.objects.count() == 1


@pytest.mark.parametrize("entries", [1, 3])
def test_the_trail_costs_the_same_with_few_entries_and_many(
    clock: Any, entries: int, django_assert_num_queries: Any
) -> None:
    board = Board(0)
    for at in range(entries):
        act_note(programme=board.programme, by=board.dana, verb="rules_changed", now=NOW + timedelta(minutes=at))
    dana = signed_in(board.dana)
    dana.get(page("trail", board.programme))
    with django_assert_num_queries(6):
        dana.get(page("trail", board.programme))
