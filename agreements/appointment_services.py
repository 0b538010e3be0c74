"""Appointments of two people about a commitment: set, moved, called off, kept."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from accounts.services import row_lock
from agreements.enums import CommitmentStatus
from agreements.kinds import ABOUT_APPOINTMENT, APPOINTMENT_OFF, APPOINTMENT_SET, APPOINTMENT_SOON
from agreements.models import Appointment, Commitment
from circles.selectors import belongs
from notifications.selectors import heard_by
from notifications.services import About, messages_drop, messages_put, messages_return

SOON = timedelta(hours=1)


# So long nobody is told that a talk is off, by itself or because its commitment was settled: one tap may be a slip.
UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def appointment_set(*, commitment: Commitment, local_start: datetime, zone: str, now: datetime) -> Appointment:
    """When the two talk: made by either, moved by either. Both get it by mail with a calendar entry."""
    row_lock(commitment)
    if commitment.partner is None or commitment.status != CommitmentStatus.OPEN:
        raise Refused(_("An appointment needs an open commitment and somebody who asks about it."))
    starts_at = to_instant(local_start, zone)
    if starts_at <= now:
        raise Refused(_("Choose a time that is still to come."))
    found = open_appointment(commitment)
    appointment = found or Appointment(commitment=commitment, partner=commitment.partner)
    if found:
        # Calendars take an entry with a higher number for the newer one (RFC 5545, 3.8.7.4).
        appointment.sequence += 1
        messages_drop(about_code=appointment.code, kinds=ABOUT_APPOINTMENT)
    appointment.local_date, appointment.local_time = local_start.date(), local_start.time()
    appointment.zone, appointment.starts_at, appointment.changed_at = zone, starts_at, now
    if found:
        appointment.save(update_fields=["sequence", "local_date", "local_time", "zone", "starts_at", "changed_at"])
    else:
        appointment.save(force_insert=True)
    both = [commitment.owner, commitment.partner]
    about = About("appointment", appointment.code, appointment.sequence, appointment.commitment.circle.code)
    messages_put(kind=APPOINTMENT_SET, about=about, to=both, due_at=now, now=now)
    if starts_at - SOON > now:
        messages_put(kind=APPOINTMENT_SOON, about=about, to=both, due_at=starts_at - SOON, now=now)
    return appointment


def open_appointment(commitment: Commitment) -> Appointment | None:
    """The appointment the two still have."""
    return Appointment.objects.filter(commitment=commitment, cancelled=False, talked_at=None).first()


@transaction.atomic
def appointment_cancel(
    *,
    appointment: Appointment,
    now: datetime,
    telling: Iterable[User | None] | None = None,
    told_at: datetime | None = None,
) -> None:
    """Either calls it off; both are told, so that their calendars can take it out.

    `telling` names those who hear of it in a mail of its own, `told_at` when: not after it would have begun.
    """
    row_lock(appointment.commitment)
    off = Appointment.objects.filter(pk=appointment.pk, cancelled=False, talked_at=None)
    if not off.update(cancelled=True, sequence=F("sequence") + 1, changed_at=now):
        return
    messages_drop(about_code=appointment.code, kinds=ABOUT_APPOINTMENT)
    appointment.refresh_from_db()
    about = About("appointment", appointment.code, appointment.sequence, appointment.commitment.circle.code)
    if appointment.starts_at > now:
        both = [appointment.commitment.owner, appointment.partner]
        told = both if telling is None else [user for user in telling if user]
        # Rather at once than too late: who is on the way to a talk has to hear now that it is off.
        due_at = told_at if told_at and told_at < appointment.starts_at else now
        messages_put(kind=APPOINTMENT_OFF, about=about, to=told, due_at=due_at, now=now)


def appointments_off(
    commitment: Commitment,
    now: datetime,
    *,
    telling: Iterable[User | None] | None = None,
    told_at: datetime | None = None,
) -> None:
    """Call off the talk that is set about a commitment, if one is: it is settled, deleted, or has another partner."""
    appointment = open_appointment(commitment)
    if appointment:
        appointment_cancel(appointment=appointment, now=now, telling=telling, told_at=told_at)


def called_off(commitment: Commitment, *, now: datetime) -> Appointment | None:
    """The talk, still to come, that was called off last and can be given back: while the two are the same."""
    if open_appointment(commitment):
        return None
    off = Appointment.objects.filter(commitment=commitment, cancelled=True, starts_at__gt=now)
    talk = off.select_related("partner").order_by("-pk").first()
    return talk if talk and talk.partner_id == commitment.partner_id else None


@transaction.atomic
def appointment_keep(*, commitment: Commitment, now: datetime) -> None:
    """What was called off stands again, also where the commitment is settled. Refused when there is no such talk."""
    if not appointment_back(commitment, now):
        raise Refused(_("There is no talk to keep any more. Make a new appointment."))


def appointment_back(commitment: Commitment, now: datetime) -> bool:
    """What was called off stands again; both hear of it where they had heard that it is off."""
    talk = called_off(commitment, now=now)
    if talk is None or not belongs(commitment.circle, talk.partner):
        return False
    again = Appointment.objects.filter(pk=talk.pk, cancelled=True)
    if not again.update(cancelled=False, sequence=F("sequence") + 1, changed_at=now):
        return False
    talk.refresh_from_db()
    messages_drop(about_code=talk.code, kinds=[APPOINTMENT_OFF])
    # Taken back while the mail that it is off still waited: whoever has heard nothing is not written to.
    heard = heard_by(about_code=talk.code, kinds=[APPOINTMENT_OFF], revision=talk.sequence - 1, now=now)
    about = About("appointment", talk.code, talk.sequence, commitment.circle.code)
    # Off was one number, on again is the next: what they were sent first stands two below.
    messages_return(about=about, kinds=[APPOINTMENT_SET], was=talk.sequence - 2)
    messages_put(kind=APPOINTMENT_SET, about=about, to=heard, due_at=now, now=now)
    both = [commitment.owner, talk.partner]
    if talk.starts_at - SOON > now:
        messages_put(kind=APPOINTMENT_SOON, about=about, to=both, due_at=talk.starts_at - SOON, now=now)
    return True


def appointment_talked(*, appointment: Appointment, now: datetime) -> None:
    """Either notes that they talked."""
    # An hour of grace: two may talk a little before the time that they had set.
    if now < appointment.starts_at - SOON:
        raise Refused(_("The appointment is still to come."))
    Appointment.objects.filter(pk=appointment.pk, cancelled=False, talked_at=None).update(talked_at=now)
    messages_drop(about_code=appointment.code, kinds=ABOUT_APPOINTMENT)
