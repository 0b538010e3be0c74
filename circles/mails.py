"""The mails of circles: what each needs to know when it is sent, and when it is no longer due."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from circles.change_services import ANNOUNCED, FACILITATE, MADE, STOPPED
from circles.covenant_services import DECIDED
from circles.doors_services import MAILBOX_CLAIMED
from circles.enums import Decision, InvitationAnswer, Relied
from circles.kinds import (
    APPOINTED,
    DECLINED,
    HERE_AFTER_ALL,
    JOINED,
    LEFT_ORGANISATION,
    SLIP_ANSWERED,
    SLIP_CLAIMED,
    WORD,
    WORD_OUTSIDE,
)
from circles.models import Announcement, Covenant, Invitation, Membership, RemovalRequest
from circles.removal_services import REMOVAL_ASKED, REMOVED
from circles.selectors import belongs, change_said
from notifications.models import Message
from notifications.registry import Kind


def _slip(message: Message, now: datetime) -> dict[str, Any] | None:
    invitation = Invitation.objects.filter(code=message.subject_code).select_related("circle", "claimed_by").first()
    if invitation is None or not invitation.awaits_confirmation():
        return None
    return {
        "circle": invitation.circle,
        "who": invitation.claimed_by,
        "path": reverse("circles:people", args=[invitation.circle.code]),
    }


def _declined(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever looks after the circle: who said no. A word of theirs is read on the page only."""
    rows = Invitation.objects.filter(code=message.subject_code, answer=InvitationAnswer.NO)
    invitation = rows.select_related("circle", "vault").first()
    if invitation is None or not belongs(invitation.circle, message.user):
        return None
    return {
        "circle": invitation.circle,
        "who": invitation.called or invitation.email,
        "word": bool(invitation.word),
        "path": reverse("circles:people", args=[invitation.circle.code]),
    }


def _slip_answered(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever used a slip and was not let in: they read no more than that."""
    rows = Invitation.objects.filter(
        code=message.subject_code, claimed_by=message.user, settled_at__isnull=False, confirmed_at=None
    )
    invitation = rows.select_related("circle").first()
    return {"circle": invitation.circle, "path": reverse("pages:today")} if invitation else None


def _mailbox_claimed(message: Message, now: datetime) -> dict[str, Any] | None:
    """As `_joined`, to whoever looks after the circle, for as long as both are in it."""
    context = _word(message, now)
    if context:
        context["path"] = reverse("circles:people", args=[context["circle"].code])
    return context


def _joined(message: Message, now: datetime) -> dict[str, Any] | None:
    member = Membership.objects.filter(code=message.subject_code, left_at=None).select_related("circle", "user").first()
    if member is None:
        return None
    return {
        "circle": member.circle,
        "who": member.user,
        "path": reverse("pages:circle", args=[member.circle.code]),
    }


def _word(message: Message, now: datetime) -> dict[str, Any] | None:
    """As `_joined`, for as long as both still belong to the circle."""
    context = _joined(message, now)
    return context if context and belongs(context["circle"], message.user) else None


def _appointed(message: Message, now: datetime) -> dict[str, Any] | None:
    """As `_word`, with whether it is one of them: somebody from outside sees nothing from before."""
    context = _word(message, now)
    if context is None:
        return None
    return context | {"inside": Membership.objects.filter(code=message.subject_code, takes_part=True).exists()}


def _word_outside(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the contact outside the circle, while they still are it: they get an address to answer to, and no link."""
    context = _joined(message, now)
    if context is None or context["circle"].contact_email != message.email:
        return None
    return {"circle": context["circle"], "who": context["who"]}


def _removal_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    """To another member, while it is open and they are in the circle."""
    rows = RemovalRequest.objects.still_asked().filter(code=message.subject_code)
    request = rows.select_related("membership__circle", "asked_by").first()
    if request is None or not belongs(request.membership.circle, message.user):
        return None
    circle = request.membership.circle
    return {"circle": circle, "who": request.asked_by, "path": reverse("circles:people", args=[circle.code])}


def _removed(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever is no longer in the circle, and has not come back since."""
    member = (
        Membership.objects.filter(code=message.subject_code, left_at__isnull=False).select_related("circle").first()
    )
    if member is None or belongs(member.circle, message.user):
        return None
    return {"circle": member.circle, "path": reverse("pages:own_words")}


def _left_organisation(message: Message, now: datetime) -> dict[str, Any] | None:
    """To those who are still in the circle that somebody is no longer in."""
    ended = Membership.objects.filter(code=message.subject_code, left_at__isnull=False)
    member = ended.select_related("circle", "user").first()
    if member is None or not belongs(member.circle, message.user):
        return None
    return {"circle": member.circle, "who": member.user, "path": reverse("circles:people", args=[member.circle.code])}


def _here_after_all(message: Message, now: datetime) -> dict[str, Any] | None:
    """As `_word`, to those in a circle that somebody is in again."""
    context = _word(message, now)
    return context | {"path": reverse("circles:people", args=[context["circle"].code])} if context else None


def _decided(message: Message, now: datetime) -> dict[str, Any] | None:
    """To those in the circle: what more than half of them wanted, and what comes next."""
    rows = Covenant.objects.filter(circle__code=message.subject_code, number=message.revision, decided_at__isnull=False)
    covenant = rows.select_related("circle").first()
    if covenant is None or not belongs(covenant.circle, message.user):
        return None
    closes = covenant.decision == Decision.CLOSE
    following = Covenant.objects.filter(circle=covenant.circle, number=covenant.number + 1).first()
    return {
        "circle": covenant.circle,
        "what": covenant.get_decision_display(),
        "closes": closes,
        "sessions": following.sessions if following else 0,
        "path": reverse("pages:closing" if closes else "pages:circle", args=[covenant.circle.code]),
    }


def _change(message: Message, *, settled: bool) -> tuple[Announcement, dict[str, Any]] | None:
    rows = Announcement.objects.filter(code=message.subject_code, settled_at__isnull=not settled)
    change = rows.select_related("circle", "asked_by", "about__user", "objected_by").first()
    if change is None or not belongs(change.circle, message.user):
        return None
    return change, {
        "circle": change.circle,
        "who": change.asked_by,
        "what": change.get_what_display(),
        "before": change_said(change, change.before),
        "after": change_said(change, change.after),
        "path": reverse("pages:circle", args=[change.circle.code]),
    }


def _change_announced(message: Message, now: datetime) -> dict[str, Any] | None:
    """To everybody in the circle while it is not settled: what it was, what it will be, and from when on."""
    found = _change(message, settled=False)
    if found is None or found[0].takes_effect_at is None:
        return None
    return found[1] | {"day": found[0].takes_effect_at, "last": found[0].what == Relied.HOSTING}


def _change_stopped(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _change(message, settled=True)
    return found[1] | {"objected_by": found[0].objected_by} if found else None


def _change_made(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _change(message, settled=True)
    return found[1] if found else None


def _facilitate_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _change(message, settled=False)
    return found[1] if found and found[0].waits_for_yes else None


HOME = "pages:today"


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=SLIP_CLAIMED,
        email="circles/slip_claimed",
        prepare=_slip,
        label=_("Somebody holds a printed slip of your circle"),
        page="circles:people",
        of_circle=True,
    ),
    Kind(
        key=JOINED,
        email="circles/joined",
        prepare=_joined,
        label=_("Somebody joined a circle you look after"),
        page="circles:people",
        of_circle=True,
        chosen_with=SLIP_CLAIMED,
    ),
    Kind(
        key=DECLINED,
        email="circles/declined",
        prepare=_declined,
        label=_("Somebody said no to an invitation to a circle you look after"),
        page="circles:people",
        of_circle=True,
        chosen_with=SLIP_CLAIMED,
    ),
    Kind(
        key=SLIP_ANSWERED,
        email="circles/slip_answered",
        prepare=_slip_answered,
        label=_("Whether you are in the circle whose printed slip you used"),
        page="pages:circles",
        may_choose=False,
        after_closing=True,
    ),
    Kind(
        key=MAILBOX_CLAIMED,
        email="circles/mailbox_claimed",
        prepare=_mailbox_claimed,
        label=_("An account in a circle you look after was taken over by whoever holds its mailbox"),
        page="circles:people",
        of_circle=True,
        may_choose=False,
        after_closing=True,
    ),
    Kind(
        key=APPOINTED,
        email="circles/appointed",
        prepare=_appointed,
        label=_("Somebody was named to look after a circle"),
        page="circles:people",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=REMOVAL_ASKED,
        email="circles/removal_asked",
        prepare=_removal_asked,
        label=_("Something to decide about who is in a circle"),
        page="circles:people",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=LEFT_ORGANISATION,
        email="circles/left_organisation",
        prepare=_left_organisation,
        label=_("Somebody in a circle has left the organisation"),
        page="circles:people",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=HERE_AFTER_ALL,
        email="circles/here_after_all",
        prepare=_here_after_all,
        label=_("Somebody who was said to have left is in a circle again"),
        page="circles:people",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=FACILITATE,
        email="circles/facilitate_asked",
        prepare=_facilitate_asked,
        label=_("You are asked to look after a circle"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=ANNOUNCED,
        email="circles/change_announced",
        prepare=_change_announced,
        label=_("Something that all of a circle rely on is to change"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=STOPPED,
        email="circles/change_stopped",
        prepare=_change_stopped,
        label=_("Something that was to change in a circle stays as it is"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=MADE,
        email="circles/change_made",
        prepare=_change_made,
        label=_("Something that all of a circle rely on has changed"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=DECIDED,
        email="circles/decided",
        prepare=_decided,
        label=_("Your circle has decided how it goes on"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=REMOVED,
        email="circles/removed",
        prepare=_removed,
        label=_("You are no longer in a circle"),
        may_choose=False,
        private=True,
        after_closing=True,
    ),
    Kind(
        key=WORD,
        email="circles/word",
        prepare=_word,
        label=_("A word is asked for"),
        may_choose=False,
        private=True,
        after_closing=True,
    ),
    Kind(
        key=WORD_OUTSIDE,
        email="circles/word_outside",
        prepare=_word_outside,
        label=_("A word is asked for"),
        may_choose=False,
        private=True,
        after_closing=True,
    ),
)
