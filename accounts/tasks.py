"""Housekeeping of accounts."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts import cache_services, doors_services, services


@shared_task
def clear_away() -> None:
    """Remove used form keys, limits whose time is over, and expired sign-in sessions."""
    services.form_keys_prune(now=timezone.now())
    services.absences_prune(now=timezone.now())
    cache_services.cache_prune(now=timezone.now())
    doors_services.address_changes_prune(now=timezone.now())
    call_command("clearsessions")
