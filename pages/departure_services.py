"""Somebody has left the organisation: their mailbox may have a new reader, so that everything stops at once.

Nobody signs in as them, by password, code or passkey; open sessions, streams and calendar addresses end; nothing more
is mailed to them. They are in no circle and no programme any more. Their words stay for as long as a circle keeps its
own.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused, account_close, account_open
from circles.services import circles_left
from notifications.services import messages_end
from programmes.services import programmes_left
from sessions.guests.services import guest_ends
from sessions.planning.roles_services import roles_give_up


@transaction.atomic
def person_has_left(*, user: User, by: User, now: datetime) -> None:
    """Close somebody's account because they left; repeating it changes nothing.

    Refused about oneself, and about those who look after the site unless one of them says so.
    """
    if user == by:
        raise Refused(_("To go yourself, delete your account or move it to a private address."))
    if (user.is_staff or user.is_superuser) and not by.is_superuser:
        raise Refused(_("They look after this site. Ask somebody else who does."))
    if not account_close(user=user, now=now):
        return
    guest_ends(user=user, now=now)
    circles_left(user=user, by=by, now=now)
    roles_give_up(user=user, now=now)
    programmes_left(user=user, now=now)
    messages_end(user=user)


def person_is_here(*, user: User) -> None:
    """It was a mistake: they sign in as before. Circles and programmes invite them afresh."""
    account_open(user=user)
