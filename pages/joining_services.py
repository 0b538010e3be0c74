"""Somebody comes into a circle: what is planned takes them in at once. Their welcome names their dates and roles."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from circles import invitation_services
from circles.models import Invitation
from sessions.planning.roles_services import roles_ahead


@transaction.atomic
def invitation_yes(*, invitation: Invitation, user: User, now: datetime, by_mail: bool) -> bool:
    """As `invitation_accept`; roles of what is planned are shared out with whoever is new."""
    inside = invitation_services.invitation_accept(invitation=invitation, user=user, now=now, by_mail=by_mail)
    if inside:
        roles_ahead(circle=invitation.circle, now=now)
    return inside


@transaction.atomic
def invitation_yes_as_new(*, invitation: Invitation, now: datetime, **person: Any) -> User:
    """As `invitation_accept_as_new`, with roles as above."""
    user = invitation_services.invitation_accept_as_new(invitation=invitation, now=now, **person)
    if not invitation.is_slip:
        roles_ahead(circle=invitation.circle, now=now)
    return user


@transaction.atomic
def slip_confirmed(*, invitation: Invitation, confirm: bool, by: User, now: datetime) -> bool:
    """As `slip_settle`, with roles as above."""
    inside = invitation_services.slip_settle(invitation=invitation, confirm=confirm, by=by, now=now)
    if inside:
        roles_ahead(circle=invitation.circle, now=now)
    return inside
