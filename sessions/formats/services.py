"""The writes of formats: copying one for a circle, changing it step by step, saving versions, files, cards read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.models import Circle
from circles.services import circle_lock
from sessions.formats.library import digest_of
from sessions.formats.selectors import OWN_AT_MOST
from sessions.formats.words import language
from sessions.models import VERSIONS_AT_MOST, CardRead, Format, FormatVersion
from sessions.rules.editing import about_changed
from sessions.rules.reading import read_format


@transaction.atomic
def format_copy(*, circle: Circle, definition: Mapping[str, Any], name: str, now: datetime) -> Format:
    """A circle's own format, beginning as a copy of a definition under another name."""
    # The key of the library would make the copy another version of what it was copied from.
    own = about_changed(dict(definition), {"key": "own", "texts": {"name": {language(): name}}})
    return format_make(circle=circle, definition=own, now=now)


@transaction.atomic
def format_make(*, circle: Circle, definition: Mapping[str, Any], now: datetime) -> Format:
    """A circle's own format with its first version. FormatError when the definition is wrong; Refused at forty."""
    read_format(definition)
    # Before counting: two who copy at once would both find room for one.
    circle_lock(circle)
    if Format.objects.filter(circle=circle, retired_at=None).count() >= OWN_AT_MOST:
        raise Refused(_("A circle can keep %s formats of its own. Put one away first.") % OWN_AT_MOST)
    made = Format.objects.create(circle=circle)
    FormatVersion.objects.create(
        format=made, number=1, digest=digest_of(definition), definition=definition, made_at=now
    )
    return made


def draft_change(*, format: Format, definition: Mapping[str, Any] | None, seen: int) -> None:
    """Keep a step of changing a format, made on a page that had seen step `seen`. None drops the draft.

    Refused when somebody else has taken a step since; nothing is changed then.
    """
    changed = Format.objects.filter(pk=format.pk, draft_seq=seen).update(draft=definition, draft_seq=F("draft_seq") + 1)
    if not changed:
        raise Refused(_("Somebody else has just changed this format. This is how it is now."))


@transaction.atomic
def draft_save(*, format: Format, seen: int, now: datetime) -> FormatVersion:
    """Make the draft the newest version. FormatError when it cannot be planned; sessions keep the version they have.

    Refused when somebody else has taken a step since, and after a thousand versions.
    """
    newest = format.versions.order_by("-number").first()
    definition = format.draft
    if definition is None or newest is None:
        raise Refused(_("There is nothing to save: nothing was changed."))
    read_format(definition)
    draft_change(format=format, definition=None, seen=seen)
    digest = digest_of(definition)
    # Changed there and back: a version that differs in nothing would only make people look for what does.
    if digest == newest.digest:
        return newest
    # Of all versions and not of the newest: numbers are what people say to each other, and none comes twice.
    number = (format.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1
    if number > VERSIONS_AT_MOST:
        raise Refused(_("This format was changed %s times. Copy it, and change the copy.") % VERSIONS_AT_MOST)
    return FormatVersion.objects.create(format=format, number=number, digest=digest, definition=definition, made_at=now)


def format_retire(*, format: Format, now: datetime) -> None:
    """Put a format away: it is offered no more. Sessions planned with it keep it."""
    Format.objects.filter(pk=format.pk, retired_at=None).update(retired_at=now)


def card_mark(*, user: User, key: str) -> None:
    """Remember that somebody has read a card."""
    CardRead.objects.get_or_create(user=user, card_key=key)
