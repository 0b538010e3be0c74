"""Queries of the main pages: at most twelve, and the same after six sessions as after sixty."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from circles.invitation_services import members_invite
from programmes.enrolment_services import people_invite
from sessions.enums import Attendance, SessionStatus
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Participation
from sessions.planning.bringing_services import issue_bring
from tests.factories import NOW, Cast, make_programme, make_session, sign, signed_in

pytestmark = pytest.mark.django_db
# Today and the circle also ask whether a pulse waits; what Today seldom has anything of is one question.
# A session opens with what the circle has to look at: the lobby and the first stage read that too.
MOST = {"today": 15, "circle": 16, "session": 19, "lobby": 19, "live": 18, "fragment": 18}


def add_history(people: Cast, number: int) -> None:
    """Held sessions with four people each, written directly: only their rows matter here."""
    like = make_session(people.circle, people.alice, in_=timedelta(days=2))
    for at in range(number):
        day = NOW - timedelta(days=at + 1)
        session = CircleSession.objects.create(
            circle=people.circle, local_date=day.date(), local_time=day.time(), zone="UTC", starts_at=day,
            format_version=like.format_version, minutes=120, status=SessionStatus.ENDED, started_at=day,
            ended_at=day + timedelta(hours=2), came_count=4, expected_count=4,
        )  # fmt: skip
        for seat, user in enumerate((people.alice, people.bob, people.carol, people.dave), start=1):
            Participation.objects.create(session=session, user=user, seat=seat, attendance=Attendance.CAME)
    like.delete()


def count(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(queries)


@pytest.mark.parametrize("page", ["today", "circle", "lobby", "live", "fragment", "session"])
def test_pages_cost_the_same_at_six_and_at_sixty_past_sessions(people: Cast, page: str) -> None:
    with time_machine.travel(NOW, tick=False):
        counts = []
        for more in (6, 54):
            add_history(people, more)
            sign(people.circle, people.alice)
            session = make_session(people.circle, people.alice, in_=timedelta(days=3))
            issue_bring(session=session, owner=people.alice, title="t", text="", ask="listen")
            if page in ("live", "fragment"):
                ids = [people.alice.pk, people.bob.pk, people.carol.pk]
                session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
            path = {
                "today": "/",
                "circle": reverse("pages:circle", args=[people.circle.code]),
                "lobby": reverse("sessions:live", args=[session.code]),
                "live": reverse("sessions:live", args=[session.code]),
                "fragment": reverse("sessions:live_room", args=[session.code]),
                "session": reverse("sessions:session", args=[session.code]),
            }[page]
            counts.append(count(signed_in(people.alice), path))
            session.delete()
        assert counts[0] == counts[1]
        assert counts[1] <= MOST.get(page, 12), counts


def test_today_asks_one_more_for_each_thing_that_is_seldom_there(people: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        client = signed_in(people.erin)
        counts = [count(client, "/")]
        make_programme(people.erin)
        counts.append(count(client, "/"))
        members_invite(circle=people.circle, emails=[people.erin.email], by=people.alice, now=NOW)
        counts.append(count(client, "/"))
        people_invite(programme=make_programme(people.alice), people={people.erin.email: {}}, by=people.alice, now=NOW)
        counts.append(count(client, "/"))
    assert [one - counts[0] for one in counts] == [0, 1, 2, 3]


def test_a_session_nobody_held_is_nobodys_next(people: Cast) -> None:
    make_session(people.circle, people.alice, in_=timedelta(days=1))
    later = make_session(people.circle, people.alice, in_=timedelta(days=9))
    circle, sessions = (reverse(f"pages:{at}", args=[people.circle.code]) for at in ("circle", "circle_sessions"))
    with time_machine.travel(NOW + timedelta(days=2, seconds=1), tick=False):
        client = signed_in(people.alice)
        assert str(later.code) in client.get("/").content.decode()
        assert "Was not held" in client.get(sessions).content.decode()
        assert f"/sessions/{later.code}/" in client.get(circle).content.decode()
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        assert "Was not held" not in signed_in(people.alice).get(sessions).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_commitments_page_costs_the_same_with_one_row_and_three(people: Cast, rows: int) -> None:
    from agreements.commitment_services import CommitmentDetails, commitment_make

    for at in range(rows):
        commitment_make(
            circle=people.circle,
            owner=people.alice,
            details=CommitmentDetails(f"promise {at}", NOW.date(), people.bob),
            now=NOW,
        )
    with time_machine.travel(NOW, tick=False):
        assert count(signed_in(people.alice), "/commitments/") == 8


@pytest.mark.parametrize(
    ("page", "most"), [("formats", 6), ("detail", 6), ("edit", 5), ("schedule", 13), ("cards", 5), ("import", 5)]
)
def test_pages_of_formats_cost_the_same_with_one_format_and_with_three(people: Cast, page: str, most: int) -> None:
    from sessions.formats.library import definitions
    from sessions.formats.services import format_make

    counts = []
    for more in (1, 2):
        for _at in range(more):
            own = format_make(circle=people.circle, definition=definitions()["council"], now=NOW)
        path = {
            "formats": reverse("formats:formats"),
            "detail": reverse("formats:detail", args=[own.ref]),
            "edit": reverse("formats:edit", args=[own.ref]),
            "schedule": reverse("sessions:schedule", args=[people.circle.code]),
            "cards": reverse("formats:cards"),
            "import": reverse("formats:import", args=[people.circle.code]),
        }[page]
        with time_machine.travel(NOW, tick=False):
            counts.append(count(signed_in(people.alice), path))
    assert counts[0] == counts[1]
    assert counts[1] <= most, counts
