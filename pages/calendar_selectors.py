"""What stands in a person's own calendar: sessions, appointments, kick-offs, the days on which commitments fall due."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from icalendar import Event

from accounts.models import User
from agreements.calendars import appointment_entry, due_entry
from agreements.enums import CommitmentStatus
from agreements.models import Appointment, Commitment
from circles.models import Membership
from programmes.calendars import kickoffs_of
from sessions.calendars import session_entry
from sessions.models import CircleSession, GuestPass

LOOKS_BACK = timedelta(days=30)
ENTRIES_AT_MOST = 500


def entries(user: User, *, now: datetime) -> list[Event]:
    """Sessions (cancelled ones stay for thirty days), appointments, kick-offs, due days; of circles they are in now."""
    since = now - LOOKS_BACK
    member = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None)
    guest = GuestPass.objects.accepted().filter(session=OuterRef("pk"), user=user)
    sessions = CircleSession.objects.filter(Exists(member) | Exists(guest), starts_at__gte=since)
    sessions = sessions.select_related("circle", "format_version").order_by("starts_at", "pk")
    mine = Q(commitment__owner=user) | Q(partner=user)
    inside = Membership.objects.filter(circle=OuterRef("commitment__circle"), user=user, left_at=None)
    talks = Appointment.objects.filter(mine, Exists(inside), starts_at__gte=since).select_related(
        "commitment__owner", "partner"
    )
    due = Commitment.objects.filter(owner=user, status=CommitmentStatus.OPEN, due_on__gte=since.date())
    return [
        *(session_entry(session) for session in sessions[:ENTRIES_AT_MOST]),
        *(appointment_entry(one, user) for one in talks.order_by("starts_at", "pk")[:ENTRIES_AT_MOST]),
        *kickoffs_of(user, since=since.date()),
        *(due_entry(one) for one in due.order_by("due_on", "pk")[:ENTRIES_AT_MOST]),
    ]
