"""Whether mails go out: while the mail server is in trouble all of them wait, and one at a time tries it.

The trouble is one row, so that every process and the outbox page know of it, and no mail's own tries are spent on it.
"""

import logging
from datetime import datetime, timedelta

from notifications import claims
from notifications.enums import MessageState
from notifications.models import Message, Relay
from notifications.rules.smtp_replies import Phase, SmtpReply, Trouble

log = logging.getLogger("talking_piece.outbox")

NAME = "mail"
FIRST_WAIT = timedelta(seconds=30)
# A server that is there one minute an hour is met in that minute; one that refuses our password is not pressed.
LONGEST_WAIT, LONGEST_REFUSED = timedelta(seconds=45), timedelta(minutes=10)
# Mails that fail one after the other, each for itself, are the server's trouble; a second failure is no news.
IN_A_ROW = 3
# After so long they are tried at once with the others; before, their own waits are shorter than that.
LONG = timedelta(minutes=10)
LOGGED_EVERY = 80


class Gate:
    """What one turn knows of the mail server: read once, written when it changes."""

    def __init__(self, *, now: datetime) -> None:
        row = Relay.objects.filter(name=NAME, since__isnull=False).first()
        self._since = row.since if row else None
        self._failures = row.failures if row else 0
        self._failed_in_a_row = 0
        self.trying = row is not None and _turn_to_try(row, now)
        self.open = self._since is None or self.trying

    def good(self, *, now: datetime) -> None:
        """The server took a mail, or knew an address well enough to refuse it."""
        self._failed_in_a_row = 0
        if self._since is None:
            return
        Relay.objects.filter(name=NAME).update(since=None, trouble="", failures=0, try_at=None)
        waited = claims.release()
        if now - self._since >= LONG:
            waited += claims.release_put_off()
        log.warning("the mail server is well again after %s; %s mails go out now", now - self._since, waited)
        self._since, self._failures, self.trying, self.open = None, 0, False, True

    def bad(self, answer: SmtpReply, *, now: datetime) -> None:
        """The server is in trouble, or still is: nothing more is sent in this turn."""
        wait = wait_after(answer, self._failures)
        self._failures += 1
        self._since = self._since or now
        changes = {"trouble": str(answer), "failures": self._failures, "try_at": now + wait}
        Relay.objects.update_or_create(
            name=NAME, defaults=changes, create_defaults=changes | {"name": NAME, "since": now}
        )
        # The row may be there from an earlier trouble: `update_or_create` leaves the beginning of this one empty then.
        Relay.objects.filter(name=NAME, since=None).update(since=now)
        self.trying = self.open = False
        self._say(answer, wait, now)

    def failed(self, answer: SmtpReply, attempts: int, *, now: datetime) -> None:
        """A mail failed at its `attempts`th try. Several in a row are the server; more, when it is known to be ill."""
        # A mail that failed before may be at fault itself, and says nothing of the server; a fresh one does.
        self._failed_in_a_row += self.trying or attempts == 1
        enough = self._failed_in_a_row >= (claims.BATCH if self.trying else IN_A_ROW)
        if answer.trouble == Trouble.RELAY or enough:
            self.bad(answer, now=now)

    def leave(self, *, now: datetime) -> None:
        """The turn is over. If there was nothing to try the server with, the next mail tries it at once."""
        if self.trying:
            Relay.objects.filter(name=NAME, since__isnull=False).update(try_at=now)

    def _say(self, answer: SmtpReply, wait: timedelta, now: datetime) -> None:
        # A power of two: often at first, seldom in a trouble of hours, with no clock of its own to keep.
        few = self._failures & (self._failures - 1) == 0
        if few or self._failures % LOGGED_EVERY == 0:
            waiting = Message.objects.filter(state=MessageState.WAITING, due_at__lte=now).count()
            said = "the mail server is in trouble since %s (%s; failures: %s); %s mails wait; next try in %s"
            log.error(said, self._since, answer, self._failures, waiting, wait)


def wait_after(answer: SmtpReply, failures: int) -> timedelta:
    """Twice as long after each failure, up to a bound that depends on what it is about."""
    refused = answer.phase in (Phase.SIGN_IN, Phase.SENDER)
    longer: timedelta = FIRST_WAIT * 2 ** min(failures, 10)
    return min(longer, LONGEST_REFUSED if refused else LONGEST_WAIT)


def _turn_to_try(row: Relay, now: datetime) -> bool:
    """Whether this process tries the server now; of several, one does."""
    if row.try_at is not None and row.try_at > now:
        return False
    mine = Relay.objects.filter(pk=row.pk, try_at=row.try_at, since__isnull=False)
    # Whoever sets the next try first has this one; it is as far off as a send can take, should that process die.
    return bool(mine.update(try_at=now + claims.SENDING))
