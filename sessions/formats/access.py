"""Who may see and change a format: decided here only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from circles.access import must_be_open
from circles.models import Membership
from sessions.formats.library import definitions, rules
from sessions.models import Format, FormatVersion
from sessions.rules.format import FormatRule


@dataclass(frozen=True)
class FormatSeat:
    """A format as one person may use it. Those of the library belong to nobody and are everybody's to read."""

    user: User
    ref: str
    rule: FormatRule
    definition: Mapping[str, Any]
    version: FormatVersion | None = None
    membership: Membership | None = None

    @property
    def is_own(self) -> bool:
        """Whether the circle has written it itself; the library's are read from files."""
        return self.version is not None

    @property
    def may_change(self) -> bool:
        """Whether they run the circle: a format changes what everybody's next session is like."""
        return self.membership is not None and self.membership.runs


def get_format(user: User | AnonymousUser, ref: str) -> FormatSeat:
    """A format of the library by its key, or a circle's own by its code for a present member; else Http404."""
    person = cast(User, user)
    if ref in rules():
        return FormatSeat(person, ref, rules()[ref], definitions()[ref])
    try:
        code = UUID(ref)
    except ValueError as error:
        raise Http404 from error
    version = (
        FormatVersion.objects.filter(format__code=code, format__circle__isnull=False)
        .select_related("format__circle__vault")
        .order_by("-number")
        .first()
    )
    if version is None or version.format.circle is None:
        raise Http404
    membership = (
        Membership.objects.filter(
            circle=version.format.circle, user_id=user.pk or 0, left_at=None, user__is_active=True
        )
        .select_related("circle")
        .first()
    )
    if membership is None:
        raise Http404
    return FormatSeat(person, ref, version.rule, version.definition, version, membership)


def get_format_to_change(user: User | AnonymousUser, ref: str) -> tuple[FormatSeat, Format]:
    """As `get_format`, for a circle's own format that is in use and a facilitator of the circle."""
    seat = get_format(user, ref)
    if not seat.may_change or seat.version is None or seat.version.format.retired_at is not None:
        raise Http404
    if seat.version.format.circle:
        must_be_open(seat.version.format.circle)
    return seat, seat.version.format
