"""Proposing a change of the agreement, answering a proposal, taking one back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post
from agreements import proposal_services as services
from agreements import selectors
from agreements.access import ProposalSeat, get_proposal
from agreements.enums import ClauseChange, ProposalStatus, Stance, Theme
from agreements.models import Clause
from agreements.proposal_forms import ProposalForm, ResponseForm
from agreements.rules.adopting import USUAL_DAYS, Verdict, counts_from, verdict
from agreements.sentences import rule, rule_of, title
from circles.access import get_circle
from circles.selectors import members_of


@never_cache
@get_or_post
@idempotent
def propose(request: HttpRequest, code: UUID, change: str) -> HttpResponse:
    """Propose to add, change or drop a clause, or to change the rule itself."""
    seat = get_circle(request.user, code, writes=True)
    if change not in ClauseChange.values or not seat.membership.takes_part:
        raise Http404
    version, clauses = selectors.in_force(seat.circle)
    if version is None:
        raise Http404
    kind = ClauseChange(change)
    clause = _clause(request, clauses) if kind in (ClauseChange.REWORD, ClauseChange.DROP) else None
    theme = request.GET.get("theme", "")
    started = {
        "text": clause.text if clause else "",
        "theme": theme if theme in Theme.values else Theme.CONFIDENTIALITY,
        "days": version.adopt_days or USUAL_DAYS,
    }
    form = ProposalForm(request.POST or None, change=kind, initial=started)
    if request.method == "POST" and form.is_valid():
        details = form.details(line=clause.line if clause else None)
        with refusals_beside(form):
            made = services.proposal_make(circle=seat.circle, details=details, by=seat.user, now=timezone.now())
            messages.success(
                request,
                _("Proposed. The others are told that something is; your words stand here alone, and in no mail."),
            )
            return redirect("agreements:proposal", made.code)
    context = {
        "circle": seat.circle,
        "form": form,
        "change": kind,
        "clause": clause,
        "rule": rule_of(version),
    }
    return render(request, "agreements/propose.html", context)


def _clause(request: HttpRequest, clauses: list[Clause]) -> Clause:
    """The clause the address names; Http404 when it is not in the text in force."""
    line = request.GET.get("line", "")
    found = next((clause for clause in clauses if str(clause.line) == line), None)
    if found is None:
        raise Http404
    return found


@never_cache
@get_or_post
@idempotent
def proposal(request: HttpRequest, code: UUID) -> HttpResponse:
    """A proposal: what would change and why, what everybody says, and my answer."""
    seat = get_proposal(request.user, code, writes=request.method == "POST")
    form = ResponseForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and seat.membership.takes_part:
        with refusals_said(request):
            services.proposal_respond(proposal=seat.proposal, user=seat.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Your answer is saved. You can change it until this is settled."))
        return redirect("agreements:proposal", code)
    return render(request, "agreements/proposal.html", _proposal_page(seat, form))


def _proposal_page(seat: ProposalSeat, form: ResponseForm) -> dict[str, object]:
    one = seat.proposal
    responses = selectors.responses_to(one)
    said = {row.user_id: row for row in responses}
    mine = said.get(seat.user.pk)
    # That somebody has answered is counted; what they said before the reader came was not said to them.
    unheard = {row.pk for row in responses if not seat.saw(row.at)}
    if mine and not form.is_bound:
        form.initial = {"stance": mine.stance, "comment": mine.comment}
    ring = [member.user for member in members_of(seat.circle) if member.takes_part]
    facts = services.said_to(one, members=[user.pk for user in ring], responses=responses)
    stands = verdict(facts, now=timezone.now())
    return {
        "seat": seat,
        "circle": seat.circle,
        "proposal": one,
        "title": title(one),
        "rows": [(Theme(row.theme).label, row) for row in selectors.proposal_difference(one)],
        "new_rule": rule(one.days) if one.days else "",
        "answers": [(user, said.get(user.pk)) for user in ring],
        "unheard": unheard,
        "why": one.why if seat.saw(one.made_at) else "",
        "answered": len([user for user in ring if user.pk in said and said[user.pk].stance]),
        "form": form,
        "stands": stands.value,
        "counts_from": counts_from(facts),
        "may_answer": one.is_open and seat.membership.takes_part,
        "may_withdraw": one.is_open and one.by == seat.user,
        "proposer_agrees": one.by == seat.user and bool(mine and mine.stance == Stance.YES),
        "asked_to_decide": stands == Verdict.DECIDE and bool(mine and mine.was_there),
        "adopted": one.status == ProposalStatus.ADOPTED,
    }


@require_POST
@idempotent
def proposal_withdraw(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    seat = get_proposal(request.user, code, writes=True)
    if seat.proposal.by != seat.user:
        raise Http404
    with refusals_said(request):
        services.proposal_withdraw(proposal=seat.proposal, now=timezone.now())
        messages.success(request, _("Taken back."))
    return redirect("agreements:agreement", seat.circle.code)
