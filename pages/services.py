"""What joins floors in one step: starting a circle with its agreement, its invitations and its first session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from agreements.enums import Start
from agreements.services import agreement_start
from circles.covenant_services import circle_mark_closed
from circles.models import Circle, Invitation
from circles.services import CircleWish, Invited, circle_start, members_invite
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.poll_services import poll_close
from sessions.planning.services import SessionWish, session_cancel, session_schedule


@dataclass(frozen=True)
class Founded:
    """A new circle and what came of its first step."""

    circle: Circle
    session: CircleSession
    invited: Invited


@transaction.atomic
def circle_found(
    *,
    wish: CircleWish,
    emails: tuple[str, ...],
    names: Mapping[str, str] | None = None,
    first: SessionWish,
    by: User,
    now: datetime,
    start: str = Start.CIRCLE,
) -> Founded:
    """Everything that starting a circle means, or nothing of it. `start` says which agreement it starts from."""
    circle = circle_start(wish=wish, by=by, now=now)
    agreement_start(circle=circle, now=now, start=start)
    invited = members_invite(circle=circle, emails=emails, names=names, by=by, now=now)
    session = session_schedule(circle=circle, wish=first, by=by, now=now)
    return Founded(circle, session, invited)


@transaction.atomic
def circle_close(*, circle: Circle, by: User, now: datetime) -> None:
    """Close a circle for good: what is still planned is cancelled without a mail, and nothing more goes out.

    Its members can read everything for another ninety days, then what was said is deleted. Refused while a session
    runs.
    """
    if CircleSession.objects.filter(circle=circle, status=SessionStatus.RUNNING).exists():
        raise Refused(_("A session is running. End it first, then close the circle."))
    if not circle_mark_closed(circle=circle, by=by, now=now):
        return
    poll_close(circle=circle, now=now)
    for session in CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED).select_related("circle"):
        session_cancel(session=session, by=by, now=now, telling=False)


def may_start_circle(user: User) -> bool:
    """The site's setting: anyone signed in, those who were invited to a circle, or staff."""
    if user.is_staff or settings.CIRCLE_CREATION == "anyone":
        return True
    invited = Invitation.objects.filter(claimed_by=user).exists()
    return settings.CIRCLE_CREATION == "invited" and invited
