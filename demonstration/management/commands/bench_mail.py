"""Prepare due mails for a measurement: circles with a session to come, and so many mails about them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from demonstration.management.commands.bench_sessions import bench_circle, bench_person
from notifications.enums import MessageState
from notifications.models import Message
from notifications.services import messages_write
from sessions.kinds import SCHEDULED
from sessions.models import CircleSession

MEMBERS = 5


class Command(BaseCommand):
    help = "Put mails that are due now into the outbox, spread over circles; or print how many still wait."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mails", type=int, default=100)
        parser.add_argument("--circles", type=int, default=10)
        parser.add_argument("--waiting", action="store_true", help="only print how many wait and are not sent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["waiting"]:
            self.stdout.write(str(Message.objects.filter(state=MessageState.WAITING).count()))
            return
        sessions = [self.session() for _circle in range(options["circles"])]
        Message.objects.filter(state=MessageState.WAITING).update(state=MessageState.DROPPED)
        now = timezone.now()
        rows = []
        for at in range(options["mails"]):
            session, people = sessions[at % len(sessions)]
            user = people[at // len(sessions) % len(people)]
            rows.append(
                Message(
                    kind=SCHEDULED, subject_type="session", subject_code=session.code, circle_code=session.circle.code,
                    key=f"bench:{uuid4()}", user=user, due_at=now, created_at=now,
                )
            )  # fmt: skip
        messages_write(rows)
        self.stdout.write(f"{len(rows)} mails are due")

    def session(self) -> tuple[CircleSession, list[Any]]:
        people = [bench_person() for _person in range(MEMBERS)]
        return bench_circle(people, timezone.now(), in_=timedelta(days=20)), people
