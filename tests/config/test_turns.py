"""A 14: one row that cannot be dealt with stops no periodic task; the others are dealt with, and the log says how many."""

import ast
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DataError, connection

from accounts.each import all_of, each, together
from accounts.models import StepRemoval
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.commitment_services import reminders_plan as commitment_reminders
from circles.models import Circle
from circles.vault import Vault
from config.logs import NoContent
from notifications.models import Message
from pages.doors_services import second_steps_take_off_due
from programmes.figures_services import figures_keep
from programmes.models import Programme, Pulse, Round, RoundCircle
from programmes.pulse_services import pulses_plan, pulses_tend
from programmes.services import programmes_empty
from sessions.live.services import sessions_close_forgotten
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, SessionEvent
from sessions.planning.reminder_services import fading_tell, reminders_plan
from sessions.planning.roles_services import roles_announce, roles_left_fill
from sessions.planning.services import starts_recompute
from tests.factories import NOW, make_circle, make_programme, make_session, make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]

# Every task that runs by itself, and what it goes through: rows one by one, several things in turn, or one statement.
TURNS = {
    "notifications.tasks.send_due": "rows of its own, claimed one by one (notifications/outbox.py)",
    "sessions.tasks.plan_reminders": "together",
    "sessions.tasks.announce_roles": "each",
    "sessions.tasks.look_after": "all_of",
    "agreements.tasks.plan_reminders": "all_of",
    "agreements.tasks.settle_proposals": "each",
    "sessions.tasks.close_forgotten": "all_of",
    "accounts.tasks.clear_away": "all_of",
    "accounts.tasks.sweep_deleted": "tables, each by itself",
    "pages.tasks.second_steps_due": "each",
    "pages.tasks.seal_second_steps": "each by itself",
    "sessions.tasks.prune": "one statement",
    "sessions.tasks.read_answers": "mails, each by itself (sessions/replies/mailbox.py)",
    "sessions.tasks.forget_answers": "one statement",
    "sessions.tasks.read_busy": "calendars, each by a process of its own (sessions/planning/busy_running.py)",
    "pages.tasks.changes_due": "all_of",
    "pages.tasks.tend_circles": "all_of",
    "circles.tasks.prune_audit": "all_of",
    "circles.tasks.empty_closed": "each",
    "sessions.tasks.tend_shelf": "all_of",
    "sessions.tasks.clear_rehearsals": "one statement",
    "programmes.tasks.keep_figures": "together",
    "programmes.tasks.tend_pulses": "each",
    "programmes.tasks.begin_journeys": "each",
    "programmes.tasks.empty_ended": "all_of",
    "programmes.tasks.invite_kept": "each",
    "programmes.tasks.work_out_circles": "rows, each by itself: a fault ends the thread, and the next turn goes on",
    "programmes.tasks.tell_of_administrators": "each",
    "programmes.tasks.forget_invited": "all_of",
}
HELPERS = {"each", "together", "all_of"}


def calls(path: Path) -> dict[str, set[str]]:
    """Which functions each function of a module calls."""
    return {
        node.name: {ast.unparse(one.func).split(".")[-1] for one in ast.walk(node) if isinstance(one, ast.Call)}
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_task_is_listed_with_how_it_goes_on_after_a_fault() -> None:
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} == set(TURNS)
    services: dict[str, set[str]] = {}
    for path in ROOT.glob("*/**/*services.py"):
        services |= {name: called for name, called in calls(path).items() if called & HELPERS}
    for task, kind in TURNS.items():
        app, _tasks, name = task.split(".")
        called = calls(ROOT / app / "tasks.py")[name]
        through = {helper for one in called for helper in services.get(one, set())}
        if name == "keep_figures":  # a programme is counted in a function of its own, which ending it calls too
            through |= services["figures_count"]
        assert kind not in HELPERS or kind in called | through, task


def bad_one(number: int) -> int:
    if number == 2:
        raise ValueError("what somebody wrote")
    return number


def test_the_helpers_go_on_and_say_so_without_what_was_in_it(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    assert each("numbers", [1, 2, 3], lambda one: done.append(bad_one(one))) == 2
    assert together("numbers", [1, 2, 3], lambda some: [bad_one(one) for one in some]) == 2
    all_of("numbers", lambda: done.append(bad_one(2)), lambda: done.append(4))
    assert done == [1, 3, 4]
    said = [record for record in caplog.records if NoContent().filter(record)]
    assert [record.levelno for record in said] == [logging.ERROR] * 4
    assert not any("what somebody wrote" in record.getMessage() for record in said)
    assert any("failed for 1, done for the others" in record.getMessage() for record in said)


@pytest.fixture
def three() -> list[Circle]:
    """Three circles, each with its facilitator and three members."""
    people = [[make_user(f"C{number}P{at} X") for at in range(4)] for number in range(3)]
    return [make_circle(first, rest, name=f"Circle of {first.name}") for first, *rest in people]


def sessions_of(circles: list[Circle], days: float = 2) -> list[CircleSession]:
    return [make_session(one, one.memberships.get(facilitates=True).user, in_=timedelta(days=days)) for one in circles]


@contextmanager
def refused(code: UUID) -> Iterator[None]:
    """The database takes no statement in which this code stands: a fault of one row, wherever it is met."""

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if code.hex in str(params).replace("-", ""):
            raise DataError("refused for the test")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield


def spoil_format(session: CircleSession) -> None:
    """A definition that no rule can read."""
    version = session.format_version
    version.pk, version.definition = None, {}
    version.number = 99
    version.save()
    CircleSession.objects.filter(pk=session.pk).update(format_version=version)


def test_starts_are_worked_out_past_a_day_that_is_none(three: list[Circle]) -> None:
    sessions = sessions_of(three)
    CircleSession.objects.update(starts_at=NOW + timedelta(days=3))
    CircleSession.objects.filter(pk=sessions[0].pk).update(
        local_date="9999-12-31", local_time="23:59", zone="America/New_York"
    )
    assert starts_recompute(now=NOW) == 2


def test_reminders_are_planned_past_a_session_that_is_refused(three: list[Circle]) -> None:
    sessions = sessions_of(three)
    Message.objects.all().delete()
    with refused(sessions[0].code):
        assert reminders_plan(now=NOW) == 2
    told = set(Message.objects.values_list("subject_code", flat=True))
    assert told == {session.code for session in sessions[1:]}


def test_reminders_of_commitments_are_planned_past_one_that_is_refused(three: list[Circle]) -> None:
    details = CommitmentDetails("Ring Hannah", (NOW + timedelta(days=4)).date())
    made = [
        commitment_make(circle=circle, owner=circle.memberships.get(facilitates=True).user, details=details, now=NOW)
        for circle in three
    ]
    Message.objects.all().delete()
    with refused(made[0].code):
        assert commitment_reminders(now=NOW) == 2
    assert Message.objects.count() == 2


def test_fading_circles_are_told_past_one_of_no_rhythm(three: list[Circle]) -> None:
    Circle.objects.filter(pk=three[0].pk).update(cadence="never")
    assert fading_tell(now=NOW + timedelta(days=200)) == 2


def test_circles_are_counted_past_one_of_no_rhythm(three: list[Circle]) -> None:
    programme = make_programme(make_user("Dana Diaz"))
    round_ = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
    rows = [RoundCircle.objects.create(round=round_, circle=circle) for circle in three]
    Circle.objects.filter(pk=three[0].pk).update(cadence="never")
    figures_keep(now=NOW)
    assert [RoundCircle.objects.get(pk=row.pk).counted_at for row in rows] == [None, NOW, NOW]


def test_pulses_are_opened_past_one_that_is_refused(three: list[Circle]) -> None:
    for circle in three:
        programme = make_programme(circle.memberships.get(facilitates=True).user)
        round_ = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
        RoundCircle.objects.create(round=round_, circle=circle)
        pulses_plan(round_=round_, first_on=NOW.date())
    with refused(three[0].code):
        assert pulses_tend(now=NOW + timedelta(days=2)) == 2
    assert Pulse.objects.filter(opened_at__isnull=False).count() == 2


def test_ended_programmes_are_emptied_and_counts_stay() -> None:
    ended, running, forgotten = (make_programme(make_user(f"Dana{number} Diaz")) for number in range(3))
    Programme.objects.filter(pk=ended.pk).update(ended_at=NOW)
    Programme.objects.filter(pk=forgotten.pk).update(starts_on="2020-01-01", ends_on="2020-02-01")
    assert programmes_empty(now=NOW + timedelta(days=180) - timedelta(seconds=1)) == 1
    assert programmes_empty(now=NOW + timedelta(days=180)) == 1
    destroyed = dict(Vault.objects.values_list("programme", "destroyed_at"))
    assert destroyed[running.pk] is None
    assert None not in (destroyed[ended.pk], destroyed[forgotten.pk])


def test_roles_are_announced_and_filled_past_a_format_that_cannot_be_read(three: list[Circle]) -> None:
    sessions = sessions_of(three)
    spoil_format(sessions[0])
    assert roles_announce(now=NOW) == 2
    for session in sessions:
        session.roles.all().delete()  # type: ignore[attr-defined]
    assert roles_left_fill(now=NOW) == 2


def test_forgotten_sessions_are_closed_past_one_whose_log_cannot_be_read(three: list[Circle]) -> None:
    sessions = sessions_of(three, days=0.003)
    for session in sessions:
        here = list(session.circle.memberships.values_list("user_id", flat=True))
        by = session.circle.memberships.get(facilitates=True).user
        session_start(session=session, here=here, presenting=here, expected_seq=0, by=by, now=NOW)
    SessionEvent.objects.filter(session=sessions[0]).update(payload={})
    assert sessions_close_forgotten(now=NOW + timedelta(days=3)) == 2


def test_second_steps_are_taken_off_each_by_themselves() -> None:
    people = [make_user(f"P{number} X") for number in range(3)]
    for person in people:
        StepRemoval.objects.create(user=person, asked_at=NOW, due_at=NOW + timedelta(days=7))
    with refused(people[0].code):
        assert second_steps_take_off_due(now=NOW + timedelta(days=7)) == 2
    assert StepRemoval.objects.get().user == people[0]
