"""Every part of the interface once, for developers."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from circles.rules.ring import RingSeat

AUDIENCES = ("me", "alone", "turn", "circle", "numbers", "facilitators")
CODE = UUID(int=0)
CIRCLE = SimpleNamespace(name="Alder circle", code=CODE, time_zone="Europe/London", get_cadence_display="every 2 weeks")
FOUND = SimpleNamespace(people=5, live=CODE, live_at=datetime(2030, 1, 7, 16, tzinfo=UTC), running=False)
TABS = (
    ("Overview", "", "pages:circle", ""),
    ("Sessions", "", "pages:circle_sessions", "page"),
    ("More", "pages", "pages:circle_more", ""),
)
PERSON = SimpleNamespace(initials="AO", email="amara@example.org")
SAID = (
    Message(constants.SUCCESS, "It was done.", extra_tags="there"),
    Message(constants.WARNING, "It was not.", extra_tags="there"),
)


class PartsForm(forms.Form):
    """A field of each kind, and how one looks when something is wrong with it."""

    words = forms.CharField(label="Words", max_length=200, help_text="What the field is for.")
    long = forms.CharField(label="More words", max_length=400, widget=forms.Textarea, required=False)
    day = forms.ChoiceField(label="Day", choices=[("mo", "Monday"), ("tu", "Tuesday")], required=False)
    sure = forms.BooleanField(label="I am sure", required=False)


class StretchForm(forms.Form):
    """A stretch of some weekdays, as those have it who say when they can meet."""

    weekdays = forms.MultipleChoiceField(
        label="Days", choices=[("0", "Mon"), ("1", "Tue")], widget=forms.CheckboxSelectMultiple, required=False
    )
    start = forms.TimeField(label="From", required=False)
    end = forms.TimeField(label="Until", required=False)
    level = forms.ChoiceField(label="How it suits", choices=[("well", "Well")], required=False)


@login_not_required
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """The page `/_parts/`, with made-up words; there only where the setting `PARTS_PAGE` is on."""
    context = {
        "typed": PartsForm({"words": ""}),
        "pages": Paginator(range(30), 10).get_page(2),
        "stretch": StretchForm(),
        "circle_shown": CIRCLE,
        "found": FOUND,
        "tabs": TABS,
        "person": PERSON,
        "said": SAID,
        "words": ["What was written before the page was lost."],
        "seats": [RingSeat("PR", "You", you=True), RingSeat("AO", "Amara", speaking=True), RingSeat("EM", away=True)],
        "audiences": AUDIENCES,
    }
    return render(request, "parts.html", context)
