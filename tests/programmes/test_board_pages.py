"""The pages of the board and of its proposals: by forms, without script, for two administrators at once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Availability
from programmes.board_services import people_move
from programmes.board_views import ASKED_ABOUT
from programmes.enums import RunState, Scope
from programmes.forming.solving import Progress
from programmes.models import BoardStep, DraftCircle, FormingRun, Placement, Programme
from programmes.proposal_services import run_ask, run_claim, run_work
from tests.factories import NOW, signed_in
from tests.programmes.boards import Board, asking, here, ticking
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(clock: Any) -> Board:
    return Board(12)


@pytest.fixture
def dana(board: Board) -> Iterator[Client]:
    return signed_in(board.dana)  # type: ignore[return-value]


def of_round(name: str, board: Board, **kwargs: object) -> str:
    return reverse(f"programmes:{name}", kwargs={"code": board.round.code} | kwargs)


def codes(board: Board, *at: int) -> list[str]:
    return [str(board.people[one].code) for one in at]


def text(client: Client, path: str, **data: Any) -> str:
    body = client.get(path, data).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_several_are_ticked_moved_and_taken_back(board: Board, dana: Client) -> None:
    to = str(board.drafts[0].code)
    answer = dana.post(of_round("move", board), {"who": codes(board, 0, 1, 2), "to": to, "do": "move"})
    assert answer.url == page("forming", board.programme) + f"?open={to}#pot-{to}"
    shown = text(dana, page("forming", board.programme))
    assert "3 people moved to Alder." in shown
    assert "3 of 12 people placed." in shown
    dana.post(of_round("move", board), {"who": codes(board, 0), "to": "", "do": "move"})
    assert board.stands() == {"Alder": ["P01", "P02"]}
    dana.post(of_round("move_undo", board))
    dana.post(of_round("move_undo", board))
    assert board.stands() == {}
    assert "no move to undo" in dana.post(of_round("move_undo", board), follow=True).content.decode()


def test_what_a_move_would_cost_is_said_without_script_and_ticks_stay(board: Board, dana: Client) -> None:
    board.put(0, 0, 1, 2, 3)
    ticks = {"who": codes(board, 4, 5), "to": str(board.drafts[0].code)}
    answer = dana.post(of_round("move", board), ticks | {"do": "cost"}, follow=True)
    body = answer.content.decode()
    assert "Alder would have 6 people, 2 more than 4" in body
    assert "Pairs from one department: 2 more." in body
    assert len(re.findall(r'name="who"[^>]*checked', body)) == 2
    assert board.stands() == {"Alder": ["P00", "P01", "P02", "P03"]}
    part = dana.get(of_round("move_cost", board), ticks).content.decode()
    assert "Alder would have 6 people" in part
    assert "<html" not in part


def test_the_cost_of_moving_very_many_is_asked_in_no_address_that_is_too_long(clock: Any) -> None:
    large = Board(ASKED_ABOUT + 1)
    client = signed_in(large.dana)

    def asked(number: int) -> str:
        ticks = {"who": codes(large, *range(number)), "to": str(large.drafts[0].code), "do": "cost"}
        answer = client.post(of_round("move", large), ticks, follow=True)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    assert "Tick 30 people at most" in asked(ASKED_ABOUT + 1)
    assert "would have 30 people" in asked(ASKED_ABOUT)


def test_nobody_ticked_or_somebody_gone_is_said(board: Board, dana: Client) -> None:
    said = dana.post(of_round("move", board), {"to": "", "do": "move"}, follow=True).content.decode()
    assert "Tick whom you want to move." in said
    for wrong in ({"who": codes(board, 0), "to": "nowhere"}, {"who": ["nobody"], "to": ""}):
        said = dana.post(of_round("move", board), wrong, follow=True).content.decode()
        assert "no longer on the board" in said
    assert dana.get(of_round("move_cost", board), {"who": ["nobody"]}).content.strip() == b""


def test_people_and_circles_that_stay_are_marked(board: Board, dana: Client) -> None:
    board.put(0, 0, 1, 2)
    dana.post(of_round("move", board), {"who": codes(board, 0, 1), "to": "", "do": "keep"})
    assert Placement.objects.filter(pinned=True).count() == 2
    dana.post(of_round("move", board), {"who": codes(board, 1), "to": "", "do": "let_go"})
    assert Placement.objects.filter(pinned=True).count() == 1
    draft = board.drafts[0]
    dana.post(of_round("draft_lock", board, draft=draft.code), {"lock": "1"})
    shown = text(dana, page("forming", board.programme))
    assert "Stays as it is" in shown
    assert shown.count("stays here") == 1
    dana.post(of_round("draft_lock", board, draft=draft.code), {"open": "1"})
    assert not DraftCircle.objects.get(pk=draft.pk).locked


def test_circles_are_found_by_name_person_need_and_day(board: Board, dana: Client) -> None:
    board.put(0, 0, 1, 2, 3)
    board.put(1, 4, 5, 6)
    path = page("forming", board.programme)

    def names(**asked: str) -> list[str]:
        return re.findall(r"<h3>(\w+)</h3>", dana.get(path, asked).content.decode())

    assert names() == ["Alder", "Birch", "Cedar"]
    assert names(q="p05") == ["Birch"]
    assert names(q="ced") == ["Cedar"]
    assert names(show="free") == ["Birch", "Cedar"]
    assert names(show="nobody") == ["Alder", "Birch", "Cedar"]
    assert names(day="1") == ["Alder", "Birch"]
    assert names(day="3") == []
    assert names(show="nonsense", day="nine") == ["Alder", "Birch", "Cedar"]
    assert "P07 Person" in text(dana, path, q="p07")
    assert "None of them is called that." in text(dana, path, q="nobody at all")


def proposed(board: Board, client: Client) -> FormingRun:
    client.post(of_round("propose", board), {"scope": "all"})
    run = run_claim(now=NOW)
    assert run
    run_work(run, ticking(), here)
    run.refresh_from_db()
    return run


def test_from_proposing_to_the_board_by_three_presses(board: Board, dana: Client) -> None:
    path = of_round("proposal", board)
    assert dana.post(of_round("propose", board), {"scope": "all"}).url == path
    assert "Possible circles are being listed." in text(dana, path)
    run = run_claim(now=NOW)
    assert run
    run_work(run, ticking(), here)
    shown = text(dana, path)
    assert "3 circles for 12 of 12 people" in shown
    assert "Nobody else here is from Data" in shown
    assert "By your rules" in shown
    assert "This is the best there is under your rules." in shown
    taken = dana.post(of_round("proposal_take", board), {"number": "0"}, follow=True).content.decode()
    assert "12 people moved" in taken
    assert "12 of 12 people placed" in re.sub(r"\s+", " ", taken)
    assert dana.get(path).url == page("forming", board.programme)


def test_progress_is_true_and_stopping_keeps_the_best(board: Board, dana: Client) -> None:
    dana.post(of_round("propose", board), {"scope": "all"})
    run = run_claim(now=NOW)
    assert run

    def stopped(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        answer = here(problem, seconds, seed)
        heard(Progress(500, 0, 0, 1.0), answer.circles[:2])
        shown = text(dana, of_round("proposal", board))
        assert "Best so far: 2 circles; 4 people wait." in shown
        assert "How far it is from the best there is under your rules is not known." in shown
        heard(Progress(500, 490, 0, 1.5), answer.circles[:2])
        assert "could gain less than what one more place for somebody counts" in text(dana, of_round("proposal", board))
        heard(Progress(500, 500, 0, 2.0), answer.circles[:2])
        assert "It is proved that there is no better one." in text(dana, of_round("proposal", board))
        dana.post(of_round("proposal_stop", board))
        assert not heard(Progress(answer.cost, 0, 0, 3.0), answer.circles)
        return answer

    run_work(run, ticking(), stopped)
    assert FormingRun.objects.get().state == RunState.DONE


def test_what_another_administrator_settled_is_said(board: Board, dana: Client) -> None:
    proposed(board, dana)
    dana.post(of_round("proposal_drop", board))
    for name in ("proposal_take", "proposal_stop", "proposal_drop"):
        said = dana.post(of_round(name, board), {"number": "0"}, follow=True).content.decode()
        assert "This proposal is no longer there." in said
    proposed(board, dana)
    said = dana.post(of_round("proposal_take", board), {"number": "7"}, follow=True).content.decode()
    assert "This proposal is no longer there." in said
    assert BoardStep.objects.count() == 0


def test_an_answer_that_never_came_can_be_asked_for_again(board: Board, dana: Client) -> None:
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    FormingRun.objects.update(state=RunState.LOST)
    assert "It ended before it had found anything." in text(dana, of_round("proposal", board))
    dana.post(of_round("propose", board), {"scope": "all"})
    assert FormingRun.objects.get().state == RunState.QUEUED


def test_too_few_people_are_told_why_and_by_number_alone(clock: Any) -> None:
    board = Board(8, confidence=True)
    said = signed_in(board.dana).post(of_round("propose", board), {"scope": "all"}, follow=True).content.decode()
    assert "Circles are proposed here for 12 people or more, and 8 can be moved" in said
    Programme.objects.update(in_confidence=False)
    assert signed_in(board.dana).post(of_round("propose", board)).url == of_round("proposal", board)


def test_rules_are_said_in_words_and_the_board_beside_them(board: Board, dana: Client) -> None:
    board.put(0, 0, 4, 8)
    path = page("forming_rules", board.programme)
    shown = text(dana, path)
    assert "On the board now: 9 wait." in shown
    assert "On the board now: 1 circle does not keep to it." in shown
    form = dana.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"functions": "must", "places_alike": "alike"}
    assert dana.post(path, sent).url == page("forming", board.programme)
    said = text(dana, page("forming", board.programme))
    assert "1 circle of the board does not keep to what must hold now, in which 3 people are." in said
    board.programme.refresh_from_db()
    assert board.programme.forming == {"functions": "must", "places_alike": True}
    assert dana.post(path, sent | {"waiting": "none"}).context["form"].errors.keys() == {"waiting"}
    assert dana.post(path, sent | {"levels_apart": "-1"}).context["form"].errors.keys() == {"levels_apart"}


def test_what_changed_rules_would_cost_is_said_rule_by_rule_before_anything_is_saved(
    board: Board, dana: Client
) -> None:
    board.put(0, 0, 4, 8)
    path = page("forming_rules", board.programme)
    form = dana.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    assert dana.post(path, sent | {"do": "cost"}).context["costs"] == []
    asked = {"functions": "must", "places": "must", "choice": "none", "waiting": "must", "do": "cost"}
    assert dana.post(path, sent | asked).context["costs"] == [
        "Nobody is left waiting (must): 9 wait.",
        "They share more than one time (not here): it costs no circle.",
        "Departments mixed (must): 1 circle could not stay as it is.",
        "Where people work (must): every circle keeps to it.",
        "1 circle of the board does not keep to what must hold now, in which 3 people are.",
    ]
    board.programme.refresh_from_db()
    assert board.programme.forming == {}, "asking saves nothing"
    assert dana.post(path, sent | {"levels_apart": "-1", "do": "cost"}).context["form"].errors.keys() == {
        "levels_apart"
    }


def test_how_far_levels_may_be_apart_is_counted_as_it_would_be_chosen(clock: Any) -> None:
    board = Board(0)
    board.people = asking(board.programme, ["L1"], facts={"level": "Grade 1"})
    board.people += asking(board.programme, ["L3", "L3b"], facts={"level": "Grade 3"})
    board.put(0, 0, 1, 2)
    path, dana = page("forming_rules", board.programme), signed_in(board.dana)
    form = dana.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"levels": "must", "do": "cost"}
    assert (
        "Levels not too far apart (must): 1 circle could not stay as it is." in dana.post(path, sent).context["costs"]
    )
    wide = dana.post(path, sent | {"levels_apart": "2"}).context["costs"]
    assert wide == ["Levels not too far apart (must): every circle keeps to it."]


def test_before_anybody_is_placed_rules_are_counted_on_the_proposal(board: Board, dana: Client) -> None:
    path = page("forming_rules", board.programme)
    form = dana.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"places": "must", "do": "cost"}
    none = "There are no circles yet to count it on. Propose circles, then look here again."
    assert dana.post(path, sent).context["costs"] == [none]
    proposed(board, dana)
    assert "In the proposal: every circle keeps to it." in text(dana, path)
    assert dana.post(path, sent).context["costs"] == ["Where people work (must): every circle keeps to it."]


@pytest.mark.parametrize("people", [12, 24])
def test_a_proposal_costs_the_same_questions_with_few_people_and_many(
    clock: Any, people: int, django_assert_num_queries: Any
) -> None:
    board = Board(people)
    client = signed_in(board.dana)
    proposed(board, client)
    client.get(of_round("proposal", board))
    with django_assert_num_queries(13):
        client.get(of_round("proposal", board))


def test_somebody_without_hours_reads_so_beside_their_name(board: Board, dana: Client) -> None:
    Availability.objects.filter(user=board.people[7].user).delete()
    people_move(round_=board.round, moves=dict.fromkeys([one.pk for one in board.people[:3]], board.drafts[0]))
    shown = text(dana, page("forming", board.programme))
    assert "Fits Alder" in shown
    assert "Has named no times" in shown
