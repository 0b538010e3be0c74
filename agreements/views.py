"""Reading, signing, printing the agreement; its versions; what to do when it is not kept."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusal_say
from accounts.requests import safe_next
from accounts.rules.clean import whole_number
from agreements import selectors, services
from agreements.access import get_version, reads_proposal
from agreements.enums import Theme
from agreements.models import AgreementVersion, by_theme
from agreements.review_services import FEWEST
from agreements.sentences import rule_of, title
from agreements.signing import sign_as_posted
from agreements.starting import SHARED
from circles.access import Seat, get_circle
from circles.selectors import changes_for, members_of


def _text_page(seat: Seat, version: AgreementVersion | None = None) -> dict[str, Any]:
    """A text with its rule and who has signed it; the one in force unless another is named."""
    if version is None:
        version, clauses = selectors.in_force(seat.circle)
    else:
        clauses = selectors.clauses_of(version)
    if version is None:
        raise Http404
    signed = selectors.signatures_of(version)
    members = members_of(seat.circle)
    return {
        "seat": seat,
        "circle": seat.circle,
        "version": version,
        "themes": by_theme(clauses),
        "rule": rule_of(version),
        "people": [(member, signed.get(member.user_id)) for member in members],
        "signed_count": len([m for m in members if m.user_id in signed]),
        "mine": signed.get(seat.user.pk),
    }


@never_cache
@require_GET
def agreement(request: HttpRequest, code: UUID) -> HttpResponse:
    """The agreement in force, who has signed it, where to sign, what is proposed, what has been slipped on."""
    seat = get_circle(request.user, code)
    context = _text_page(seat)
    since = seat.membership.joined_at
    opened, settled = selectors.proposals_of(seat.circle, since=since, page=request.GET.get("settled"))
    editions = selectors.versions_of(seat.circle, came=since, page=request.GET.get("versions"))
    today = seat.user.today(timezone.now())
    slipped = selectors.slips_recurring(seat.circle, today=today, fewest=FEWEST, since=since)
    before = None if context["mine"] else _before(request, seat)
    context |= {
        "next": safe_next(request, ""),
        # The words are read far more often than changed: what proposes stands between them only when it is asked for.
        "proposing": seat.membership.takes_part and request.GET.get("propose") == "on",
        "opened": [(proposal, title(proposal)) for proposal in opened if reads_proposal(seat, proposal)],
        "settled": [(proposal, title(proposal)) for proposal in settled],
        "settled_page": settled,
        "editions": [
            (one, title(one.came_from) if one.came_from and seat.saw(one.came_from.made_at) else "") for one in editions
        ],
        "editions_page": editions,
        "slipped": [(theme, Theme(theme).label) for theme in slipped],
        "before": before,
        "changes": changes_for(seat.circle, seat.user) if seat.announced else [],
        "changed": _changed(before, context["version"]) if before else [],
    }
    return render(request, "agreements/agreement.html", context)


def _before(request: HttpRequest, seat: Seat) -> AgreementVersion | None:
    """The text to compare the one in force with: the one somebody was about to sign, or the last they signed."""
    number = whole_number(request.GET.get("from", ""), most=999)
    if number is not None:
        return get_version(seat, number)
    return selectors.last_signed(seat.circle, seat.user)


def _changed(before: AgreementVersion, version: AgreementVersion) -> list[Any]:
    return [(Theme(row.theme).label, row) for row in selectors.difference(before, version) if row.kind != "same"]


@require_POST
@idempotent
def agreement_sign(request: HttpRequest, code: UUID) -> HttpResponse:
    """Sign the exact text that the page showed."""
    seat = get_circle(request.user, code, writes=True)
    here = reverse("agreements:agreement", args=[code])
    try:
        signed = sign_as_posted(request, seat)
    except services.Replaced as replaced:
        refusal_say(request, replaced)
        seen = AgreementVersion.objects.filter(code=request.POST["version"], agreement__circle=seat.circle).first()
        return redirect(f"{here}?from={seen.number}" if seen else here)
    return redirect(safe_next(request, reverse("pages:circle", args=[code])) if signed else here)


@never_cache
@require_GET
def agreement_print(request: HttpRequest, code: UUID) -> HttpResponse:
    """The agreement with its signatures, ready for paper."""
    return render(request, "agreements/agreement_print.html", _text_page(get_circle(request.user, code)))


@never_cache
@require_GET
def agreement_text(request: HttpRequest, code: UUID) -> HttpResponse:
    """The agreement as a plain text file."""
    seat = get_circle(request.user, code)
    context = _text_page(seat)
    answer = render(request, "agreements/agreement.txt", context, content_type="text/plain; charset=utf-8")
    name = f"agreement-{context['version'].number}.txt"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@never_cache
@require_GET
def agreement_version(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    """One version: its text, who signed it, and what changed against the one before it."""
    seat = get_circle(request.user, code)
    version = get_version(seat, number)
    before = _one_before(seat, version)
    context = _text_page(seat, version) | {
        "before": before,
        "changes": changes_for(seat.circle, seat.user) if seat.announced else [],
        "changed": _changed(before, version) if before else [],
        "in_force": selectors.current_version(seat.circle) == version,
    }
    return render(request, "agreements/agreement_version.html", context)


def _one_before(seat: Seat, version: AgreementVersion) -> AgreementVersion | None:
    """The version before, where there is one that the person may read."""
    try:
        return get_version(seat, version.number - 1)
    except Http404:
        return None


@never_cache
@require_GET
def agreement_hard(request: HttpRequest, code: UUID) -> HttpResponse:
    """What to do first, next and last when the agreement was not kept, in the circle's own words."""
    seat = get_circle(request.user, code)
    _version, clauses = selectors.in_force(seat.circle)
    own = [clause.text for clause in clauses if clause.theme == Theme.BREACH]
    context = {
        "seat": seat,
        "circle": seat.circle,
        "steps": own or [_(text) for theme, text in SHARED if theme == Theme.BREACH],
        "own": bool(own),
        "conflict": [clause.text for clause in clauses if clause.theme == Theme.CONFLICT],
        "help": settings.ORGANISATION_HELP,
    }
    return render(request, "agreements/agreement_hard.html", context)
