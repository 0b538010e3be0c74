"""The pages of formats: picker, detail, copying, editing, files, cards."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from circles.access import get_circle_to_run
from circles.selectors import circles_for
from sessions.formats import selectors, services, words
from sessions.formats.access import FormatSeat, get_format, get_format_to_change
from sessions.formats.cards import cards, principles
from sessions.formats.files import read_file, write_file
from sessions.formats.forms import CopyForm, FileForm, FormatSearchForm, HeadcountForm, TryForm
from sessions.formats.library import common_stages, rules
from sessions.formats.wrongs import wrongs_beside

USUAL_PEOPLE = 5
# What a circle does well to begin with: every voice counts the same, and it needs no practice.
FIRST_CHOICE = "council"


@never_cache
@require_GET
def formats(request: HttpRequest) -> HttpResponse:
    """All formats a person can use, for a number of people: their circles' own and the library's; by what is asked."""
    form = FormatSearchForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    people = asked.get("people") or USUAL_PEOPLE
    seats = circles_for(person_of(request))
    own = selectors.own_formats([seat.circle for seat in seats])
    looks = [selectors.look(v.format.ref, v.rule, people, v.format.circle) for v in own]
    looks += [selectors.look(key, rule, people) for key, rule in rules().items()]
    found = selectors.found(
        looks, at_most=asked.get("minutes"), purpose=asked.get("purpose", ""), words=asked.get("words", "")
    )
    shown = [one for one in found if one.suits or one.circle]
    context = {
        "people": people,
        "form": form if request.GET else FormatSearchForm(initial={"people": people}),
        "looks": shown,
        "others": [one for one in found if one not in shown],
        "scale": max((one.plan.seconds for one in shown or found), default=0),
        "first_choice": FIRST_CHOICE,
        "narrowed": len(found) < len(looks),
        "runs": [seat.circle for seat in seats if seat.runs],
    }
    return render(request, "formats/formats.html", context)


@never_cache
@require_GET
def detail(request: HttpRequest, ref: str) -> HttpResponse:
    """One format: when to use it, its stages with their words, its source, and what can be done with it."""
    return render(request, "formats/format_detail.html", detail_page(request, get_format(request.user, ref)))


def detail_page(request: HttpRequest, seat: FormatSeat) -> dict[str, Any]:
    rule = seat.rule
    asked = HeadcountForm(request.GET)
    people = asked.cleaned_data["people"] if asked.is_valid() else min(max(USUAL_PEOPLE, rule.least), rule.most)
    looked = selectors.look(seat.ref, rule, people)
    runs = [one.circle for one in circles_for(seat.user) if one.runs]
    name = rule.text("name", get_language() or "en")
    return {
        "seat": seat,
        "rule": rule,
        "look": looked,
        "people_form": HeadcountForm(initial={"people": looked.people}),
        "opening": selectors.stage_line(rule.opening),
        "ending": [selectors.stage_line(stage) for stage in rule.ending],
        "blocks": selectors.block_lines(rule, looked.plan),
        "runs": runs,
        "try_form": TryForm(
            least=rule.least, most=rule.most, auto_id="try_%s", initial={"people": looked.people, "speed": 60}
        ),
        "copy_form": CopyForm(circles=runs, auto_id="copy_%s", initial={"name": _name_of_copy(seat, name)}),
        "needed": words.roles(rule),
        "versions": seat.version.number if seat.version else 0,
    }


def _name_of_copy(seat: FormatSeat, name: str) -> str:
    """One of the library becomes “our”; one that is a circle's own has its name already."""
    return name[:60] if seat.is_own else (_("Our %s") % name.lower())[:60]


@require_GET
def file(request: HttpRequest, ref: str) -> HttpResponse:
    """A format as a file that can be imported again."""
    seat = get_format(request.user, ref)
    name = seat.ref if not seat.is_own else "format"
    return HttpResponse(
        write_file(dict(seat.definition)),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )


@require_POST
@idempotent
def copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin a circle's own format as a copy of this one."""
    seat = get_format(request.user, ref)
    runs = [one.circle for one in circles_for(seat.user) if one.runs]
    form = CopyForm(request.POST, circles=runs, auto_id="copy_%s")
    if not form.is_valid():
        return render(
            request, "formats/format_detail.html", detail_page(request, seat) | {"copy_form": form, "form": form}
        )
    with refusals_said(request):
        made = services.format_copy(
            circle=form.chosen(),
            definition=seat.definition,
            name=form.cleaned_data["name"],
            now=timezone.now(),
        )
        messages.success(request, _("This copy is your circle’s. Change what you like."))
        return redirect("formats:edit", made.ref)
    return redirect("formats:detail", ref)


@require_POST
@idempotent
def retire(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a circle's own format away."""
    _seat, format_ = get_format_to_change(request.user, ref)
    services.format_retire(format=format_, now=timezone.now())
    messages.success(request, _("Archived. Sessions that were planned with it keep it."))
    return redirect("formats:formats")


@never_cache
@get_or_post
@idempotent
def import_(request: HttpRequest, code: UUID) -> HttpResponse:
    """Make a circle's own format from a file. A bad file changes nothing and says the lines."""
    seat = get_circle_to_run(request.user, code)
    form = FileForm(request.POST or None, request.FILES or None)
    wrongs: list[str] = []
    if request.method == "POST" and form.is_valid():
        with wrongs_beside(form, "file") as wrongs:
            definition = read_file(form.cleaned_data["text"], common_stages()) | {"key": "own"}
            made = services.format_make(circle=seat.circle, definition=definition, now=timezone.now())
            messages.success(request, _("The format is your circle’s now."))
            return redirect("formats:detail", made.ref)
    return render(request, "formats/format_import.html", {"circle": seat.circle, "form": form, "wrongs": wrongs})


@never_cache
@require_GET
def cards_page(request: HttpRequest) -> HttpResponse:
    """The seven principles and the training cards, with those one has read."""
    read = selectors.cards_read_by(person_of(request))
    context = {"principles": principles(), "cards": [(card, card.key in read) for card in cards().values()]}
    return render(request, "formats/cards.html", context)


@never_cache
@get_or_post
def card(request: HttpRequest, key: str) -> HttpResponse:
    """One card; a press remembers that it was read."""
    if key not in cards():
        raise Http404
    if request.method == "POST":
        services.card_mark(user=person_of(request), key=key)
        return redirect(reverse("formats:cards"))
    read = key in selectors.cards_read_by(person_of(request))
    return render(request, "formats/card.html", {"card": cards()[key], "read": read})
