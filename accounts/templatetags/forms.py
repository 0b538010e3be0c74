"""Forms in templates: their keys and fields, and whose browser it is. Loaded for every template."""

from uuid import uuid4

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.rules.devices import device_of

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """The hidden key that makes a form count once, however often it is sent."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


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
