"""Looking ahead for sessions, and closing those nobody closed."""

from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.each import all_of
from sessions.guests.services import guests_close
from sessions.live import services as live
from sessions.live import writing_services
from sessions.live.rehearsal_services import rehearsals_clear
from sessions.live.writing_services import issues_prune
from sessions.planning import busy_services, covenant_services, pairs_services, reminder_services, roles_services
from sessions.planning import services as planning
from sessions.replies import mailbox
from sessions.replies.probe_services import probe_send
from sessions.replies.services import calendars_tell, mails_forget
from sessions.shelf.sentence_services import sentences_tend
from sessions.shelf.services import shelf_tend


@shared_task
def plan_reminders() -> None:
    reminder_services.reminders_plan(now=timezone.now())


@shared_task
def announce_roles() -> None:
    roles_services.roles_announce(now=timezone.now())


@shared_task
def look_after() -> None:
    """What changes without anybody's press: members who left, zones that were redefined, circles that fade."""
    now = timezone.now()
    all_of(
        "look after what is planned",
        partial(roles_services.roles_left_fill, now=now),
        partial(planning.starts_recompute, now=now),
        partial(reminder_services.fading_tell, now=now),
        partial(covenant_services.decisions_ask, now=now),
        partial(pairs_services.pairs_turn, now=now),
    )


@shared_task
def close_forgotten() -> None:
    now = timezone.now()
    all_of(
        "close what was forgotten",
        partial(live.sessions_close_forgotten, now=now),
        partial(writing_services.scribe_notes_clear, now=now),
        partial(guests_close, now=now),
        partial(calendars_tell, now=now),
        partial(busy_services.busy_forget, now=now),
    )


@shared_task
def read_answers() -> None:
    """Look into the mailbox for answers of calendars, where there is one; once a day see that mail arrives there."""
    probe_send(now=timezone.now())
    # Without a mailbox of our own a service may hand answers in: that mail arrives there is looked at in both cases.
    if settings.ANSWER_IMAP_HOST:
        mailbox.mailbox_read(clock=timezone.now)


@shared_task
def forget_answers() -> None:
    mails_forget(now=timezone.now())


@shared_task
def read_busy() -> None:
    """Look into the calendars of people for whom somebody looks for a time."""
    busy_services.busy_read(clock=timezone.now)


@shared_task
def prune() -> None:
    """Delete what was brought to sessions, when its circle said so."""
    issues_prune(now=timezone.now())


@shared_task
def clear_rehearsals() -> None:
    rehearsals_clear(now=timezone.now())


@shared_task
def tend_shelf() -> None:
    """Lend what is agreed, publish sentences once five circles have given one, let go what nobody stands behind."""
    now = timezone.now()
    all_of("tend the shelf", partial(shelf_tend, now=now), partial(sentences_tend, now=now))
