"""However often a format or a journey was changed: no other is hidden by it, and only what is offered is read."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db.models.signals import post_init

from accounts.refusals import Refused
from circles.models import Circle
from sessions.formats.library import definitions
from sessions.formats.selectors import own_formats
from sessions.formats.services import draft_change, draft_save, format_copy
from sessions.journeys.library import shipped_definitions
from sessions.journeys.selectors import own_journeys
from sessions.journeys.services import journey_change, journey_copy
from sessions.models import VERSIONS_AT_MOST, FormatVersion, JourneyVersion
from tests.factories import NOW, Cast

pytestmark = pytest.mark.django_db

OFTEN = 600
KINDS: list[tuple[Any, str, Any, Any, Callable[[Sequence[Circle]], list[Any]]]] = [
    (FormatVersion, "format", definitions, format_copy, own_formats),
    (JourneyVersion, "journey", shipped_definitions, journey_copy, own_journeys),
]


@pytest.mark.parametrize(("model", "of", "known", "copy", "own"), KINDS)
def test_what_was_changed_often_hides_no_other(
    model: Any, of: str, known: Any, copy: Any, own: Any, people: Cast
) -> None:
    definition = next(iter(known().values()))
    often, once = (copy(circle=people.circle, definition=definition, name=name, now=NOW) for name in ("Often", "Once"))
    first = model.objects.get(**{of: often})
    model.objects.bulk_create(
        model(**{of: often}, number=number, digest=str(number), definition=first.definition, made_at=NOW)
        for number in range(2, OFTEN)
    )
    read: list[object] = []

    def look(sender: Any, **more: Any) -> None:
        read.append(sender)

    post_init.connect(look, sender=model)
    try:
        found = own([people.circle])
    finally:
        post_init.disconnect(look, sender=model)
    assert [(getattr(one, of), one.number) for one in found] == [(often, OFTEN - 1), (once, 1)]
    assert len(read) == 2


def save(of: str, made: Any) -> None:
    if of == "journey":
        journey_change(journey=made, definition=shipped_definitions()["intervision"], seen=VERSIONS_AT_MOST, now=NOW)
    else:
        draft_change(format=made, definition=definitions()["forum"], seen=0)
        made.refresh_from_db()
        draft_save(format=made, seen=1, now=NOW)


@pytest.mark.parametrize(("model", "of", "known", "copy", "own"), KINDS)
def test_a_thousand_versions_are_enough(model: Any, of: str, known: Any, copy: Any, own: Any, people: Cast) -> None:
    """A number that no column holds would be a fault of the server."""
    made = copy(circle=people.circle, definition=next(iter(known().values())), name="Often", now=NOW)
    model.objects.filter(**{of: made}).update(number=VERSIONS_AT_MOST)
    with pytest.raises(Refused, match="1000 times"):
        save(of, made)
    assert model.objects.filter(**{of: made}).count() == 1
