"""Whose answer a mail is, to which session, and whether it counts. Reads only: services ask again, under locks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.enums import CalendarBy
from accounts.models import FeedToken, OneTimeToken
from circles.models import Membership
from notifications.calendars import uid
from notifications.models import Heartbeat
from sessions.access import may_answer
from sessions.enums import SessionStatus, Way
from sessions.models import AnswerMail, AnswerToken, CircleSession, GuestPass, Participation
from sessions.replies.addresses import token_of
from sessions.rules.replies import ANSWER, ASIDE, BOUNCE, COUNTER, Letter, Reply

# Why a mail of our own to the answer address, which says that it arrives, is no answer.
PROBE = "probe"
PROBE_WAIT = timedelta(minutes=10)
SENT, ARRIVED = "answers_probe_sent", "answers_probe_arrived"
# Under which name the mailbox says that it was read.
BEAT = "answers"
# What can come of a mail, as the page of the outbox says it.
IN_WORDS = {
    ANSWER: _("Answers taken over"),
    COUNTER: _("Another time wished for"),
    BOUNCE: _("Mails that came back"),
    ASIDE: _("Put aside"),
}


@dataclass(frozen=True)
class Finding:
    """What one entry of a mail, or a mail without any, comes to. `digest` is the same each time it is read."""

    outcome: str
    digest: str
    why: str = ""
    token: AnswerToken | None = None
    answer: str = ""
    said_at: datetime | None = None
    reply: Reply | None = None
    # What it came to when it was read before.
    before: str = ""
    # A bounce that says there is no mailbox under the present address of the token's person.
    no_mailbox: bool = False

    @property
    def understood(self) -> bool:
        """Whether nothing is left to do with it: neither put aside now, nor when it was read before."""
        return self.why == PROBE or (self.before or self.outcome) != ASIDE

    @property
    def counts(self) -> bool:
        """Whether something is written because of it, not only put aside."""
        return self.outcome in (ANSWER, COUNTER) or self.no_mailbox

    def as_data(self) -> dict[str, Any]:
        """For `manage.py calendar_reply --json`."""
        return {
            "outcome": self.outcome,
            "session": str(self.token.session.code) if self.token else None,
            "person": str(self.token.user.code) if self.token else None,
            "answer": self.answer or None,
            "why": self.why or None,
        }


def findings_of(letter: Letter, *, now: datetime) -> list[Finding]:
    """What each entry of a mail comes to now; one finding for a mail that has none. What was read before is aside."""
    tokens = tokens_named(letter)
    found = [_of_reply(letter, reply, tokens, now) for reply in letter.replies] or [_of_mail(letter, tokens)]
    rows = AnswerMail.objects.filter(digest__in=[one.digest for one in found])
    known = dict(rows.values_list("digest", "outcome"))
    return [read_before(one, known[one.digest]) if one.digest in known else one for one in found]


def read_before(found: Finding, outcome: str) -> Finding:
    """A finding that was had before, with what it came to then."""
    return replace(found, outcome=ASIDE, why="read_before", before=outcome)


def tokens_named(letter: Letter) -> list[AnswerToken]:
    """The tokens in a mail that we made with the present secret, with their person and session."""
    hashes = [OneTimeToken.hash_of(token) for token in letter.tokens]
    rows = AnswerToken.objects.filter(token_hash__in=hashes).select_related("user", "session__circle")
    # The hash alone would also fit a token of an earlier SECRET_KEY.
    return [row for row in rows if token_of(row) in letter.tokens]


def invited_no_more(now: datetime) -> QuerySet[AnswerToken]:
    """What was sent to people who by now are neither in the circle nor a guest, of sessions that are still planned."""
    member = Membership.objects.filter(circle=OuterRef("session__circle"), user=OuterRef("user"), left_at=None)
    guest = GuestPass.objects.accepted().filter(session=OuterRef("session"), user=OuterRef("user"))
    return _invited(now).filter(~Exists(member), ~Exists(guest))


def invited_before(now: datetime) -> QuerySet[AnswerToken]:
    """What was sent to people whose dates by now come in another way, beside which an invitation would stand twice."""
    feed = FeedToken.objects.filter(user=OuterRef("user"), revoked_at=None)
    follows = Q(Exists(feed), user__calendar_by=CalendarBy.UNSAID)
    return _invited(now).filter(follows | Q(user__calendar_by__in=(CalendarBy.FEED, CalendarBy.NOTHING)))


def _invited(now: datetime) -> QuerySet[AnswerToken]:
    rows = AnswerToken.objects.filter(session__starts_at__gt=now, session__status=SessionStatus.PLANNED)
    rows = rows.filter(user__is_active=True).select_related("user", "session__circle", "session__format_version")
    return rows.order_by("session__starts_at", "pk")


def _of_mail(letter: Letter, tokens: list[AnswerToken]) -> Finding:
    if letter.outcome == BOUNCE and not tokens:
        return Finding(ASIDE, letter.digest(), "foreign_bounce")
    if letter.outcome != BOUNCE:
        return Finding(letter.outcome, letter.digest(), letter.why)
    gone = next((token for token in tokens if letter.says_no_mailbox(token.user.email)), None)
    if gone is not None and _arrived(gone, tokens):
        return Finding(ASIDE, letter.digest(), "answered", gone)
    return Finding(BOUNCE, letter.digest(), letter.why, gone or tokens[0], no_mailbox=gone is not None)


def _arrived(gone: AnswerToken, tokens: list[AnswerToken]) -> bool:
    """Whether an invitation in a mail that is said to have come back was answered from that mail: it has arrived."""
    sessions = [token.session_id for token in tokens if token.user_id == gone.user_id]
    answers = Participation.objects.filter(
        user=gone.user_id, session__in=sessions, rsvp_by__in=(Way.CALENDAR, Way.LINK)
    )
    return answers.exclude(rsvp="").exists()


def _of_reply(letter: Letter, reply: Reply, tokens: list[AnswerToken], now: datetime) -> Finding:
    digest = letter.digest(repr((reply.uid, reply.instance, reply.said, reply.stamp, reply.counter)))
    aside = Finding(ASIDE, digest, reply=reply)
    if not letter.tokens:
        return replace(aside, why="no_token")
    if not tokens:
        return replace(aside, why="unknown_token")
    mine = [token for token in tokens if uid(token.session.code).lower() == reply.uid]
    if not mine:
        return replace(aside, why="other_event")
    # An answer that was forwarded may hold two people's addresses: nobody is guessed.
    if len({token.user_id for token in mine}) > 1:
        return replace(aside, why="two_people")
    token = mine[0]
    answer = reply.answer_of(frozenset({token.user.email.lower()}))
    if not answer:
        return replace(aside, why="two_answers", token=token)
    said_at = said_when(letter, reply, token.session, now)
    why = why_not(token, reply, said_at, now)
    outcome = ASIDE if why else COUNTER if reply.counter else ANSWER
    return Finding(outcome, digest, why, token, answer, said_at, reply)


@dataclass(frozen=True)
class AnswersHealth:
    """How the door for answers is: when the mailbox was last read, when our own mail of a day was last written to it
    and when one last arrived, and what came of the mails of a week.

    `outcomes` in words; `aside` by the codes that docs/calendar.md explains.
    """

    read_at: datetime | None
    probe_sent_at: datetime | None
    probe_arrived_at: datetime | None
    outcomes: list[tuple[str, int]]
    aside: list[tuple[str, int]]

    def is_cut_off(self, now: datetime) -> bool:
        """Whether mail to the answer address does not arrive: ten minutes after ours was written, none is there."""
        sent, arrived = self.probe_sent_at, self.probe_arrived_at
        return sent is not None and (arrived is None or arrived < sent) and now - sent > PROBE_WAIT


def answers_health(*, now: datetime) -> AnswersHealth:
    """Counts and times, with no word of any mail and nobody's name."""
    week = AnswerMail.objects.filter(read_at__gt=now - timedelta(days=7))
    beats = dict(Heartbeat.objects.filter(name__in=(BEAT, SENT, ARRIVED)).values_list("name", "at"))
    outcomes = week.values_list("outcome").annotate(n=Count("pk")).order_by("outcome")
    aside = week.filter(outcome=ASIDE).values_list("why").annotate(n=Count("pk")).order_by("-n", "why")
    in_words = [(str(IN_WORDS[outcome]), number) for outcome, number in outcomes]
    return AnswersHealth(beats.get(BEAT), beats.get(SENT), beats.get(ARRIVED), in_words, list(aside))


def link_over(token: AnswerToken, *, now: datetime) -> bool:
    """Whether a link in a mail answers no more: its session has begun or is off, or its person is there no more."""
    session = token.session
    if session.status != SessionStatus.PLANNED or session.starts_at <= now:
        return True
    return not may_answer(token.user, session, since=token.made_at, now=now)


def said_when(letter: Letter, reply: Reply, session: CircleSession, now: datetime) -> datetime:
    """When an answer was given: its own stamp, but for programs that send back that of the invitation; never later
    than now, so that no clock that is ahead outlives what its person says next."""
    stamp = reply.stamp
    if stamp is None or (session.changed_at is not None and stamp <= session.changed_at.replace(microsecond=0)):
        # A stamp of before the invitation is the invitation's own, sent back.
        stamp = letter.sent_at or stamp
    return min(stamp or now, now)


def why_not(token: AnswerToken, reply: Reply, said_at: datetime, now: datetime) -> str:
    """Why an answer does not count as things are now; empty where it does."""
    user, session = token.user, token.session
    if not user.is_active:
        return "gone"
    if not may_answer(user, session, since=token.made_at, now=now):
        return "left"
    if session.status in (SessionStatus.CANCELLED, SessionStatus.NOT_HELD):
        return "cancelled"
    if session.status != SessionStatus.PLANNED or session.starts_at <= now:
        return "begun"
    if why := _other_date(session, reply, said_at):
        return why
    row = Participation.objects.filter(session=session, user=user).first()
    if row and row.rsvp and row.rsvp_at and row.rsvp_at > said_at:
        return "older"
    return ""


def _other_date(session: CircleSession, reply: Reply, said_at: datetime) -> str:
    """Why an answer is not about the present date; empty where it is.

    What the program knew is told by its SEQUENCE, and where that lags behind or is missing by the hour that it names.
    """
    if reply.sequence is not None and reply.sequence > session.revision:
        return "never_sent"
    if reply.sequence is not None and reply.sequence >= session.dated_revision:
        return ""
    named = reply.instance or reply.starts
    at = named.is_at(session.starts_at) if named else None
    if session.dated_at is None:
        return "moved" if at is False else ""
    return "" if at and said_at >= session.dated_at.replace(microsecond=0) else "moved"
