"""The pages of the shelf: what stands there, what a circle lends and is asked, copies and files."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of
from circles.access import Seat, get_circle_to_run, must_be_open
from sessions.enums import ShelfKind
from sessions.formats import words
from sessions.formats.forms import CopyForm
from sessions.formats.wrongs import wrongs_beside
from sessions.journeys.selectors import name_of
from sessions.journeys.views import formats_tell
from sessions.models import ShelfItem
from sessions.rules.definitions import FormatError
from sessions.rules.format import FormatRule
from sessions.shelf import selectors, services
from sessions.shelf.access import get_asked, get_item_of, get_lent, get_seat_in_turn
from sessions.shelf.forms import ClauseTakeForm, LendAnswerForm, LendForm, ShelfFileForm
from sessions.shelf.lendable import Carried, our_sign, read_shelf_file, shelf_file, thing_of


@never_cache
@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """Everything that circles lend, or one kind of it."""
    named = request.GET.get("kind", "")
    kind = named if named in ShelfKind.values else ""
    page = selectors.on_the_shelf(kind, request.GET.get("page"))
    context = {
        "page": page,
        "things": [selectors.shown(one) for one in page],
        "kind": kind,
        "query": f"kind={kind}" if kind else "",
        "kinds": selectors.kinds(),
        "circles": [one.circle for one in selectors.seats_of(person_of(request))],
        "sign": our_sign(),
    }
    return render(request, "shelf/shelf.html", context)


@never_cache
@require_GET
def item(request: HttpRequest, code: UUID) -> HttpResponse:
    """One thing on the shelf: what it is, when it helped, and taking a copy of it."""
    found = get_lent(code)
    return render(request, "shelf/item.html", _item_page(request, found))


def _item_page(request: HttpRequest, found: ShelfItem, form: Any = None) -> dict[str, Any]:
    one = selectors.shown(found)
    takers = selectors.takers_of(found.kind, person_of(request))
    if form is None and takers:
        form = _take_form(found, takers, one.name, None)
    return _drawn(found) | {"one": one, "takers": takers, "take_form": form, "form": form if request.POST else None}


def _take_form(found: ShelfItem, takers: list[Any], name: str, data: Any) -> CopyForm | ClauseTakeForm:
    if found.kind == ShelfKind.CLAUSE:
        return ClauseTakeForm(data, circles=takers, auto_id="take_%s")
    return CopyForm(data, circles=takers, auto_id="take_%s", initial={"name": name[:60]})


def _drawn(found: ShelfItem) -> dict[str, Any]:
    """What a page shows of a thing, by what it is."""
    rule = found.rule
    if isinstance(rule, FormatRule):
        people, minutes = selectors.minutes_of(rule)
        return {"stages": selectors.stages_of(rule), "people": people, "minutes": minutes}
    return {"steps": selectors.steps_of(found)}


@require_POST
@idempotent
def take(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a copy to one's circle; of a clause, propose it there."""
    found = get_lent(code)
    person = person_of(request)
    takers = selectors.takers_of(found.kind, person)
    if not takers:
        messages.warning(request, _("You are in no circle that could take it."))
        return redirect("shelf:item", code)
    form = _take_form(found, takers, "", request.POST)
    if not form.is_valid():
        return render(request, "shelf/item.html", _item_page(request, found, form))
    now = timezone.now()
    with refusals_said(request):
        thing = thing_of(found)
        if isinstance(form, ClauseTakeForm):
            made = services.clause_propose(
                thing=thing, circle=form.chosen(), why=form.cleaned_data["why"], by=person, now=now
            )
            messages.success(request, _("Proposed. Your circle decides as about every clause."))
            return redirect("agreements:proposal", made.code)
        name, circle = form.cleaned_data["name"], form.chosen()
        said = selectors.formats_of_copy(thing, circle)
        ref = services.copy_take(thing=thing, circle=circle, name=name, now=now)
        messages.success(request, _("This copy is your circle’s. Change what you like."))
        formats_tell(request, said)
        return redirect(_page_of(ShelfKind(found.kind)), ref)
    return redirect("shelf:item", code)


def _page_of(kind: ShelfKind) -> str:
    return "journeys:journey" if kind == ShelfKind.JOURNEY else "formats:detail"


@require_GET
def file(request: HttpRequest, code: UUID) -> HttpResponse:
    """A thing as a file for another site, signed by this one."""
    found = get_lent(code)
    with refusals_said(request):
        return HttpResponse(
            shelf_file(thing_of(found), str(found.helped)),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="shelf-{found.kind}.yaml"'},
        )
    return redirect("shelf:item", code)


@never_cache
@require_GET
def circle_shelf(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a circle lends, and what it is asked to lend."""
    seat = get_seat_in_turn(request.user, code)
    return render(request, "shelf/circle_shelf.html", selectors.circle_shelf_page(seat))


@never_cache
@get_or_post
@idempotent
def lend(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask the circle to lend something of its own."""
    seat = get_seat_in_turn(request.user, code, writes=True)
    choices = selectors.lendable_in(seat.circle)
    named = {"what": request.GET.get("what", "")}
    form = LendForm(request.POST if request.method == "POST" else None, choices=choices, initial=named)
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            chosen = form.thing()
            made = services.shelf_ask(
                circle=seat.circle,
                thing=chosen.thing,
                helped=form.cleaned_data["helped"],
                by=seat.user,
                now=timezone.now(),
            )
            messages.success(request, _("Asked. The others get a mail that says so, and not what it is."))
            formats_tell(request, chosen.left_out)
            return redirect("shelf:asked", made.code)
    context = {"circle": seat.circle, "form": form, "choices": choices}
    return render(request, "shelf/lend.html", context)


@never_cache
@get_or_post
@idempotent
def asked(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a circle is asked to lend: what each says, and my answer; once it is lent, taking it back."""
    seat = get_asked(request.user, code)
    form = LendAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        must_be_open(seat.circle)
        if form.is_valid():
            with refusals_said(request):
                services.shelf_answer(item=seat.item, user=seat.user, now=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Your answer is kept. You can change it until this is settled."))
            return redirect("shelf:circle_shelf", seat.circle.code)
    context = selectors.asked_page(seat, now=timezone.now())
    mine = context["mine"]
    if mine and not form.is_bound and seat.saw(mine.at):
        form.initial = {"stance": mine.stance, "comment": mine.comment}
    return render(request, "shelf/asked.html", _drawn(seat.item) | context | {"form": form})


@require_POST
def back(request: HttpRequest, code: UUID, item: UUID) -> HttpResponse:
    """Take something of the circle's back, or stop asking about it; somebody else may have been faster."""
    seat, found = get_item_of(request.user, code, item)
    if found is not None:
        with refusals_said(request):
            services.shelf_take_back(item=found, by=seat.user, now=timezone.now())
            messages.success(request, _("Taken back. Copies that others have made stay theirs."))
    return redirect("shelf:circle_shelf", code)


@never_cache
@get_or_post
@idempotent
def bring(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take something over from a file of another site's shelf. A bad or an altered file changes nothing."""
    seat = get_circle_to_run(request.user, code)
    form = ShelfFileForm(request.POST or None, request.FILES or None)
    wrongs: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            with wrongs_beside(form, "file") as wrongs:
                return _brought(request, seat, read_shelf_file(form.cleaned_data["text"]))
        except FormatError as error:
            wrongs = [words.problem(one) for one in error.problems[:40]]
            form.add_error("file", _("Nothing was taken over: it does not fit your circle."))
    return render(request, "shelf/bring.html", {"circle": seat.circle, "form": form, "wrongs": wrongs})


def _brought(request: HttpRequest, seat: Seat, brought: Carried) -> HttpResponse:
    """Make what a file brought the circle's own, and say which site signed it."""
    now, said = timezone.now(), list[str]()
    if brought.thing.kind == ShelfKind.CLAUSE:
        why = brought.helped or _("It comes from the shelf of another site.")
        made = services.clause_propose(thing=brought.thing, circle=seat.circle, why=why, by=seat.user, now=now)
        to = redirect("agreements:proposal", made.code)
    else:
        name = name_of(brought.thing.definition or {})
        said = selectors.formats_of_copy(brought.thing, seat.circle)
        ref = services.copy_take(thing=brought.thing, circle=seat.circle, name=name, now=now)
        to = redirect(_page_of(brought.thing.kind), ref)
    if brought.is_ours:
        messages.success(request, _("Taken over. This site has signed it."))
    else:
        messages.success(request, _("Taken over. The site that signed it has the sign %s.") % brought.sign)
    formats_tell(request, said)
    return to
