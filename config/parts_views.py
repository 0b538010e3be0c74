"""Every part of the interface once, for developers."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from circles.rules.ring import RingSeat

AUDIENCES = ("me", "turn", "circle", "numbers", "facilitators")
TABS = (("Overview", ""), ("Sessions", "page"), ("More", ""))


class PartsForm(forms.Form):
    """A field of each kind, and how one looks when something is wrong with it."""

    words = forms.CharField(label="Words", max_length=200, help_text="What the field is for.")
    long = forms.CharField(label="More words", max_length=400, widget=forms.Textarea, required=False)
    day = forms.ChoiceField(label="Day", choices=[("mo", "Monday"), ("tu", "Tuesday")], required=False)
    sure = forms.BooleanField(label="I am sure", required=False)


@login_not_required
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """The page `/_parts/`, with made-up words; there only where the setting `PARTS_PAGE` is on."""
    context = {
        "typed": PartsForm({"words": ""}),
        "pages": Paginator(range(30), 10).get_page(2),
        "places": [(name, "pages:today", current) for name, current in TABS],
        "seats": [RingSeat("PR", "You", you=True), RingSeat("AO", "Amara", speaking=True), RingSeat("EM", away=True)],
        "audiences": AUDIENCES,
    }
    return render(request, "parts.html", context)
