"""Forms about what somebody hears of, and when."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.enums import Channel
from notifications.levels import heard
from notifications.models import Preference
from notifications.registry import DAY, HOUR, Kind, chosen_by_people

AS_ELSEWHERE = ""
HOURS = [("", _("no quiet hours")), *((hour, f"{hour:02}:00") for hour in range(24))]
# How several kinds that are chosen together are called.
TOGETHER = {
    "session_scheduled": _("New dates: sessions scheduled"),
    "session_moved": _("Dates that do not hold: sessions moved, cancelled"),
    "swap_asked": _("Questions about roles, and their answers"),
    "poll": _("Questions about times"),
    "partner_asked": _("Asking, and being asked, about commitments"),
    "appointment_set": _("Appointments about commitments"),
    "slip_claimed": _("Somebody joins a circle you look after"),
}


def lead_words(minutes: int) -> str:
    """How long before, in words."""
    if minutes % DAY == 0:
        return ngettext("%s day before", "%s days before", minutes // DAY) % (minutes // DAY)
    if minutes % HOUR == 0:
        return ngettext("%s hour before", "%s hours before", minutes // HOUR) % (minutes // HOUR)
    return ngettext("%s minute before", "%s minutes before", minutes) % minutes


class PlainSelect(forms.Select):
    """A list of choices, drawn without a template for each of them: there are forty lists on the page."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (one["value"], flatatt({"selected": one["selected"]}), one["label"])
                for _group, options, _at in widget["optgroups"]
                for one in options
            ),
        )
        return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), options)


class PreferencesForm(forms.Form):
    """One line a kind: how, and where it makes sense how long before. In one circle a line may say “as in all”."""

    def __init__(self, *args: Any, kept: Mapping[str, Preference], of_circle: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_circle = of_circle
        self.kinds = chosen_by_people()
        for kind in self.kinds:
            row = kept.get(kind.key)
            channels = [(AS_ELSEWHERE, _("as in all circles"))] if of_circle else []
            self.fields[kind.key] = forms.ChoiceField(
                label=TOGETHER.get(kind.key, kind.label),
                choices=[*channels, *Channel.choices],
                widget=PlainSelect,
                initial=AS_ELSEWHERE if of_circle and row is None else heard(kind, kept),
                required=not of_circle,
            )
            if kind.leads:
                self.fields[f"{kind.key}-lead"] = forms.TypedChoiceField(
                    label=_("how long before"),
                    choices=[(lead, lead_words(lead)) for lead in sorted(kind.leads, reverse=True)],
                    coerce=int,
                    widget=PlainSelect,
                    initial=row.lead if row and row.lead else kind.leads[0],
                )

    def lines(self) -> list[tuple[Kind, forms.BoundField, forms.BoundField | None]]:
        """Each kind with its field, and with the field of how long before where it is a reminder."""
        return [(kind, self[kind.key], self[f"{kind.key}-lead"] if kind.leads else None) for kind in self.kinds]

    def chosen(self) -> list[tuple[str, str, int | None]]:
        """Kind, channel and lead of every line that says something."""
        data = self.cleaned_data
        return [(kind.key, data[kind.key], data.get(f"{kind.key}-lead")) for kind in self.kinds if data.get(kind.key)]


class DayForm(forms.Form):
    """When the daily mail comes, and between which hours no mail does."""

    daily_hour = forms.TypedChoiceField(
        label=_("The daily mail comes at"),
        choices=HOURS[1:],
        coerce=int,
        widget=PlainSelect,
    )
    quiet_from = forms.TypedChoiceField(
        label=_("No mails from"),
        choices=HOURS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=PlainSelect,
    )
    quiet_to = forms.TypedChoiceField(
        label=_("until"),
        choices=HOURS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=PlainSelect,
    )

    def clean(self) -> dict[str, Any]:
        """Quiet hours have both ends, or there are none."""
        data = super().clean() or {}
        ends = [data.get("quiet_from"), data.get("quiet_to")]
        if ends.count(None) == 1:
            self.add_error("quiet_to", _("Choose both hours, or neither."))
        return data
