"""Who may say of somebody that they have left the organisation, decided here only."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from circles.models import Membership
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, ProgrammeAdmin, RoundCircle


def get_person(user: User | AnonymousUser, code: UUID) -> User:
    """The person, for whoever looks after a circle or a programme they are in, and for staff; else Http404."""
    person = User.objects.filter(code=code, erased_at=None).first()
    if person is None or not isinstance(user, User) or not (user.is_staff or _looks_after(user, person)):
        raise Http404
    return person


def _looks_after(user: User, person: User) -> bool:
    circles = Membership.objects.filter(user=person, left_at=None).values("circle")
    together = Membership.objects.filter(user=user, left_at=None, circle__in=circles)
    if any(member.runs for member in together.select_related("circle")):
        return True
    led = ProgrammeAdmin.objects.filter(user=user).values("programme")
    enrolled = Enrolment.objects.filter(programme__in=led, user=person).exclude(status=EnrolmentStatus.WITHDRAWN)
    made = RoundCircle.objects.filter(round__programme__in=led).values("circle")
    return (
        enrolled.exists()
        or ProgrammeAdmin.objects.filter(programme__in=led, user=person).exists()
        or circles.filter(circle__in=made).exists()
    )
