"""Deleting what was said in circles that closed long ago, and trails that are old."""

from celery import shared_task
from django.utils import timezone

from circles.covenant_services import closed_empty
from circles.services import audit_prune


@shared_task
def empty_closed() -> None:
    closed_empty(now=timezone.now())


@shared_task
def prune_audit() -> None:
    audit_prune(now=timezone.now())
