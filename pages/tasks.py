"""Housekeeping that joins floors."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts.each import all_of
from pages import ending_services
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


@shared_task
def changes_due() -> None:
    """Put what was announced three days ago into force."""
    now = timezone.now()
    all_of(
        "put announced changes into force",
        partial(ending_services.announced_take_effect, now=now),
        partial(ending_services.closings_take_effect, now=now),
    )


@shared_task
def tend_circles() -> None:
    """A circle has somebody in it, and somebody who looks after it; otherwise it ends, or somebody does."""
    now = timezone.now()
    all_of(
        "tend circles",
        partial(ending_services.circles_end_empty, now=now),
        partial(ending_services.facilitators_find, now=now),
    )
