"""Plans and formats of sessions in templates: bars, texts, minutes. Loaded for every template."""

from collections.abc import Sequence

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.templatetags.times import hour_in, in_words
from sessions.enums import ANSWERS, Rsvp
from sessions.formats import words
from sessions.models import CircleSession
from sessions.rules.calendar_links import CalendarLinks, calendar_links
from sessions.rules.drawing import bar_svg
from sessions.rules.format import FormatRule
from sessions.rules.journey import JourneyRule, JourneyStep
from sessions.rules.plan_bar import PlanBar, plan_svg

register = template.Library()


@register.simple_tag
def stage_bar(parts: Sequence[tuple[str, int]], scale: int = 0, numbers: bool = False) -> SafeString:
    """The stages of a plan to scale."""
    return mark_safe(bar_svg(parts, scale=scale, numbers=numbers))  # noqa: S308 (numbers and our own words)


@register.simple_tag
def plan_bar(bar: PlanBar) -> SafeString:
    """A whole session to scale, with clock times and what is to spare."""
    return mark_safe(plan_svg(bar))  # noqa: S308 (plan_svg escapes)


@register.simple_tag
def rsvp_answers() -> tuple[Rsvp, ...]:
    """What one can say to a date, in order: each with its `value` and the words of its `button`."""
    return ANSWERS


@register.simple_tag(name="calendar_links")
def links_of(session: CircleSession) -> CalendarLinks:
    """The session for web calendars: the circle's name, the hours, the place, the page."""
    page = settings.SITE_URL + reverse("sessions:session", args=[session.code])
    return calendar_links(
        title=session.circle.name,
        starts_at=session.starts_at,
        ends_at=session.plans_to_end_at,
        place=session.place,
        page=page,
    )


@register.filter
def says(rule: FormatRule | JourneyRule | JourneyStep, name: str) -> str:
    """A text of a format or a journey in the reader's language, else in English."""
    return rule.text(name, get_language() or "en")


@register.filter
def minutes(seconds: int) -> str:
    """Whole minutes, rounded up: `16`."""
    return str(-(-int(seconds) // 60))


@register.filter
def exact_minutes(seconds: int) -> str:
    """`2½`, `3:45`."""
    return words.minutes(seconds)


@register.filter
def hours_in(session: CircleSession, zone: str) -> str:
    """`16:00–18:00`: from when until when a session is planned, in a named zone."""
    return f"{hour_in(session.starts_at, zone)}–{hour_in(session.plans_to_end_at, zone)}"


@register.filter
def span_in(session: CircleSession, zone: str) -> str:
    """`16:00–18:00 (London time)`: in a mail hours go with their zone."""
    return f"{hours_in(session, zone)} ({in_words(zone)})"
