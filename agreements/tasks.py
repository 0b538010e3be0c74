"""Looking ahead for commitments; applying the rule of the agreement to proposals whose time has come."""

from celery import shared_task
from django.utils import timezone

from agreements import commitment_services, proposal_services


@shared_task
def plan_reminders() -> None:
    commitment_services.partners_gone(now=timezone.now())
    commitment_services.owners_gone(now=timezone.now())
    commitment_services.reminders_plan(now=timezone.now())


@shared_task
def settle_proposals() -> None:
    proposal_services.proposals_settle(now=timezone.now())
