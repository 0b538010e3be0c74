"""What joins floors in one step: starting a circle with its agreement, its invitations and its first session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from agreements.enums import Start
from agreements.services import agreement_start
from circles.enums import Cadence
from circles.invitation_services import InvitationsSent, members_invite, slips_make
from circles.models import Circle, Invitation
from circles.services import CircleDetails, circle_start
from sessions.enums import Repeat
from sessions.models import CircleSession, JourneyVersion
from sessions.planning.journey_services import journey_take
from sessions.planning.series_services import SeriesDetails, series_schedule
from sessions.planning.services import SessionDetails, session_schedule
from sessions.rules.recurrence import Rhythm


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
    session = session_schedule(circle=circle, details=first, now=now)
    return Founded(circle, session, invited)


@dataclass(frozen=True)
class Together:
    """What people say who begin without anybody to lead them: a journey, its first date, how many of them there are."""

    circle: CircleDetails
    journey: JourneyVersion
    first: SessionDetails
    others: int


@transaction.atomic
def circle_found_together(*, details: Together, by: User, now: datetime) -> Circle:
    """A circle that runs itself from the first day, on a journey, with a date for each of its sessions and slips."""
    circle = circle_start(details=details.circle, by=by, now=now, self_run=True)
    agreement_start(circle=circle, now=now)
    first = details.first.local_start
    weeks = Cadence(details.circle.cadence).days // 7
    count = len(details.journey.rule.steps)
    rhythm = Rhythm(first.date(), (first.time(),), Repeat.WEEKS.value, weeks, count=count)
    series_schedule(circle=circle, details=SeriesDetails(details.first, rhythm), now=now)
    journey_take(circle=circle, version=details.journey, by=by, now=now)
    slips_make(circle=circle, number=details.others, by=by, now=now)
    return circle


def may_start_circle(user: User) -> bool:
    """The site's setting: anyone signed in, those who were invited to a circle, or staff."""
    if user.is_staff or settings.CIRCLE_CREATION == "anyone":
        return True
    invited = Invitation.objects.filter(claimed_by=user).exists()
    return settings.CIRCLE_CREATION == "invited" and invited
