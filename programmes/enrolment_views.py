"""Who takes part in a programme: invitations, a person's own yes, withdrawing it, the note for a manager."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import ways
from accounts.idempotent import idempotent
from accounts.invitations import let_sign_up
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of
from accounts.selectors import availability_of
from accounts.times_forms import AvailabilityForm
from accounts.tokens import signed, signed_read
from circles.forms import InviteForm
from circles.inviting import keep_to_correct, to_correct
from circles.sealed import Unreadable
from notifications.words import invitations_gone
from programmes import again_services, invitation_services
from programmes import enrolment_services as services
from programmes.access import DOOR, get_enrolment, get_programme, get_to_join, get_withdrawn
from programmes.enrolment_selectors import NOT_ANSWERED, administrators_of, mine_page, not_answered, people_page
from programmes.enums import EnrolmentStatus
from programmes.forms import EnrolForm
from programmes.models import Enrolment, Programme, ProgrammeInvitation
from programmes.people_forms import (
    LETTER_WORDS,
    TICKED,
    WRITTEN_TO,
    ColumnsForm,
    PeopleFilterForm,
    PeopleForm,
    mistakes_words,
)
from programmes.people_selectors import letter_to
from programmes.pulse_forms import QuoteForm
from programmes.rules.people_file import People, Table
from programmes.trail_views import acted

PREVIEWED = 20
MOST_PASTED = 300
SALT = "talking piece: people to invite"
CELLS = "talking piece: cells of a file of people"
PREVIEW_LIVES = 3600
# A form may send a megabyte in all.
MOST_KEPT = 900_000


@never_cache
@get_or_post
@idempotent
def people(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who has asked for a place, who waits, who was invited; people are invited here."""
    programme = get_programme(request.user, code, now=timezone.now())
    form = InviteForm(request.POST or None, initial=to_correct(request, code), most=MOST_PASTED)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data["people"]
        _invite(request, programme, {email: {"name": found.names.get(email, "")} for email in found.good})
        keep_to_correct(request, found, code)
        if found.bad:
            messages.warning(request, _("Not sent, these are not addresses: %s") % ", ".join(found.bad[:20]))
        return redirect("programmes:people", code)
    address = settings.SITE_URL + reverse("programmes:join", args=[code])
    asked = PeopleFilterForm(request.GET or None).asked()
    if asked.state == NOT_ANSWERED:
        return _to_invitations(request, programme, asked.words)
    pages = {"page": request.GET.get("page"), "invited": request.GET.get("invited")}
    query = request.GET.copy()
    for paged in (*pages, "write"):
        query.pop(paged, None)
    context = people_page(programme, asked, **pages, now=timezone.now())
    ticked = request.session.get(WRITTEN_TO, []) if request.GET.get("write") == TICKED else None
    letter = letter_to(programme, asked, timezone.now(), ticked) if "write" in request.GET else None
    context |= {"form": form, "address": address, "query": query.urlencode(), "letter": letter}
    return render(request, "programmes/people.html", context)


def _to_invitations(request: HttpRequest, programme: Programme, words: str) -> HttpResponse:
    """Whoever has not answered is nobody of the programme yet: they stand in a list of their own, further down."""
    if not not_answered(programme, words).exists():
        messages.info(request, _("No invitation like that is open."))
    response = redirect("programmes:people", programme.code)
    response["Location"] += (f"?{urlencode({'q': words})}" if words else "") + "#open"
    return response


def _invite(request: HttpRequest, programme: Programme, people: dict[str, dict[str, str]]) -> None:
    """Invite them, and say what came of it."""
    by = person_of(request)
    with refusals_said(request):
        if len(people) > services.INVITED_AT_ONCE:
            number = services.people_invite_soon(programme=programme, people=people, by=by, now=timezone.now())
            acted(request, programme, "people_invited", number)
            said = _("%s people are being invited; it takes a minute or two. Who is in or invited is left out.")
            messages.success(request, said % number)
            return
        invited = services.people_invite(programme=programme, people=people, by=by, now=timezone.now())
        if invited.sent:
            acted(request, programme, "people_invited", invited.sent)
        _tell(request, invited)


def _tell(request: HttpRequest, invited: services.PeopleInvited) -> None:
    if invited.sent:
        messages.success(request, invitations_gone(invited.sent))
    for text, addresses in (
        (_("Has asked for a place already: %s"), invited.already_in),
        (_("Invited already: %s"), invited.already_invited),
        (_("Not sent today, these have had many invitations: %s"), invited.often),
    ):
        if addresses:
            more = len(addresses) - 20
            messages.warning(request, text % ", ".join(addresses[:20]) + (f" … +{more}" if more > 0 else ""))


@require_POST
@idempotent
def remind(request: HttpRequest, code: UUID) -> HttpResponse:
    """Send each invitation once more that nobody has answered for some days."""
    programme = get_programme(request.user, code, now=timezone.now())
    with refusals_said(request):
        number = invitation_services.invitations_remind(programme=programme, now=timezone.now())
        acted(request, programme, "people_reminded", number)
        said = ngettext("%(n)s person is reminded by mail.", "%(n)s people are reminded by mail.", number)
        messages.success(request, said % {"n": number})
    return redirect("programmes:people", code)


@require_POST
@idempotent
def invitation_resend(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    """A fresh invitation in place of an open or expired one."""
    programme = get_programme(request.user, code, now=timezone.now())
    found = get_object_or_404(ProgrammeInvitation, programme=programme, code=invitation)
    with refusals_said(request):
        invitation_services.invitation_resend(invitation=found, by=person_of(request), now=timezone.now())
        acted(request, programme, "people_invited", 1)
        messages.success(request, f"{invitations_gone(1)} {_('The earlier link no longer works.')}")
    return redirect("programmes:people", code)


@require_POST
@idempotent
def invitation_withdraw(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    """The link of an invitation stops working."""
    programme = get_programme(request.user, code, now=timezone.now())
    found = get_object_or_404(ProgrammeInvitation, programme=programme, code=invitation)
    with refusals_said(request):
        invitation_services.invitation_withdraw(invitation=found, now=timezone.now())
        acted(request, programme, "invitations_withdrawn", 1)
        messages.success(request, _("The invitation no longer works."))
    return redirect("programmes:people", code)


@never_cache
@get_or_post
@idempotent
def people_import(request: HttpRequest, code: UUID) -> HttpResponse:
    """A file of people: shown first, with every mistake by its line; then all are invited, or nobody."""
    programme = get_programme(request.user, code, now=timezone.now())
    if "rows" in request.POST:
        return _import(request, programme)
    if "table" in request.POST:
        return _columns(request, programme)
    form = PeopleForm(request.POST or None, request.FILES or None)
    read = form.people() if request.method == "POST" and form.is_valid() else None
    return _preview(request, programme, form, read)


def _preview(
    request: HttpRequest,
    programme: Programme,
    form: PeopleForm,
    read: People | None,
    columns: ColumnsForm | None = None,
) -> HttpResponse:
    """What is in a file, what is wrong with it, and what is taken for what."""
    context: dict[str, object] = {"programme": programme, "leads": True, "form": form}
    if read:
        held = _table_kept(programme, read.table) if read.table else ""
        if read.table and held:
            context["columns"] = columns or ColumnsForm(table=read.table, columns=read.columns)
        context |= {
            "read": read,
            "letters": LETTER_WORDS.get(read.letters),
            "mistakes": mistakes_words(read.mistakes),
            "shown": read.rows[:PREVIEWED],
            "table": held,
            "rows": _kept(SALT, programme, [[row.email, dict(row.facts)] for row in read.rows]) if read.rows else "",
        }
    return render(request, "programmes/people_import.html", context)


def _kept(salt: str, programme: Programme, shown: object) -> str:
    """What a preview carries in its form, since nothing of it is kept here before somebody says yes to it."""
    return signed(salt, [str(programme.code), shown], compress=True)


def _kept_read(salt: str, programme: Programme, sent: str) -> Any:
    """What a preview carried; None for one that is too old, of another programme, or of another kind."""
    of, shown = signed_read(salt, sent, max_age=PREVIEW_LIVES, longest=len(sent)) or ("", None)
    return shown if of == str(programme.code) else None


def _table_kept(programme: Programme, table: Table) -> str:
    """The cells of a file, to be read once more when somebody says what its columns are; empty for a very large one."""
    kept = _kept(CELLS, programme, [table.head, table.titles, table.lines])
    return kept if len(kept) <= MOST_KEPT else ""


def _columns(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Read the file that was shown once more, with what somebody says of its columns."""
    shown = _kept_read(CELLS, programme, request.POST["table"])
    if shown is None:
        return _too_old(request, programme)
    head, titles, lines = shown
    table = Table(tuple(titles), tuple((line, tuple(cells)) for line, cells in lines), head)
    columns = ColumnsForm(request.POST, table=table, columns={})
    read = columns.people() if columns.is_valid() else People(table=table)
    return _preview(request, programme, PeopleForm(), read, columns)


def _too_old(request: HttpRequest, programme: Programme) -> HttpResponse:
    messages.warning(request, _("This preview is no longer good. Choose the file again."))
    return redirect("programmes:import", programme.code)


def _import(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Carry out what was shown. A preview that is an hour old, or of another programme, is shown afresh."""
    shown = _kept_read(SALT, programme, request.POST["rows"])
    if shown is None:
        return _too_old(request, programme)
    _invite(request, programme, dict(shown))
    return redirect("programmes:people", programme.code)


def _way(code: UUID) -> str:
    """Each programme has a page of its own, to which its invitation belongs."""
    return f"programme {code}"


@login_not_required
@never_cache
@require_GET
def invitation_open(request: HttpRequest, code: UUID, token: str) -> HttpResponse:
    """Take the token out of the address: it moves into the session and the browser goes on to a clean URL."""
    ways.hold(request, _way(code), token)
    return redirect("programmes:join", code)


@login_not_required
@never_cache
@get_or_post
@idempotent
def join(request: HttpRequest, code: UUID) -> HttpResponse:
    """What the programme is, and a person's own yes to it; whoever is in changes what they said."""
    now = timezone.now()
    token = ways.held(request, _way(code))
    joining = get_to_join(request.user, code, token, now=now)
    programme, invitation, mine = joining.programme, joining.invitation, joining.mine
    back = ways.back_to(token, request.path)
    context: dict[str, object] = {"programme": programme, "back": back, "of": ways.mark_of(token)}
    context["full"] = services.is_full(programme)
    if joining.hindered == "guest":
        let_sign_up(request, DOOR, f"{programme.code} {token}")
    if joining.hindered:
        return render(request, "programmes/join.html", context | {joining.hindered: True})
    user = person_of(request)
    known = _said(mine) if mine else invitation.facts if invitation else {}
    form = EnrolForm(request.POST or None, programme=programme, user=user, initial=known)
    has_times = bool(availability_of([user]))
    times = None if has_times else AvailabilityForm(request.POST or None, prefix="times", required=False)
    if request.method == "POST" and form.is_valid() and (times is None or times.is_valid()):
        with refusals_beside(form):
            yes = form.yes(hours=times.hours if times else None)
            row = services.enrolment_make(programme=programme, user=user, yes=yes, now=now, invitation=invitation)
            ways.let_go(request, _way(code), token)
            messages.success(request, _("Saved.") if mine else _thanks(row))
            return redirect("programmes:mine", code)
    context |= {"form": form, "times": times, "mine": mine, "administrators": administrators_of(programme)}
    return render(request, "programmes/join.html", context)


def _thanks(row: Enrolment) -> str:
    if row.status == EnrolmentStatus.WAITING:
        return _("Thank you. All places are taken: you are in line, and hear by mail as soon as one is free.")
    return _("Thank you. You hear from the programme by mail.")


def _said(mine: Enrolment) -> dict[str, object]:
    """What somebody said with their yes, to be changed; what cannot be read now starts empty."""
    words = {name: getattr(mine, name) for name in ("motive", "offers", "together", "apart")}
    readable = {name: "" if isinstance(text, Unreadable) else text for name, text in words.items()}
    return readable | mine.facts | {"may_facilitate": mine.may_facilitate}


@never_cache
@get_or_post
@idempotent
def mine(request: HttpRequest, code: UUID) -> HttpResponse:
    """One's own part in a programme: where it stands, and a sentence one may offer for its evaluation."""
    try:
        enrolment = get_enrolment(request.user, code)
    except Http404:  # an older mail leads here
        programme = get_withdrawn(request.user, code)
        return render(request, "programmes/withdrawn.html", {"programme": programme})
    context = mine_page(enrolment, now=timezone.now())
    quote = context["quote"]
    started = {"text": quote.text, "with_name": quote.with_name} if quote else {}
    form = QuoteForm(request.POST or None, initial=started)
    if request.method == "POST" and form.is_valid():
        services.quote_offer(
            programme=enrolment.programme, user=enrolment.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(
            request, _("Saved. You can take it back at any time.") if form.cleaned_data["text"] else _("Taken back.")
        )
        return redirect("programmes:mine", code)
    return render(request, "programmes/mine.html", context | {"form": form})


@require_POST
@idempotent
def withdraw(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take one's yes back, at any time."""
    enrolment = get_enrolment(request.user, code)
    services.enrolment_withdraw(enrolment=enrolment, now=timezone.now())
    messages.success(request, _("You have withdrawn. What you wrote is deleted, and nobody asks why."))
    return redirect("programmes:programmes")


@require_POST
@idempotent
def again(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for a place in the next round, or take that back."""
    enrolment = get_enrolment(request.user, code)
    now = timezone.now()
    page = mine_page(enrolment, now=now)
    if "no" in request.POST:
        with refusals_said(request):
            again_services.circle_wanted_no_more(enrolment=enrolment)
            messages.success(request, _("Taken back. Your circle goes on."))
    elif page["may_ask"]:
        with refusals_said(request):
            together = "together" in request.POST
            again_services.circle_wanted_again(enrolment=enrolment, now=now, stays_together=together)
            messages.success(request, _("You are among those the next circles are made of."))
    return redirect("programmes:mine", code)


@require_POST
@idempotent
def again_ask(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask everybody who is in a circle whether they would like to be in the next round too."""
    programme = get_programme(request.user, code, now=timezone.now())
    with refusals_said(request):
        number = again_services.again_ask(programme=programme, now=timezone.now())
        acted(request, programme, "again_asked", number)
        said = ngettext("%(n)s person is asked by mail.", "%(n)s people are asked by mail.", number)
        messages.success(request, said % {"n": number})
    return redirect("programmes:forming", code)


@never_cache
@require_GET
def note(request: HttpRequest, code: UUID) -> HttpResponse:
    """A page to print for one's manager: dates, hours, purpose, and what they will never be told."""
    return render(request, "programmes/note.html", mine_page(get_enrolment(request.user, code), now=timezone.now()))
