"""Deleting what was said in circles that closed long ago."""

from celery import shared_task
from django.utils import timezone

from circles.covenant_services import closed_empty


@shared_task
def empty_closed() -> None:
    closed_empty(now=timezone.now())
