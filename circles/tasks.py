"""Deleting what was said in closed circles, and trails that are old."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts.each import all_of
from circles.change_services import changes_prune
from circles.covenant_services import closed_empty
from circles.services import audit_prune


@shared_task
def empty_closed() -> None:
    closed_empty(now=timezone.now())


@shared_task
def prune_audit() -> None:
    now = timezone.now()
    all_of("delete old trails", partial(audit_prune, now=now), partial(changes_prune, now=now))
