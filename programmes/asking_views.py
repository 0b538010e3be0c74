"""Questions put to one person: whether they would administer a programme too, or look after its circles."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import ways
from accounts.idempotent import idempotent
from accounts.invitations import let_sign_up
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from programmes import asking_services as services
from programmes.access import (
    ADMIN_DOOR,
    get_admin_invitation,
    get_facilitator_asked,
    get_programme,
    get_round,
)
from programmes.forms import AdminForm
from programmes.models import AdminInvitation, DraftCircle, FacilitatorAsked
from programmes.trail_views import acted


@require_POST
@idempotent
def admin_ask(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask somebody to administer the programme too; the answer is the same whoever has an account."""
    programme = get_programme(request.user, code, now=timezone.now())
    form = AdminForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["email"]
        with refusals_said(request):
            services.admin_ask(programme=programme, email=email, by=person_of(request), now=timezone.now())
            acted(request, programme, "admin_asked")
            messages.success(request, _("%s is asked by mail. They administer the programme after their yes.") % email)
    else:
        messages.warning(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("programmes:settings", code)


@require_POST
@idempotent
def admin_ask_withdraw(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    """The question is no longer put."""
    programme = get_programme(request.user, code, now=timezone.now())
    found = get_object_or_404(AdminInvitation, programme=programme, code=invitation)
    with refusals_said(request):
        services.admin_ask_withdraw(invitation=found, now=timezone.now())
        acted(request, programme, "admin_not_asked")
        messages.success(request, _("The question is taken back."))
    return redirect("programmes:settings", code)


def _way(code: UUID) -> str:
    return f"administer {code}"


@login_not_required
@never_cache
@require_GET
def administer_open(request: HttpRequest, code: UUID, token: str) -> HttpResponse:
    """Take the secret out of the address: it moves into the session and the browser goes on to a clean one."""
    ways.hold(request, _way(code), token)
    return redirect("programmes:administer", code)


@login_not_required
@never_cache
@get_or_post
@idempotent
def administer(request: HttpRequest, code: UUID) -> HttpResponse:
    """What it means to administer a programme, and a person's own yes or no to it."""
    now = timezone.now()
    token = ways.held(request, _way(code))
    invitation = get_admin_invitation(request.user, code, token, now=now)
    back = ways.back_to(token, request.path)
    context: dict[str, object] = {"invitation": invitation, "back": back, "of": ways.mark_of(token)}
    if not request.user.is_authenticated:
        let_sign_up(request, ADMIN_DOOR, f"{code} {token}")
        return render(request, "programmes/administer.html", context | {"guest": True})
    if request.user.email.lower() != invitation.email:
        return render(request, "programmes/administer.html", context | {"other_address": True})
    if request.method == "POST":
        yes = "yes" in request.POST
        with refusals_said(request):
            services.admin_answer(invitation=invitation, user=request.user, yes=yes, now=now)
            ways.let_go(request, _way(code), token)
            thanks = _("Thank you. The programme stands under Programmes as soon as you administer it.")
            messages.success(request, thanks if yes else _("You have said no. Whoever asked is told."))
        return redirect("programmes:programmes")
    return render(request, "programmes/administer.html", context)


@require_POST
@idempotent
def facilitators_ask(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask everybody who was chosen on the board whether they would look after a circle."""
    found = get_round(request.user, code, now=timezone.now())
    number = services.facilitators_ask(round_=found, by=person_of(request), now=timezone.now())
    acted(request, found.programme, "facilitators_asked", number)
    said = ngettext("%(n)s person is asked.", "%(n)s people are asked.", number) % {"n": number}
    messages.success(request, said)
    return redirect("programmes:forming", found.programme.code)


@never_cache
@get_or_post
@idempotent
def look_after(request: HttpRequest, code: UUID) -> HttpResponse:
    """What it means to look after a circle, and a person's own yes or no to it."""
    asked = get_facilitator_asked(request.user, code)
    if request.method == "POST":
        yes = "yes" in request.POST
        with refusals_said(request):
            services.facilitator_answer(asked=asked, yes=yes, now=timezone.now())
            messages.success(request, _("Thank you. Whoever asked is told."))
        return redirect("programmes:look_after", code)
    drafts = DraftCircle.objects.filter(round=asked.round, facilitator=asked.user, round__published_at=None)
    context = {"asked": asked, "drafts": drafts.order_by("name"), "settled": _is_settled(asked)}
    return render(request, "programmes/look_after.html", context)


def _is_settled(asked: FacilitatorAsked) -> bool:
    """Whether the answer stands: the circles are made, or the one it is about has its answer."""
    if asked.circle is not None:
        return asked.yes is not None
    return asked.round.published_at is not None
