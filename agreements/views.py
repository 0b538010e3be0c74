"""Reading and signing the agreement."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.once import once
from accounts.services import Refused
from accounts.views import safe_next
from agreements import selectors, services
from agreements.models import by_theme
from circles.access import get_circle
from circles.selectors import members_of


@never_cache
@require_GET
def agreement(request: HttpRequest, code: UUID) -> HttpResponse:
    """The agreement in force, by theme, who has signed it, and where to sign."""
    seat = get_circle(request.user, code)
    version, clauses = selectors.in_force(seat.circle)
    if version is None:
        raise Http404
    signed = selectors.signatures_of(version)
    members = members_of(seat.circle)
    return render(
        request,
        "agreements/agreement.html",
        {
            "circle": seat.circle,
            "version": version,
            "themes": by_theme(clauses),
            "people": [(member, signed.get(member.user_id)) for member in members],
            "signed_count": len([m for m in members if m.user_id in signed]),
            "mine": signed.get(seat.user.pk),
            "next": safe_next(request, ""),
        },
    )


@require_POST
@once
def agreement_sign(request: HttpRequest, code: UUID) -> HttpResponse:
    """Sign the exact text that the page showed."""
    seat = get_circle(request.user, code)
    try:
        version = UUID(request.POST.get("version", ""))
    except ValueError as error:
        raise Http404 from error
    if request.POST.get("read") != "on":
        messages.warning(request, _("Tick that you have read it and will keep to it, then sign."))
        return redirect("agreements:agreement", code)
    try:
        services.agreement_sign(
            circle=seat.circle,
            user=seat.user,
            version=version,
            digest=request.POST.get("digest", ""),
            now=timezone.now(),
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("agreements:agreement", code)
    messages.success(request, _("Signed. Thank you."))
    return redirect(safe_next(request, reverse("pages:circle", args=[code])))
