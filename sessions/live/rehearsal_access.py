"""Whose a rehearsal is: decided here only."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from sessions.models import Rehearsal


def get_rehearsal(user: User | AnonymousUser, code: UUID) -> Rehearsal:
    """A rehearsal for the one person whose it is; Http404 for everybody else."""
    found = (
        Rehearsal.objects.filter(code=code, owner_id=user.pk or 0, owner__is_active=True)
        .select_related("format_version__format", "owner")
        .first()
    )
    if found is None:
        raise Http404
    return found
