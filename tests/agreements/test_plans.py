"""The second line of a commitment: its owner's alone, with a reminder at its cue and three answers of one press."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agreements.commitment_services import commitment_settle, reminders_plan
from agreements.enums import CommitmentStatus, PlanAnswer
from agreements.models import Commitment
from agreements.plan_links import plan_link_of
from agreements.rules.plans import Cue, PlanLine, reminds_on_the_date
from circles.membership_services import member_leave
from circles.models import Membership
from notifications import outbox
from notifications.models import Message
from tests.agreements.committing import DUE, make, subjects
from tests.factories import NOW, Cast, signed_in

LINE = "When the canary sings, I will ring"
LONDON = "Europe/London"
TUESDAY = Cue(NOW.date() + timedelta(days=1), time(15), LONDON)


def planned(people: Cast, *, cue: Cue | None = TUESDAY, **more: Any) -> Commitment:
    return make(people, plan=PlanLine(LINE, "If a cat comes, I will wait", cue), **more)


def rows() -> list[tuple[str, datetime]]:
    return list(Message.objects.order_by("due_at").values_list("kind", "due_at"))


def form(**more: str) -> dict[str, str]:
    return {"text": "Ring", "due_on": DUE.isoformat(), "audience": "circle", "remind_days": "1"} | more


def add(people: Cast, **more: str) -> str:
    path = reverse("agreements:commitment_add", args=[people.circle.code])
    return signed_in(people.bob).post(path, form(**more), follow=True).content.decode()


def answer(link: str) -> Any:
    return Client().post(link)


@pytest.mark.parametrize(
    ("cue", "instant"),
    [
        # The clocks go forward on 28 March 2027 at one: half past one is not there, two o'clock is the next minute.
        (Cue(date(2027, 3, 28), time(1, 30), LONDON), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (Cue(date(2027, 3, 28), time(9), LONDON), datetime(2027, 3, 28, 8, 0, tzinfo=UTC)),
        (Cue(date(2027, 3, 27), time(9), LONDON), datetime(2027, 3, 27, 9, 0, tzinfo=UTC)),
        # On 31 October half past one comes twice: the first.
        (Cue(date(2027, 10, 31), time(1, 30), LONDON), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (Cue(date(2027, 1, 12), time(9), "Pacific/Auckland"), datetime(2027, 1, 11, 20, 0, tzinfo=UTC)),
    ],
)
def test_a_cue_is_wall_time_also_where_clocks_change(cue: Cue, instant: datetime) -> None:
    assert cue.instant == instant


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (datetime(2027, 1, 12, 16, tzinfo=UTC), date(2027, 1, 13)),
        # Two days later, before its hour: today is the next time it comes.
        (datetime(2027, 1, 14, 14, 59, 59, tzinfo=UTC), date(2027, 1, 14)),
        (datetime(2027, 1, 14, 15, 0, 0, tzinfo=UTC), date(2027, 1, 15)),
    ],
)
def test_once_more_is_the_next_time_that_hour_comes(now: datetime, on: date) -> None:
    assert TUESDAY.again(now) == Cue(on, time(15), LONDON)


def test_the_date_reminds_too_on_a_later_day_only() -> None:
    due = date(2027, 1, 16)
    assert reminds_on_the_date(due, 1, None)
    assert reminds_on_the_date(due, 1, date(2027, 1, 14))
    assert not reminds_on_the_date(due, 1, date(2027, 1, 15))
    assert not reminds_on_the_date(due, 1, date(2027, 1, 16))


def test_the_reminder_comes_at_the_cue_and_says_no_word(people: Cast, clock: Any) -> None:
    planned(people)
    assert rows() == [
        ("plan_cue", datetime(2027, 1, 12, 15, tzinfo=UTC)),
        ("commitment_due", datetime(2027, 1, 15, 9, tzinfo=UTC)),
    ]
    clock.move_to(datetime(2027, 1, 12, 14, 59, 59, tzinfo=UTC))
    outbox.turn()
    assert subjects() == []
    clock.move_to(datetime(2027, 1, 12, 15, tzinfo=UTC))
    outbox.turn()
    assert subjects(people.bob.email) == [f"{people.circle.name}: your plan for Tuesday 12 January"]
    whole = str(mail.outbox[0].message()).lower()
    assert "canary" not in whole
    assert "cat" not in mail.outbox[0].body.lower()
    assert mail.outbox[0].body.count("/commitments/answer/") == 3


def test_without_a_time_it_reminds_before_the_date_and_never_is_never(people: Cast, clock: Any) -> None:
    planned(people, cue=None)
    planned(people, remind_days=None)
    assert [kind for kind, _due in rows()] == ["commitment_due"]


def test_a_cue_further_away_is_planned_when_it_comes_near(people: Cast, clock: Any) -> None:
    planned(people, cue=Cue(NOW.date() + timedelta(days=20), time(9), LONDON), due=NOW.date() + timedelta(days=200))
    assert rows() == []
    clock.move_to(NOW + timedelta(days=13))
    assert reminders_plan(now=NOW + timedelta(days=13)) == 1
    assert [kind for kind, _due in rows()] == ["plan_cue"]


@pytest.mark.parametrize(
    ("to", "cue", "reminders"),
    [
        (date(2027, 1, 14), None, [("commitment_due", datetime(2027, 1, 13, 9, tzinfo=UTC))]),
        (date(2027, 1, 15), "stays", [("plan_cue", datetime(2027, 1, 15, 8, 30, tzinfo=UTC))]),
    ],
)
def test_one_moved_to_before_its_cue_reminds_before_its_date(
    people: Cast, clock: Any, to: date, cue: str | None, reminders: list[tuple[str, datetime]]
) -> None:
    made = planned(people, cue=Cue(date(2027, 1, 15), time(8, 30), LONDON), due=date(2027, 1, 16))
    path = reverse("agreements:commitment_move", args=[made.code])
    signed_in(people.bob).post(path, {"due_on": to.isoformat()})
    made = Commitment.objects.get()
    assert (made.due_on, bool(made.cue), made.plan) == (to, bool(cue), LINE)
    outbox.turn()
    assert list(Message.objects.filter(state="waiting").values_list("kind", "due_at")) == reminders


def test_only_its_owner_sees_the_plan(people: Cast, clock: Any) -> None:
    made = planned(people, partner=people.carol)
    path = reverse("agreements:commitment", args=[made.code])
    assert LINE in signed_in(people.bob).get(path).content.decode()
    for reader in (people.carol, people.alice):
        client = signed_in(reader)
        for page in (path, reverse("agreements:commitments"), reverse("pages:circle", args=[people.circle.code])):
            assert "canary sings" not in client.get(page).content.decode()


def test_a_plan_is_made_and_changed_in_the_form(people: Cast, clock: Any) -> None:
    add(people, plan=LINE, hurdle="Wait", cue="time", cue_day="2027-01-14", cue_at="08:30")
    made = Commitment.objects.get()
    assert (made.plan, made.hurdle, made.cue) == (LINE, "Wait", Cue(date(2027, 1, 14), time(8, 30), LONDON))
    bob, path = signed_in(people.bob), reverse("agreements:commitment_change", args=[made.code])
    page = bob.get(path).content.decode()
    assert LINE in page
    assert 'value="2027-01-14" selected' in page
    bob.post(path, form(plan="", cue="place", cue_day="2027-01-14", cue_at="08:30"))
    made = Commitment.objects.get()
    assert (made.plan, made.hurdle, made.cue) == ("", "", None), "a place is not a time"
    assert [kind for kind, _due in rows()] == ["plan_cue", "commitment_due", "commitment_due"]
    assert Message.objects.filter(state="waiting").count() == 1


def test_nothing_of_it_has_to_be_filled_in(people: Cast, clock: Any) -> None:
    add(people)
    add(people, cue="time")
    assert [one.cue for one in Commitment.objects.all()] == [None, None]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"plan": "x" * 5000}, "Use at most 200 characters; this has 5000."),
        ({"hurdle": "x" * 201}, "Use at most 200 characters"),
        ({"cue": "time", "cue_day": "2027-01-11", "cue_at": "08:59"}, "That time is over."),
        ({"cue": "time", "cue_day": "2027-01-11", "cue_at": "09:00"}, "That time is over."),
        ({"cue": "time", "cue_day": "2027-01-10", "cue_at": "23:59"}, "That time is over."),
        ({"cue_day": "other", "cue_on": "1999-01-01"}, "That time is over."),
        ({"cue_day": "2027-01-17"}, "That is after the day it is for."),
        ({"cue_day": "other"}, "Choose the day."),
        ({"cue_at": "10:00"}, "Choose the day as well."),
        ({"cue_day": "Tuesday"}, "Choose a day from the list."),
        ({"cue_day": "other", "cue_on": "9999-12-31"}, "That is after the day it is for."),
        ({"cue_day": "2027-01-12", "cue_at": "25:00"}, "Enter a time such as 16:00."),
        ({"cue": "moon"}, "Select a valid choice."),
        ({"text": "", "plan": "a plan"}, "Write what you will do"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(people: Cast, clock: Any, typed: dict[str, str], words: str) -> None:
    assert words in add(people, **typed)
    assert not Commitment.objects.exists()


def test_one_second_from_now_is_still_to_come_where_its_writer_is(people: Cast, clock: Any) -> None:
    """In Auckland it is ten in the evening already: nine is over, eleven is to come."""
    User.objects.filter(pk=people.bob.pk).update(time_zone="Pacific/Auckland")
    people.bob.refresh_from_db()
    assert "That time is over." in add(people, cue_day="2027-01-11", cue_at="21:59")
    add(people, cue_day="2027-01-11", cue_at="22:01")
    assert Commitment.objects.get().cue == Cue(date(2027, 1, 11), time(22, 1), "Pacific/Auckland")


def test_opening_a_link_answers_nothing_and_its_one_button_does(people: Cast, clock: Any) -> None:
    made = planned(people)
    link = plan_link_of(made, PlanAnswer.DONE)
    for _scanner in range(3):
        page = Client().get(link)
        assert Client().head(link).status_code == 200
    assert len(re.findall(rb'<form\s+method="post"', page.content)) == 1
    assert b"canary" not in page.content
    made.refresh_from_db()
    assert (made.status, made.revision) == ("open", 0)
    assert b"It is marked as kept." in answer(link).content
    made.refresh_from_db()
    assert made.status == "kept"
    assert answer(link).status_code == 404
    assert not Message.objects.filter(state="waiting").exists()


def test_not_yet_asks_again_the_next_day_until_the_date(people: Cast, clock: Any) -> None:
    made = planned(people)
    clock.move_to(TUESDAY.instant + timedelta(minutes=5))
    assert b"Wednesday 13 January at 15:00" in answer(plan_link_of(made, PlanAnswer.NOT_YET)).content
    made.refresh_from_db()
    assert made.cue == Cue(date(2027, 1, 13), time(15), LONDON)
    assert made.plan == LINE
    waiting = Message.objects.filter(state="waiting").order_by("due_at")
    assert [row.due_at.day for row in waiting] == [13, 15]
    clock.move_to(datetime(2027, 1, 16, 16, tzinfo=UTC))
    assert b"It stays open until its day." in answer(plan_link_of(made, PlanAnswer.NOT_YET)).content
    made.refresh_from_db()
    assert (made.cue, made.status) == (None, "open")


def test_changed_takes_the_time_away_and_leaves_the_words(people: Cast, clock: Any) -> None:
    made = planned(people)
    assert b"Write a new plan" in answer(plan_link_of(made, PlanAnswer.CHANGED)).content
    made.refresh_from_db()
    assert (made.cue, made.plan, made.status) == (None, LINE, "open")
    waiting = Message.objects.filter(state="waiting")
    assert [row.kind for row in waiting] == ["commitment_due"]


def test_a_link_ends_when_it_is_settled_changed_left_or_forged(people: Cast, clock: Any) -> None:
    made = planned(people)
    link = plan_link_of(made, PlanAnswer.DONE)
    assert Client().get(link[:-3] + "xx/").status_code == 404
    commitment_settle(commitment=made, status=CommitmentStatus.LET_GO, now=NOW)
    assert Client().get(link).status_code == 404
    other = planned(people)
    link = plan_link_of(other, PlanAnswer.DONE)
    member_leave(membership=Membership.objects.get(user=people.bob), now=NOW)
    assert answer(link).status_code == 404
    other.refresh_from_db()
    assert other.status == "open"


def test_the_stored_line_has_one_length_whether_there_is_a_plan_or_none(people: Cast, clock: Any) -> None:
    planned(people)
    make(people)
    stored = Commitment.objects.values_list("plan", "hurdle")
    assert len({len(bytes(one)) for row in stored for one in row}) == 1
