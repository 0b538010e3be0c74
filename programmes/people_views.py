"""Several people of a programme at once: asked for their times, written to, invitations withdrawn; and their table."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from programmes.access import get_programme
from programmes.hours_services import hours_ask
from programmes.invitation_services import invitations_withdraw
from programmes.people_forms import TICKED, WRITTEN_TO, PeopleFilterForm, ticked_in
from programmes.people_selectors import people_rows
from programmes.tables import table_answer
from programmes.trail_views import acted


@require_POST
@idempotent
def people_several(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask all who named no times, or those of them who are ticked, when they can meet; or lead to their addresses."""
    programme = get_programme(request.user, code, now=timezone.now())
    ticked, do = ticked_in(request.POST), request.POST.get("do", "")
    if do != "hours_all":
        left_out = len(ticked_in(request.POST, "invited"))
        if left_out:
            _tell_left_out(request, left_out)
        if not ticked:
            if not left_out:
                messages.warning(request, _("Tick people first."))
            return _back(request, code)
    if do == "write":
        # In no address: those of a whole page make one that is too long for us, and for proxies.
        request.session[WRITTEN_TO] = [str(one) for one in ticked]
        return _back(request, code, [("write", TICKED)])
    with refusals_said(request):
        everybody = do == "hours_all"
        asked, lately = hours_ask(programme=programme, now=timezone.now(), people=None if everybody else ticked)
        if asked:
            acted(request, programme, "hours_asked", asked)
        _tell_asked(request, asked, lately)
    return redirect("programmes:forming", code) if "board" in request.POST else _back(request, code)


def _back(request: HttpRequest, code: UUID, more: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The page of people again, with the search that it showed."""
    asked = PeopleFilterForm(request.POST).asked()
    query = urlencode(
        [*((name, value) for name, value in (("q", asked.words), ("state", asked.state)) if value), *more]
    )
    response = redirect("programmes:people", code)
    response["Location"] += (f"?{query}" if query else "") + ("#letter" if more else "")
    return response


def _tell_left_out(request: HttpRequest, number: int) -> None:
    """Ticks of both lists come with one press, and what is done with people is not done with invitations."""
    said = ngettext(
        "%(n)s person you ticked is left out: they have not answered their invitation. You can send it again.",
        "%(n)s people you ticked are left out: they have not answered their invitations. You can send these again.",
        number,
    )
    messages.warning(request, said % {"n": number})


def _tell_asked(request: HttpRequest, asked: int, lately: int) -> None:
    if asked:
        said = ngettext(
            "%(n)s person is asked by mail when they can meet.",
            "%(n)s people are asked by mail when they can meet.",
            asked,
        )
        messages.success(request, said % {"n": asked})
    if lately:
        said = ngettext(
            "%(n)s was asked less than a week ago, and hears nothing now.",
            "%(n)s were asked less than a week ago, and hear nothing now.",
            lately,
        )
        messages.warning(request, said % {"n": lately})
    if not asked and not lately:
        messages.info(request, _("All of them have named times, or have a circle."))


@require_POST
@idempotent
def invitations_several(request: HttpRequest, code: UUID) -> HttpResponse:
    """The links of all invitations that are ticked stop working."""
    programme = get_programme(request.user, code, now=timezone.now())
    ticked = ticked_in(request.POST, "invited")
    if not ticked:
        messages.warning(request, _("Tick invitations first."))
        return redirect("programmes:people", code)
    number = invitations_withdraw(programme=programme, invitations=ticked, now=timezone.now())
    acted(request, programme, "invitations_withdrawn", number)
    said = ngettext("%(n)s invitation no longer works.", "%(n)s invitations no longer work.", number)
    messages.success(request, said % {"n": number})
    return redirect("programmes:people", code)


@never_cache
@require_GET
def people_export(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whoever the filter leaves, as a file for a spreadsheet: as often an hour as the table of circles."""
    programme = get_programme(request.user, code, now=timezone.now())
    asked = PeopleFilterForm(request.GET or None).asked()
    return table_answer(request, programme, "people", lambda: people_rows(programme, asked, timezone.now()))
