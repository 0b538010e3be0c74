"""Going back to the first version and forth again, with rows in the tables: nothing that both know is lost."""

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from circles.change_services import circle_change
from circles.covenant_services import farewell_write
from circles.invitation_services import members_invite, slips_make
from circles.models import Circle, Farewell, Goal, Invitation, Membership
from circles.services import CircleDetails
from notifications import outbox
from pages.own_words import words_of
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite
from sessions.guests.services import guest_invite
from sessions.models import CircleSession, Issue
from tests.factories import NOW, make_cast, make_programme, make_session
from tests.pages.test_erasing import CANARY, live_through
from tests.steps import FIRST, migrate, newest
from tools.rooms import FLOORS, ROOT


def rows_of() -> dict[str, int]:
    """How many rows every table of ours has."""
    models = [model for model in apps.get_models() if model._meta.app_label in FIRST]
    return {model._meta.label: model._base_manager.count() for model in models}


def lived() -> Any:
    """A circle that has met, with rows in as many tables as a few steps fill."""
    people = make_cast()
    live_through(people, people.bob)
    members_invite(circle=people.circle, emails=["zoe@example.org"], by=people.alice, now=NOW)
    slips_make(circle=people.circle, number=1, by=people.alice, now=NOW)
    session = make_session(people.circle, people.alice, in_=timedelta(days=9))
    guest_invite(session=session, name="Gail", email="gail@example.org", by=people.alice, now=NOW)
    farewell_write(circle=people.circle, user=people.bob, thanks=CANARY, takes=CANARY, now=NOW)
    details = CircleDetails(name="Alder circle", time_zone="Europe/London", retention_days=0)
    circle_change(circle=people.circle, details=details, by=people.alice, now=NOW)
    programme = make_programme(people.alice)
    enrolment_make(programme=programme, user=people.bob, yes=EnrolmentDetails(motive=CANARY), now=NOW)
    people_invite(programme=programme, people={"zoe@example.org": {}}, by=people.alice, now=NOW)
    outbox.turn()
    return people


# Tables that the first version has not: what is in them goes with them, and they are filled anew.
NOT_THEN = {
    "accounts.AddressChange", "accounts.CacheRow", "accounts.FormKey", "accounts.Leftover", "accounts.StepRemoval",
    "circles.Announcement", "notifications.Relay",
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_back_to_the_first_version_and_forth_again() -> None:
    with time_machine.travel(NOW, tick=False):
        people = lived()
        before, words = rows_of(), words_of(people.bob)
        try:
            migrate(list(FIRST.items()))
        finally:
            migrate(newest())
    after = rows_of()
    assert {name: number for name, number in after.items() if name not in NOT_THEN} == {
        name: number for name, number in before.items() if name not in NOT_THEN
    }
    assert [one.texts for one in words_of(people.bob)] == [one.texts for one in words]
    assert len(words) > 8
    # What was filled in again is what it can know: nobody is shown more than before.
    assert all(one.shown_hash for one in Invitation.objects.exclude(email=""))
    joined = Membership.objects.get(user=people.bob).joined_at
    assert Goal.objects.get().written_at >= joined
    assert Farewell.objects.get().written_at >= joined
    assert {one.told for one in Issue.objects.all()} <= {False, True}
    assert Circle.objects.get().name == "Alder circle"
    assert CircleSession.objects.filter(status="planned").count() == 2


def going_back_by_nothing(path: Path) -> int:
    """How many steps of a migration leave things as they are on the way back."""
    return sum(
        isinstance(node, ast.Attribute) and ast.unparse(node) in ("migrations.RunPython.noop", "migrations.RunSQL.noop")
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_a_step_that_undoes_nothing_says_why() -> None:
    steps = [path for app in FLOORS for path in (ROOT / app).glob("migrations/*.py")]
    silent = {
        str(path.relative_to(ROOT)): number
        for path in steps
        if (number := going_back_by_nothing(path)) > path.read_text().count("# back: ")
    }
    assert silent == {}
    assert sum(map(going_back_by_nothing, steps)) > 8


def test_no_step_that_fills_cannot_be_gone_back_from() -> None:
    one_way = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for app in FLOORS
        for path in (ROOT / app).glob("migrations/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("migrations.RunPython", "migrations.RunSQL")
        and len(node.args) < 2
        and not {"reverse_code", "reverse_sql"} & {one.arg for one in node.keywords}
    ]
    assert one_way == []


def test_the_decision_about_them_counts_what_was_joined() -> None:
    """What has come since is not counted there: it grows with every version."""
    said = (ROOT / "docs" / "decisions.md").read_text()
    joined = [one for name, one in MigrationLoader(None).disk_migrations.items() if name[0] in FIRST and one.replaces]
    assert len(joined) == 6
    assert f"six instead of {sum(len(one.replaces) for one in joined)}" in said
