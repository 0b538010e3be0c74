"""Who may say of somebody that they have left the organisation, decided here only."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, ProgrammeAdmin


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
