"""Signing the agreement as a form posts it, on the pages of a circle and of a guest."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.refusals import Refused, refusal_say
from agreements import services
from circles.access import Seat


def sign_as_posted(request: HttpRequest, seat: Seat) -> bool:
    """Sign the text that a form showed, as a member or a guest, and say how it went. Replaced is left to the caller."""
    try:
        version = UUID(request.POST.get("version", ""))
    except ValueError as error:
        raise Http404 from error
    if request.POST.get("read") != "on":
        messages.warning(request, _("Tick that you have read it and will keep to it, then sign."))
        return False
    try:
        services.agreement_sign(
            circle=seat.circle,
            user=seat.user,
            version=version,
            digest=request.POST.get("digest", ""),
            now=timezone.now(),
        )
    except services.Replaced:
        raise
    except Refused as refusal:
        refusal_say(request, refusal)
        return False
    messages.success(request, _("Signed. Thank you."))
    return True
