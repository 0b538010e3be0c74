"""The only writes to asking people of a programme when they can meet: those who named no times and have no circle."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.refusals import Refused
from notifications.services import About, event_part, message_rows, messages_write
from programmes.enrolment_selectors import NO_HOURS, PeopleFilter, people_found
from programmes.enrolment_services import OVER_WORDS
from programmes.lock_services import programme_lock
from programmes.models import Enrolment, Programme

HOURS = "programme_hours"
# Whoever was asked has so long before anybody can ask again.
ASKED_AGAIN_AFTER = timedelta(days=7)


@transaction.atomic
def hours_ask(*, programme: Programme, now: datetime, people: Collection[UUID] | None = None) -> tuple[int, int]:
    """Ask by mail those who want a circle and named no times, or those of `people` who are so. How many; how many
    were asked less than a week ago and hear nothing. Refused once the programme is over."""
    programme_lock(programme)
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    rows = people_found(programme, PeopleFilter(state=NO_HOURS), now).filter(user__is_active=True)
    found = list(rows if people is None else rows.filter(code__in=people))
    due = [one for one in found if one.hours_asked_at is None or one.hours_asked_at <= now - ASKED_AGAIN_AFTER]
    Enrolment.objects.filter(pk__in=[one.pk for one in due]).update(hours_asked_at=now)
    mails = [
        message_rows(
            kind=HOURS, about=About("enrolment", one.code, part=event_part(now)), to=[one.user], due_at=now, now=now
        )
        for one in due
    ]
    messages_write([row for some in mails for row in some])
    return len(due), len(found) - len(due)
