"""The account page, the profile, the first administrator, light or dark."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import doors_services, services, ways
from accounts.forms import FirstAdministratorForm, ProfileForm
from accounts.models import SetupToken, StepRemoval
from accounts.refusals import Refused
from accounts.requests import get_or_post, person_of, safe_next

THEMES = ("auto", "light", "dark")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Everything a person can change about their sign-in and how they appear."""
    removal = StepRemoval.objects.filter(user=person_of(request)).first()
    context = {"step_removal": removal, "organisation_signs_in": bool(settings.OIDC_SERVER_URL)}
    return render(request, "accounts/account.html", context)


@get_or_post
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone; asked once before anything else, changeable for ever."""
    user = person_of(request)
    started = {
        "name": user.name,
        "time_zone": user.time_zone if user.zone_confirmed else "",
        "country": user.country,
    }
    form = ProfileForm(request.POST or None, initial=started)
    if request.method == "POST" and form.is_valid():
        services.user_update_profile(user=user, **form.cleaned_data)
        messages.success(request, _("Saved. This is how your circles see you."))
        return redirect(safe_next(request, "/"))
    return render(request, "accounts/profile.html", {"form": form, "next": safe_next(request, "")})


@login_not_required
@never_cache
@require_GET
def setup_open(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address: it moves into the session and the browser goes on to a clean URL."""
    request.session["setup_token"] = token[:100]
    return redirect("accounts:setup")


@login_not_required
@never_cache
@get_or_post
def setup(request: HttpRequest) -> HttpResponse:
    """Make the first administrator with the link that the first start printed."""
    digest = SetupToken.hash_of(str(request.session.get("setup_token", "")))
    token = SetupToken.objects.filter(token_hash=digest).first()
    if token is None or not token.is_open(timezone.now()):
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = doors_services.first_administrator_make(token=token, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            raise Http404 from refusal
        del request.session["setup_token"]
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("pages:today")
    return render(request, "accounts/setup.html", {"form": form})


@require_POST
def address_works(request: HttpRequest) -> HttpResponse:
    """Mail came back from their address, and they say that it is put right: they are written to again."""
    user = person_of(request)
    doors_services.address_works(user=user)
    messages.success(request, _("Mail goes to %s again.") % user.email)
    return redirect(safe_next(request, reverse("accounts:account")))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out in the middle of answering an invitation, and go on with it."""
    ways.sign_out_on_the_way(request)
    return redirect(safe_next(request, "/"))


@login_not_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or as the device says, in a cookie; works before signing in."""
    theme = request.POST.get("theme", "auto")
    response = HttpResponseRedirect(safe_next(request, "/"))
    if theme in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE_NAME, theme, max_age=31_536_000, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
    return response
