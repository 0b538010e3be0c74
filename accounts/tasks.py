"""Housekeeping of accounts."""

from functools import partial

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts import cache_services, doors_services, leftover_services, services
from accounts.each import all_of


@shared_task
def clear_away() -> None:
    """Remove used form keys, limits whose time is over, and expired sign-in sessions."""
    now = timezone.now()
    all_of(
        "clear away",
        partial(services.form_keys_prune, now=now),
        partial(services.absences_prune, now=now),
        partial(cache_services.cache_prune, now=now),
        partial(doors_services.address_changes_prune, now=now),
        partial(call_command, "clearsessions"),
    )


@shared_task
def sweep_deleted() -> None:
    """Write over what deleted rows left behind in the files of the database."""
    leftover_services.leftovers_sweep()
