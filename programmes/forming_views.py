"""The board on which circles are made of people. A select and a button do all that dragging does."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.acting import carried_out
from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of
from programmes import forming_services as services
from programmes.access import get_programme, get_round
from programmes.board_page_selectors import board_page
from programmes.board_views import back_to_board
from programmes.enrolment_selectors import next_round
from programmes.forming_forms import BoardFilterForm, DraftForm, MoveForm, RoundForm
from programmes.forming_selectors import board_of, open_round
from programmes.late_selectors import late_people
from programmes.models import DraftCircle, FacilitatorAsked, Round
from programmes.moving_selectors import move_told
from programmes.trail_views import acted


@never_cache
@get_or_post
@idempotent
def forming(request: HttpRequest, code: UUID) -> HttpResponse:
    """The board that is open, or how to begin one."""
    programme = get_programme(request.user, code, now=timezone.now())
    user = person_of(request)
    form = RoundForm(request.POST or None, today=user.today(timezone.now()))
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            services.round_begin(programme=programme, first_on=form.cleaned_data["first_on"])
            acted(request, programme, "board_begun")
        return redirect("programmes:forming", code)
    found = open_round(programme)
    context = {"programme": programme, "leads": True, "form": form, "rounds": programme.rounds.order_by("number")}
    if found is None:
        late = late_people(programme).count() if context["rounds"] else 0
        context |= {"late": late, "next": next_round(programme), "over": programme.is_over(timezone.now())}
        return render(request, "programmes/forming_begin.html", context)
    asked = BoardFilterForm(request.GET or None).asked()
    context |= board_page(found, asked, user) | {"ticked": _ticked(request, found)}
    return render(request, "programmes/forming.html", context)


def _ticked(request: HttpRequest, round_: Round) -> dict[str, object]:
    """Who was ticked when somebody asked what a move would cost without script, where to, and the answer."""
    if "who" not in request.GET:
        return {}
    form = MoveForm(request.GET, round_=round_)
    if not form.is_valid():
        return {}
    return {"who": form.codes(), "to": form.cleaned_data["to"], "told": move_told(round_, form.moves())}


def _step(request: HttpRequest, round_: Round, act: Callable[[], object], verb: str = "board_changed") -> HttpResponse:
    """Carry a step of the board out, which is noted as done, or say why it cannot be."""

    def noted() -> None:
        act()
        acted(request, round_.programme, verb)

    return carried_out(request, noted, back_to_board(round_))


@require_POST
@idempotent
def draft_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """One more circle."""
    found = get_round(request.user, code, now=timezone.now())
    return _step(request, found, partial(services.draft_add, round_=found))


def _draft(request: HttpRequest, code: UUID, draft: UUID) -> tuple[Round, DraftCircle]:
    found = get_round(request.user, code, now=timezone.now())
    return found, get_object_or_404(DraftCircle.objects.select_related("round"), round=found, code=draft)


@require_POST
@idempotent
def draft_drop(request: HttpRequest, code: UUID, draft: UUID) -> HttpResponse:
    """Take a circle off the board."""
    found, row = _draft(request, code, draft)
    return _step(request, found, partial(services.draft_drop, draft=row))


@never_cache
@get_or_post
@idempotent
def draft_change(request: HttpRequest, code: UUID, draft: UUID) -> HttpResponse:
    """Its name, who looks after it, when it first meets."""
    found, row = _draft(request, code, draft)
    board = board_of(found)
    pot = next(pot for pot in board.pots if pot.draft == row)
    here = Counter(other.draft.facilitator_id for other in board.pots if other is not pot)
    carried = {one.user: one.circles + here[one.user.pk] for one in board.may_facilitate}
    people = {str(user.code): (user, _carries(str(user), number)) for user, number in carried.items()} | {
        str(one.enrolment.user.code): (one.enrolment.user, one.person.name) for one in pot.people
    }
    refused = FacilitatorAsked.objects.filter(round=found, circle=None, yes=False).values_list("user", flat=True)
    people = {key: one for key, one in people.items() if one[0].pk not in set(refused)}
    started = {
        "name": row.name,
        "facilitator": str(row.facilitator.code) if row.facilitator else "",
        # As chosen; left empty it goes on following the hours that all of its people share.
        "first_on": row.first_on,
        "first_at": row.first_at,
    }
    form = DraftForm(request.POST or None, people=people, now=timezone.now(), initial=started, meets=pot.first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_beside(form, "name"):
            services.draft_change(
                draft=row,
                name=data["name"],
                facilitator=form.facilitator_chosen(),
                first_on=data["first_on"],
                first_at=data["first_at"],
            )
            acted(request, found.programme, "board_changed")
            return back_to_board(found, f"pot-{row.code}")
    context = {"programme": found.programme, "leads": True, "form": form, "draft": row, "round": found, "pot": pot}
    return render(request, "programmes/draft.html", context)


def _carries(name: str, number: int) -> str:
    carried = ngettext("looks after %(n)s circle", "looks after %(n)s circles", number) % {"n": number}
    return f"{name} ({carried})"


@require_POST
@idempotent
def publish(request: HttpRequest, code: UUID) -> HttpResponse:
    """Make all circles of the board and send the invitations."""
    found = get_round(request.user, code, now=timezone.now())
    with refusals_said(request):
        number = services.round_publish(round_=found, by=person_of(request), now=timezone.now())
        acted(request, found.programme, "circles_made", number)
        said = ngettext(
            "The circles are made; %(n)s person is invited.", "The circles are made; %(n)s people are invited.", number
        )
        messages.success(request, said % {"n": number})
        return redirect("programmes:overview", found.programme.code)
    return redirect("programmes:forming", found.programme.code)


@require_POST
@idempotent
def round_drop(request: HttpRequest, code: UUID) -> HttpResponse:
    """Throw the board away."""
    found = get_round(request.user, code, now=timezone.now())
    return _step(request, found, partial(services.round_drop, round_=found), verb="board_dropped")
