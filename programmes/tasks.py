"""Counting what circles did; opening and fixing pulses; forgetting who never answered."""

import logging
import threading
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import connections
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.each import all_of
from programmes.asking_services import admins_tell, questions_prune
from programmes.enrolment_services import invitations_prune, over_tell_due, people_invite_kept
from programmes.figures_services import figures_keep
from programmes.journey_services import journeys_begin
from programmes.models import FormingRun
from programmes.proposal_services import run_claim, run_work
from programmes.pulse_services import pulses_tend
from programmes.services import programmes_empty
from programmes.trail_services import acts_prune

log = logging.getLogger("talking_piece.turns")
# One proposal at a time in a process: the solver is one of its own, and the machine has other things to do.
ONE_AT_A_TIME = threading.Lock()


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
    all_of(
        "forget who never answered",
        lambda: invitations_prune(now=now),
        lambda: questions_prune(now=now),
        lambda: acts_prune(now=now),
    )


@shared_task
def begin_journeys() -> None:
    journeys_begin(now=timezone.now())


@shared_task
def tell_of_administrators() -> None:
    admins_tell(now=timezone.now())


@shared_task
def empty_ended() -> None:
    now = timezone.now()
    all_of("end programmes", partial(over_tell_due, now=now), partial(programmes_empty, now=now))


def begin_soon() -> None:
    """What was just asked for begins at once; where no broker can be reached, at the next turn."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        work_out_circles()
        return
    try:
        work_out_circles.apply_async(retry=False)
    except (OSError, OperationalError) as error:
        log.warning("working out circles begins with the next turn: %s", type(error).__name__)


@shared_task
def work_out_circles() -> None:
    """Begin what was asked for, or what a process that is gone left. Returns at once: a thread waits for the solver."""
    if not ONE_AT_A_TIME.acquire(blocking=False):
        return
    try:
        run = run_claim(now=timezone.now())
    except BaseException:
        ONE_AT_A_TIME.release()
        raise
    if run is None:
        ONE_AT_A_TIME.release()
        return
    threading.Thread(target=_work_out, args=(run,), name="proposals", daemon=True).start()


def _work_out(run: FormingRun | None) -> None:
    try:
        while run is not None:
            run_work(run, timezone.now)
            run = run_claim(now=timezone.now())
    except Exception as error:
        # Whoever turns next takes it up again, three times at most.
        log.error("working out circles: failed", exc_info=error)
        return
    finally:
        connections.close_all()
        ONE_AT_A_TIME.release()
    # Whoever asked between the last look and the release found it taken, and nobody else would begin before the next
    # turn, which may have a thousand mails to write first.
    work_out_circles()
