"""Who may see what of a programme, decided here only. Whoever may not gets the 404 of one that does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.doors_services import is_anybodys
from accounts.models import User
from circles.models import Membership
from programmes.enums import EnrolmentStatus
from programmes.models import (
    AdminInvitation,
    Enrolment,
    FacilitatorAsked,
    LatePlace,
    Programme,
    ProgrammeInvitation,
    Pulse,
    PulseTicket,
    Round,
    RoundCircle,
)

Person = User | AnonymousUser


def _led(user: Person, now: datetime, path: str = "") -> Q:
    """That somebody administers the programme at the end of `path` by now, and can still sign in."""
    by = {"user_id": user.pk or 0, "user__is_active": True, "since__lte": now}
    return Q(**{f"{path}admins__{name}": value for name, value in by.items()})


def get_programme(user: Person, code: UUID, *, now: datetime) -> Programme:
    """The programme for one of its administrators; Http404 for everybody else, staff and superusers included."""
    return get_object_or_404(Programme.objects.select_related("vault"), _led(user, now), code=code)


def get_round(user: Person, code: UUID, *, now: datetime) -> Round:
    """A round for an administrator of its programme."""
    rows = Round.objects.select_related("programme__vault")
    return get_object_or_404(rows, _led(user, now, "programme__"), code=code)


def get_circle_of(programme: Programme, circle: UUID) -> RoundCircle:
    """A circle of the programme: the row that counts it, never its content."""
    rows = RoundCircle.objects.select_related("circle", "round")
    return get_object_or_404(rows, round__programme=programme, circle__code=circle)


def get_pulse(user: Person, code: UUID, *, now: datetime) -> Pulse:
    """A pulse for an administrator of its programme."""
    rows = Pulse.objects.select_related("round__programme__vault")
    return get_object_or_404(rows, _led(user, now, "round__programme__"), code=code)


def get_facilitator_asked(user: Person, code: UUID) -> FacilitatorAsked:
    """The question whether somebody would look after circles of a programme, for the person it is put to."""
    mine = FacilitatorAsked.objects.filter(user_id=user.pk or 0, user__is_active=True)
    rows = mine.select_related("round__programme", "circle", "user", "asked_by")
    return get_object_or_404(rows, code=code, round__programme__ended_at=None)


def get_late_place(user: Person, code: UUID) -> LatePlace:
    """The question whether a circle takes somebody who came late, for those who look after the circle now."""
    looks_after = Membership.objects.filter(user_id=user.pk or 0, user__is_active=True, left_at=None, facilitates=True)
    rows = LatePlace.objects.filter(of__circle__in=looks_after.values("circle"), of__circle__closed_at=None)
    rows = rows.select_related("of__circle__vault", "of__round__programme__vault", "enrolment__user", "asked_by")
    return get_object_or_404(rows, code=code, of__round__programme__ended_at=None)


def get_admin_invitation(user: Person, code: UUID, token: str, *, now: datetime) -> AdminInvitation:
    """The open question whether somebody would administer a programme, by its code.

    For whoever holds its secret, or whose proved address it was put to; Http404 for everybody else.
    """
    held = Q(token_hash=AdminInvitation.hash_of(token))
    if isinstance(user, User) and not is_anybodys(user):
        held |= Q(email=user.email.lower())
    rows = AdminInvitation.objects.filter(held, code=code, programme__ended_at=None)
    found = rows.select_related("programme", "invited_by").first()
    if found is None or not found.is_open(now):
        raise Http404
    return found


def get_withdrawn(user: Person, code: UUID) -> Programme:
    """A programme that somebody has withdrawn from: no more than its name is theirs."""
    rows = Enrolment.objects.filter(programme__code=code, user_id=user.pk or 0, status=EnrolmentStatus.WITHDRAWN)
    return cast(Programme, get_object_or_404(rows.select_related("programme")).programme)


def get_enrolment(user: Person, code: UUID) -> Enrolment:
    """One's own enrolment in the programme with this code, unless it was withdrawn."""
    mine = Enrolment.objects.filter(programme__code=code, user_id=user.pk or 0)
    found = mine.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("programme__vault", "vault").first()
    if found is None:
        raise Http404
    return cast(Enrolment, found)


@dataclass(frozen=True)
class Joining:
    """A programme that somebody may ask to take part in, the invitation that is theirs to use, and what they are in it.

    `hindered` says what stands in the way for now, by the word under which the page knows it: the programme is `over`,
    nobody is signed in (`guest`), the invitation went to an `other_address`, or theirs is `unproved`. Empty: nothing.
    """

    programme: Programme
    invitation: ProgrammeInvitation | None
    mine: Enrolment | None
    hindered: str


def get_to_join(user: Person, code: UUID, token: str, *, now: datetime) -> Joining:
    """An open programme for everybody who has its address; another for those who were invited or are in it."""
    programme, held = _to_join(user, code, token, now=now)
    mine = Enrolment.objects.filter(programme=programme, user_id=user.pk or 0)
    said = mine.exclude(status=EnrolmentStatus.WITHDRAWN).first()
    if programme.is_over(now) and not said:
        return Joining(programme, held, said, "over")
    if not isinstance(user, User):
        return Joining(programme, held, said, "guest")
    # What went to somebody else brings nobody in; an open programme needs none.
    own = held if held and held.email == user.email.lower() else None
    if held and not own and not programme.is_open:
        return Joining(programme, None, said, "other_address")
    unproved = user.unproved_since is not None and not own
    return Joining(programme, own, said, "unproved" if unproved else "")


def _to_join(user: Person, code: UUID, token: str, *, now: datetime) -> tuple[Programme, ProgrammeInvitation | None]:
    invitations = ProgrammeInvitation.objects.filter(programme__code=code)
    held = invitations.filter(token_hash=ProgrammeInvitation.hash_of(token)).first()
    if held is None and isinstance(user, User) and not is_anybodys(user):
        # Who has proved their address needs no link that went to it.
        held = invitations.filter(email=user.email.lower(), used_at=None, revoked_at=None).first()
    invited = held is not None and held.is_open(now)
    mine = Q(enrolments__user_id=user.pk or 0)
    rows = Programme.objects.filter(code=code).select_related("vault")
    # Whoever holds an invitation to one that has ended is told so.
    told = Q(pk=held.programme_id if held else None, ended_at__isnull=False)
    programme = (rows if invited else rows.filter(mine | told | Q(is_open=True))).distinct().first()
    if programme is None:
        raise Http404
    return programme, held if invited else None


DOOR, ADMIN_DOOR = "programme", "programme administrator"


def still_lets_in(key: str, now: datetime) -> bool:
    """Whether somebody may make an account for the sake of a programme: its code, and the secret they hold or none."""
    code, _space, token = key.partition(" ")
    try:
        programme = get_to_join(AnonymousUser(), UUID(code), token, now=now).programme
    except (Http404, ValueError):
        return False
    return not programme.is_over(now)


def called_at_the_door(key: str) -> str:
    """The name that somebody was invited under, by the secret they hold."""
    code, _space, token = key.partition(" ")
    held = ProgrammeInvitation.objects.filter(token_hash=ProgrammeInvitation.hash_of(token), programme__code=code)
    invitation = held.select_related("vault").first()
    return invitation.called if invitation else ""


def still_asks_for_an_administrator(key: str, now: datetime) -> bool:
    """Whether somebody may make an account to answer whether they would administer a programme."""
    code, _space, token = key.partition(" ")
    try:
        get_admin_invitation(AnonymousUser(), UUID(code), token, now=now)
    except (Http404, ValueError):
        return False
    return True


def get_ticket(user: Person, code: UUID) -> PulseTicket:
    """One's own ticket for a pulse, while one belongs to the circle it is about."""
    found = PulseTicket.objects.filter(code=code, user_id=user.pk or 0, user__is_active=True)
    ticket = found.select_related("pulse__round__programme", "circle__vault").first()
    if ticket is None or not Membership.objects.filter(circle=ticket.circle, user=user.pk, left_at=None).exists():
        raise Http404
    return ticket


def may_start(user: User) -> bool:
    """Those who run the server set programmes up, and name who administers them."""
    return user.is_staff
