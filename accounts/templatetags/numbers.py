"""Numbers in templates. Loaded for every template."""

from django import template

from accounts.numbers import spelt

register = template.Library()
register.filter("spelt", spelt)
