"""Issues go so long after their session as their circle chose; everything else stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from circles.change_services import WAITS, changes_take_effect
from circles.enums import Retention
from circles.models import AuditEntry, Circle
from circles.services import AUDIT_KEPT, audit_prune
from sessions.journeys.library import journey_version_of
from sessions.live.writing_services import issues_prune, scribe_notes_clear
from sessions.models import CircleSession, Issue, Note, ScribeNote, SheetAnswer
from sessions.planning.bringing_services import issue_bring
from sessions.planning.journey_services import journey_take
from sessions.planning.services import session_cancel
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def held(people: Cast, retention: int) -> CircleSession:
    Circle.objects.filter(pk=people.circle.pk).update(retention_days=retention)
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="t", text="", ask="listen")
    Note(session=session, author=people.bob, vault=people.circle.vault, text="mine").save()
    CircleSession.objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW)
    return session


@pytest.mark.parametrize("retention", Retention.values)
def test_issues_go_when_the_circle_said_so_and_not_before(people: Cast, retention: int) -> None:
    held(people, retention)
    due = NOW + timedelta(days=retention)
    assert issues_prune(now=due - SECOND) == 0
    assert issues_prune(now=due) == 1
    assert (Issue.objects.count(), Note.objects.count()) == (0, 1)


@pytest.mark.parametrize("retention", Retention.values)
def test_what_a_scribe_wrote_stays_two_days_whatever_was_chosen_for_issues(people: Cast, retention: int) -> None:
    session = held(people, retention)
    ScribeNote(session=session, reader=people.carol, vault=people.circle.vault, text="for her").save()
    issues_prune(now=NOW + timedelta(days=2))
    assert (scribe_notes_clear(now=NOW + timedelta(days=2)), ScribeNote.objects.count()) == (0, 1)
    assert (scribe_notes_clear(now=NOW + timedelta(days=2) + SECOND), ScribeNote.objects.count()) == (1, 0)


def test_issues_of_sessions_to_come_stay(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="t", text="", ask="listen")
    assert issues_prune(now=NOW + timedelta(days=400)) == 0
    session_cancel(session=session, now=NOW)
    assert issues_prune(now=session.starts_at + timedelta(days=30) - SECOND) == 0
    assert issues_prune(now=session.starts_at + timedelta(days=30)) == 1


@pytest.mark.parametrize("retention", Retention.values)
def test_sheets_go_with_the_issues_of_their_session(people: Cast, retention: int) -> None:
    Circle.objects.filter(pk=people.circle.pk).update(retention_days=retention)
    coming, session = (make_session(people.circle, people.alice, in_=timedelta(days=days)) for days in (900, 3))
    taken = journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)
    assert [leg.session for leg in taken.legs.order_by("place")[:3]] == [session, coming, None]
    for leg in taken.legs.order_by("place")[:3]:
        SheetAnswer(
            leg=leg, owner=people.bob, question=0, vault=people.circle.vault, text="mine", written_at=NOW
        ).save()
    CircleSession.objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW)
    due = NOW + timedelta(days=retention)
    assert issues_prune(now=due - SECOND) == 0
    # That of the session, and one that never got a date; the one of a session to come stays.
    assert issues_prune(now=due) == 2
    assert SheetAnswer.objects.get().leg.session == coming


def test_a_circle_chooses_how_long(people: Cast) -> None:
    client = signed_in(people.alice)
    path = f"/circles/{people.circle.code}/settings/"
    form = client.get(path).context["form"]
    started = {name: form.initial[name] for name in form.fields if form.initial.get(name) not in (None, False)}
    wrong = client.post(path, started | {"retention_days": "7"})
    assert list(wrong.context["form"].errors) == ["retention_days"]
    client.post(path, started | {"retention_days": "0"})
    assert Circle.objects.get().retention_days == 30, "all rely on it: announced first"
    changes_take_effect(now=timezone.now() + WAITS)
    assert Circle.objects.get().retention_days == 0


def test_a_trail_is_kept_for_half_a_year(people: Cast) -> None:
    assert audit_prune(now=NOW + AUDIT_KEPT) == 0
    assert audit_prune(now=NOW + AUDIT_KEPT + SECOND) == AuditEntry.objects.count() + 1
