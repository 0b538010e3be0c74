"""What joins floors in one step: starting a circle with its agreement, its invitations and its first session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from agreements.enums import Start
from agreements.services import agreement_start
from circles.invitation_services import InvitationsSent, members_invite
from circles.models import Circle, Invitation
from circles.services import CircleDetails, circle_start
from sessions.models import CircleSession
from sessions.planning.services import SessionDetails, session_schedule


@dataclass(frozen=True)
class Founded:
    """A new circle and what came of its first step."""

    circle: Circle
    session: CircleSession
    invited: InvitationsSent


@transaction.atomic
def circle_found(
    *,
    details: CircleDetails,
    emails: tuple[str, ...],
    names: Mapping[str, str] | None = None,
    first: SessionDetails,
    by: User,
    now: datetime,
    start: str = Start.CIRCLE,
) -> Founded:
    """Everything that starting a circle means, or nothing of it. `start` says which agreement it starts from."""
    circle = circle_start(details=details, by=by, now=now)
    agreement_start(circle=circle, now=now, start=start)
    invited = members_invite(circle=circle, emails=emails, names=names, by=by, now=now)
    session = session_schedule(circle=circle, details=first, by=by, now=now)
    return Founded(circle, session, invited)


def may_start_circle(user: User) -> bool:
    """The site's setting: anyone signed in, those who were invited to a circle, or staff."""
    if user.is_staff or settings.CIRCLE_CREATION == "anyone":
        return True
    invited = Invitation.objects.filter(claimed_by=user).exists()
    return settings.CIRCLE_CREATION == "invited" and invited
