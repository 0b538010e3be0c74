"""What people write in and after a session: notes, what a scribe keeps for somebody, the check-out."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused, person_lock, row_lock
from accounts.zones import next_valid, to_instant, to_local
from agreements.commitment_services import CommitmentWish, commitment_make
from agreements.models import Commitment
from agreements.review_services import Looked, review_close, review_give
from circles.services import text_keep
from sessions.enums import Attendance, ParticipantKind, Role
from sessions.live.presence_services import OPEN_FOR, attendance_open, version_raise_and_tell
from sessions.models import CheckOut, CircleSession, Note, Participation, ScribeNote, SessionRole

MORNING = time(8)


def note_write(*, session: CircleSession, author: User, text: str) -> None:
    """Keep a person's private note; an empty one is deleted."""
    text_keep(
        by=author,
        rows=Note.objects.filter(session=session, author=author),
        make=lambda: Note(session=session, author=author, vault=session.circle.vault),
        text=text,
        unreadable=_("Your note cannot be read at the moment, so it cannot be changed."),
    )


@transaction.atomic
def scribe_write(*, session: CircleSession, by: User, reader: User, text: str) -> None:
    """Keep what the scribe writes for a presenter, while the session runs. Empty words delete it."""
    person_lock(reader)
    row_lock(session)
    holds = SessionRole.objects.filter(session=session, user=by, role_key=Role.SCRIBE).exists()
    if not holds or not session.is_running:
        raise Refused(_("Only the scribe writes for others, and only while the session runs."))
    text_keep(
        by=reader,
        rows=ScribeNote.objects.filter(session=session, reader=reader),
        make=lambda: ScribeNote(session=session, reader=reader, vault=session.circle.vault),
        text=text,
        unreadable=_("This note cannot be read at the moment, so it cannot be changed."),
    )


def scribe_note_drop(*, session: CircleSession, reader: User) -> None:
    """The presenter has taken over what was written for them."""
    ScribeNote.objects.filter(session=session, reader=reader).delete()


def scribe_notes_clear(*, now: datetime) -> int:
    """Delete what scribes wrote in sessions that ended more than two days ago. How many rows."""
    deleted, _rows = ScribeNote.objects.filter(session__ended_at__lt=now - OPEN_FOR).delete()
    return deleted


@transaction.atomic
def check_out_share(
    *,
    session: CircleSession,
    user: User,
    insight: str,
    promise: CommitmentWish | None,
    now: datetime,
    looked: Looked | None = None,
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
        commitment = commitment_make(circle=session.circle, owner=user, wish=promise, now=now)
    out = CheckOut(participation=row, vault=session.circle.vault, commitment=commitment, at=now)
    out.insight = insight
    out.save(force_insert=True)
    review_give(
        circle=session.circle,
        session=session.code,
        held_on=to_local(session.starts_at, session.zone).date(),
        present=members_present(session),
        looked=looked or Looked(),
    )
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


def check_out_open(session: CircleSession, *, now: datetime) -> bool:
    """While it runs, and for two days afterwards; where the circle stopped for the day, from the next morning on."""
    if session.is_running:
        return True
    if session.ended_at is None or not attendance_open(session, now=now):
        return False
    return not session.stopped or now >= next_morning(session.ended_at, session.zone)


def next_morning(moment: datetime, zone: str) -> datetime:
    """Eight o'clock of the day after `moment`, in a zone."""
    day = to_local(moment, zone).date() + timedelta(days=1)
    return to_instant(next_valid(datetime.combine(day, MORNING), zone), zone)
