"""Housekeeping that joins floors."""

from celery import shared_task
from django.utils import timezone

from pages.doors_services import second_steps_take_off_due
from pages.rekey_services import second_steps_reseal


@shared_task
def second_steps_due() -> None:
    """Take second steps off whose owners asked for it, and nobody stopped, seven days ago."""
    second_steps_take_off_due(now=timezone.now())


@shared_task
def seal_second_steps() -> None:
    """Seal the second steps that were set up before they were sealed, or lie under an older key."""
    second_steps_reseal()
