"""What somebody has to do with programmes just now: those they lead, those they are in, those they are invited to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.counting import counted
from accounts.models import User
from accounts.numbers import spelt
from accounts.rules.zones import to_local
from circles.models import Invitation, Membership
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Round, RoundCircle

AT_MOST = 6


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme, what is next in it, and where that is done."""

    programme: Programme
    words: str
    path: str
    kickoff: date | None = None
    # What a button that leads there says, and where the programme is in its weeks.
    say: str = ""
    weeks: str = ""


def led(user: User) -> QuerySet[Programme]:
    """Programmes somebody administers and nobody has ended, with what is counted of each; nothing is asked yet."""
    asking = Enrolment.objects.filter(programme=OuterRef("pk"), status=EnrolmentStatus.ENROLLED)
    circles = RoundCircle.objects.filter(round__programme=OuterRef("pk"), circle__closed_at=None)
    rows = Programme.objects.filter(admins__user=user, ended_at=None).annotate(
        asking=counted(asking, "programme"),
        circles=counted(circles, "round__programme"),
        calls=counted(circles.filter(worth_a_call=True), "round__programme"),
        board=Exists(Round.objects.filter(programme=OuterRef("pk"), published_at=None)),
    )
    return rows.order_by("-starts_on", "pk")[:AT_MOST]


def led_line(programme: Any, now: datetime) -> ProgrammeLine:
    """The next step in a programme of `led`: what is most pressing comes first."""
    code = [programme.code]
    if programme.is_over(now):
        said, page, say = _("Its last day has passed. End it, and everybody in it is told."), "settings", _("End it")
    elif programme.calls:
        calls = ngettext("%(n)s circle is worth a call", "%(n)s circles are worth a call", programme.calls)
        said, page, say = _counted(calls, programme.calls), "overview", _("See which, and why")
    elif programme.board:
        said = _("A board is open: circles are being made, and nobody is told yet.")
        page, say = "forming", _("Open the board")
    elif programme.asking:
        asking = ngettext("%(n)s person waits for a circle", "%(n)s people wait for a circle", programme.asking)
        said, page, say = _counted(asking, programme.asking), "forming", _("Make circles")
    elif programme.circles:
        circles = ngettext(
            "%(n)s circle, and no sign of trouble", "%(n)s circles, and no sign of trouble", programme.circles
        )
        said, page, say = _counted(circles, programme.circles), "overview", _("See how they are")
    else:
        said = _("Nobody has asked for a place yet. Invite people, or share its page.")
        page, say = "people", _("Invite people")
    path = reverse(f"programmes:{page}", args=code)
    return ProgrammeLine(programme, said, path, say=say, weeks=_weeks_said(programme, now))


def _counted(said: str, number: int) -> str:
    """A sentence that begins with its number."""
    number_said = spelt(number)
    return said % {"n": number_said[:1].upper() + number_said[1:]}


def _weeks_said(programme: Programme, now: datetime) -> str:
    today = to_local(now, programme.time_zone).date()
    if today < programme.starts_on:
        return _("Begins on %s") % date_format(programme.starts_on, "j F")
    weeks = -(-((programme.ends_on - programme.starts_on).days + 1) // 7)
    week = (today - programme.starts_on).days // 7 + 1
    return _("Week %(week)s of %(weeks)s") % {"week": week, "weeks": weeks} if week <= weeks else ""


def enrolled(user: User, email: str, *, now: datetime) -> QuerySet[Enrolment]:
    """Where somebody takes part in a programme without being in a circle of it; nothing is asked yet."""
    of_programme = RoundCircle.objects.filter(round__programme=OuterRef(OuterRef("programme"))).values("circle")
    inside = Membership.objects.filter(circle__in=of_programme, circle__closed_at=None, user=user, left_at=None)
    asked = Invitation.objects.filter(circle__in=of_programme, email=email.lower(), used_at=None, revoked_at=None)
    rows = Enrolment.objects.filter(~Exists(inside), user=user, programme__ended_at=None)
    rows = rows.exclude(status=EnrolmentStatus.WITHDRAWN).annotate(asked=Exists(asked.filter(expires_at__gt=now)))
    found: QuerySet[Enrolment] = rows.select_related("programme").order_by("-asked_at", "pk")[:AT_MOST]
    return found


def enrolled_line(row: Any, now: datetime) -> ProgrammeLine:
    """What happens next for somebody of `enrolled`."""
    words = {
        EnrolmentStatus.WAITING: _("All places are taken. You are in line, and hear by mail as soon as one is free."),
        EnrolmentStatus.ENROLLED: _("You have asked for a place. Circles are being made; an invitation comes by mail."),
        EnrolmentStatus.PLACED: _("A circle is made for you: your own yes makes it yours.")
        if row.asked
        else _("You are in none of its circles. If you like, ask for another."),
    }
    day = row.programme.kickoff_date
    ahead = day if day and day >= to_local(now, row.programme.time_zone).date() else None
    path = reverse("programmes:mine", args=[row.programme.code])
    return ProgrammeLine(row.programme, words[EnrolmentStatus(row.status)], path, ahead)


def invited(email: str, *, now: datetime) -> QuerySet[ProgrammeInvitation]:
    """Open invitations to programmes at an address; nothing is asked yet, nor whose it is proved to be."""
    rows = ProgrammeInvitation.objects.filter(email=email.lower(), used_at=None, revoked_at=None, expires_at__gt=now)
    rows = rows.filter(programme__ended_at=None).select_related("programme", "invited_by").defer("attributes")
    return rows.order_by("-created_at", "pk")[:AT_MOST]


def invited_line(row: ProgrammeInvitation, now: datetime) -> ProgrammeLine:  # noqa: ARG001 (a row of a table)
    """Who invites somebody of `invited`, and where that is answered."""
    said = _("%(who)s invites you. Look at it, then say yes or let it be.") % {"who": row.invited_by}
    return ProgrammeLine(row.programme, said, reverse("programmes:join", args=[row.programme.code]))
