"""The bar of places: on every page of a circle and of a programme, each place of it one press away."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pages.rules.places import CIRCLE, PROGRAMME, TOP, place_of, top_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.rules.door import NEAR
from tests.config.access import RULES
from tests.factories import NOW, Cast, make_programme, make_session, make_user, signed_in

# Pages about a circle or a session with a frame of their own, or with none: the live room, what a guest sees, files.
WITHOUT_A_BAR = {
    "sessions:live", "sessions:live_room", "sessions:shared", "sessions:shared_room", "sessions:session_calendar",
    "agreements:appointment_calendar", "pages:own_words",
    # A format belongs to the library, also one that a circle made.
    "formats:detail", "formats:file", "formats:edit", "formats:rehearsal", "formats:rehearsal_room",
}  # fmt: skip
INSIDE = {"member", "facilitator", "attending", "owner", "pair", "partner"}


def tabs(page: str) -> dict[str, tuple[str, str]]:
    """The links of the bar: by their words, where they lead and what `aria-current` says."""
    bar = page.split('<nav class="tabs', 1)[1].split("</nav>")[0]
    bar = re.sub(r"</?span[^>]*>", "", bar)  # words for screen readers alone
    found = re.findall(r'<a\s+href="([^"]+)"\s*(?:aria-current="(\w+)")?\s*>\s*([^<]+?)\s*</a>', bar)
    return {words: (path, current) for path, current, words in found}


def test_every_page_of_a_circle_has_its_place() -> None:
    for name, (methods, rule) in RULES.items():
        room = name.split(":")[0]
        if "GET" in methods and rule in INSIDE and room in ("pages", "circles", "agreements", "sessions"):
            assert bool(place_of(name, CIRCLE)) != (name in WITHOUT_A_BAR), name
        if (
            "GET" in methods
            and rule == "leads"
            and name
            not in (
                "programmes:export",
                "programmes:people_export",
                "programmes:move_cost",
            )
        ):
            assert place_of(name, PROGRAMME), name
    listed = [name for place in (*CIRCLE, *PROGRAMME, *TOP) for name in (place.page, *place.below)]
    known = set(RULES)
    assert set(listed) <= known, set(listed) - known


def test_the_top_bar_knows_to_which_place_a_page_belongs() -> None:
    found = {name: top_of(name) for name in ("pages:today", "sessions:session", "agreements:commitment", "pages:help")}
    assert found == {
        "pages:today": "today",
        "sessions:session": "circles",
        "agreements:commitment": "commitments",
        "pages:help": "",
    }
    assert top_of("formats:edit") == "formats"
    assert top_of("programmes:forming") == "programmes"
    assert {place_of(page, CIRCLE) for page in ("circles:coming_plan", "pages:mirror")} == {"more"}


@pytest.mark.django_db
def test_each_place_of_a_circle_is_one_press_away_from_each_other(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    member = signed_in(people.bob)
    code = people.circle.code
    paths = {place.key: reverse(place.page, args=[code]) for place in CIRCLE}
    for place in CIRCLE:
        found = tabs(member.get(paths[place.key]).content.decode())
        assert [path for path, _ in found.values()] == list(paths.values()), place.key
        assert [current for _, current in found.values() if current] == ["page"], place.key
    below = tabs(member.get(reverse("sessions:session", args=[session.code])).content.decode())
    assert below["Sessions"] == (paths["sessions"], "true")


@pytest.mark.django_db
def test_the_live_room_stands_in_the_bar_while_it_is_near(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    member, page = signed_in(people.bob), reverse("pages:circle_more", args=[people.circle.code])
    room = reverse("sessions:live", args=[session.code])

    def bar() -> str:
        return member.get(page).content.decode().split('<nav class="tabs')[0]

    CircleSession.objects.update(starts_at=NOW + NEAR + timedelta(seconds=1))
    assert room not in bar()
    CircleSession.objects.update(starts_at=NOW + NEAR)
    assert room in bar()
    assert "btn--near" in bar()
    own = member.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert room not in own.split('<nav class="tabs')[0], "there it is the page's own main action"
    CircleSession.objects.update(status=SessionStatus.RUNNING, starts_at=NOW - timedelta(hours=1), started_at=NOW)
    assert "Join the session" in bar()
    CircleSession.objects.update(status=SessionStatus.ENDED)
    assert room not in bar()


@pytest.mark.django_db
def test_programmes_stand_in_the_top_bar_for_whoever_administers_one(people: Cast, clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    paths = [reverse(place.page, args=[programme.code]) for place in PROGRAMME]

    def top(user: User) -> str:
        return signed_in(user).get("/").content.decode().split('<nav class="nav"')[1].split("</nav>")[0]

    assert reverse("programmes:programmes") in top(dana)
    assert reverse("programmes:programmes") not in top(people.bob)
    found = tabs(signed_in(dana).get(paths[0]).content.decode())
    assert [path for path, _ in found.values()] == paths
    assert found["Participation"] == (paths[0], "page")


@pytest.mark.django_db
def test_a_page_that_is_not_there_belongs_to_no_place(people: Cast, clock: Any) -> None:
    stranger = signed_in(people.erin).get(reverse("pages:circle", args=[people.circle.code]))
    assert stranger.status_code == 404
    assert b"aria-current" not in stranger.content
    assert b"tabs" not in stranger.content
    assert b"tabs" not in Client().get("/").content
