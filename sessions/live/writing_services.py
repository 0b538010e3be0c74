"""What people write in and after a session: notes, what a scribe keeps for somebody, the check-out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_local
from accounts.services import person_lock, row_lock
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.models import Commitment
from agreements.review_services import ReviewDetails, review_close, review_give
from circles.enums import Retention
from circles.sealed import Unreadable
from circles.services import text_keep
from sessions.enums import OVER, Attendance, ParticipantKind, Role
from sessions.live.presence_services import version_raise_and_tell
from sessions.live.windows import OPEN_FOR, check_out_open
from sessions.models import CheckOut, CircleSession, Issue, Note, Participation, ScribeNote, SessionRole, SheetAnswer
from sessions.rules.texts import both, mark_of

# A scribe's last words are on their way while the session ends.
SCRIBE_WRITES_ON_FOR = timedelta(minutes=2)
MOST_LETTERS = 5000


def note_write(*, session: CircleSession, author: User, text: str, seen: str | None = None) -> str:
    """Keep a person's private note; an empty one is deleted. What stands there now, as in `_kept`."""
    return _kept(
        by=author,
        rows=Note.objects.filter(session=session, author=author),
        make=lambda: Note(session=session, author=author, vault=session.circle.vault),
        text=text,
        seen=seen,
        unreadable=_("Your note cannot be read at the moment, so it cannot be changed."),
    )


@transaction.atomic
def scribe_write(
    *, session: CircleSession, by: User, reader: User, text: str, now: datetime, seen: str | None = None
) -> str:
    """Keep what the scribe writes for a presenter, while the session runs and for two minutes. Empty words delete it.

    What stands there now, as in `_kept`.
    """
    person_lock(reader)
    row_lock(session)
    # Under the lock of the session: a role that changes hands takes the pen with it.
    holds = SessionRole.objects.filter(session=session, user=by, role_key=Role.SCRIBE).exists()
    just_over = session.ended_at is not None and session.ended_at <= now <= session.ended_at + SCRIBE_WRITES_ON_FOR
    if not holds or not (session.is_running or just_over):
        raise Refused(_("Only the scribe writes for others, and only while the session runs."))
    return _kept(
        by=reader,
        rows=ScribeNote.objects.filter(session=session, reader=reader),
        make=lambda: ScribeNote(session=session, reader=reader, vault=session.circle.vault),
        text=text,
        seen=seen,
        unreadable=_("This note cannot be read at the moment, so it cannot be changed."),
    )


@transaction.atomic
def _kept(
    *, by: User, rows: QuerySet[Any], make: Callable[[], Any], text: str, seen: str | None, unreadable: str
) -> str:
    """Keep one person's one text, which two of their devices may write at once. What stands there afterwards.

    `seen` marks the text that the form was shown. Where another stands there by now, both are kept.
    """
    person_lock(by)
    row = rows.first()
    stands = row.text if row else ""
    if row and not isinstance(stands, Unreadable) and seen is not None and mark_of(stands) != seen:
        # Nobody is asked which of their words to lose.
        text = both(stands, text)
        if len(text) > MOST_LETTERS:
            raise Refused(_("You wrote in another window too, and both together are too long. Nothing was lost there."))
    text_keep(by=by, rows=rows, make=make, text=text, unreadable=unreadable)
    return text


def scribe_note_drop(*, session: CircleSession, reader: User) -> None:
    """The presenter has taken over what was written for them."""
    ScribeNote.objects.filter(session=session, reader=reader).delete()


def scribe_notes_clear(*, now: datetime) -> int:
    """Delete what scribes wrote in sessions that ended more than two days ago. How many rows.

    Whatever the circle chose for issues: the page promises the presenter two days, and nobody more.
    """
    deleted, _rows = ScribeNote.objects.filter(session__ended_at__lt=now - OPEN_FOR).delete()
    return deleted


@transaction.atomic
def check_out_share(
    *,
    session: CircleSession,
    user: User,
    insight: str,
    promise: CommitmentDetails | None,
    now: datetime,
    looked: ReviewDetails | None = None,
) -> CheckOut:
    """What someone takes with them; nothing at all is a full answer. Once each.

    What they say about the agreement is counted without their name; once everybody who came has checked out, nothing
    is added to it any more.
    """
    person_lock(user)
    row_lock(session)
    row = Participation.objects.filter(session=session, user=user).first()
    if row is None or not check_out_open(session, now=now):
        raise Refused(_("The check-out of this session is closed."))
    if CheckOut.objects.filter(participation=row).exists():
        raise Refused(_("You have checked out already."))
    commitment: Commitment | None = None
    if promise:
        # First, so that the check-out can point down to it; a commitment knows no session.
        commitment = commitment_make(circle=session.circle, owner=user, details=promise, now=now)
    out = CheckOut(participation=row, vault=session.circle.vault, commitment=commitment, at=now)
    out.insight = insight
    out.save(force_insert=True)
    review_give(
        circle=session.circle,
        session=session.code,
        held_on=to_local(session.starts_at, session.zone).date(),
        present=members_present(session),
        looked=looked or ReviewDetails(),
    )
    # While it runs somebody may still come; counts shown too early would tell whose were added.
    if session.is_over and not _still_to_check_out(session):
        review_close(session=session.code)
    version_raise_and_tell(session)
    return out


def members_present(session: CircleSession) -> int:
    """How many members were there, as the host ticked."""
    return _came(session).count()


def _came(session: CircleSession) -> QuerySet[Participation]:
    return Participation.objects.filter(session=session, kind=ParticipantKind.MEMBER, attendance=Attendance.CAME)


def _still_to_check_out(session: CircleSession) -> bool:
    return _came(session).filter(check_out=None).exists()


def issues_prune(*, now: datetime) -> int:
    """Delete issues and preparation sheets, so many days after their session as the circle chose. How many rows.

    A session that was cancelled or not held counts from when it was to begin; an issue for a later one is its owner's
    to bring again.
    """
    gone = Q()
    for kept in Retention:
        ended = Q(session__ended_at__lte=now - timedelta(days=kept))
        never_held = Q(session__ended_at=None, session__starts_at__lte=now - timedelta(days=kept))
        gone |= Q(session__circle__retention_days=kept) & (ended | never_held)
    over = Q(session__status__in=OVER)
    return Issue.objects.filter(over & gone).delete()[0] + _sheets_prune(now)


def _sheets_prune(now: datetime) -> int:
    """Delete preparation sheets with the issues of their session; one that lost its session counts from its writing."""
    gone = Q()
    for kept in Retention:
        since = now - timedelta(days=kept)
        held = Q(leg__session__ended_at__lte=since)
        never_held = Q(leg__session__ended_at=None, leg__session__starts_at__lte=since)
        over = Q(leg__session__status__in=OVER) & (held | never_held)
        loose = Q(leg__session=None, written_at__lte=since)
        gone |= Q(leg__taken__circle__retention_days=kept) & (over | loose)
    return int(SheetAnswer.objects.filter(gone).delete()[0])
