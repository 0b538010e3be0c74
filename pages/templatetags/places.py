"""The bar of places on every page of a circle or a programme. Loaded for every template."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from circles.models import Circle
from pages.place_selectors import circle_place
from pages.rules.places import CIRCLE, PROGRAMME, TOP, Tab, place_of, top_of
from programmes.models import Programme

register = template.Library()

TOP_NAMES: dict[str, tuple[Promise, str]] = {
    "today": (_("Today"), "today"),
    "circles": (_("Circles"), "circle"),
    "commitments": (_("Commitments"), "check"),
    "formats": (_("Formats"), "clock"),
    "programmes": (_("Programmes"), "programme"),
}
NAMES: dict[str, Promise] = {
    "overview": _("Overview"),
    "sessions": _("Sessions"),
    "agreement": _("Agreement"),
    "commitments": _("Commitments"),
    "people": _("People"),
    "more": _("More"),
    "participation": _("Participation"),
    "circles": _("Circles"),
    "pulses": _("Pulses"),
    "evaluation": _("Evaluation"),
    "settings": _("Settings"),
}
# What a screen reader says after a name that alone would not say where it leads.
HEARD: dict[str, Promise] = {"more": _("pages")}


@register.inclusion_tag("components/_place.html", takes_context=True)
def place_bar(context: template.Context) -> dict[str, Any]:
    """The bar for the page's `circle` or, where the reader `leads` it, its `programme`.

    Empty for whoever is not in the circle, for a circle whose words are deleted, and on pages without either. A view
    that has no name (an error) has no place.
    """
    page = _page(context)
    user, circle, programme = context.get("user"), context.get("circle"), context.get("programme")
    if isinstance(programme, Programme) and context.get("leads"):
        return {"programme": programme} | _tabs(PROGRAMME, page)
    if not isinstance(circle, Circle) or not isinstance(user, User):
        return {}
    # A page may name a circle and be none of its pages, such as somebody's place in a programme.
    if not place_of(page, CIRCLE) or circle.vault.destroyed_at:
        return {}
    found = circle_place(user, circle, now=timezone.now())
    if found is None:
        return {}
    # There the door is the page's own main action.
    own = page == "sessions:session" and getattr(context.get("session"), "code", None) == found.live
    return {"circle": circle, "found": found, "on_session": own} | _tabs(CIRCLE, page)


@register.inclusion_tag("components/_nav.html", takes_context=True)
def top_places(context: template.Context, administers: bool) -> dict[str, Any]:
    """The places of the whole site; programmes for whoever administers one."""
    page = _page(context)
    at = top_of(page)
    shown = [place for place in TOP if administers or place.key != "programmes"]
    return {
        "places": [
            (*TOP_NAMES[place.key], place.page, _current(place.key == at, place.page == page)) for place in shown
        ]
    }


def _page(context: template.Context) -> str:
    """The name of the page; none for one that is not there, which looks the same whatever was asked for."""
    match = getattr(context.get("request"), "resolver_match", None)
    return "" if match is None or "exception" in context else match.view_name


def _tabs(places: tuple[Tab, ...], page: str) -> dict[str, Any]:
    at = place_of(page, places)
    return {
        "tabs": [
            (NAMES[place.key], HEARD.get(place.key), place.page, _current(place.key == at, place.page == page))
            for place in places
        ]
    }


def _current(here: bool, itself: bool) -> str:
    """What `aria-current` says: the page itself, or that it stands below this place."""
    return "page" if itself else "true" if here else ""
