"""Days and hours in the reader's zone or a named one. Loaded for every template."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.rules.zones import city as zone_city
from accounts.rules.zones import to_local

register = template.Library()


@register.filter
def day(moment: datetime | date) -> str:
    """`Thursday 19 November`, in the reader's zone; with the year when it is not this one."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        moment = moment.date()
    same_year = moment.year == timezone.localdate().year
    return date_format(moment, "l j F" if same_year else "l j F Y")


def _days_ahead(moment: datetime) -> int:
    """How many days from today it is, as the reader's calendar has both."""
    return (timezone.localtime(moment).date() - timezone.localdate()).days


@register.filter
def near(moment: datetime) -> str:
    """`Today`, `Tomorrow`, or the day."""
    return {0: _("Today"), 1: _("Tomorrow")}.get(_days_ahead(moment)) or day(moment)


@register.filter
def near_short(moment: datetime) -> str:
    """`Today`, `Tomorrow`, or `Sat 5 Dec`: within the ring, where a whole day would be cut off."""
    return near(moment) if _days_ahead(moment) in (0, 1) else date_format(timezone.localtime(moment).date(), "D j M")


@register.filter
def near_within(moment: datetime) -> str:
    """The same within a sentence: `today`, `tomorrow`; a day keeps its capital."""
    return {0: _("today"), 1: _("tomorrow")}.get(_days_ahead(moment)) or day(moment)


@register.filter
def day_short(moment: datetime) -> str:
    """`Today`, or `15 Oct`: where days stand beside each other."""
    local = timezone.localtime(moment).date()
    return _("Today") if local == timezone.localdate() else date_format(local, "j M")


@register.filter
def weekday(moment: datetime) -> str:
    """`today`, or `Thursday`: below a date."""
    local = timezone.localtime(moment).date()
    return _("today") if local == timezone.localdate() else date_format(local, "l")


@register.filter
def hour(moment: datetime) -> str:
    """`16:00`, in the reader's zone."""
    return date_format(timezone.localtime(moment), "H:i")


@register.filter
def greeting(moment: datetime) -> str:
    """`Good morning` until noon, `Good afternoon` until six, `Good evening` until five, by the reader's clock."""
    at = timezone.localtime(moment).hour
    if 5 <= at < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= at < 18 else _("Good evening")


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
def due(day_due: date, today: date) -> str:
    """How a date is said beside a commitment: never as a reproach."""
    days = (day_due - today).days
    near = {0: _("Due today"), 1: _("Due tomorrow"), -1: _("Was for yesterday")}
    if days in near:
        return near[days]
    said = date_format(day_due, "l" if -7 < days < 7 else "j F")
    return _("Was for %s") % said if days < 0 else _("Due %s") % said
