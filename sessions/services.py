"""Writes about a session that every wing makes: its lock, the count of what screens show, somebody's row in it."""

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.clean import whole_number
from accounts.services import row_lock
from circles.models import Membership
from circles.services import circle_lock
from sessions.enums import ParticipantKind
from sessions.models import CircleSession, Participation


def participation_of(*, session: CircleSession, user: User) -> Participation:
    """The person's row for this session, made at their first word about it."""
    row, _made = Participation.objects.get_or_create(
        session=session, user=user, defaults={"kind": _kind_of(session, user)}
    )
    return row


def _kind_of(session: CircleSession, user: User) -> ParticipantKind:
    member = Membership.objects.filter(circle=session.circle_id, user=user, left_at=None).first()
    if member is None:
        return ParticipantKind.GUEST
    return ParticipantKind.MEMBER if member.takes_part else ParticipantKind.FACILITATOR


def session_lock(session: CircleSession) -> None:
    """What is planned in a circle, and who takes which part in it, changes one change after another: see `row_lock`.

    The session's own row is held too, which every press in its room writes.
    """
    circle_lock(session.circle)
    row_lock(session)


class OtherDate(Refused):
    """The date somebody answers about is not the session's any more: it was changed since their page was drawn."""


# Seconds since 1970, as far as a session can lie ahead.
FURTHEST = 10**11


def must_be_dated(session: CircleSession, dated: str) -> None:
    """Refuse what is said of a date that was another when it was asked for. `dated` is what the form shows of it, in
    seconds since 1970; a form that says nothing of it is as good as one of now. Asked under the session's lock.
    """
    asked = whole_number(dated, most=FURTHEST)
    if asked is not None and asked != int(session.starts_at.timestamp()):
        raise OtherDate(_("The date was changed meanwhile. Look at the new one, and say once more whether you come."))


def version_raise(*, session: CircleSession) -> None:
    """Every open page of this session looks again."""
    CircleSession.objects.filter(pk=session.pk).update(version=F("version") + 1)
