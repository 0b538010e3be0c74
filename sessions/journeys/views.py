"""The pages of journeys: all of them, one, copying, changing, files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from circles.access import get_circle_to_run
from circles.models import Circle
from circles.selectors import circles_for
from sessions.formats.files import write_file
from sessions.formats.forms import CopyForm
from sessions.formats.selectors import own_formats
from sessions.formats.wrongs import wrongs_beside
from sessions.journeys import selectors, services
from sessions.journeys.access import JourneySeat, get_journey, get_journey_to_change
from sessions.journeys.forms import JourneyFileForm, JourneyForForm, JourneyTextForm
from sessions.journeys.library import FIRST_JOURNEY, read_journey_file, shipped_journeys

# What a page shows a journey for before anybody says otherwise.
USUAL = {"people": 5, "minutes": 90}


@never_cache
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    """All journeys a person can use: their circles' own and those that are shipped."""
    seats = circles_for(person_of(request))
    own = [(one.journey.ref, one.rule, one.journey.circle) for one in selectors.own_journeys([s.circle for s in seats])]
    context = {
        "looks": own + [(key, rule, None) for key, rule in shipped_journeys().items()],
        "first_choice": FIRST_JOURNEY,
        "runs": [seat.circle for seat in seats if seat.runs],
    }
    return render(request, "journeys/journeys.html", context)


@never_cache
@require_GET
def journey(request: HttpRequest, ref: str) -> HttpResponse:
    """One journey: its sessions as they would be for so many people, whom it is for, where it comes from."""
    return render(request, "journeys/journey.html", journey_page(request, get_journey(request.user, ref)))


def journey_page(request: HttpRequest, seat: JourneySeat) -> dict[str, Any]:
    """What the page of a journey shows."""
    asked = JourneyForForm(request.GET)
    shown = asked.cleaned_data if asked.is_valid() else USUAL
    runs = [one.circle for one in circles_for(seat.user) if one.runs]
    own = seat.seat.circle if seat.seat else None
    on_one = selectors.on_a_journey(runs)
    name = seat.rule.text("name", get_language() or "en")
    return {
        "seat": seat,
        "rule": seat.rule,
        "for_form": JourneyForForm(initial=shown),
        "people": shown["people"],
        "minutes": shown["minutes"],
        "lines": selectors.step_lines(seat.rule, selectors.formats_known(own), shown["people"], shown["minutes"]),
        "own": own,
        "runs": [(circle, circle.pk in on_one) for circle in runs if own in (None, circle)],
        "copy_form": CopyForm(circles=runs, auto_id="copy_%s", initial={"name": _name_of_copy(seat, name)}),
        "retired": bool(seat.version and seat.version.journey.retired_at),
    }


def _name_of_copy(seat: JourneySeat, name: str) -> str:
    return name[:60] if seat.seat else (_("Our %s") % name.lower())[:60]


@require_GET
def file(request: HttpRequest, ref: str) -> HttpResponse:
    """A journey as a file that can be imported again."""
    seat = get_journey(request.user, ref)
    name = "journey" if seat.seat else seat.ref
    return HttpResponse(
        write_file(dict(seat.definition)),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )


@require_POST
@idempotent
def copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin a circle's own journey as a copy of this one."""
    seat = get_journey(request.user, ref)
    runs = [one.circle for one in circles_for(seat.user) if one.runs]
    form = CopyForm(request.POST, circles=runs, auto_id="copy_%s")
    if not form.is_valid():
        return render(request, "journeys/journey.html", journey_page(request, seat) | {"copy_form": form, "form": form})
    circle, own = form.chosen(), seat.seat.circle if seat.seat else None
    # Whoever is in both circles may copy each of these formats as well: one by one they would do the same.
    brought = {one.format.ref: one.definition for one in own_formats([own])} if own else {}
    said = selectors.formats_said(seat.definition, known=selectors.formats_known(circle), of=own, brought=brought)
    with refusals_said(request):
        made = services.journey_copy(
            circle=circle,
            definition=seat.definition,
            name=form.cleaned_data["name"],
            now=timezone.now(),
            brought=brought,
        )
        messages.success(request, _("This copy is your circle’s. Change what you like."))
        formats_tell(request, said)
        return redirect("journeys:edit", made.ref)
    return redirect("journeys:journey", ref)


def formats_tell(request: HttpRequest, said: Sequence[str]) -> None:
    """Say which formats came along with a journey and which did not: nothing of it is lost without a word."""
    for one in said:
        messages.info(request, one)


@never_cache
@get_or_post
@idempotent
def edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Change a circle's own journey in the words of its file; what is wrong is said by its line, no text is lost."""
    seat, journey_ = get_journey_to_change(request.user, ref)
    number = seat.version.number if seat.version else 0
    begun = {"text": write_file(dict(seat.definition)), "seen": number}
    form = JourneyTextForm(request.POST if request.method == "POST" else None, initial=begun)
    wrongs: list[str] = []
    if request.method == "POST" and form.is_valid():
        with wrongs_beside(form, "text") as wrongs:
            definition = _read(form.cleaned_data["text"], seat.seat.circle if seat.seat else None)
            services.journey_change(
                journey=journey_, definition=definition, seen=form.cleaned_data["seen"], now=timezone.now()
            )
            messages.success(request, _("Saved. A circle that is on it keeps what it has."))
            return redirect("journeys:journey", ref)
    context = {"seat": seat, "rule": seat.rule, "form": form, "wrongs": wrongs}
    return render(request, "journeys/journey_edit.html", context)


def _read(text: str, circle: Circle | None) -> dict[str, Any]:
    return read_journey_file(text, selectors.formats_known(circle)) | {"key": "own"}


@require_POST
@idempotent
def retire(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a circle's own journey away."""
    _seat, journey_ = get_journey_to_change(request.user, ref)
    services.journey_retire(journey=journey_, now=timezone.now())
    messages.success(request, _("Archived. A circle that is on it goes on."))
    return redirect("journeys:journeys")


@never_cache
@get_or_post
@idempotent
def import_(request: HttpRequest, code: UUID) -> HttpResponse:
    """Make a circle's own journey from a file. A bad file changes nothing and says the lines."""
    seat = get_circle_to_run(request.user, code)
    form = JourneyFileForm(request.POST or None, request.FILES or None)
    wrongs: list[str] = []
    if request.method == "POST" and form.is_valid():
        with wrongs_beside(form, "file") as wrongs:
            definition = _read(form.cleaned_data["text"], seat.circle)
            made = services.journey_make(circle=seat.circle, definition=definition, now=timezone.now())
            messages.success(request, _("The journey is your circle’s now."))
            return redirect("journeys:journey", made.ref)
    return render(request, "journeys/journey_import.html", {"circle": seat.circle, "form": form, "wrongs": wrongs})
