"""A commitment of Bob's, and what is mailed about it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core import mail

from accounts.models import User
from agreements import appointment_services
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.models import Appointment, Commitment
from tests.factories import NOW, Cast

DUE = NOW.date() + timedelta(days=5)

WORDS = "Say no to a canary"


def make(people: Cast, *, partner: User | None = None, text: str = WORDS, due: date = DUE, **more: Any) -> Commitment:
    details = CommitmentDetails(text, due, partner, **more)
    return commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)


def subjects(to: str = "") -> list[str]:
    return [message.subject for message in mail.outbox if not to or message.to == [to]]


def appointment(made: Commitment, by: User, local: datetime, zone: str) -> Appointment:
    return appointment_services.appointment_set(commitment=made, local_start=local, zone=zone, now=NOW)
