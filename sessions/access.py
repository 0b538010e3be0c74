"""Who may see a session and its words, decided here only."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.http import Http404

from accounts.models import User
from circles.access import Seat
from circles.models import Membership
from sessions.models import CircleSession


@dataclass(frozen=True)
class SessionSeat(Seat):
    """A person's place in the circle of one session."""

    session: CircleSession

    @property
    def reads_words(self) -> bool:
        """Words of a session are for those who belonged to the circle that day.

        A facilitator from outside reads them only while the session runs.
        """
        if not self.membership.takes_part:
            return self.session.is_running
        if not self.session.is_over:
            return True
        return self.session.ended_at is not None and self.membership.joined_at <= self.session.ended_at


def get_session(user: User | AnonymousUser, code: UUID) -> SessionSeat:
    """The session for a present member of its circle; Http404 for everybody else."""
    session = (
        CircleSession.objects.filter(
            code=code, circle__memberships__user_id=user.pk or 0, circle__memberships__left_at=None
        )
        .select_related("circle__vault", "format_version__format")
        .annotate(
            member_pk=F("circle__memberships__pk"),
            member_code=F("circle__memberships__code"),
            member_facilitates=F("circle__memberships__facilitates"),
            member_takes_part=F("circle__memberships__takes_part"),
            member_joined_at=F("circle__memberships__joined_at"),
        )
        .first()
    )
    if session is None or not isinstance(user, User) or not user.is_active:
        raise Http404
    membership = Membership(
        pk=session.member_pk,
        code=session.member_code,
        circle=session.circle,
        user=user,
        facilitates=session.member_facilitates,
        takes_part=session.member_takes_part,
        joined_at=session.member_joined_at,
    )
    return SessionSeat(session.circle, user, membership, session)


def get_session_to_run(user: User | AnonymousUser, code: UUID) -> SessionSeat:
    """As `get_session`, for a facilitator of the circle only."""
    seat = get_session(user, code)
    if not seat.facilitates:
        raise Http404
    return seat
