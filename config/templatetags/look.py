"""Template tags of the look: icons, the ring, form keys, times. Loaded for every template."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.devices import device_of
from accounts.rules.zones import city as zone_city
from accounts.rules.zones import to_local
from circles.rules.ring import Seat, ring_svg
from config.icons import ICONS
from notifications.selectors import refused_lately
from notifications.words import trouble_words
from programmes.participation_selectors import WeekSums
from programmes.pulse_selectors import Figure
from programmes.rules.chart import Line, chart_svg, interval_svg
from sessions.formats import words
from sessions.rules.drawing import bar_svg
from sessions.rules.format import Format

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line icon, hidden from screen readers: a word stands beside it."""
    drawing = ICONS[name]
    return mark_safe(f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>')  # noqa: S308


@register.filter
def known_icon(name: str) -> str:
    """The name of a drawing there is: a format that was brought as a file may name any."""
    return name if name in ICONS else "circle"


@register.simple_tag
def ring(
    seats: Sequence[Seat] = (),
    label: str = "",
    share: float | None = None,
    small: bool = False,
    nameless: int = 0,
) -> SafeString:
    """The ring of seats; `nameless` draws that many empty ones for pages without people."""
    drawn = list(seats) or [Seat(speaking=at == 0 and not small) for at in range(nameless)]
    return mark_safe(ring_svg(drawn, label=label, share=share, small=small))  # noqa: S308 (ring_svg escapes)


@register.simple_tag
def stage_bar(parts: Sequence[tuple[str, int]], scale: int = 0, numbers: bool = False) -> SafeString:
    """The stages of a plan to scale."""
    return mark_safe(bar_svg(parts, scale=scale, numbers=numbers))  # noqa: S308 (numbers and our own words)


@register.simple_tag
def week_chart(weeks: Sequence[WeekSums], part: bool = False) -> SafeString:
    """Seats filled and promises kept, week by week; the same numbers stand in a table beside it."""
    lines = [
        Line([week.filled for week in weeks], conditional_escape(_("Seats"))),
        Line([None if part else week.kept_share for week in weeks], conditional_escape(_("Kept"))),
    ]
    names = [conditional_escape(date_format(week.week, "j M")) for week in weeks]
    label = _("Seats filled and promises kept, week by week. The numbers stand in the table under this picture.")
    return mark_safe(chart_svg(lines, names, conditional_escape(label)))  # noqa: S308 (numbers and escaped words)


@register.simple_tag
def interval(figure: Figure) -> SafeString:
    """A mean on its scale, with the stretch in which it probably lies; hidden, since the numbers stand beside it."""
    return mark_safe(interval_svg(*figure.drawn))  # noqa: S308 (numbers only)


@register.simple_tag
def form_key() -> SafeString:
    """The hidden key that makes a form count once, however often it is sent."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


@register.filter
def says(rule: Format, name: str) -> str:
    """A text of a session format in the reader's language, else in English."""
    return rule.text(name, get_language() or "en")


@register.filter
def device(user_agent: str) -> str:
    """`Chrome on Windows`, as far as it can be told."""
    browser, machine = device_of(user_agent)
    if browser and machine:
        return _("%(browser)s on %(machine)s") % {"browser": browser, "machine": machine}
    return browser or machine or _("A browser we do not know")


@register.filter
def as_input(field: BoundField) -> SafeString:
    """A form field drawn with our class; Django adds what ties it to its help text and its error."""
    given = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{given} input".strip()})


@register.filter
def day(moment: datetime | date) -> str:
    """`Thursday 19 November`, in the reader's zone; with the year when it is not this one."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        moment = moment.date()
    same_year = moment.year == timezone.localdate().year
    return date_format(moment, "l j F" if same_year else "l j F Y")


@register.filter
def near(moment: datetime) -> str:
    """`Today`, `Tomorrow`, or the day."""
    days = (timezone.localtime(moment).date() - timezone.localdate()).days
    return {0: _("Today"), 1: _("Tomorrow")}.get(days) or day(moment)


@register.filter
def near_within(moment: datetime) -> str:
    """The same within a sentence: `today`, `tomorrow`; a day keeps its capital."""
    days = (timezone.localtime(moment).date() - timezone.localdate()).days
    return {0: _("today"), 1: _("tomorrow")}.get(days) or day(moment)


@register.filter
def hour(moment: datetime) -> str:
    """`16:00`, in the reader's zone."""
    return date_format(timezone.localtime(moment), "H:i")


@register.filter
def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, for script."""
    return int(moment.timestamp() * 1000)


@register.filter
def hour_in(moment: datetime, zone: str) -> str:
    """`16:00`, in a named zone."""
    return to_local(moment, zone).strftime("%H:%M")


@register.filter
def clock_in(moment: datetime, zone: str) -> str:
    """`16:00 (London time)`: in a mail an hour goes with its zone."""
    return f"{hour_in(moment, zone)} ({in_words(zone)})"


@register.filter
def in_words(zone: str) -> str:
    """`London time`."""
    return _("%(city)s time") % {"city": zone_city(zone)} if zone != "UTC" else zone


@register.filter
def day_in(moment: datetime, zone: str) -> str:
    return day(to_local(moment, zone).date())


@register.filter
def city(zone: str) -> str:
    return zone_city(zone)


@register.filter
def minutes(seconds: int) -> str:
    """Whole minutes, rounded up: `16`."""
    return str(-(-int(seconds) // 60))


@register.filter
def exact_minutes(seconds: int) -> str:
    """`2½`, `3:45`."""
    return words.minutes(seconds)


@register.filter
def lookup(known: dict[Any, Any], key: Any) -> Any:
    """One entry of a mapping, or empty."""
    return known.get(key, "") if known else ""


@register.filter
def due(day_due: date, today: date) -> str:
    """How a date is said beside a commitment: never as a reproach."""
    days = (day_due - today).days
    near = {0: _("Due today"), 1: _("Due tomorrow"), -1: _("Was for yesterday")}
    if days in near:
        return near[days]
    said = date_format(day_due, "l" if -7 < days < 7 else "j F")
    return _("Was for %s") % said if days < 0 else _("Due %s") % said


@register.filter
def mail_trouble(trouble: str) -> str:
    """What a mail server answered, in words."""
    return trouble_words(trouble)


@register.simple_tag
def mail_refused_on(user: User) -> datetime | None:
    """When the last mail to somebody was refused at their address, if it was."""
    return refused_lately(user)


@register.simple_tag
def mail_goes_to_files() -> str:
    """Where mail is written when there is no mail server, or empty."""
    return "" if settings.EMAIL_HOST else str(settings.EMAIL_FILE_PATH)


@register.simple_tag
def no_mail_server() -> str:
    """What a page says that promises a mail where none can be sent; else empty. A server's folders are not shown."""
    if settings.EMAIL_HOST:
        return ""
    if not settings.EMBEDDED:
        return _("This site has no mail server, so no mail can reach you. Ask whoever runs it.")
    words = _("There is no mail server here: the mail lies as a file in %s, on the computer where Talking Piece runs.")
    return words % settings.EMAIL_FILE_PATH
