"""The journeys that are shipped: one readable file each in `shipped/`; its database row is made at first use."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from sessions.formats import library as formats
from sessions.formats.cards import cards
from sessions.formats.files import read_definition
from sessions.formats.library import digest_of
from sessions.models import Journey, JourneyVersion
from sessions.rules.format import FormatRule
from sessions.rules.journey import JourneyRule
from sessions.rules.journey_reading import read_journey

# For people who begin: it asks for nothing that they would have to know.
FIRST_JOURNEY = "first_six"
SHIPPED = Path(__file__).parent / "shipped"


def read_journey_file(text: str, known: Mapping[str, FormatRule]) -> dict[str, Any]:
    """The definition in a file, of which every format is among `known`. FileError says why not, with the lines."""

    def whole(value: dict[str, Any]) -> dict[str, Any]:
        read_journey(value, formats=known, cards=cards())
        return value

    return read_definition(text, whole)


@cache
def shipped_definitions() -> dict[str, dict[str, Any]]:
    """The files' definitions by key, in the order of their names; each is checked when it is first read."""
    read = [read_journey_file(path.read_text(), formats.rules()) for path in sorted(SHIPPED.glob("*.yaml"))]
    return {definition["key"]: definition for definition in read}


@cache
def shipped_journeys() -> dict[str, JourneyRule]:
    """What the files say, by key."""
    return {key: read_journey(definition) for key, definition in shipped_definitions().items()}


def journey_version_of(key: str) -> JourneyVersion:
    """The row of a shipped journey as the file has it now; an older text stays as its own version."""
    definition = shipped_definitions()[key]
    digest = digest_of(definition)
    found = JourneyVersion.objects.filter(journey__library_key=key, digest=digest).select_related("journey").first()
    return found or _make(key, digest, definition)


def _make(key: str, digest: str, definition: dict[str, Any]) -> JourneyVersion:
    journey, _made = Journey.objects.get_or_create(library_key=key)
    newest = journey.versions.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            return JourneyVersion.objects.create(
                journey=journey, number=newest + 1, digest=digest, definition=definition
            )
    except IntegrityError:  # another process was first
        return JourneyVersion.objects.select_related("journey").get(journey=journey, digest=digest)
