"""Counting what circles did; opening and fixing pulses; forgetting who never answered."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts.each import all_of
from programmes.asking_services import admins_tell, questions_prune
from programmes.enrolment_services import invitations_prune, over_tell_due, people_invite_kept
from programmes.figures_services import figures_keep
from programmes.pulse_services import pulses_tend
from programmes.services import programmes_empty


@shared_task
def keep_figures() -> None:
    figures_keep(now=timezone.now())


@shared_task
def invite_kept() -> None:
    people_invite_kept(now=timezone.now())


@shared_task
def tend_pulses() -> None:
    pulses_tend(now=timezone.now())


@shared_task
def forget_invited() -> None:
    now = timezone.now()
    all_of("forget who never answered", lambda: invitations_prune(now=now), lambda: questions_prune(now=now))


@shared_task
def tell_of_administrators() -> None:
    admins_tell(now=timezone.now())


@shared_task
def empty_ended() -> None:
    now = timezone.now()
    all_of("end programmes", partial(over_tell_due, now=now), partial(programmes_empty, now=now))
