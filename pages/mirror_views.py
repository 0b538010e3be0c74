"""A circle looks at itself: each alone, then one question together, then one change that is tried."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.acting import carried_out
from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post
from agreements import mirror_services as services
from agreements.enums import Became
from agreements.mirror_forms import MirrorForm, OneChangeForm
from agreements.mirror_selectors import mirror_page
from agreements.models import Mirror, OneChange
from circles.access import Seat, get_circle
from pages.access import reads_between_sessions


def _seat(request: HttpRequest, code: UUID, *, writes: bool = False) -> Seat:
    """A member with a seat; a facilitator from outside finds nothing here."""
    seat = get_circle(request.user, code, writes=writes)
    if not seat.membership.takes_part:
        raise Http404
    return seat


@never_cache
@get_or_post
@idempotent
def mirror(request: HttpRequest, code: UUID) -> HttpResponse:
    """The statements for whoever has not answered, what differs once all have, and the change that is tried."""
    seat = _seat(request, code, writes=request.method == "POST")
    form = MirrorForm(request.POST or None)
    found = mirror_page(seat, reads=reads_between_sessions(seat))
    looked = found["mirror"]
    if request.method == "POST" and isinstance(looked, Mirror) and (not found["asked"] or form.is_valid()):
        if not found["asked"]:
            messages.warning(request, _("There is nothing to answer now."))
            return redirect("pages:mirror", code)
        if not _is_of(request, looked):
            form.add_error(None, _("Your circle looks anew by now. Give your answers once more, if they still hold."))
            return _shown(request, found, form=form)
        with refusals_said(request):
            services.mirror_answer(mirror=looked, user=seat.user, scores=form.scores(), now=timezone.now())
            messages.success(request, _("Thank you. It is counted without your name."))
        return redirect("pages:mirror", code)
    return _shown(request, found, form=form)


def _is_of(request: HttpRequest, looked: Mirror) -> bool:
    """Whether a form was drawn for this look of the circle, and not for one before it."""
    return request.POST.get("look", "") in ("", str(looked.code))


def _shown(request: HttpRequest, found: dict[str, Any], **forms: Any) -> HttpResponse:
    context = {"form": MirrorForm(), "change_form": OneChangeForm(auto_id="change_%s")} | found | forms
    context["outcomes"] = [one for one in Became if one != Became.TRYING]
    return render(request, "pages/mirror.html", context)


def _to(code: UUID) -> HttpResponse:
    return redirect("pages:mirror", code)


@require_POST
@idempotent
def mirror_open(request: HttpRequest, code: UUID) -> HttpResponse:
    """Somebody with a seat asks everybody to look."""
    seat = _seat(request, code, writes=True)
    return carried_out(
        request, lambda: services.mirror_open(circle=seat.circle, by=seat.user, now=timezone.now()), _to(code)
    )


@require_POST
def mirror_close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whoever has not answered is not waited for."""
    seat = _seat(request, code, writes=True)
    looked = Mirror.objects.filter(circle=seat.circle, closed_at=None).first()
    if looked is None or not _is_of(request, looked):
        return redirect("pages:mirror", code)
    return carried_out(request, lambda: services.mirror_close(mirror=looked, now=timezone.now()), _to(code))


@require_POST
@idempotent
def one_change(request: HttpRequest, code: UUID) -> HttpResponse:
    """The circle writes down the one change that it tries."""
    seat = _seat(request, code, writes=True)
    form = OneChangeForm(request.POST, auto_id="change_%s")
    if not form.is_valid():
        return _shown(request, mirror_page(seat, reads=reads_between_sessions(seat)), change_form=form)
    text = form.cleaned_data["text"]
    return carried_out(
        request,
        lambda: services.one_change_decide(circle=seat.circle, text=text, now=timezone.now()),
        _to(code),
        _("Saved. It stands on the screen at your next three openings."),
    )


@require_POST
def one_change_settle(request: HttpRequest, code: UUID, change: UUID) -> HttpResponse:
    """What became of it."""
    seat = _seat(request, code, writes=True)
    found = get_object_or_404(OneChange, circle=seat.circle, code=change)
    became = request.POST.get("became", "")
    if became not in Became.values or not became or not seat.saw(found.decided_at):
        raise Http404
    return carried_out(
        request,
        lambda: services.one_change_settle(change=found, became=Became(became), now=timezone.now()),
        _to(code),
        _("Thank you. The next one when you like."),
    )
