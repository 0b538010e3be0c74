"""Housekeeping of accounts."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts import services


@shared_task
def clear_away() -> None:
    """Remove used form keys and expired sign-in sessions."""
    services.form_keys_prune(now=timezone.now())
    services.absences_prune(now=timezone.now())
    call_command("clearsessions")
