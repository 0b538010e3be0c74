"""Prepare running sessions for a benchmark: people, cookies and addresses, one stream a line."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser
from django.middleware.csrf import _get_new_csrf_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agreements.services import agreement_start
from circles.models import Circle, Membership
from circles.services import CircleDetails, circle_start
from sessions.formats.library import version_of
from sessions.live.starting_services import session_start
from sessions.models import CircleSession
from sessions.planning.services import SessionDetails, session_schedule


def bench_person() -> User:
    """Somebody without a password, whose address does not exist."""
    code = uuid4().hex[:12]
    return User.objects.create(email=f"{code}@bench.invalid", name=f"Person {code}", zone_confirmed=True)


def bench_circle(people: list[User], now: datetime, *, in_: timedelta) -> CircleSession:
    """A circle of these people with one session to come."""
    circle: Circle = circle_start(
        details=CircleDetails(name="Bench", time_zone="UTC", max_size=12), by=people[0], now=now
    )
    agreement_start(circle=circle, now=now)
    for user in people[1:]:
        Membership.objects.create(circle=circle, user=user, joined_at=now)
    local = (now + in_).replace(tzinfo=None)
    details = SessionDetails(local_start=local, zone="UTC", format=version_of("council"), minutes=480)
    return session_schedule(circle=circle, details=details, now=now)


class Command(BaseCommand):
    help = "Make running sessions and write stream address, command address, cookie and CSRF token, a JSON line each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sessions", type=int, default=1)
        parser.add_argument("--per", type=int, default=6, help="streams a session, 2 to 12 people")
        parser.add_argument("--out", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        lines = []
        for _number in range(options["sessions"]):
            people = [bench_person() for _person in range(options["per"])]
            session = self.session(people)
            lines += [self.line(session, user) for user in people]
        Path(options["out"]).write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.stdout.write(f"{len(lines)} streams in {options['sessions']} sessions")

    def session(self, people: list[User]) -> CircleSession:
        now = timezone.now()
        session = bench_circle(people, now, in_=timedelta(minutes=30))
        ids = [user.pk for user in people]
        session_start(
            session=session, here=ids, presenting=ids[:6], expected_seq=0, by=people[0], now=now, how="longer",
            version=version_of("council" if len(ids) > 2 else "pair"),
        )  # fmt: skip
        return session

    def line(self, session: CircleSession, user: User) -> dict[str, str]:
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.create()
        csrf = _get_new_csrf_string()
        return {
            "stream": f"{settings.SITE_URL}/live/{session.code}/events",
            "pause": settings.SITE_URL + reverse("sessions:command", args=[session.code, "pause"]),
            "resume": settings.SITE_URL + reverse("sessions:command", args=[session.code, "resume"]),
            "cookie": f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={csrf}",
            "csrf": csrf,
        }
