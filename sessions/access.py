"""Who may see a session and its words, a question about a role, a poll: decided here only."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import Http404

from accounts.models import User
from accounts.statements import FixedStatement
from agreements.enums import Became
from agreements.models import AgreementVersion, OneChange
from agreements.selectors import versions_to_sign
from circles.access import Seat, get_circle, must_be_open, must_have_words
from circles.models import Circle, ComingPlan, Membership
from sessions.enums import SessionStatus
from sessions.models import CircleSession, GuestPass, Issue, PairSeat, Participation, RoleSwap, ShelfItem, TimePoll


@FixedStatement
def _to_sign(*, user: User, circle: Circle, session: CircleSession, seated: bool) -> QuerySet[AgreementVersion, Any]:
    to_sign = versions_to_sign(user).filter(agreement__circle=circle)
    if seated:
        held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
        to_sign = to_sign.filter(Exists(held.exclude(pk=session.pk)))
    return to_sign.values("pk")[:1]


@dataclass(frozen=True)
class SessionSeat(Seat):
    """A person's place in the circle of one session; `number` is their seat once it has started."""

    session: CircleSession
    guest: GuestPass | None = None
    number: int | None = None
    # Others look at this window (`sessions/sharing.py`): it shows what all of them may read, and nothing else.
    sharing: bool = False

    def saw(self, at: datetime) -> bool:
        """As in the circle; nothing from before the session is a guest's."""
        return self.guest is None and super().saw(at)

    @property
    def facilitates(self) -> bool:
        """As in the circle, and whoever stands in for this one session."""
        return super().facilitates or (self.is_open and self.session.stand_in_id == self.user.pk)

    @cached_property
    def must_sign(self) -> bool:
        """Words are seen by those who have signed the agreement in force; a circle's first session may do without.

        A facilitator from outside, and a guest, sign first in any case.
        """
        seated = bool(self.membership.takes_part)
        return bool(_to_sign(user=self.user, circle=self.circle, session=self.session, seated=seated))

    @property
    def reads_words(self) -> bool:
        """Words of a session are for those who belonged to the circle that day, and have signed its agreement.

        A facilitator from outside reads them only while the session runs; a guest until their access ends, a day after.
        """
        return self._belonged and not self.must_sign

    @property
    def _belonged(self) -> bool:
        if self.guest:
            return not self.session.is_planned
        if not self.membership.takes_part:
            return self.session.is_running
        if not self.session.is_over:
            return True
        came = self.number is not None  # let in while it ran
        return self.session.started_at is not None and (came or self.saw(self.session.started_at))


def reads_issue(seat: SessionSeat, issue: Issue, *, begun: bool) -> bool:
    """Whoever brought it, at a window of their own; from the beginning of its turn on, all who read words there.

    `begun`: while the session runs, that its turn is the one now; afterwards `Issue.told`.
    """
    if issue.owner_id == seat.user.pk and not seat.sharing:
        return True
    return begun and seat.reads_words


@FixedStatement
def _of_member(*, code: UUID, user: int) -> QuerySet[CircleSession, Any]:
    """The session with what the person's membership is, and their seat in it, beside it."""
    own = Participation.objects.filter(session=OuterRef("pk"), user_id=user)
    rows = CircleSession.objects.filter(
        code=code, circle__memberships__user_id=user, circle__memberships__left_at=None
    ).annotate(
        member_pk=F("circle__memberships__pk"),
        member_code=F("circle__memberships__code"),
        member_facilitates=F("circle__memberships__facilitates"),
        member_takes_part=F("circle__memberships__takes_part"),
        member_joined_at=F("circle__memberships__joined_at"),
        seat_number=Subquery(own.values("seat")[:1]),
        # Seldom there, so that it is asked here whether they are, and read only then.
        tries=Exists(OneChange.objects.filter(circle=OuterRef("circle"), became=Became.TRYING)),
        lends=Exists(ShelfItem.objects.filter(circle=OuterRef("circle"), lent_at=None, talked_at=None)),
        has_coming_plan=Exists(ComingPlan.objects.filter(circle=OuterRef("circle"), user_id=user)),
        in_pair=Exists(PairSeat.objects.filter(round__circle=OuterRef("circle"), round__ended_at=None, user_id=user)),
    )
    return rows.select_related("circle__vault", "format_version__format", "series", "leg__version")


def get_session(user: User | AnonymousUser, code: UUID) -> SessionSeat:
    """The session for a present member of its circle; Http404 for everybody else."""
    session = next(iter(_of_member(code=code, user=user.pk or 0)), None)
    if session is None or not isinstance(user, User) or not user.is_active:
        raise Http404
    # Made of the same row and never saved: the room asks this at every look.
    membership = Membership(
        pk=session.member_pk,
        code=session.member_code,
        circle=session.circle,
        user=user,
        facilitates=session.member_facilitates,
        takes_part=session.member_takes_part,
        joined_at=session.member_joined_at,
    )
    must_have_words(session.circle)
    return SessionSeat(session.circle, user, membership, session, number=session.seat_number)


def get_attended(user: User | AnonymousUser, code: UUID, *, now: datetime) -> SessionSeat:
    """The session for those who may attend it: members, and guests who said yes, until a day after its end."""
    try:
        return get_session(user, code)
    except Http404:
        return _as_guest(user, code, now)


def may_attend(user: User | AnonymousUser, code: UUID, *, now: datetime) -> bool:
    """As `get_attended`, where only the answer is wanted: one small query."""
    return isinstance(user, User) and user.is_active and bool(_attended(code=code, user=user, now=now))


@FixedStatement
def _attended(*, code: UUID, user: User, now: datetime) -> QuerySet[CircleSession, Any]:
    member = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None)
    guest = GuestPass.objects.standing(now).filter(session=OuterRef("pk"), user=user)
    return CircleSession.objects.filter(Exists(member) | Exists(guest), code=code).values("pk")


def may_answer(user: User, session: CircleSession, *, since: datetime, now: datetime) -> bool:
    """Whether somebody may still answer by what they were sent at `since`: without signing in, they prove only that.

    They have been in the circle ever since, or are a guest whose pass stands. Whoever left and came back is sent anew.
    """
    member = Membership.objects.filter(circle=session.circle_id, user=user, left_at=None, joined_at__lte=since)
    guest = GuestPass.objects.standing(now).filter(session=session, user=user, used_at__lte=since)
    return User.objects.filter(pk=user.pk, is_active=True).exists() and (member.exists() or guest.exists())


def _as_guest(user: User | AnonymousUser, code: UUID, now: datetime) -> SessionSeat:
    found = GuestPass.objects.standing(now).filter(session__code=code, user_id=user.pk or 0, user__is_active=True)
    guest = found.select_related(
        "session__circle__vault", "session__format_version__format", "session__leg__version"
    ).first()
    if guest is None or not isinstance(user, User):
        raise Http404
    circle = guest.session.circle
    must_have_words(circle)
    number = Participation.objects.filter(session=guest.session, user=user).values_list("seat", flat=True).first()
    return SessionSeat(circle, user, visiting(circle, user), guest.session, guest, number)


def visiting(circle: Circle, user: User) -> Membership:
    """What stands for a membership where a guest is listed among members; it is never saved."""
    return Membership(circle=circle, user=user, facilitates=False, takes_part=False)


def get_guest_pass(seat: SessionSeat, code: UUID) -> GuestPass:
    """A guest's pass to a session of one's own circle; its session is the seat's."""
    guest = GuestPass.objects.filter(session=seat.session, code=code).select_related("user").first()
    if guest is None:
        raise Http404
    guest.session = seat.session
    return guest


def get_session_to_run(user: User | AnonymousUser, code: UUID) -> SessionSeat:
    """As `get_session`, for a facilitator of the circle only, who changes what is planned in it."""
    seat = get_session(user, code)
    if not (seat.membership.runs or seat.facilitates):
        raise Http404
    must_be_open(seat.circle)
    return seat


def get_swap(user: User | AnonymousUser, code: UUID) -> RoleSwap:
    """A question about a role, for whoever asked it and whoever was asked, while they are in the circle."""
    swap = RoleSwap.objects.filter(code=code).select_related("session__circle", "asked", "asked_by").first()
    if swap is None or user not in (swap.asked, swap.asked_by):
        raise Http404
    get_session(user, swap.session.code)
    return swap


def get_poll(user: User | AnonymousUser, code: UUID, *, writes: bool = False) -> tuple[Seat, TimePoll]:
    """A poll about times, for present members of its circle who read it or answer."""
    poll = TimePoll.objects.filter(code=code).select_related("circle").first()
    if poll is None:
        raise Http404
    return get_circle(user, poll.circle.code, writes=writes), poll
