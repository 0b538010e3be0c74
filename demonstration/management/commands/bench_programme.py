"""Prepare a programme for measurements: so many circles of eight with 26 sessions, promises and pulses each."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandParser
from django.db import models
from django.utils import timezone

from accounts.models import User
from agreements.enums import CommitmentStatus
from agreements.models import Agreement, AgreementVersion, Commitment, Signature
from circles.models import Circle, Covenant, Membership
from circles.vault import Vault
from programmes.enums import EnrolmentStatus, Moment, statements_of
from programmes.figures_services import figures_count
from programmes.models import Enrolment, Pulse, PulseAnswer, PulseTicket, Round, RoundCircle
from programmes.pulse_services import pulse_freeze
from programmes.services import ProgrammeDetails, programme_start
from sessions.enums import Attendance, SessionStatus
from sessions.formats.library import version_of
from sessions.models import CircleSession, Participation

MEMBERS, SESSIONS, PROMISES = 8, 26, 300
# As long as a sealed sentence; nothing here opens it.
SEALED = b"\x01" + bytes(90)
EVERY = timedelta(weeks=3)


class Command(BaseCommand):
    help = "Make a programme of so many circles, each of 8 people with 26 sessions, 300 promises and 24 pulse answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--circles", type=int, default=10)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        self.random = random.Random(options["seed"])  # noqa: S311 (numbers to measure with)
        self.now = timezone.now().replace(microsecond=0)
        self.began = self.now - EVERY * SESSIONS
        number = options["circles"]
        admin = User.objects.create(email=f"admin-{uuid4().hex[:8]}@bench.invalid", name="Admin", zone_confirmed=True)
        details = ProgrammeDetails(
            "Bench", "UTC", self.began.date(), (self.now + EVERY).date(), sessions=24, max_size=8
        )
        self.programme = programme_start(details=details, by=admin, now=self.began)
        self.round = Round.objects.create(
            programme=self.programme, number=1, first_on=self.began.date(), published_at=self.began
        )
        for first in range(0, number, 50):
            self.some(min(50, number - first), first)
        self.pulses()
        figures_count(programme=self.programme, now=self.now)
        self.stdout.write(f"{admin.email} {self.programme.code}")

    def write(self, model: type[models.Model], rows: list[Any]) -> list[Any]:
        return list(model._default_manager.bulk_create(rows, batch_size=2000))

    def some(self, number: int, first: int) -> None:
        """So many circles with everything in them."""
        vaults = [Vault() for _circle in range(number)]
        for vault in vaults:
            vault.lock_new_key()
        self.write(Vault, vaults)
        circles = self.write(
            Circle,
            [
                Circle(name=f"Circle {first + at:04}", time_zone="UTC", vault=vault, created_at=self.began, max_size=8)
                for at, vault in enumerate(vaults)
            ],
        )
        users = self.write(
            User,
            [
                User(email=f"{uuid4().hex[:16]}@bench.invalid", name=f"Person {at}", zone_confirmed=True)
                for at in range(number * MEMBERS)
            ],
        )
        people = {circle.pk: users[at * MEMBERS : (at + 1) * MEMBERS] for at, circle in enumerate(circles)}
        self.belong(circles, people)
        self.meet(circles, people)
        self.promise(circles, people)
        self.write(RoundCircle, [RoundCircle(round=self.round, circle=circle) for circle in circles])

    def belong(self, circles: list[Circle], people: dict[int, list[User]]) -> None:
        self.write(Covenant, [Covenant(circle=circle, sessions=24, opened_at=self.began) for circle in circles])
        self.write(
            Membership,
            [
                Membership(circle=circle, user=user, facilitates=at == 0, joined_at=self.began)
                for circle in circles
                for at, user in enumerate(people[circle.pk])
            ],
        )
        self.write(
            Enrolment,
            [
                Enrolment(
                    programme=self.programme, user=user, vault=self.programme.vault, asked_at=self.began,
                    status=EnrolmentStatus.PLACED,
                )
                for circle in circles
                for user in people[circle.pk]
            ],
        )  # fmt: skip
        agreements = self.write(Agreement, [Agreement(circle=circle) for circle in circles])
        versions = self.write(
            AgreementVersion,
            [AgreementVersion(agreement=one, number=1, digest="x", adopted_at=self.began) for one in agreements],
        )
        self.write(
            Signature,
            [
                Signature(version=version, user=user, digest="x", signed_at=self.began)
                for circle, version in zip(circles, versions, strict=True)
                for user in people[circle.pk]
                if self.random.random() > 0.02
            ],
        )

    def meet(self, circles: list[Circle], people: dict[int, list[User]]) -> None:
        version = version_of("council")
        rows, came = [], []
        for circle in circles:
            for at in range(SESSIONS):
                starts = self.began + EVERY * at + timedelta(hours=self.random.randrange(200))
                coming = at >= SESSIONS - 1
                here = [self.random.random() < 0.86 for _member in range(MEMBERS)]
                came.append(here)
                rows.append(
                    CircleSession(
                        circle=circle, local_date=starts.date(), local_time=starts.time(), zone="UTC",
                        starts_at=self.now + timedelta(days=9) if coming else starts, minutes=120,
                        format_version=version,
                        status=SessionStatus.PLANNED if coming else SessionStatus.ENDED, came_count=sum(here),
                        expected_count=MEMBERS, moves=int(self.random.random() < 0.1),
                    )
                )  # fmt: skip
        sessions = self.write(CircleSession, rows)
        self.write(
            Participation,
            [
                Participation(
                    session=session, user=user, seat=seat,
                    attendance=Attendance.CAME if was_here else Attendance.MISSED,
                )
                for session, here in zip(sessions, came, strict=True)
                for seat, (user, was_here) in enumerate(zip(people[session.circle_id], here, strict=True), start=1)
            ],
        )  # fmt: skip

    def promise(self, circles: list[Circle], people: dict[int, list[User]]) -> None:
        days = EVERY.days * SESSIONS
        rows = []
        for circle in circles:
            for at in range(PROMISES):
                made = self.began + timedelta(days=self.random.randrange(days))
                due: date = made.date() + timedelta(days=21)
                over = due < self.now.date()
                kept = over and self.random.random() < 0.78
                status = CommitmentStatus.KEPT if kept else CommitmentStatus.LET_GO if over else CommitmentStatus.OPEN
                rows.append(
                    Commitment(
                        circle=circle, owner=people[circle.pk][at % MEMBERS], vault_id=circle.vault_id, text=SEALED,
                        due_on=due, status=status, made_at=made,
                        settled_at=datetime.combine(due, datetime.min.time(), UTC) if over else None,
                    )
                )  # fmt: skip
        self.write(Commitment, rows)

    def pulses(self) -> None:
        """Three pulses that everybody has answered, all of them fixed."""
        members = list(
            Membership.objects.filter(circle__in=self.round.circles.values("circle")).select_related("circle")
        )
        for at, moment in enumerate(Moment):
            opens = self.began + EVERY * (12 * at) + timedelta(days=1)
            pulse = Pulse.objects.create(
                round=self.round, moment=moment, opens_on=opens.date(), closes_on=opens.date() + timedelta(days=10),
                opened_at=opens,
            )  # fmt: skip
            self.write(PulseTicket, [PulseTicket(pulse=pulse, user=one.user, circle=one.circle) for one in members])
            self.write(
                PulseAnswer,
                [
                    PulseAnswer(
                        pulse=pulse, circle=one.circle, vault_id=one.circle.vault_id, helps=SEALED,
                        scores={each.value: self.random.randrange(2, 6) for each in statements_of(moment)},
                    )
                    for one in members
                ],
            )  # fmt: skip
            pulse_freeze(pulse=pulse, now=min(self.now - timedelta(days=3), opens + timedelta(days=11)))
