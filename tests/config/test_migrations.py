"""Going back to the first version and forth again, with rows in the tables: nothing that both know is lost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps

from circles.change_services import circle_change
from circles.covenant_services import farewell_write
from circles.invitation_services import members_invite, slips_make
from circles.models import Circle, Farewell, Goal, Invitation, Membership
from circles.services import CircleDetails
from notifications import outbox
from pages.own_words import words_of
from programmes.enrolment_services import EnrolmentDetails, enrol, people_invite
from sessions.guests.services import guest_invite
from sessions.models import CircleSession, Issue
from tests.factories import NOW, make_cast, make_programme, make_session
from tests.pages.test_erasing import CANARY, live_through
from tests.steps import FIRST, migrate, newest


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
    enrol(programme=programme, user=people.bob, yes=EnrolmentDetails(motive=CANARY), now=NOW)
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
