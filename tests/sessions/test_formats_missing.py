"""A journey that names formats which are not there: put away, another circle's, or too many for a file."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from circles.models import Circle
from sessions.enums import ShelfKind
from sessions.formats.library import definitions, version_of
from sessions.formats.services import format_copy, format_retire
from sessions.journeys.library import shipped_definitions
from sessions.journeys.selectors import for_who_came
from sessions.journeys.services import journey_make
from sessions.models import CircleSession, Format, Journey, JourneyVersion, ShelfItem
from sessions.shelf import services
from sessions.shelf.lendable import Lendable, read_shelf_file, shelf_file
from sessions.shelf.selectors import lendable_in
from tests.factories import NOW, Cast, make_circle, make_session, signed_in
from tests.sessions.test_journeys import take
from tests.sessions.test_shelf import HELPED, lent, olga

pytestmark = pytest.mark.django_db


def own_format(circle: Circle, name: str = "Our council") -> Format:
    return format_copy(circle=circle, definition=definitions()["council"], name=name, now=NOW)


def journey_of(circle: Circle, *formats: str, sessions: int = 1) -> Journey:
    """A circle's own journey, for three to six, whose sessions share these formats out."""
    whole = shipped_definitions()["first_six"]
    steps = [{**whole["sessions"][at], "formats": list(formats[at::sessions])} for at in range(sessions)]
    definition = {**whole, "key": "own", "people": {"least": 3, "most": 6}, "sessions": steps}
    return journey_make(circle=circle, definition=definition, now=NOW)


def to_lend(circle: Circle) -> Lendable | None:
    return next((one.thing for one in lendable_in(circle) if one.thing.kind == ShelfKind.JOURNEY), None)


def copy(journey: Journey, circle: Circle, by: User) -> str:
    client = signed_in(by)
    typed = {"circle": str(circle.code), "name": "Again"}
    answer = client.post(reverse("journeys:copy", args=[journey.ref]), typed, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def formats_of(circle: Circle) -> list[list[str]]:
    newest = JourneyVersion.objects.filter(journey__circle=circle).latest("pk")
    return [list(step.formats) for step in newest.rule.steps]


def test_a_copy_says_what_was_put_away_and_is_refused_where_nothing_is_left(people: Cast) -> None:
    own = own_format(people.circle)
    two, one = journey_of(people.circle, own.ref, "council"), journey_of(people.circle, own.ref)
    format_retire(format=own, now=NOW)
    shown = signed_in(people.alice).get(reverse("journeys:journey", args=[two.ref])).content.decode()
    assert shown.count("A format it names is archived; the next one that fits takes its place.") == 1
    page = copy(two, people.circle, people.alice)
    assert "This copy is your circle’s." in page
    assert "“Our council” is archived and was left out (session 1)." in page
    assert formats_of(people.circle) == [["council"]]
    before = Journey.objects.count()
    page = copy(one, people.circle, people.alice)
    assert "It needs formats that your circle does not have." in page
    assert "was left out" not in page
    assert Journey.objects.count() == before


def test_a_copy_for_another_circle_takes_the_formats_of_the_first_along_and_says_so(people: Cast) -> None:
    own, gone = own_format(people.circle), own_format(people.circle, "Our other council")
    other = make_circle(people.alice, name="Birch circle")
    journey = journey_of(people.circle, own.ref, "council", own.ref, gone.ref, sessions=2)
    format_retire(format=gone, now=NOW)
    page = copy(journey, other, people.alice)
    assert "“Our council” came along (session 1)." in page
    assert "“Our other council” is archived and was left out (session 2)." in page
    theirs = Format.objects.get(circle=other)
    assert theirs.ref != own.ref
    assert formats_of(other) == [[theirs.ref, theirs.ref], ["council"]]


def test_a_copy_that_takes_too_many_formats_along_leaves_nothing_half_made(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.formats.services.OWN_AT_MOST", 2)
    first, second = own_format(people.circle), own_format(people.circle, "Our other council")
    other = make_circle(people.alice, name="Birch circle")
    own_format(other, "Theirs")
    page = copy(journey_of(people.circle, first.ref, second.ref), other, people.alice)
    assert "A circle can keep 2 formats of its own." in page
    assert Format.objects.filter(circle=other).count() == 1
    assert not Journey.objects.filter(circle=other).exists()


def test_whoever_asks_to_lend_is_told_what_a_journey_goes_without(people: Cast) -> None:
    gone, own = own_format(people.circle), own_format(people.circle, "Our other council")
    journey = journey_of(people.circle, gone.ref, own.ref)
    format_retire(format=gone, now=NOW)
    typed = {"what": f"journey-{journey.ref}", "helped": HELPED}
    asked = signed_in(people.bob).post(reverse("shelf:lend", args=[people.circle.code]), typed, follow=True)
    assert "“Our council” is archived and was left out (session 1)." in asked.content.decode()


def test_a_journey_that_is_lent_tells_no_code_of_a_format_that_was_put_away(people: Cast) -> None:
    gone, own = own_format(people.circle), own_format(people.circle, "Our other council")
    journey_of(people.circle, gone.ref, own.ref)
    format_retire(format=gone, now=NOW)
    thing = to_lend(people.circle)
    assert thing
    assert [step["formats"] for step in thing.definition["sessions"]] == [["own_1"]]
    item = lent(people.circle, people.bob, thing)
    other, text = olga(), shelf_file(thing, HELPED)
    assert gone.ref not in text
    assert read_shelf_file(text).thing == thing
    typed = {"circle": str(other.code), "name": "Theirs"}
    taken = signed_in(User.objects.get(name="Olga Other")).post(
        reverse("shelf:take", args=[item.code]), typed, follow=True
    )
    assert "This copy is your circle’s." in taken.content.decode()
    assert "“Our other council” came along (session 1)." in taken.content.decode()


def test_a_journey_with_a_session_in_no_format_is_not_lent(people: Cast) -> None:
    own = own_format(people.circle)
    journey_of(people.circle, own.ref)
    assert to_lend(people.circle)
    format_retire(format=own, now=NOW)
    assert to_lend(people.circle) is None


def test_what_stands_on_the_shelf_from_before_and_cannot_be_held_is_refused_calmly(people: Cast) -> None:
    """Earlier versions lent a journey as it was, with the code of a format that was put away."""
    own = own_format(people.circle)
    journey_of(people.circle, own.ref, "council")
    item = lent(people.circle, people.bob, to_lend(people.circle))
    steps = [{**step, "formats": [own.ref]} for step in item.definition["sessions"]]
    ShelfItem.objects.update(definition={**item.definition, "sessions": steps})
    other = olga()
    typed = {"circle": str(other.code), "name": "Theirs"}
    taken = signed_in(User.objects.get(name="Olga Other")).post(
        reverse("shelf:take", args=[item.code]), typed, follow=True
    )
    assert taken.status_code == 200
    assert "It needs formats that your circle does not have." in taken.content.decode()
    assert not Journey.objects.filter(circle=other).exists()
    assert not Format.objects.filter(circle=other).exists()


@pytest.mark.parametrize(("number", "said"), [(12, ""), (13, "It brings more than 12 formats of its own along.")])
def test_what_no_site_could_read_is_refused_when_the_circle_is_asked(people: Cast, number: int, said: str) -> None:
    owns = [own_format(people.circle, f"Our {at}").ref for at in range(number)]
    journey_of(people.circle, *owns, sessions=6)
    thing = to_lend(people.circle)
    assert thing
    if not said:
        item = services.shelf_ask(circle=people.circle, thing=thing, helped=HELPED, by=people.bob, now=NOW)
        assert read_shelf_file(shelf_file(thing, HELPED)).thing.formats == item.formats
        return
    with pytest.raises(Refused, match=said):
        services.shelf_ask(circle=people.circle, thing=thing, helped=HELPED, by=people.bob, now=NOW)
    assert not ShelfItem.objects.exists()


def test_a_format_that_somebody_chose_for_a_date_stays_whatever_it_needs(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice, in_=timedelta(days=2))
    take(people)
    CircleSession.objects.update(format_version=version_of("closing_session"), minutes=90)
    session = CircleSession.objects.select_related("leg", "format_version__format").get(pk=session.pk)
    version, _how = for_who_came(session, 5)
    assert version.format.ref == "closing_session"
