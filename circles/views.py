"""Inviting people, the people of a circle, its settings."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of, safe_next, said_there
from circles import invitation_services, membership_services, removal_services, selectors, services
from circles.access import Seat, get_circle, get_circle_to_run, get_removal, reads_goal
from circles.change_services import circle_change
from circles.forms import CircleForm, ComingPlanForm, GoalForm, InviteForm, SlipsForm, WordForm
from circles.inviting import tell_invited, to_correct
from circles.models import Invitation, Membership
from circles.qr import qr_svg
from circles.tokens import readable, shown_token_for
from notifications.selectors import refused_about
from notifications.words import invitations_gone


def link_of(invitation: Invitation) -> str:
    """The link to hand over, which proves nothing: the one that does is only ever mailed."""
    return settings.SITE_URL + reverse("pages:invitation_open", args=[shown_token_for(invitation)])


@get_or_post
@idempotent
def people(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who is in, who is invited; its facilitators invite here."""
    seat = (get_circle_to_run if request.method == "POST" else get_circle)(request.user, code)
    form = InviteForm(request.POST or None, initial=to_correct(request, code))
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data["people"]
        now = timezone.now()
        invited = invitation_services.members_invite(
            circle=seat.circle, emails=found.good, names=found.names, by=seat.user, now=now
        )
        tell_invited(request, invited, found, code)
        return redirect("circles:people", code)
    return render(request, "circles/circle_people.html", _people_page(request, seat, form))


def _people_page(request: HttpRequest, seat: Seat, form: InviteForm) -> dict[str, object]:
    now = timezone.now()
    invitations = selectors.invitations_of(seat.circle, now=now) if seat.facilitates else []
    fresh = request.session.pop("fresh_links", []) if request.method == "GET" else []
    covenant = selectors.covenant_of(seat.circle)
    wishes = selectors.goals_by(covenant) if covenant else {}
    members = selectors.members_of(seat.circle)
    return {
        "seat": seat,
        "circle": seat.circle,
        "now": now,
        "covenant": covenant,
        "members": [
            (one, goal if (goal := wishes.get(one.user_id)) and reads_goal(seat, goal) else None) for one in members
        ],
        "invitations": [(invitation, invitation.state(now)) for invitation in invitations],
        "refused": refused_about(one.code for one in invitations),
        "links": [(i.email, link_of(i)) for i in invitations if str(i.code) in fresh],
        "room": invitation_services.room_left(seat.circle, now=now),
        "form": form,
        "slips_form": SlipsForm(),
        "audit": selectors.audit_of(request.GET.get("trail"), seat.circle),
        "changes": selectors.changes_for(seat.circle, seat.user) if seat.announced else [],
        "removals": selectors.removals_for(seat.circle, seat.user),
    }


def _invitation_to_run(request: HttpRequest, code: UUID, invitation: UUID) -> tuple[Seat, Invitation]:
    seat = get_circle_to_run(request.user, code)
    return seat, get_object_or_404(
        Invitation.objects.select_related("circle__vault"), circle=seat.circle, code=invitation
    )


@require_POST
@idempotent
def invitation_revoke(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    seat, found = _invitation_to_run(request, code, invitation)
    with refusals_said(request):
        invitation_services.invitation_revoke(invitation=found, by=seat.user, now=timezone.now())
        messages.success(request, _("The invitation no longer works."))
    return redirect("circles:people", code)


@require_POST
@idempotent
def invitation_resend(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    seat, found = _invitation_to_run(request, code, invitation)
    if found.is_slip:
        raise Http404
    with refusals_said(request):
        fresh = invitation_services.invitation_resend(invitation=found, by=seat.user, now=timezone.now())
        request.session["fresh_links"] = [str(fresh.code)]
        messages.success(request, f"{invitations_gone(1)} {_('The earlier link no longer works.')}")
        return redirect("circles:people", code)
    return redirect("circles:people", code)


@require_POST
@idempotent
def slips_make(request: HttpRequest, code: UUID) -> HttpResponse:
    seat = get_circle_to_run(request.user, code)
    form = SlipsForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Enter a number of slips between 1 and 12."))
        return redirect("circles:people", code)
    with refusals_said(request):
        invitation_services.slips_make(
            circle=seat.circle, number=form.cleaned_data["number"], by=seat.user, now=timezone.now()
        )
        return redirect("circles:slips", code)
    return redirect("circles:people", code)


@never_cache
@require_GET
def slips(request: HttpRequest, code: UUID) -> HttpResponse:
    """The open slips, ready to print and cut."""
    seat = get_circle_to_run(request.user, code)
    now = timezone.now()
    open_slips = [i for i in selectors.invitations_of(seat.circle, now=now) if i.is_slip and i.is_open(now)]
    cards = [(slip, readable(shown_token_for(slip)), qr_svg(link_of(slip)), link_of(slip)) for slip in open_slips]
    return render(request, "circles/circle_slips.html", {"circle": seat.circle, "cards": cards})


@get_or_post
@idempotent
def circle_settings(request: HttpRequest, code: UUID) -> HttpResponse:
    """Everything about a circle that its facilitator can change later."""
    seat = get_circle_to_run(request.user, code)
    covenant = selectors.covenant_of(seat.circle)
    started = {name: getattr(seat.circle, name) for name in CircleForm.base_fields if hasattr(seat.circle, name)}
    form = CircleForm(request.POST or None, initial=started | {"sessions": covenant.sessions if covenant else 6})
    del form.fields["takes_part"]
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            announced = circle_change(circle=seat.circle, details=form.details(), by=seat.user, now=timezone.now())
            messages.success(request, _("Saved."))
            if announced:
                messages.success(
                    request, _("What all of you rely on is announced to everybody, and in force in three days.")
                )
            return redirect("pages:circle", code)
    context = {
        "circle": seat.circle,
        "form": form,
        "changes": selectors.changes_for(seat.circle, seat.user) if seat.announced else [],
    }
    return render(request, "circles/circle_settings.html", context)


@never_cache
@get_or_post
@idempotent
def word(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask one person of the circle for a word; nothing more is said."""
    seat = get_circle(request.user, code)
    others = [member for member in selectors.members_of(seat.circle) if member.user != seat.user]
    others.sort(key=lambda member: not member.facilitates)
    asked = {"person": request.GET.get("to", "")}  # as a link on the page of people names them
    form = WordForm(request.POST or None, members=others, circle=seat.circle, initial=asked)
    if request.method == "POST" and form.is_valid():
        membership_services.word_ask(membership=seat.membership, to=form.chosen(), now=timezone.now())
        messages.success(request, _("%s gets a mail that says you would like a word, and nothing else.") % form.named())
        return redirect("pages:circle", code)
    context = {"circle": seat.circle, "form": form, "others": form.people, "help": settings.ORGANISATION_HELP}
    return render(request, "circles/circle_word.html", context)


@never_cache
@get_or_post
@idempotent
def goals(request: HttpRequest, code: UUID) -> HttpResponse:
    """What each wants from these sessions, in one line; everybody in the circle reads it."""
    seat = get_circle(request.user, code, writes=request.method == "POST")
    covenant = selectors.covenant_of(seat.circle)
    if covenant is None:
        raise Http404
    everybodys = selectors.goals_of(covenant)
    written = [goal for goal in everybodys if reads_goal(seat, goal)]
    mine = next((goal for goal in written if goal.user == seat.user), None)
    form = GoalForm(request.POST or None, initial={"text": mine.text if mine else ""})
    if request.method == "POST" and seat.membership.takes_part and form.is_valid():
        with refusals_said(request):
            services.goal_write(covenant=covenant, user=seat.user, text=form.cleaned_data["text"], now=timezone.now())
            said = form.cleaned_data["text"]
            messages.success(
                request, _("Saved. Your circle can read it.") if said else _("Nothing of yours stands here.")
            )
        return redirect("circles:goals", code)
    context = {"seat": seat, "circle": seat.circle, "covenant": covenant, "goals": written, "form": form}
    return render(request, "circles/circle_goals.html", context | {"unread": len(everybodys) > len(written)})


@never_cache
@get_or_post
@idempotent
def coming_plan(request: HttpRequest, code: UUID) -> HttpResponse:
    """One private line: what I do if something comes up on the day of a session. Nobody else reads it."""
    seat = get_circle(request.user, code, writes=request.method == "POST")
    stands = selectors.coming_plan_of(seat.circle, seat.user)
    form = ComingPlanForm(request.POST or None, initial={"text": stands})
    to = safe_next(request, reverse("circles:coming_plan", args=[code]))
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            text = form.cleaned_data["text"]
            services.coming_plan_write(circle=seat.circle, user=seat.user, text=text, now=timezone.now())
            said = _("Saved, for you alone.") if text else _("Nothing of yours stands here.")
            messages.success(request, said, extra_tags=said_there(to))
        return redirect(to)
    return render(request, "circles/coming_plan.html", {"seat": seat, "circle": seat.circle, "form": form})


@require_POST
@idempotent
def hold(request: HttpRequest, code: UUID) -> HttpResponse:
    """Put the circle on hold, or let it go on."""
    seat = get_circle_to_run(request.user, code)
    on_hold = request.POST.get("hold") == "on"
    services.circle_hold(circle=seat.circle, on_hold=on_hold, by=seat.user, now=timezone.now())
    messages.success(
        request, _("The circle is on hold. Nobody counts it as fading.") if on_hold else _("The circle goes on.")
    )
    return redirect("pages:circle", code)


@require_POST
@idempotent
def removal_ask(request: HttpRequest, code: UUID, member: UUID) -> HttpResponse:
    """Ask for somebody to leave the circle: it takes one more member to agree."""
    seat = get_circle_to_run(request.user, code)
    other = get_object_or_404(
        Membership.objects.select_related("user", "circle"), circle=seat.circle, code=member, left_at=None
    )
    with refusals_said(request):
        removal_services.removal_ask(membership=other, by=seat.user, now=timezone.now())
        messages.success(request, _("The other members are asked. One of them has to agree."))
    return redirect("circles:people", code)


@require_POST
@idempotent
def removal_answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Agree that somebody leaves, or take one's own question back."""
    removal = get_removal(request.user, code)
    now, answer = timezone.now(), request.POST.get("answer")
    user = person_of(request)
    with refusals_said(request):
        if answer == "withdraw" and removal.asked_by == user:
            removal_services.removal_withdraw(removal=removal, now=now)
            messages.success(request, _("Taken back."))
        elif answer == "agree" and removal.asked_by != user:
            removal_services.removal_agree(removal=removal, by=user, now=now)
            messages.success(
                request, _("%s is no longer in the circle, and is told by mail.") % removal.membership.user
            )
        else:
            raise Http404
    return redirect("circles:people", removal.membership.circle.code)
