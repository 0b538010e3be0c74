"""Moving people about on the board: several at once, what it would cost, undoing it, what stays."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from programmes import board_services as services
from programmes.access import get_round
from programmes.forming_forms import MoveForm
from programmes.models import DraftCircle, Enrolment, Round
from programmes.moving_selectors import move_told
from programmes.trail_views import acted

# Each takes forty letters of an address, which is refused when it goes on for pages.
ASKED_ABOUT = 30


def back_to_board(round_: Round, at: str = "") -> HttpResponse:
    """The board again, at the place where something was pressed; a circle stands open then."""
    response = redirect("programmes:forming", round_.programme.code)
    response["Location"] += f"?open={at.removeprefix('pot-')}" if at.startswith("pot-") else ""
    response["Location"] += f"#{at}" if at else ""
    return response


@require_POST
@idempotent
def move(request: HttpRequest, code: UUID) -> HttpResponse:
    """Move everybody who is ticked, keep them where they are, or ask first what a move would cost."""
    found = get_round(request.user, code, now=timezone.now())
    form = MoveForm(request.POST, round_=found)
    if not form.is_valid():
        wrong = [str(error) for errors in form.errors.values() for error in errors]
        said = wrong[0] if "who" in form.errors and "who" not in request.POST else _gone()
        messages.warning(request, said)
        return back_to_board(found)
    do = request.POST.get("do", "")
    if do == "cost":
        return _asking(request, found, form)
    with refusals_said(request):
        if do in ("keep", "let_go"):
            number = services.people_pin(round_=found, enrolments=form.keys(), pinned=do == "keep")
            messages.success(request, _kept(number, do == "keep"))
        else:
            number = services.people_move(round_=found, moves=form.moves())
            acted(request, found.programme, "people_moved", number)
            messages.success(request, _moved(number, form))
    to = form.cleaned_data["to"]
    return back_to_board(found, f"pot-{to}" if to and do not in ("keep", "let_go") else "pots")


def _gone() -> str:
    return _("Somebody or a circle is no longer on the board. Look at it again.")


def _kept(number: int, kept: bool) -> str:
    if kept:
        said = ngettext("%(n)s person stays where they are.", "%(n)s people stay where they are.", number)
    else:
        said = ngettext("%(n)s person may be moved again.", "%(n)s people may be moved again.", number)
    return said % {"n": number}


def _moved(number: int, form: MoveForm) -> str:
    to = form.drafts.get(form.cleaned_data["to"])
    if to is None:
        said = ngettext("%(n)s person waits again.", "%(n)s people wait again.", number)
        return said % {"n": number}
    said = ngettext("%(n)s person moved to %(circle)s.", "%(n)s people moved to %(circle)s.", number)
    return said % {"n": number, "circle": to.name}


def _asking(request: HttpRequest, round_: Round, form: MoveForm) -> HttpResponse:
    """The board with the same people ticked, and the answer beside them; for so many as an address can name."""
    if len(form.codes()) > ASKED_ABOUT:
        messages.warning(request, _("Tick %s people at most to read what a move would cost.") % ASKED_ABOUT)
        return back_to_board(round_, "pots")
    query = QueryDict(mutable=True)
    query.setlist("who", form.codes())
    query["to"] = form.cleaned_data["to"]
    response = redirect("programmes:forming", round_.programme.code)
    response["Location"] += f"?{query.urlencode()}#move"
    return response


@never_cache
@require_GET
def move_cost(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a move would gain and cost: the part of the page that script puts beside the ticks."""
    found = get_round(request.user, code, now=timezone.now())
    form = MoveForm(request.GET, round_=found)
    told = move_told(found, form.moves()) if form.is_valid() else None
    return render(request, "programmes/_cost.html", {"told": told})


@require_POST
@idempotent
def place(request: HttpRequest, code: UUID, person: UUID) -> HttpResponse:
    """Put one person into a circle of the board, or into none: the address of earlier pages, and of dragging."""
    found = get_round(request.user, code, now=timezone.now())
    enrolment = get_object_or_404(Enrolment, programme=found.programme, code=person)
    data = request.POST.copy()
    data["who"] = str(enrolment.code)
    data["to"] = data.get("draft", "")
    form = MoveForm(data, round_=found)
    if not form.is_valid():
        messages.warning(request, _gone())
        return back_to_board(found)
    with refusals_said(request):
        acted(request, found.programme, "people_moved", services.people_move(round_=found, moves=form.moves()))
    return back_to_board(found, f"person-{enrolment.code}")


@require_POST
@idempotent
def move_undo(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take the last move back."""
    found = get_round(request.user, code, now=timezone.now())
    with refusals_said(request):
        number = services.step_undo(round_=found)
        acted(request, found.programme, "move_undone", number)
        said = ngettext("%(n)s person is back where they were.", "%(n)s people are back where they were.", number)
        messages.success(request, said % {"n": number})
    return back_to_board(found, "pots")


@require_POST
@idempotent
def draft_lock(request: HttpRequest, code: UUID, draft: UUID) -> HttpResponse:
    """Whether a circle stays as it is, whatever is proposed."""
    found = get_round(request.user, code, now=timezone.now())
    row = get_object_or_404(DraftCircle.objects.select_related("round__programme"), round=found, code=draft)
    with refusals_said(request):
        services.draft_lock(draft=row, locked="lock" in request.POST)
        acted(request, found.programme, "board_changed")
    return back_to_board(found, f"pot-{row.code}")


@require_POST
@idempotent
def facilitators_propose(request: HttpRequest, code: UUID) -> HttpResponse:
    """Choose people who offered to, for the circles that nobody looks after yet."""
    found = get_round(request.user, code, now=timezone.now())
    with refusals_said(request):
        chosen, left = services.facilitators_propose(round_=found)
        acted(request, found.programme, "facilitators_proposed", chosen)
        said = ngettext("Somebody is chosen for %(n)s circle.", "Somebody is chosen for %(n)s circles.", chosen)
        messages.success(request, said % {"n": chosen})
        if left:
            words = ngettext(
                "For %(n)s circle nobody was found who offered it, has the hour and carries fewer than two.",
                "For %(n)s circles nobody was found who offered it, has the hour and carries fewer than two.",
                left,
            )
            messages.warning(request, words % {"n": left})
    return back_to_board(found, "pots")
