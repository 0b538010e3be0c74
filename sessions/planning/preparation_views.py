"""The sheet to prepare with before a session of a journey."""

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
from sessions.access import SessionSeat, get_session
from sessions.journeys.selectors import leg_of
from sessions.models import Leg
from sessions.planning import preparation_services as services
from sessions.planning.bringing_services import BOTH_KEPT
from sessions.planning.forms import PreparationForm
from sessions.planning.preparation_selectors import sheet_of
from sessions.planning.views import where_brought
from sessions.sharing import as_shown


@never_cache
@get_or_post
@idempotent
def preparation(request: HttpRequest, code: UUID) -> HttpResponse:
    """The questions, and what one has written for oneself; saved as often as one likes until the session is over.

    Whoever was still writing when it ended gets their words back, with the reason why they are not kept.
    """
    seat, leg = _sheet(request, code)
    is_over = not (seat.session.is_planned or seat.session.is_running)
    if seat.sharing or (is_over and request.method != "POST"):
        return redirect("sessions:session", code)
    asked = sheet_of(leg, seat.user)
    typed = request.POST if request.method == "POST" else None
    form = PreparationForm(typed, asked=asked, initial={"leg": str(leg.code)})
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, form.first):
            of = form.cleaned_data["leg"] or str(leg.code)
            joined = services.sheet_write(
                session=seat.session,
                leg=leg,
                shown=of,
                owner=seat.user,
                texts=form.answers(),
                seen=form.seen(),
                now=timezone.now(),
            )
            messages.success(request, _("Saved. Nobody else can read it."), extra_tags="sheet")
            if joined:
                messages.warning(request, BOTH_KEPT, extra_tags="sheet")
            return redirect("sessions:preparation", code)
        form.words_keep()
    context = {
        "seat": seat,
        "circle": seat.circle,
        "session": seat.session,
        "leg": leg,
        "form": form,
        "may_bring": any(one.text for one in asked) and seat.session.format_version.rule.before != "nothing",
    }
    return render(request, "sessions/preparation.html", context)


@require_POST
@idempotent
def preparation_bring(request: HttpRequest, code: UUID) -> HttpResponse:
    """Turn the sheet into the issue one brings, from its page or from the room."""
    seat, leg = _sheet(request, code)
    back, at = where_brought(request, code)
    with refusals_said(request, at=at):
        services.sheet_bring(session=seat.session, leg=leg, owner=seat.user)
        messages.success(request, _("You bring this now. Nobody else sees it until your turn begins."), extra_tags=at)
    return redirect(back)


def _sheet(request: HttpRequest, code: UUID) -> tuple[SessionSeat, Leg]:
    """Whose sheet it is, and of which session of a journey; 404 where none is offered."""
    seat = as_shown(request, get_session(request.user, code))
    leg = leg_of(seat.session)
    if leg is None or not leg.step.sheet or not seat.membership.takes_part:
        raise Http404
    return seat, leg
