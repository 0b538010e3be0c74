"""The only writes about calendars that are looked into: which, when that is wanted, and what was read."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.leftover_services import leftovers_note
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_lock
from circles.sealed import Unreadable
from circles.services import vault_make
from circles.vault import Vault
from sessions.enums import CalendarTrouble
from sessions.models import BusyCalendar
from sessions.planning.busy_running import AT_ONCE, TAKES_AT_MOST, CalendarAsked, CalendarRead, calendars_read
from sessions.planning.busy_selectors import calendars_of
from sessions.rules.busy import AHEAD, KEPT

log = logging.getLogger("talking_piece.busy")

# Whoever looks for a time again and again has a calendar asked no more often than this.
AGAIN_AFTER = timedelta(minutes=5)
Reader = Callable[[list[CalendarAsked]], list[CalendarRead]]


@transaction.atomic
def busy_calendar_set(*, user: User, address: str, now: datetime) -> BusyCalendar:
    """Look into the calendar at this address from now on, and into no other of theirs; it is first done at once.

    Refused where the site looks into none. How often is counted at the door, since nothing stays of what is taken away.
    """
    person_lock(user)
    if not settings.BUSY_CALENDARS:
        raise Refused(_("This site looks into nobody’s calendar."))
    busy_calendar_remove(user=user)
    # A key of its own, that goes with it: what is left of it in an old backup opens with no circle's key.
    row = BusyCalendar(user=user, vault=vault_make(), address=address, made_at=now, wanted_at=now)
    row.save(force_insert=True)
    return row


@transaction.atomic
def busy_calendar_remove(*, user: User) -> None:
    """Forget the address, what was read there, and the key of both; repeating it changes nothing."""
    row = BusyCalendar.objects.filter(user=user).first()
    if row is None:
        return
    vault = row.vault_id
    row.delete()
    Vault.objects.filter(pk=vault).delete()
    leftovers_note(Vault)


def busy_want(*, people: Iterable[User], now: datetime) -> int:
    """Somebody looks for a time: the calendars of these people are looked into soon, but for what was a moment ago.

    How many.
    """
    rows = calendars_of(people).filter(wanted_at=None)
    return rows.filter(Q(tried_at=None) | Q(tried_at__lte=now - AGAIN_AFTER)).update(wanted_at=now)


def busy_read(*, clock: Callable[[], datetime], reader: Reader = calendars_read) -> int:
    """Look into what is wanted, a few at a time. How many were looked into, whatever came of it.

    Each is claimed for a while: a process that dies leaves it to the next turn, and two read none twice.
    """
    if not settings.BUSY_CALENDARS:
        return 0
    rows = [row for row in _wanted(clock()) if _claim(row, clock())]
    now = clock()
    asked = [
        CalendarAsked(row.address, row.user.time_zone, now, now + AHEAD, tuple(settings.BUSY_NEVER))
        for row in rows
        if not isinstance(row.address, Unreadable)
    ]
    found = iter(reader(asked)) if asked else iter(())
    for row in rows:
        read = CalendarRead(trouble=CalendarTrouble.UNREADABLE) if isinstance(row.address, Unreadable) else next(found)
        _note(row, read, clock())
    return len(rows)


def _wanted(now: datetime) -> list[BusyCalendar]:
    rows = BusyCalendar.objects.filter(wanted_at__isnull=False, user__is_active=True)
    rows = rows.filter(Q(claimed_until=None) | Q(claimed_until__lte=now)).select_related("user", "vault")
    return list(rows.order_by("wanted_at", "pk")[:AT_ONCE])


def _claim(row: BusyCalendar, now: datetime) -> bool:
    """Whether this process is the one to look into it."""
    free = BusyCalendar.objects.filter(pk=row.pk, wanted_at=row.wanted_at)
    free = free.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    return free.update(claimed_until=now + timedelta(seconds=2 * TAKES_AT_MOST)) == 1


def _note(row: BusyCalendar, read: CalendarRead, now: datetime) -> None:
    """Write down what was read, unless its owner has taken the calendar away meanwhile. What was known before and
    cannot be read again stays for its day."""
    try:
        with transaction.atomic():
            row_lock(row)
            row.wanted_at = row.claimed_until = None
            row.tried_at, row.trouble = now, read.trouble
            names = ["wanted_at", "claimed_until", "tried_at", "trouble"]
            if not read.trouble:
                row.busy, row.read_at = read.busy.written(), now
                names += ["busy", "read_at"]
            row.save(update_fields=names)
    except Refused:
        return
    if read.trouble:
        log.info("a calendar could not be looked into: %s", read.trouble)


def busy_forget(*, now: datetime) -> int:
    """What was read a day ago is forgotten, and goes from the files of the database. How many calendars it was of."""
    with transaction.atomic():
        old = BusyCalendar.objects.filter(read_at__lte=now - KEPT)
        number = old.update(busy=None, read_at=None)
        if number:
            leftovers_note(BusyCalendar)
    return number
