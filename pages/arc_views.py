"""The arc of a circle: deciding together how it goes on, and closing well."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post
from circles.access import get_circle, get_circle_to_run
from circles.covenant_services import covenant_settle, decision_say, farewell_write
from circles.enums import Decision
from circles.forms import CarryOnForm, FarewellForm
from circles.sealed import Unreadable
from circles.selectors import covenant_of, decided_to_close
from pages import arc_selectors as selectors
from pages.ending_services import circle_close

WHERE_NEXT = {
    Decision.CARRY_ON: "sessions:schedule",
    Decision.REFORM: "circles:people",
    Decision.CLOSE: "pages:closing",
}


@never_cache
@get_or_post
@idempotent
def decide(request: HttpRequest, code: UUID) -> HttpResponse:
    """What each would like to do after the promised sessions; asked once they have been held."""
    seat = get_circle(request.user, code, writes=request.method == "POST")
    covenant = covenant_of(seat.circle)
    if request.method == "POST":
        choice = request.POST.get("choice")
        if covenant is None or choice not in Decision.values or not seat.membership.takes_part:
            raise Http404
        if selectors.is_due(seat.circle):
            with refusals_said(request):
                decision_say(covenant=covenant, user=seat.user, choice=Decision(choice))
        return redirect("pages:decide", code)
    context = selectors.decide_page(seat)
    promised = context["covenant"].sessions if context["covenant"] else 6
    context["form"] = CarryOnForm(initial={"sessions": promised})
    return render(request, "pages/decide.html", context)


@require_POST
@idempotent
def settle(request: HttpRequest, code: UUID) -> HttpResponse:
    """Write down what more than half of the circle want."""
    seat = get_circle_to_run(request.user, code)
    covenant = covenant_of(seat.circle)
    form = CarryOnForm(request.POST)
    if covenant is None or not selectors.is_due(seat.circle):
        messages.warning(request, _("There is nothing to decide now."))
        return redirect("pages:circle", code)
    # The form is that of going on. Whoever settles on closing sends no number, and none is missing then.
    sessions = form.cleaned_data["sessions"] if form.is_valid() else None
    if "sessions" in request.POST and sessions is None:
        messages.warning(request, _("Enter a number of sessions between 1 and 24."))
        return redirect("pages:decide", code)
    with refusals_said(request):
        decided = covenant_settle(
            covenant=covenant, sessions=sessions or covenant.sessions, by=seat.user, now=timezone.now()
        )
        return redirect(WHERE_NEXT[decided], code)
    return redirect("pages:decide", code)


@never_cache
@get_or_post
@idempotent
def closing(request: HttpRequest, code: UUID) -> HttpResponse:
    """Thanks, and what each takes with them; the closing session; when what was said is deleted."""
    seat = get_circle(request.user, code)
    if not decided_to_close(seat.circle):
        return redirect("pages:decide", code)
    context = selectors.closing_page(seat, now=timezone.now())
    mine = context["mine"]
    words = {name: getattr(mine, name) for name in ("thanks", "takes")} if mine else {}
    started = {name: "" if isinstance(text, Unreadable) else text for name, text in words.items()}
    form = FarewellForm(request.POST or None, initial=started)
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            farewell_write(circle=seat.circle, user=seat.user, now=timezone.now(), **form.cleaned_data)
            said = any(form.cleaned_data.values())
            messages.success(
                request, _("Saved. Your circle can read it.") if said else _("Nothing of yours stands here.")
            )
        return redirect("pages:closing", code)
    return render(request, "pages/closing.html", context | {"form": form})


@require_POST
@idempotent
def close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Close the circle for good, after it has decided to."""
    seat = get_circle_to_run(request.user, code)
    if not decided_to_close(seat.circle):
        messages.warning(request, _("The circle decides that together first."))
        return redirect("pages:circle", code)
    with refusals_said(request):
        circle_close(circle=seat.circle, by=seat.user, now=timezone.now())
        messages.success(request, _("The circle is closed. Thank you for looking after it."))
    return redirect("pages:closing", code)


@never_cache
@require_GET
def facilitating(request: HttpRequest) -> HttpResponse:
    """Where all circles somebody looks after stood by themselves: they are among their circles now."""
    return redirect("pages:circles")
