"""Who may say of somebody that they have left the organisation, and who reads what others say between sessions."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists
from django.http import Http404

from accounts.models import User
from agreements.selectors import versions_to_sign
from circles.access import Seat
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, ProgrammeAdmin
from sessions.enums import SessionStatus
from sessions.models import CircleSession


def get_person(user: User | AnonymousUser, code: UUID) -> User:
    """The person, for whoever answers for the organisation: staff, and administrators of a programme they are in.

    Looking after a circle is no such thing: anybody can invite anybody into a circle of their own.
    """
    person = User.objects.filter(code=code, erased_at=None).first()
    if person is None or not isinstance(user, User) or not (user.is_staff or _answers_for(user, person)):
        raise Http404
    return person


def _answers_for(user: User, person: User) -> bool:
    """Whether they administer a programme that runs, and that the person takes part in by their own yes."""
    led = ProgrammeAdmin.objects.filter(user=user, programme__ended_at=None).values("programme")
    enrolled = Enrolment.objects.filter(programme__in=led, user=person).exclude(status=EnrolmentStatus.WITHDRAWN)
    return enrolled.exists()


def must_sign(seat: Seat) -> bool:
    """Whether somebody has yet to sign before they read words of others; until a first session was held nobody has."""
    held = CircleSession.objects.filter(circle=seat.circle, status=SessionStatus.ENDED)
    return versions_to_sign(seat.user).filter(Exists(held), agreement__circle=seat.circle).exists()


def reads_between_sessions(seat: Seat) -> bool:
    """Whether words of others are somebody's to read between sessions: of a member with a seat, who has signed.

    A facilitator from outside reads them only while a session they attend is running.
    """
    return seat.membership.takes_part and not must_sign(seat)
