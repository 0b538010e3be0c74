"""A circle three years old against a new one: 60 sessions, 300 commitments, 20 versions of its agreement.

`python -m bench.grown`, on SQLite in a folder of its own. The pages are asked for in turns, so that both meet the same
machine.
"""

import os
import statistics
import tempfile
import time
from datetime import timedelta
from typing import Any

from bench.report import write

SESSIONS, COMMITMENTS, VERSIONS, ROUNDS = 60, 300, 20, 60


def prepare(folder: str) -> None:
    """Django on a fresh database."""
    os.environ |= {
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": "http://localhost:8000",
        "MODE": "embedded",
    }
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from config.starting import files_collect

    call_command("migrate", verbosity=0)
    files_collect()


def circles(now: Any) -> tuple[Any, Any]:
    """Two circles of six, each with somebody of its own to look at it: one new, one three years old."""
    from tests.factories import make_circle, make_session, make_user, sign

    made = []
    for name in ("New", "Old"):
        people = [make_user(f"{name} Person {at}", email=f"{name}{at}@example.org") for at in range(6)]
        circle = make_circle(people[0], people[1:], now=now - timedelta(days=1100), name=name)
        if name == "Old":
            grow(circle, people, now)
        sign(circle, *people, now=now)
        make_session(circle, people[0], now=now)
        made.append((circle, people[0]))
    return made[0], made[1]


def grow(circle: Any, people: list[Any], now: Any) -> None:
    from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
    from agreements.enums import ClauseChange, CommitmentStatus, Stance
    from agreements.proposal_services import ProposalDetails, proposal_make, proposal_respond
    from agreements.review_services import ReviewDetails, review_close, review_give
    from agreements.selectors import in_force
    from sessions.enums import Attendance, SessionStatus
    from sessions.models import CircleSession, Participation
    from tests.factories import make_session

    like = make_session(circle, people[0], now=now)
    for at in range(SESSIONS):
        day = now - timedelta(days=18 * (SESSIONS - at))
        session = CircleSession.objects.create(
            circle=circle, local_date=day.date(), local_time=day.time(), zone="UTC", starts_at=day,
            format_version=like.format_version, minutes=120, status=SessionStatus.ENDED, started_at=day,
            ended_at=day + timedelta(hours=2), came_count=6, expected_count=6,
        )  # fmt: skip
        for seat, user in enumerate(people, start=1):
            Participation.objects.create(
                session=session, user=user, seat=seat, place=seat, attendance=Attendance.CAME, presents=seat == 1
            )
        for _one in people:
            looked = ReviewDetails(kept=True, got=True)
            review_give(circle=circle, session=session.code, held_on=day.date(), present=6, looked=looked)
        review_close(session=session.code)
    like.delete()
    for at in range(COMMITMENTS):
        owner, partner = people[at % 6], people[(at + 1) % 6]
        details = CommitmentDetails(f"Promise {at}", now.date() + timedelta(days=at % 20), partner)
        one = commitment_make(circle=circle, owner=owner, details=details, now=now - timedelta(days=1000))
        if at < COMMITMENTS - 12:
            commitment_settle(commitment=one, status=CommitmentStatus.KEPT, now=now - timedelta(days=900 - at))
    for at in range(VERSIONS - 1):
        line = in_force(circle)[1][0].line
        details = ProposalDetails(
            change=ClauseChange.REWORD, line=line, text=f"What is said here stays here, said {at} ways.", why="why"
        )
        made = proposal_make(circle=circle, details=details, by=people[0], now=now)
        for user in people[1:]:
            proposal_respond(proposal=made, user=user, stance=Stance.YES, comment="", now=now)


def measure(now: Any) -> list[tuple[str, str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from sessions.models import CircleSession
    from tests.factories import signed_in

    rows = []
    both = [(circle, signed_in(user)) for circle, user in circles(now)]
    coming = {circle.pk: CircleSession.objects.get(circle=circle, status="planned") for circle, _client in both}
    pages = {
        "Today": lambda circle: "/",
        "the circle": lambda circle: reverse("pages:circle", args=[circle.code]),
        "the agreement": lambda circle: reverse("agreements:agreement", args=[circle.code]),
        "commitments": lambda circle: "/commitments/",
        "the lobby": lambda circle: reverse("sessions:live", args=[coming[circle.pk].code]),
    }
    for name, path in pages.items():
        times: list[list[float]] = [[], []]
        queries = []
        for circle, client in both:
            client.get(path(circle), SERVER_NAME="localhost")
            with CaptureQueriesContext(connection) as asked:
                client.get(path(circle), SERVER_NAME="localhost")
            queries.append(len(asked))
        for _round in range(ROUNDS):
            for at, (circle, client) in enumerate(both):
                began = time.perf_counter()
                answer = client.get(path(circle), SERVER_NAME="localhost")
                times[at].append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise RuntimeError(f"{name}: {answer.status_code}")
        new, old = (statistics.median(one) * 1000 for one in times)
        rows.append(
            (
                f"{name}: new, three years old, ratio (queries)",
                f"{new:.1f} ms, {old:.1f} ms, {old / new:.2f} ({queries[0]} and {queries[1]})",
            )
        )
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        from django.utils import timezone

        rows = measure(timezone.now())
    title = f"A circle three years old: {SESSIONS} sessions, {COMMITMENTS} commitments, {VERSIONS} versions"
    write(title, "python -m bench.grown", rows)


if __name__ == "__main__":
    main()
