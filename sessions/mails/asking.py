"""Mails that ask the circle: which times, when one can meet, how it goes on."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from circles.models import Circle, Covenant, CovenantVote, Membership
from circles.selectors import belongs
from notifications.models import Message
from sessions.models import PairRound, PollAnswer, TimePoll
from sessions.planning.pairs_selectors import partners_in


def poll_open(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not answered a poll that is open."""
    poll = TimePoll.objects.filter(code=message.subject_code, closed_at=None).select_related("circle", "asked_by")
    found = poll.first()
    if found is None or not belongs(found.circle, message.user):
        return None
    if PollAnswer.objects.filter(option__poll=found, user=message.user).exists():
        return None
    times = list(found.options.filter(starts_at__gt=now).order_by("starts_at"))
    if not times:
        return None
    path = reverse("sessions:poll", args=[found.code])
    return {"circle": found.circle, "who": found.asked_by, "times": times, "path": path}


def times_wanted(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said when they can meet."""
    circle = Circle.objects.filter(code=message.subject_code).first()
    if circle is None or message.user is None or not belongs(circle, message.user):
        return None
    if message.user.availability.exists():
        return None
    # Who pressed is not kept: where several look after the circle, it was one of them.
    asking = list(Membership.objects.filter(circle=circle, left_at=None, facilitates=True).select_related("user")[:2])
    return {
        "circle": circle,
        "who": asking[0].user if len(asking) == 1 else None,
        "path": reverse("pages:times"),
    }


def pairs(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who coaches with somebody, while that is so and no later round has begun."""
    round_ = PairRound.objects.filter(circle__code=message.subject_code, number=message.revision, ended_at=None)
    found = round_.select_related("circle").first()
    if found is None or message.user is None or not belongs(found.circle, message.user):
        return None
    partners = [str(one) for one in partners_in(found.circle, message.user)]
    if not partners:
        return None
    names = get_text_list(partners, _("and"))
    return {"circle": found.circle, "names": names, "path": reverse("sessions:pairs", args=[found.circle.code])}


def decide(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said what the circle should do next, while it is not decided."""
    covenant = Covenant.objects.filter(
        circle__code=message.subject_code, number=message.revision, decided_at=None
    ).first()
    if covenant is None or not belongs(covenant.circle, message.user):
        return None
    if CovenantVote.objects.filter(covenant=covenant, user=message.user).exists():
        return None
    seated = Membership.objects.filter(circle=covenant.circle, left_at=None, takes_part=True)
    said = CovenantVote.objects.filter(covenant=covenant, user__in=seated.values("user"))
    return {
        "circle": covenant.circle,
        "number": covenant.sessions,
        "said": said.count(),
        "all": seated.count(),
        "path": reverse("pages:decide", args=[covenant.circle.code]),
    }
