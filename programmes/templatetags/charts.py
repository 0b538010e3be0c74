"""The figures of a programme, drawn. Loaded for every template."""

from collections.abc import Sequence

from django import template
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from programmes.participation_selectors import WeekSums
from programmes.pulse_selectors import Figure
from programmes.rules.chart import ChartLine, chart_svg, interval_svg

register = template.Library()


@register.simple_tag
def week_chart(weeks: Sequence[WeekSums], part: bool = False) -> SafeString:
    """Seats filled and promises kept, week by week; the same numbers stand in a table beside it."""
    lines = [
        ChartLine([week.filled for week in weeks], conditional_escape(_("Seats"))),
        ChartLine([None if part else week.kept_share for week in weeks], conditional_escape(_("Kept"))),
    ]
    names = [conditional_escape(date_format(week.week, "j M")) for week in weeks]
    label = _("Attendance and promises kept, week by week. The numbers stand in the table under this picture.")
    return mark_safe(chart_svg(lines, names, conditional_escape(label)))  # noqa: S308 (numbers and escaped words)


@register.simple_tag
def interval(figure: Figure) -> SafeString:
    """A mean on its scale, with the stretch in which it probably lies; hidden, since the numbers stand beside it."""
    return mark_safe(interval_svg(*figure.drawn))  # noqa: S308 (numbers only)
