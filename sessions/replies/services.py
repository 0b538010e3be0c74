"""The only writes about answers of calendars: addresses for them, and what an answer does."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.doors_services import address_returned
from accounts.models import OneTimeToken, User
from accounts.refusals import Refused
from accounts.services import person_lock
from circles.models import Membership
from notifications.models import Message
from notifications.services import About, message_rows, messages_put, messages_write
from sessions.enums import Rsvp, Way
from sessions.guests.services import guest_withdraw
from sessions.kinds import CALENDAR_LEFT, TIME_WISHED
from sessions.models import AnswerMail, AnswerToken, CircleSession, GuestPass
from sessions.planning.bringing_services import rsvp_set
from sessions.replies.addresses import answer_address, token_of
from sessions.replies.probe_services import probe_arrived
from sessions.replies.selectors import (
    PROBE,
    Finding,
    findings_of,
    invited_before,
    invited_no_more,
    link_over,
    read_before,
    why_not,
)
from sessions.rules.replies import ASIDE, COUNTER, read_letter
from sessions.services import must_be_dated, session_lock

log = logging.getLogger("talking_piece.answers")

# So long a mail that comes once more is known; an old one is told by its stamp for as long as its session is to come.
MAILS_KEPT = timedelta(days=60)


@dataclass
class Taken:
    """What a mail did: how many answers count by it, and what became of everything in it."""

    findings: list[Finding]

    @property
    def understood(self) -> bool:
        """Whether the mail can go: nothing in it was put aside, now or when it was read before."""
        return all(one.understood for one in self.findings)


@transaction.atomic
def answer_token(*, user: User, session: CircleSession, now: datetime) -> str:
    """What stands in the answer address of one person and one session, until they leave or the secret changes."""
    row = answer_row(user=user, session=session, now=now)
    token = token_of(row)
    token_hash = OneTimeToken.hash_of(token)
    if row.token_hash != token_hash:
        # SECRET_KEY is another now: what is mailed from here on has to answer, what was mailed before does not.
        AnswerToken.objects.filter(pk=row.pk).update(token_hash=token_hash)
    return token


def answer_row(*, user: User, session: CircleSession, now: datetime) -> AnswerToken:
    """What answers of one person to one session are known by. Whoever came back into the circle since gets another."""
    row, made = AnswerToken.objects.get_or_create(
        user=user, session=session, defaults={"made_at": now, "token_hash": OneTimeToken.new_token()}
    )
    came_back = row.session.circle.memberships.filter(user=user, left_at=None, joined_at__gt=row.made_at)
    if made or not came_back.exists():
        return row
    # A new row is a new secret: what was sent before they left answers nothing any more.
    row.delete()
    return answer_row(user=user, session=session, now=now)


def answers_end(*, user: User) -> None:
    """Nothing that was sent to somebody answers for them any more."""
    AnswerToken.objects.filter(user=user).delete()


def mail_take(*, raw: bytes, now: datetime) -> Taken:
    """Do what a raw mail to the answer address says; once, however often and by how many readers it is read.

    Each answer in it is a transaction of its own: what a killed process had not done is done when it is read again.
    """
    at = answer_address()
    if at is None:
        return Taken([])
    letter = read_letter(raw, at)
    if not letter.replies and probe_arrived(letter.tokens, now=now):
        return Taken([Finding(ASIDE, letter.digest(), PROBE)])
    return Taken([_take(one, now) for one in findings_of(letter, now=now)])


def mail_put_aside(*, digest: str, why: str, now: datetime) -> bool:
    """Count a mail that could not be read at all, once. False: it is not understood."""
    AnswerMail.objects.get_or_create(digest=digest, defaults={"outcome": ASIDE, "why": why, "read_at": now})
    return False


def _take(found: Finding, now: datetime) -> Finding:
    # Not written again: the first reading stands, and with it when it was.
    if found.why == "read_before":
        return found
    try:
        with transaction.atomic():
            # Whoever is second with the same mail waits here until the first has done it.
            row = AnswerMail.objects.create(digest=found.digest, outcome=found.outcome, why=found.why[:20], read_at=now)
            if found.counts:
                found = _apply(found, now)
                AnswerMail.objects.filter(pk=row.pk).update(outcome=found.outcome, why=found.why)
    except IntegrityError:
        first = AnswerMail.objects.filter(digest=found.digest).values_list("outcome", flat=True).first()
        return read_before(found, first or ASIDE)
    log.info("an answer by mail: %s%s", found.outcome, f", {found.why}" if found.why else "")
    return found


def _apply(found: Finding, now: datetime) -> Finding:
    """Ask everything once more under the locks, and write down what was said."""
    rows = AnswerToken.objects.filter(pk=found.token.pk if found.token else 0)
    token = rows.select_related("user", "session__circle").first()
    if token is not None and found.no_mailbox:
        address_returned(user=token.user)
        return found
    if token is None or found.reply is None or found.said_at is None:
        return replace(found, outcome=ASIDE, why="unknown_token")
    try:
        person_lock(token.user)
        session_lock(token.session)
    except Refused:
        return replace(found, outcome=ASIDE, why="gone")
    if why := why_not(token, found.reply, found.said_at, now):
        return replace(found, outcome=ASIDE, why=why)
    _say(token, Rsvp(found.answer), found.said_at, Way.CALENDAR, now)
    if found.outcome == COUNTER:
        _wish_tell(token, now)
    return found


@transaction.atomic
def link_answer(*, row: AnswerToken, answer: Rsvp, now: datetime, dated: str = "") -> None:
    """What the button behind a link in a mail does. Refused where it answers no more, or was shown for another date."""
    person_lock(row.user)
    session_lock(row.session)
    if link_over(row, now=now):
        raise Refused(_("This link answers no more."))
    must_be_dated(row.session, dated)
    _say(row, answer, now, Way.LINK, now)


def _say(token: AnswerToken, answer: Rsvp, said_at: datetime, way: Way, now: datetime) -> None:
    """A guest who cannot come takes their yes back, as on the page; a member's answer is as any other."""
    passes = GuestPass.objects.standing(now).filter(session=token.session, user=token.user)
    guest = passes.select_related("session__circle", "user", "invited_by").first()
    if guest is not None and answer == Rsvp.NO:
        guest_withdraw(guest=guest, now=now)
    else:
        rsvp_set(session=token.session, user=token.user, answer=answer, now=now, said_at=said_at, way=way)


def _wish_tell(token: AnswerToken, now: datetime) -> None:
    """Whoever looks after the circle hears that somebody wished for another time; for which is not read."""
    looks_after = Membership.objects.filter(circle=token.session.circle, left_at=None, user__is_active=True)
    to = [one.user for one in looks_after.select_related("user", "circle") if one.runs and one.user != token.user]
    about = About(
        "session", token.session.code, token.session.revision, token.session.circle.code, part=str(token.user.code)
    )
    messages_put(kind=TIME_WISHED, about=about, to=to, due_at=now, now=now)


def calendars_tell(*, now: datetime) -> int:
    """Write to whoever was invited to dates and is in their circle no more, or has them come in another way: a mail
    takes each out of calendars.

    Once for each time that they leave: whoever comes back is invited anew. How many dates.
    """
    if answer_address() is None:
        return 0
    rows: list[Message] = []
    for part, tokens in (("", invited_no_more(now)), ("another way", invited_before(now))):
        for token in tokens:
            about = About("session", token.session.code, token.pk, token.session.circle.code, part)
            rows += message_rows(kind=CALENDAR_LEFT, about=about, to=[token.user], due_at=now, now=now)
    messages_write(rows)
    return len(rows)


def mails_forget(*, now: datetime) -> int:
    """Digests of mails that are long read. How many."""
    return AnswerMail.objects.filter(read_at__lt=now - MAILS_KEPT).delete()[0]
