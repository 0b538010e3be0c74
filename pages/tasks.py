"""Housekeeping that joins floors."""

from celery import shared_task
from django.utils import timezone

from pages.doors_services import second_steps_take_off


@shared_task
def second_steps_due() -> None:
    """Take second steps off whose owners asked for it, and nobody stopped, seven days ago."""
    second_steps_take_off(now=timezone.now())
