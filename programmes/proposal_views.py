"""Proposing circles: asking for it, how far it is, what came of it, and what it keeps to."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from accounts.rules.clean import whole_number
from programmes import proposal_services as services
from programmes.access import get_programme, get_round
from programmes.board_views import back_to_board
from programmes.enums import Scope
from programmes.forming_selectors import board_of, open_round
from programmes.models import FormingRun, Round
from programmes.progress_selectors import progress_of
from programmes.proposal_selectors import proposal_page, run_of
from programmes.rules_forms import RulesForm
from programmes.rules_selectors import costs_words, measured, rules_page
from programmes.season_selectors import ROUNDS_AT_MOST, season_plan
from programmes.tasks import begin_soon
from programmes.trail_views import acted

USUAL_ROUNDS = 6


@require_POST
@idempotent
def propose(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for circles to be worked out."""
    found = get_round(request.user, code, now=timezone.now())
    scope = Scope.WAITING if request.POST.get("scope") == Scope.WAITING else Scope.EVERYBODY
    with refusals_said(request):
        services.run_ask(round_=found, scope=scope, by=person_of(request), now=timezone.now())
        acted(request, found.programme, "proposal_asked")
        transaction.on_commit(begin_soon)
        return redirect("programmes:proposal", found.code)
    return back_to_board(found)


def _run(request: HttpRequest, code: UUID) -> tuple[Round, FormingRun | None]:
    """The round, and what was worked out for it; None where another administrator has settled it meanwhile."""
    found = get_round(request.user, code, now=timezone.now())
    run = run_of(found)
    if run is None:
        messages.warning(request, services.gone_words())
    else:
        run.round = found
    return found, run


@never_cache
@require_GET
def proposal(request: HttpRequest, code: UUID) -> HttpResponse:
    """How far it is while it is worked out; then up to three proposals, one of them with its reasons."""
    found = get_round(request.user, code, now=timezone.now())
    run = run_of(found)
    if run is None or found.published_at:
        return back_to_board(found)
    run.round = found
    context = {"programme": found.programme, "leads": True, "round": found, "run": run}
    if run.is_going_on:
        context["progress"] = progress_of(run, timezone.now())
        return render(request, "programmes/proposal_wait.html", context)
    if not run.choices:
        return render(request, "programmes/proposal_wait.html", context)
    number = whole_number(request.GET.get("number", ""), most=len(run.choices) - 1) or 0
    return render(request, "programmes/proposal.html", context | proposal_page(run, board_of(found), number))


@require_POST
@idempotent
def proposal_stop(request: HttpRequest, code: UUID) -> HttpResponse:
    """Stop working it out; the best so far is kept."""
    found, run = _run(request, code)
    if run is None:
        return back_to_board(found)
    services.run_stop(run_=run)
    return redirect("programmes:proposal", found.code)


@require_POST
@idempotent
def proposal_take(request: HttpRequest, code: UUID) -> HttpResponse:
    """Put a proposal on the board."""
    found, run = _run(request, code)
    if run is None:
        return back_to_board(found)
    number = whole_number(request.POST.get("number", ""), most=9)
    with refusals_said(request):
        moved = services.proposal_take(run_=run, number=-1 if number is None else number)
        acted(request, found.programme, "proposal_taken", moved)
        said = ngettext(
            "On the board now: %(n)s person moved. “Undo the last move” takes it back.",
            "On the board now: %(n)s people moved. “Undo the last move” takes it back.",
            moved,
        )
        messages.success(request, said % {"n": moved})
    return back_to_board(found)


@require_POST
@idempotent
def proposal_drop(request: HttpRequest, code: UUID) -> HttpResponse:
    """Leave the board as it is."""
    found, run = _run(request, code)
    if run is None:
        return back_to_board(found)
    services.run_drop(run_=run)
    messages.success(request, _("The board is as it was."))
    return back_to_board(found)


@never_cache
@get_or_post
@idempotent
def forming_rules(request: HttpRequest, code: UUID) -> HttpResponse:
    """What circles of the programme are proposed by, how today's circles keep to it, and what a change would cost."""
    programme = get_programme(request.user, code, now=timezone.now())
    form = RulesForm(request.POST or None, programme=programme)
    round_ = open_round(programme)
    chosen = form.chosen() if request.method == "POST" and form.is_valid() else None
    if chosen is not None and request.POST.get("do") != "cost":
        costs = costs_words(form, programme.forming, chosen, measured(programme, round_)) if round_ else []
        services.rules_change(programme=programme, chosen=chosen)
        acted(request, programme, "rules_changed")
        messages.success(request, " ".join([_("Saved. The next proposal keeps to it."), *costs]))
        return redirect("programmes:forming", code)
    context = {"programme": programme, "leads": True, "form": form}
    return render(request, "programmes/rules.html", context | rules_page(programme, round_, form, chosen))


@never_cache
@require_GET
def season(request: HttpRequest, code: UUID) -> HttpResponse:
    """For how many rounds everybody can meet only new people, and a plan of some rounds."""
    programme = get_programme(request.user, code, now=timezone.now())
    rounds = whole_number(request.GET.get("rounds", ""), most=ROUNDS_AT_MOST) or USUAL_ROUNDS
    context = {"programme": programme, "leads": True, "plan": season_plan(programme, rounds), "rounds": rounds}
    return render(request, "programmes/season.html", context | {"most": ROUNDS_AT_MOST})
