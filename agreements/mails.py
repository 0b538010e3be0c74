"""Mails of agreements and commitments: that something waits, never what it says."""

from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules.zones import to_instant
from agreements.calendars import appointment_file
from agreements.enums import CommitmentStatus, PlanAnswer, ProposalStatus
from agreements.kinds import (
    APPOINTMENT_OFF,
    APPOINTMENT_SET,
    APPOINTMENT_SOON,
    COMMITMENT_DUE,
    MIRROR_OPEN,
    NUDGE,
    PARTNER_ASKED,
    PARTNER_GONE,
    PARTNER_NO,
    PLAN_CUE,
)
from agreements.models import (
    AgreementVersion,
    Appointment,
    Commitment,
    MirrorTicket,
    Nudge,
    Proposal,
    ProposalResponse,
    Signature,
)
from agreements.plan_links import plan_link_of
from agreements.proposal_services import ADOPTED, PROPOSED, said_to
from agreements.rules.adopting import counts_from
from agreements.selectors import current_version
from agreements.stance_services import ring_ids
from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind

COMMITMENT, COMMITMENTS = "agreements:commitment", "agreements:commitments"


def _open(message: Message) -> Commitment | None:
    """The commitment as it was when the message was written, while it is open."""
    found = Commitment.objects.filter(
        code=message.subject_code, status=CommitmentStatus.OPEN, revision=message.revision
    )
    commitment: Commitment | None = found.select_related("circle", "owner", "partner", "vault").first()
    return commitment


def _about(commitment: Commitment) -> dict[str, Any]:
    return {
        "circle": commitment.circle,
        "owner": commitment.owner,
        "partner": commitment.partner,
        "due_on": commitment.due_on,
        "path": reverse("agreements:commitment", args=[commitment.code]),
    }


def _due(message: Message, now: datetime) -> dict[str, Any] | None:
    """To its owner, until the day is over where they are, while they are in the circle."""
    commitment = _open(message)
    over = commitment is None or commitment.due_on < commitment.owner.today(now)
    if commitment is None or over or not belongs(commitment.circle, message.user):
        return None
    over_at = to_instant(datetime.combine(commitment.due_on, time.max), commitment.owner.time_zone)
    days = (commitment.due_on - commitment.owner.today(now)).days
    return _about(commitment) | {"days": days, "by": over_at}


def _plan_cue(message: Message, now: datetime) -> dict[str, Any] | None:
    """To its owner at the time they named, until that day is over there, while they are in the circle."""
    commitment = _open(message)
    cue = commitment.cue if commitment else None
    if commitment is None or cue is None or now > cue.over_at or not belongs(commitment.circle, message.user):
        return None
    answers = [(answer.label, plan_link_of(commitment, answer)) for answer in PlanAnswer]
    return _about(commitment) | {"cue": cue, "by": cue.over_at, "answers": answers}


def _partner_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the partner, until they have answered; in a circle they are both in."""
    commitment = _open(message)
    waits = commitment and commitment.partner == message.user and commitment.partner_yes_at is None
    return _about(commitment) if commitment and waits and belongs(commitment.circle, message.user) else None


def _without_partner(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the owner, while nobody asks about it."""
    commitment = _open(message)
    if commitment is None or commitment.partner is not None or message.user is None:
        return None
    # The talk that was called off with this very message: any other is old news.
    off = Appointment.objects.filter(
        commitment=commitment, cancelled=True, changed_at=message.created_at, starts_at__gt=now
    )
    talk = off.select_related("commitment__owner", "commitment__circle", "partner").order_by("-pk").first()
    context = _about(commitment) | {"talk": talk}
    return context | {"calendar": appointment_file(talk, message.user)} if talk else context


def _nudge(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the owner, from a partner who is still in the circle with them."""
    commitment = _open(message)
    nudge = Nudge.objects.filter(commitment=commitment).select_related("by").first() if commitment else None
    if commitment is None or nudge is None or not belongs(commitment.circle, message.user):
        return None
    return _about(commitment) | {"who": nudge.by} if belongs(commitment.circle, nudge.by) else None


def _appointment(message: Message) -> tuple[Appointment, dict[str, Any]] | None:
    found = Appointment.objects.filter(code=message.subject_code, sequence=message.revision, talked_at=None)
    one = found.select_related("commitment__circle", "commitment__owner", "commitment__vault", "partner").first()
    if one is None or message.user is None or not belongs(one.commitment.circle, message.user):
        return None
    return one, _about(one.commitment) | {
        "appointment": one,
        "by": one.starts_at,
        "other": one.other(message.user),
        "calendar": appointment_file(one, message.user),
    }


def _appointment_set(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _appointment(message)
    standing = found and not found[0].cancelled and found[0].starts_at > now
    return found[1] if found and standing else None


def _appointment_off(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _appointment(message)
    return found[1] if found and found[0].cancelled and found[0].starts_at > now else None


def _proposed(message: Message, now: datetime) -> dict[str, Any] | None:
    """While the proposal is open, to members who have not answered."""
    found = Proposal.objects.filter(code=message.subject_code, status=ProposalStatus.OPEN)
    proposal = found.select_related("agreement__circle__vault", "base", "by").first()
    if proposal is None or not belongs(proposal.agreement.circle, message.user):
        return None
    responses = list(ProposalResponse.objects.filter(proposal=proposal))
    if any(row.user_id == message.user_id for row in responses):
        return None
    said = said_to(proposal, members=ring_ids(proposal.agreement.circle_id), responses=responses)
    return {
        "circle": proposal.agreement.circle,
        "who": proposal.by,
        "counts_from": counts_from(said),
        "path": reverse("agreements:proposal", args=[proposal.code]),
    }


def _adopted(message: Message, now: datetime) -> dict[str, Any] | None:
    """While it is the text in force, to members who have not signed it."""
    version = AgreementVersion.objects.filter(code=message.subject_code).select_related("agreement__circle").first()
    if version is None or not belongs(version.agreement.circle, message.user):
        return None
    signed = Signature.objects.filter(version=version, user=message.user).exists()
    if signed or current_version(version.agreement.circle) != version:
        return None
    return {
        "circle": version.agreement.circle,
        "number": version.number,
        "path": reverse("agreements:agreement", args=[version.agreement.circle.code]),
    }


def _mirror_open(message: Message, now: datetime) -> dict[str, Any] | None:
    """While it is open, to members who have still to answer."""
    asked = MirrorTicket.objects.filter(mirror__code=message.subject_code, user=message.user, answered=False)
    ticket = asked.filter(mirror__closed_at=None).select_related("mirror__circle").first()
    if ticket is None or not belongs(ticket.mirror.circle, message.user):
        return None
    circle = ticket.mirror.circle
    return {"circle": circle, "path": reverse("pages:mirror", args=[circle.code])}


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=PROPOSED,
        email="agreements/proposal",
        prepare=_proposed,
        label=_("A change of the agreement"),
        page="agreements:proposal",
    ),
    Kind(
        key=ADOPTED,
        email="agreements/adopted",
        prepare=_adopted,
        label=_("A new text of the agreement to sign"),
        page="agreements:agreement",
        of_circle=True,
    ),
    Kind(
        key=COMMITMENT_DUE,
        email="agreements/commitment_due",
        prepare=_due,
        label=_("A commitment is due"),
        page=COMMITMENT,
    ),
    Kind(
        key=PLAN_CUE,
        email="agreements/plan_cue",
        prepare=_plan_cue,
        label=_("The time of a plan has come"),
        page=COMMITMENT,
        chosen_with=COMMITMENT_DUE,
    ),
    Kind(
        key=PARTNER_ASKED,
        email="agreements/partner_asked",
        prepare=_partner_asked,
        label=_("You are asked to follow up"),
        page=COMMITMENT,
    ),
    Kind(
        key=PARTNER_NO,
        email="agreements/partner_no",
        prepare=_without_partner,
        label=_("Somebody cannot ask about it"),
        page=COMMITMENT,
        chosen_with=PARTNER_ASKED,
    ),
    Kind(
        key=PARTNER_GONE,
        email="agreements/partner_gone",
        prepare=_without_partner,
        label=_("Whoever asked has left"),
        page=COMMITMENT,
        chosen_with=PARTNER_ASKED,
    ),
    Kind(
        key=MIRROR_OPEN,
        email="agreements/mirror_open",
        prepare=_mirror_open,
        label=_("The circle looks at itself"),
        page="pages:mirror",
        of_circle=True,
    ),
    Kind(key=NUDGE, email="agreements/nudge", prepare=_nudge, label=_("A kind word"), page=COMMITMENT),
    Kind(
        key=APPOINTMENT_SET,
        email="agreements/appointment",
        prepare=_appointment_set,
        label=_("An appointment was made or moved"),
        page=COMMITMENTS,
        urgent=True,
    ),
    Kind(
        key=APPOINTMENT_SOON,
        email="agreements/appointment_soon",
        prepare=_appointment_set,
        label=_("An appointment comes near"),
        page=COMMITMENTS,
        chosen_with=APPOINTMENT_SET,
    ),
    Kind(
        key=APPOINTMENT_OFF,
        email="agreements/appointment_off",
        prepare=_appointment_off,
        label=_("An appointment was called off"),
        page=COMMITMENTS,
        urgent=True,
        chosen_with=APPOINTMENT_SET,
    ),
)
