"""The locks that everything about the people and the circles of a programme is decided under."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import row_lock
from programmes.models import Programme, Round


def programme_lock(programme: Programme) -> None:
    """Who is in a programme, who looks after it and what stands on its board changes one change after another.

    Taken before any person's or circle's: see `row_lock`.
    """
    row_lock(programme)


def programmes_lock(user: User) -> None:
    """As `programme_lock`, for all that a person who goes is in, looks after, or is to look after a circle of."""
    part = Q(admins__user=user) | Q(enrolments__user=user) | Q(rounds__drafts__facilitator=user)
    mine = Programme.objects.filter(part).values("pk")
    list(Programme.objects.select_for_update(no_key=True).filter(pk__in=mine).order_by("pk"))


def board_lock(round_: Round) -> None:
    """As `programme_lock`, for a board that is still open. Refused once its circles were made, or it was dropped."""
    programme_lock(round_.programme)
    row_lock(round_)
    if round_.published_at:
        raise Refused(_("These circles have been made already: each person has their invitation."))
