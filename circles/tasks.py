"""Putting announced changes into force; deleting what was said in closed circles, and trails that are old."""

from celery import shared_task
from django.utils import timezone

from circles.change_services import changes_prune, changes_take_effect
from circles.covenant_services import closed_empty
from circles.services import audit_prune


@shared_task
def empty_closed() -> None:
    closed_empty(now=timezone.now())


@shared_task
def prune_audit() -> None:
    audit_prune(now=timezone.now())
    changes_prune(now=timezone.now())


@shared_task
def changes_due() -> None:
    changes_take_effect(now=timezone.now())
