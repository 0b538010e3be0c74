"""Several people of a programme at once: asked when they can meet, written to, invitations withdrawn, their table."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.enums import Level
from accounts.models import Availability
from accounts.services import availability_add
from notifications.outbox import turn
from programmes.enrolment_selectors import PEOPLE_A_PAGE
from programmes.enrolment_services import EnrolmentDetails, people_invite
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, ProgrammeInvitation
from programmes.services import programme_end
from tests.factories import NOW, make_programme, signed_in
from tests.programmes.boards import Board, asking
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


def without_hours(board: Board, *at: int) -> None:
    Availability.objects.filter(user__in=[board.people[one].user for one in at]).delete()


def asked() -> list[str]:
    """To whom the question went, once the outbox has turned."""
    turn(clock=lambda: NOW)
    return sorted(to for one in mail.outbox if "when can you meet?" in one.subject for to in one.to)


def press(client: Client, board: Board, do: str, *at: int, **more: str) -> str:
    who = [str(board.people[one].code) for one in at]
    answer = client.post(page("people_several", board.programme), {"do": do, "who": who, **more}, follow=True)
    return " ".join(str(one) for one in answer.context["messages"])


def test_those_without_hours_are_asked_by_one_press_and_once_a_week(clock: Any) -> None:
    board = Board(4)
    dana = signed_in(board.dana)
    without_hours(board, 1, 2, 3)
    Enrolment.objects.filter(pk=board.people[3].pk).update(status=EnrolmentStatus.WAITING)
    shown = " ".join(dana.get(page("people", board.programme)).content.decode().split())
    assert "Ask all 2 without a circle and without times" in shown
    assert press(dana, board, "hours_all") == "2 people are asked by mail when they can meet."
    assert asked() == [board.people[1].user.email, board.people[2].user.email]
    assert "/times/" in mail.outbox[-1].body
    assert press(dana, board, "hours_all") == "2 were asked less than a week ago, and hear nothing now."
    Enrolment.objects.update(hours_asked_at=NOW - timedelta(days=7))
    assert press(dana, board, "hours", 0, 1) == "1 person is asked by mail when they can meet."
    assert press(dana, board, "hours", 0) == "All of them have named times, or have a circle."
    programme_end(programme=board.programme, now=NOW)
    assert "over" in press(dana, board, "hours_all")


def test_whoever_names_hours_or_withdraws_before_the_mail_goes_hears_nothing(clock: Any) -> None:
    board = Board(3)
    without_hours(board, 0, 1, 2)
    press(signed_in(board.dana), board, "hours_all")
    availability_add(user=board.people[0].user, weekdays=[1], start=540, end=720, level=Level.GOOD)
    Enrolment.objects.filter(pk=board.people[1].pk).update(status=EnrolmentStatus.WITHDRAWN)
    assert asked() == [board.people[2].user.email]


def test_people_who_are_ticked_or_found_are_written_to_by_ones_own_mail_program(clock: Any) -> None:
    board = Board(5)
    dana = signed_in(board.dana)
    who = [str(board.people[at].code) for at in (1, 3)]
    answer = dana.post(page("people_several", board.programme), {"do": "write", "who": who, "q": "person"})
    assert answer.url.endswith("#letter")
    assert "q=person" in answer.url
    letter = dana.get(answer.url.partition("#")[0]).context["letter"]
    assert letter.addresses == ", ".join(board.people[at].user.email for at in (1, 3))
    found = dana.get(page("people", board.programme), {"q": "P04", "write": "1"}).context["letter"]
    assert found.addresses == board.people[4].user.email
    assert press(dana, board, "write") == "Tick people first."
    assert press(dana, board, "hours") == "Tick people first."
    nonsense = dana.post(page("people_several", board.programme), {"do": "hours", "who": ["x", "1"]}, follow=True)
    assert "Tick people first." in nonsense.content.decode()
    assert mail.outbox == []


def test_a_whole_page_of_people_is_written_to_at_once(clock: Any) -> None:
    board = Board(PEOPLE_A_PAGE)
    dana, who = signed_in(board.dana), [str(one.code) for one in board.people]
    answer = dana.post(page("people_several", board.programme), {"do": "write", "who": who}, follow=True)
    assert answer.status_code == 200
    assert len(answer.context["letter"].emails) == PEOPLE_A_PAGE
    # Ticks of one programme are nobody in another.
    other = make_programme(board.dana, name="Another")
    assert dana.get(page("people", other), {"write": "ticked"}).context["letter"] is None


def test_several_invitations_are_withdrawn_at_once_and_those_of_no_other_programme(clock: Any) -> None:
    board = Board(0)
    for one in ("a", "b", "c"):
        people_invite(programme=board.programme, people={f"{one}@example.org": {}}, by=board.dana, now=NOW)
    rows = ProgrammeInvitation.objects.filter(programme=board.programme).order_by("email")
    first, second, third = rows
    dana, path = signed_in(board.dana), page("invitations_several", board.programme)
    said = dana.post(path, {"invited": [str(first.code), str(second.code)]}, follow=True)
    assert "2 invitations no longer work." in said.content.decode()
    assert list(rows.filter(revoked_at=None)) == [third]
    assert "Tick invitations first." in dana.post(path, {}, follow=True).content.decode()
    again = dana.post(path, {"invited": [str(first.code)]}, follow=True).content.decode()
    assert "0 invitations no longer work." in again


@pytest.mark.parametrize("do", ["write", "hours"])
def test_invitations_that_are_ticked_are_left_out_of_what_is_for_people_and_it_is_said(clock: Any, do: str) -> None:
    board = Board(2)
    people_invite(programme=board.programme, people={"a@example.org": {}}, by=board.dana, now=NOW)
    code = str(ProgrammeInvitation.objects.get().code)
    dana = signed_in(board.dana)
    shown = " ".join(dana.get(page("people", board.programme)).content.decode().split())
    assert f'name="invited" form="several" value="{code}"' in shown, "its tick comes with the press"
    said = "1 person you ticked is left out: they have not answered their invitation. You can send it again."
    assert press(dana, board, do, invited=code) == said, "nor are people asked for who were not ticked"
    assert said in press(dana, board, do, 0, invited=code)
    assert said not in press(dana, board, do, 0)


def test_the_table_holds_where_people_stand_and_nothing_they_wrote(clock: Any) -> None:
    board = Board(0)
    facts = {"function": "=Data", "location": "Leeds", "manager": "boss@example.org", "languages": "en, cy"}
    yes = EnrolmentDetails(motive="My secret motive", offers="An offer", together="p9@example.org").__dict__
    asking(board.programme, ["Ann", "Ben"], **(yes | {"facts": facts, "may_facilitate": True}))
    Availability.objects.filter(user__name="Ben Person").delete()
    dana = signed_in(board.dana)
    answer = dana.get(page("people_export", board.programme))
    assert answer["Content-Disposition"] == 'attachment; filename="leading-well-people.csv"'
    body = answer.content.decode("utf-8-sig")
    head, *rows = csv.reader(StringIO(body))
    assert head == ["Name", "Email address", "Function or department", "Location", "Level", "Languages",
                    "Where they stand", "Asked on", "Has named times", "Would look after a circle"]  # fmt: skip
    shown = [[row[0], *row[2:]] for row in rows]
    told = ["'=Data", "Leeds", "", "en, cy", "has asked to take part", NOW.date().isoformat()]
    assert shown == [["Ann Person", *told, "yes", "yes"], ["Ben Person", *told, "no", "yes"]]
    for secret in ("secret motive", "An offer", "p9@", "boss@"):
        assert secret not in body
    some = dana.get(page("people_export", board.programme), {"state": "no_hours"}).content.decode()
    assert "Ben" in some
    assert "Ann" not in some


def test_the_table_is_made_thirty_times_an_hour(clock: Any) -> None:
    board = Board(1)
    dana = signed_in(board.dana)
    assert {dana.get(page("people_export", board.programme)).status_code for _at in range(30)} == {200}
    assert dana.get(page("people_export", board.programme)).status_code == 429


@pytest.mark.parametrize("people", [1, 3])
def test_the_table_costs_the_same_with_few_people_and_many(
    clock: Any, people: int, django_assert_num_queries: Any
) -> None:
    board = Board(people)
    Enrolment.objects.update(status=EnrolmentStatus.PLACED)
    dana = signed_in(board.dana)
    dana.get(page("people_export", board.programme))
    with django_assert_num_queries(14):
        dana.get(page("people_export", board.programme))
