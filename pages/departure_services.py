"""Somebody has left the organisation: their mailbox may have a new reader, so that everything stops at once.

Nobody signs in as them, by password, code or passkey; open sessions, streams and calendar addresses end; nothing more
is mailed to them. They are in no circle and no programme any more. Their words stay for as long as a circle keeps its
own. Who may say so answers for the organisation (`access.get_person`); in a circle, people only end a membership there.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import account_close, account_open, person_lock
from circles.membership_services import circles_back, circles_left
from circles.models import Circle
from circles.services import circles_lock
from notifications.services import About, messages_end, messages_put, messages_revive
from pages.ending_services import empty_circles_shut
from programmes.lock_services import programmes_lock
from programmes.models import ProgrammeAdmin
from programmes.services import programmes_left
from sessions.guests.services import guest_ends
from sessions.planning.busy_services import busy_calendar_remove
from sessions.planning.roles_services import roles_give_up
from sessions.replies.services import answers_end

OPEN_AGAIN = "account_open_again"


@transaction.atomic
def person_has_left(*, user: User, by: User, now: datetime) -> None:
    """Close somebody's account because they left; repeating it changes nothing.

    Refused about oneself; about those who look after the site unless a superuser says so; and about those who look
    after a programme unless somebody of the site does: nobody takes a programme over by closing another's account.
    """
    if user == by:
        raise Refused(_("To go yourself, delete your account or move it to a private address."))
    if (user.is_staff or user.is_superuser) and not by.is_superuser:
        raise Refused(_("They look after this site. Ask somebody else who does."))
    if not by.is_staff and ProgrammeAdmin.objects.filter(user=user).exists():
        raise Refused(_("They look after a programme. Ask whoever looks after this site."))
    programmes_lock(user)
    person_lock(user)
    circles_lock(Circle.objects.filter(pk__in=user.memberships.filter(left_at=None).values("circle")))
    # Said by two people at once: the second finds it done.
    if not account_close(user=user, now=now):
        return
    answers_end(user=user)
    busy_calendar_remove(user=user)
    guest_ends(user=user, now=now)
    circles_left(user=user, by=by, now=now)
    empty_circles_shut(user=user, now=now)
    roles_give_up(user=user, now=now)
    programmes_left(user=user, now=now)
    # At the end: what the steps above told them of is not for this mailbox any more.
    messages_end(user=user)


@transaction.atomic
def person_is_here(*, user: User, by: User, now: datetime) -> list[Circle]:
    """It was a mistake: they sign in as before, and for seven days their seats in circles come back, told to all there.

    Sign-ins, calendar address, roles, places in programmes and invitations that ended stay ended. In which circles
    they are again; nothing happens to somebody who is here.
    """
    if not account_open(user=user):
        return []
    back = circles_back(user=user, by=by, now=now)
    messages_revive(user=user, now=now)
    messages_put(
        kind=OPEN_AGAIN, about=About("person", user.code, int(now.timestamp() // 60)), to=[user], due_at=now, now=now
    )
    return back
