"""Asking a circle about times: polls, and who has not said when they can meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from accounts.services import person_lock, row_lock
from circles.models import Circle, Membership
from circles.services import circle_lock
from notifications.services import About, messages_drop, messages_put
from sessions.kinds import POLL, POLL_AGAIN, TIMES_WANTED
from sessions.models import PollAnswer, PollOption, TimePoll
from sessions.planning.busy_services import busy_want

NUDGED_AFTER = timedelta(days=2)


def _ring(circle: Circle) -> list[User]:
    members = Membership.objects.filter(circle=circle, left_at=None, takes_part=True, user__is_active=True)
    return [member.user for member in members.select_related("user")]


@transaction.atomic
def poll_start(*, circle: Circle, starts: Sequence[datetime], zone: str, by: User, now: datetime) -> TimePoll:
    """Ask the circle about some wall times of one zone; each member gets one mail. A poll that was open is closed;
    calendars that members let be looked into are, soon.

    Refused when one of the times has passed.
    """
    circle_lock(circle)
    instants = {to_instant(local, zone): local for local in starts}
    if min(instants) <= now:
        raise Refused(_("Choose times that are still to come."))
    # Two open polls of one circle would split its answers.
    poll_close(circle=circle, now=now)
    poll = TimePoll.objects.create(circle=circle, asked_by=by, asked_at=now)
    PollOption.objects.bulk_create(
        PollOption(poll=poll, local_date=local.date(), local_time=local.time(), zone=zone, starts_at=starts_at)
        for starts_at, local in sorted(instants.items())
    )
    ring = _ring(circle)
    busy_want(people=ring, now=now)
    others = [user for user in ring if user != by]
    messages_put(kind=POLL, about=_about(poll), to=others, due_at=now, now=now)
    messages_put(kind=POLL_AGAIN, about=_about(poll), to=others, due_at=now + NUDGED_AFTER, now=now)
    return poll


def _about(poll: TimePoll) -> About:
    return About("poll", poll.code, circle=poll.circle.code)


@transaction.atomic
def poll_answer(*, poll: TimePoll, user: User, levels: Mapping[int, str]) -> None:
    """How well each option (by its id) suits one member; it can be changed while the poll is open."""
    person_lock(user)
    row_lock(poll)
    if poll.closed_at:
        raise Refused(_("This poll is closed."))
    for option in PollOption.objects.filter(poll=poll, pk__in=list(levels)):
        PollAnswer.objects.update_or_create(option=option, user=user, defaults={"level": levels[option.pk]})


@transaction.atomic
def poll_close(*, circle: Circle, now: datetime, only: TimePoll | None = None) -> None:
    """The circle's open poll ends, or `only` this one: a session was scheduled, or it is asked no more."""
    circle_lock(circle)
    asked = TimePoll.objects.filter(circle=circle, closed_at=None)
    for poll in asked.filter(pk=only.pk) if only else asked:
        TimePoll.objects.filter(pk=poll.pk, closed_at=None).update(closed_at=now)
        messages_drop(about_code=poll.code, kinds=[POLL, POLL_AGAIN])


def times_ask(*, circle: Circle, now: datetime) -> int:
    """Ask those who have not said when they can meet, at most once a day each. How many there are."""
    silent = [user for user in _ring(circle) if not user.availability.exists()]
    messages_put(
        kind=TIMES_WANTED,
        about=About("circle", circle.code, now.toordinal(), circle.code),
        to=silent,
        due_at=now,
        now=now,
    )
    return len(silent)
