"""The writes of journeys: a circle's own, begun as a copy or from a file, changed version by version, put away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from accounts.services import row_lock
from circles.models import Circle
from circles.services import circle_lock
from sessions.formats.cards import cards
from sessions.formats.library import digest_of
from sessions.formats.services import format_make
from sessions.formats.words import language
from sessions.journeys.selectors import JOURNEYS_AT_MOST, formats_known
from sessions.models import VERSIONS_AT_MOST, Journey, JourneyVersion
from sessions.rules.definitions import FormatError
from sessions.rules.journey import lacking, passing_over, renamed
from sessions.rules.journey_reading import read_journey


@transaction.atomic
def journey_copy(
    *,
    circle: Circle,
    definition: Mapping[str, Any],
    name: str,
    now: datetime,
    brought: Mapping[str, Mapping[str, Any]] | None = None,
) -> Journey:
    """A circle's own journey, beginning as a copy of a definition under another name.

    Of `brought`, definitions by the keys it has for them, the circle gets those that it names and the circle does not
    have. What is there in neither way is passed over (`formats_said` says it); Refused where what is left does not do
    for everybody whom the journey is for.
    """
    circle_lock(circle)
    missing = lacking(definition, formats_known(circle))
    coming = {key: one for key, one in (brought or {}).items() if key in missing}
    made = {key: format_make(circle=circle, definition={**one, "key": "own"}, now=now) for key, one in coming.items()}
    texts = {**definition["texts"], "name": {**definition["texts"]["name"], language(): name}}
    own = renamed({**definition, "key": "own", "texts": texts}, {key: one.ref for key, one in made.items()})
    try:
        return journey_make(circle=circle, definition=passing_over(own, formats_known(circle)), now=now)
    except FormatError as error:
        raise Refused(
            _("It needs formats that your circle does not have. Give its sessions others first, or copy another.")
        ) from error


@transaction.atomic
def journey_make(*, circle: Circle, definition: Mapping[str, Any], now: datetime) -> Journey:
    """A circle's own journey with its first version. FormatError when it cannot be held there; Refused at twenty."""
    # Before counting: two who copy at once would both find room for one.
    circle_lock(circle)
    read_journey(definition, formats=formats_known(circle), cards=cards())
    if Journey.objects.filter(circle=circle, retired_at=None).count() >= JOURNEYS_AT_MOST:
        raise Refused(_("A circle can keep %s journeys of its own. Put one away first.") % JOURNEYS_AT_MOST)
    made = Journey.objects.create(circle=circle)
    JourneyVersion.objects.create(
        journey=made, number=1, digest=digest_of(definition), definition=definition, made_at=now
    )
    return made


@transaction.atomic
def journey_change(*, journey: Journey, definition: Mapping[str, Any], seen: int, now: datetime) -> JourneyVersion:
    """Make this the newest version of a circle's own journey; sessions of circles on it keep the version they have.

    `seen` is the number of the version that the person had before them; Refused when there is a newer one, and after a
    thousand of them.
    """
    row_lock(journey)
    newest = journey.versions.order_by("-number").first()
    if newest is None or newest.number != seen:
        raise Refused(_("Somebody else has just changed this journey. Open it again to see how it is now."))
    digest = digest_of(definition)
    # Saved as it was: a version that differs in nothing would only make people look for what does.
    if digest == newest.digest:
        return newest
    number = (journey.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1
    if number > VERSIONS_AT_MOST:
        raise Refused(_("This journey was changed %s times. Copy it, and change the copy.") % VERSIONS_AT_MOST)
    return JourneyVersion.objects.create(
        journey=journey, number=number, digest=digest, definition=definition, made_at=now
    )


def journey_retire(*, journey: Journey, now: datetime) -> None:
    """Put a journey away: it is offered no more. A circle that is on it goes on."""
    Journey.objects.filter(pk=journey.pk, retired_at=None).update(retired_at=now)
