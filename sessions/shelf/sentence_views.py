"""Sentences: offered in a circle, where each can say no; published without anybody's name; taken away again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of
from sessions.shelf import sentence_selectors as selectors
from sessions.shelf import sentence_services as services
from sessions.shelf.access import get_offer, get_seat_in_turn
from sessions.shelf.forms import SentenceForm


@never_cache
@require_GET
def sentences(request: HttpRequest) -> HttpResponse:
    """All published sentences, and those that the reader may take away."""
    page, theirs = selectors.sentences_for(person_of(request), request.GET.get("page"))
    return render(request, "shelf/sentences.html", {"page": page, "theirs": theirs})


@require_POST
def sentence_away(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a published sentence away: one's own, or one of a circle of one's own. At once, and for good."""
    with refusals_said(request):
        if services.sentence_take_away(user=person_of(request), key=key):
            messages.success(request, _("It is gone from the shelf, for everybody."))
        else:
            messages.warning(request, _("There is no such sentence of yours any more."))
    return redirect("shelf:sentences")


@never_cache
@get_or_post
@idempotent
def circle_sentences(request: HttpRequest, code: UUID) -> HttpResponse:
    """Offer a sentence, and see those of the others that wait."""
    # Also in a circle that is closed, while its words can be read: a last session is often the end.
    seat = get_seat_in_turn(request.user, code)
    form = SentenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "text"):
            services.sentence_offer(
                circle=seat.circle, user=seat.user, text=form.cleaned_data["text"], now=timezone.now()
            )
            messages.success(request, _("Offered to your circle. For a week each of you can say no to it."))
            return redirect("shelf:circle_sentences", code)
    context = selectors.circle_sentences_page(seat, now=timezone.now())
    return render(request, "shelf/circle_sentences.html", context | {"form": form})


@require_POST
def sentence_no(request: HttpRequest, code: UUID, offer: UUID) -> HttpResponse:
    """Say no to a sentence that waits, without a name; its writer takes it back by the same press."""
    seat, found = get_offer(request.user, code, offer)
    if found is None:
        messages.warning(request, _("It does not wait any more. If it is on the shelf, take it away there."))
        return redirect("shelf:sentences")
    with refusals_said(request):
        if found.user_id == seat.user.pk:
            services.offer_take_back(offer=found)
            messages.success(request, _("Taken back. Nobody is asked about it any more."))
        elif services.offer_object(offer=found):
            messages.success(request, _("It stays in the circle. Nobody learns who wished so."))
        else:
            messages.warning(request, _("It does not wait any more. If it is on the shelf, take it away there."))
    return redirect("shelf:circle_sentences", code)
