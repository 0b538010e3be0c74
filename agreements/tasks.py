"""Looking ahead for commitments; applying the rule of the agreement to proposals whose time has come."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts.each import all_of
from agreements import commitment_services, mirror_services, proposal_services


@shared_task
def plan_reminders() -> None:
    now = timezone.now()
    all_of(
        "plan reminders of commitments",
        partial(commitment_services.partners_gone, now=now),
        partial(commitment_services.owners_gone, now=now),
        partial(commitment_services.reminders_plan, now=now),
        partial(mirror_services.mirrors_close, now=now),
    )


@shared_task
def settle_proposals() -> None:
    proposal_services.proposals_settle(now=timezone.now())
