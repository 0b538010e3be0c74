"""Looking ahead for commitments."""

from celery import shared_task
from django.utils import timezone

from agreements import commitment_services


@shared_task
def plan_reminders() -> None:
    commitment_services.reminders_plan(now=timezone.now())
