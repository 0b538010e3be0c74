"""Issues go so long after their session as their circle chose; everything else stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from circles.change_services import WAITS, changes_take_effect
from circles.enums import Retention
from circles.models import AuditEntry, Circle
from circles.services import AUDIT_KEPT, audit_prune
from sessions.live.writing_services import issues_prune
from sessions.models import CircleSession, Issue, Note
from sessions.planning.services import issue_bring, session_cancel
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def held(people: Cast, retention: int) -> CircleSession:
    Circle.objects.filter(pk=people.circle.pk).update(retention_days=retention)
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="t", text="", ask="listen", now=NOW)
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


def test_issues_of_sessions_to_come_stay(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="t", text="", ask="listen", now=NOW)
    assert issues_prune(now=NOW + timedelta(days=400)) == 0
    session_cancel(session=session, by=people.alice, now=NOW)
    assert issues_prune(now=session.starts_at + timedelta(days=30) - SECOND) == 0
    assert issues_prune(now=session.starts_at + timedelta(days=30)) == 1


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
