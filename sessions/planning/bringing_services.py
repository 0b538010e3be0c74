"""What people say to a date and bring to it: whether they come, minutes agreed for turns, an issue."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_write
from circles.sealed import Unreadable
from sessions.enums import Rsvp, SessionStatus, Way
from sessions.models import CircleSession, Issue, Participation
from sessions.planning.services import sessions_settle
from sessions.rules.texts import LONGEST_TEXT, both, issue_mark
from sessions.services import must_be_dated, participation_of, session_lock, version_raise

BOTH_KEPT = _("You wrote in another window too: both are kept.")
BOTH_TOO_LONG = _("You wrote in another window too, and both together are too long. Nothing was lost there.")


@transaction.atomic
def turns_agree(*, session: CircleSession, minutes: dict[int, int | None]) -> None:
    """Keep the minutes that people agreed for their turns (by user id; None is an equal share)."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    for user in User.objects.filter(pk__in=list(minutes)):
        row = participation_of(session=session, user=user)
        Participation.objects.filter(pk=row.pk).update(minutes=minutes[user.pk])
    version_raise(session=session)


@transaction.atomic
def rsvp_set(
    *,
    session: CircleSession,
    user: User,
    answer: Rsvp,
    now: datetime,
    said_at: datetime | None = None,
    way: Way = Way.PAGE,
    dated: str = "",
) -> None:
    """Say whether one comes, until the session starts. `said_at` is when, if not now; `dated`: see `must_be_dated`."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    must_be_dated(session, dated)
    row = participation_of(session=session, user=user)
    Participation.objects.filter(pk=row.pk).update(rsvp=answer, rsvp_at=said_at or now, rsvp_by=way)
    version_raise(session=session)
    sessions_settle(circle=session.circle, sessions=[], now=now)


@transaction.atomic
def issue_bring(
    *, session: CircleSession, owner: User, title: str, text: str, ask: str, seen: str = "", most: int = LONGEST_TEXT
) -> Issue:
    """Bring an issue, or change the one brought; possible until the session ends.

    `seen` marks the one that the form was shown: where another stands there by now its words are kept with these, up to
    `most` letters.
    """
    person_lock(owner)
    session_lock(session)
    if session.status not in (SessionStatus.PLANNED, SessionStatus.RUNNING):
        raise Refused(_("The session is over."))
    found = Issue.objects.filter(session=session, owner=owner).first()
    issue = found or Issue(session=session, owner=owner, vault=session.circle.vault)
    if isinstance(issue.title, Unreadable):
        raise Refused(_("What you brought cannot be read at the moment, so it cannot be changed."))
    if found and seen not in ("", issue_mark(issue.title, issue.text)):
        title, text = _both(issue, title, text, seen)
    if len(text) > most:
        raise Refused(BOTH_TOO_LONG)
    row_write(issue, title=title, text=text, ask=ask)
    if not found:
        # Said anew for this date: one that was called off takes nothing back, should it take place after all.
        called_off = Participation.objects.filter(user=owner, session__status=SessionStatus.CANCELLED)
        called_off.filter(session__circle=session.circle_id, presents=True).update(presents=False)
    row = participation_of(session=session, user=owner)
    if session.is_planned:
        Participation.objects.filter(pk=row.pk).update(presents=True)
    version_raise(session=session)
    return issue


def _both(issue: Issue, title: str, text: str, seen: str) -> tuple[str, str]:
    """The newer sentence, and below it what stood there; as it stands, where the form has touched neither."""
    if issue_mark(title, text) == seen:
        return issue.title, issue.text
    stands = issue.text if issue.title == title else f"{issue.title}\n{issue.text}".strip()
    return title, both(stands, text)


@transaction.atomic
def issue_take_back(*, session: CircleSession, owner: User) -> None:
    """Take the issue back: its words are deleted. Only before the session starts."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started."))
    Issue.objects.filter(session=session, owner=owner).delete()
    Participation.objects.filter(session=session, user=owner).update(presents=False)
    version_raise(session=session)
