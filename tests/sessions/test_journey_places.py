"""Sessions of a journey that come in another place than it has them, or not at all: every page says so."""

from typing import Any

from django.urls import reverse

from sessions.live.starting_services import session_start
from sessions.models import CircleSession
from sessions.planning.journey_services import leg_skip, leg_swap
from tests.factories import NOW, Cast, signed_in
from tests.sessions.test_journeys import dates, take
from tests.sessions.test_journeys_in_the_room import text_of


def test_what_was_swapped_or_left_out_is_said_on_every_page_that_shows_it(people: Cast, clock: Any) -> None:
    """On the journey's page, in the list of dates, on the date's own page, in its room, on the wall, and once held."""
    first, second = dates(people, 2)
    taken = take(people)
    client = signed_in(people.bob)
    themes = [leg.theme for leg in taken.legs.order_by("number")]
    leg_skip(leg=taken.legs.get(number=0), skip=True, now=NOW)
    leg_swap(leg=taken.legs.get(number=2), now=NOW)
    journey, listed = (
        text_of(client.get(reverse(name, args=[people.circle.code])))
        for name in ("sessions:circle_journey", "pages:circle_sessions")
    )
    assert f"{themes[2]} brought forward, was 3" in journey
    assert f"{themes[1]} moved back, was 2" in journey
    assert f"{themes[0]} left out" in journey
    said = f"2 of 6 of our journey · brought forward, was 3 · left out before it: {themes[0]}"
    moved = "3 of 6 of our journey · moved back, was 2"
    assert f"{themes[2]} · {said}" in listed
    assert f"{themes[1]} · {moved}" in listed
    clock.move_to(first.starts_at)
    client = signed_in(people.bob)
    for name in ("session", "live", "shared"):
        assert said in text_of(client.get(reverse(f"sessions:{name}", args=[first.code]))), name
    here = [people.alice.pk, people.bob.pk, people.carol.pk]
    session_start(session=first, here=here, presenting=here, expected_seq=0, by=people.alice, now=first.starts_at)
    for name in ("live", "shared"):
        assert said in text_of(client.get(reverse(f"sessions:{name}", args=[first.code]))), name
    CircleSession.objects.filter(pk=first.pk).update(status="ended", started_at=NOW, ended_at=NOW)
    for name, of in (("sessions:session", first.code), ("pages:circle_sessions", people.circle.code)):
        assert said in text_of(client.get(reverse(name, args=[of]))), name
    assert moved in text_of(client.get(reverse("sessions:session", args=[second.code])))
    # Put in its place again, and taken up again, nothing is said any more.
    leg_skip(leg=taken.legs.get(number=0), skip=False, now=NOW)
    assert "left out" not in text_of(client.get(reverse("pages:circle_sessions", args=[people.circle.code])))
