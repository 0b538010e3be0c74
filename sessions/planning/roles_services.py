"""Who holds which role of the coming sessions: proposed by the rule, announced, asked for, taken, overridden."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.selectors import away_at
from circles.models import Circle, Membership
from circles.rules.rotation import PastSession, assign
from circles.services import circle_lock, circles_lock
from notifications.services import About, event_part, messages_drop, messages_put
from sessions.enums import LEARNT, ParticipantKind, Role, SessionStatus, SwapAnswer
from sessions.journeys.following_services import journey_follow
from sessions.kinds import ROLE_NEXT, SWAP_ANSWERED, SWAP_ASKED
from sessions.models import CircleSession, RoleSwap, SessionRole
from sessions.planning.gathering_selectors import counted_on
from sessions.planning.reminder_services import about_session
from sessions.planning.roles_selectors import role_history, roles_needed
from sessions.services import session_lock, version_raise

AHEAD = 12


# The longest a circle can choose; the query then leaves out the rest.
FURTHEST_ANNOUNCED = timedelta(days=14)


@transaction.atomic
def roles_ahead(*, circle: Circle, now: datetime) -> None:
    """Propose every role of the coming sessions, each as if those before it were held as proposed.

    Whoever was chosen, or announced, keeps their role while they can come. The facilitator hosts until the circle
    runs itself; a stand-in hosts the one session they were named for. New holders of announced roles are told.
    A journey that the circle is on is laid onto its dates first: which roles there are is a matter of the formats.
    """
    circle_lock(circle)
    journey_follow(circle=circle, now=now)
    planned = CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    sessions = list(
        planned.select_related("format_version", "circle", "stand_in")
        .prefetch_related("roles", "participations")
        .order_by("starts_at", "pk")[:AHEAD]
    )
    members = list(
        Membership.objects.filter(circle=circle, left_at=None).select_related("user").order_by("joined_at", "pk")
    )
    away = away_at([member.user for member in members], [one.starts_at for one in sessions])
    history = role_history(circle) if sessions else []
    for session in sessions:
        ring = [member.user_id for member in members if member.takes_part]
        there = _there(session, ring, away[session.starts_at])
        held = _holders(session, members, there, history)
        _keep(session, held, now)
        # As if it had been held so: else the same person would be furthest behind in every session to come.
        history.append(PastSession(tuple(there), held))


def roles_ahead_for(*, user: User, now: datetime) -> None:
    """Propose afresh in all circles of a person, after they said when they are away."""
    for circle in Circle.objects.filter(memberships__user=user, memberships__left_at=None).order_by("pk"):
        roles_ahead(circle=circle, now=now)


@transaction.atomic
def roles_give_up(*, user: User, now: datetime) -> None:
    """Somebody is gone: what they were asked about roles ends, and their roles of sessions to come go to others."""
    parts = Q(roles__user=user) | Q(stand_in=user) | Q(swaps__asked=user) | Q(swaps__asked_by=user)
    circles_lock(Circle.objects.filter(pk__in=CircleSession.objects.filter(parts).values("circle")))
    RoleSwap.objects.filter(Q(asked=user) | Q(asked_by=user)).delete()
    planned = CircleSession.objects.filter(status=SessionStatus.PLANNED)
    planned.filter(stand_in=user).update(stand_in=None)
    held = SessionRole.objects.filter(user=user, session__in=planned)
    circles = Circle.objects.filter(pk__in=list(held.values_list("session__circle", flat=True))).order_by("pk")
    held.delete()
    for circle in circles:
        roles_ahead(circle=circle, now=now)


def _there(session: CircleSession, ring: list[int], away: set[int]) -> list[int]:
    """Who is counted on, in the order of the ring; everybody, if that leaves nobody."""
    said = {row.user_id: row.rsvp for row in session.participations.all() if row.kind == ParticipantKind.MEMBER}
    return [pk for pk in ring if counted_on(said.get(pk), away=pk in away)] or ring


def _holders(
    session: CircleSession, members: list[Membership], there: list[int], history: list[PastSession]
) -> dict[str, int]:
    needed = [role.value for role in roles_needed(session.format_version.rule)]
    outside = {member.user_id for member in members if not member.takes_part}
    held = _kept(session, needed, there, outside)
    if Role.HOST.value in needed and Role.HOST.value not in held:
        host = _host(session, members, there)
        if host is not None:
            held[Role.HOST.value] = host
    if Role.HOST.value in held:
        learnt = [role.value for role in LEARNT if role.value in needed and role.value not in held]
        held |= dict.fromkeys(learnt, held[Role.HOST.value])
    # Nobody has two roles while somebody has none; in a pair, or where most are away, there is nobody else.
    free = [pk for pk in there if pk not in held.values()] or there
    return held | assign([key for key in needed if key not in held], free, history)


def _kept(session: CircleSession, needed: list[str], there: list[int], outside: set[int]) -> dict[str, int]:
    """What was chosen or announced stays with whoever has it, while they come."""
    needed_at = {key: at for at, key in enumerate(needed)}
    held: dict[str, int] = {}
    proposed: set[int] = set()
    for row in sorted(session.roles.all(), key=lambda row: needed_at.get(row.role_key, 0)):
        kept = row.role_key in needed and (row.chosen or session.roles_announced_at)
        # Proposed to one person twice while others held nothing: they came since, and take the second.
        twice = not row.chosen and row.role_key not in LEARNT and row.user_id in proposed
        if kept and row.user_id in {*there, *outside} and not (twice and len(there) > len(proposed)):
            held[row.role_key] = row.user_id
            proposed |= set() if row.chosen else {row.user_id}
    return held


def _host(session: CircleSession, members: list[Membership], there: list[int]) -> int | None:
    """The stand-in, else a facilitator who comes, until the circle runs itself; None leaves it to the rotation."""
    present = {member.user_id for member in members}
    if session.stand_in_id in present:
        return session.stand_in_id
    if session.circle.self_run:
        return None
    hosts = [m.user_id for m in members if m.facilitates and (m.user_id in there or not m.takes_part)]
    return hosts[0] if hosts else None


def _keep(session: CircleSession, held: dict[str, int], now: datetime) -> None:
    """Write what differs from what stands."""
    rows = {row.role_key: row for row in session.roles.all()}
    changed = {key: pk for key, pk in held.items() if key not in rows or rows[key].user_id != pk}
    gone = [row.pk for key, row in rows.items() if key not in held]
    if not changed and not gone:
        return
    SessionRole.objects.filter(pk__in=gone).delete()
    for key, pk in changed.items():
        SessionRole.objects.update_or_create(session=session, role_key=key, defaults={"user_id": pk, "chosen": False})
    _swaps_end(session, changed)
    version_raise(session=session)
    if session.roles_announced_at:
        _tell(session, changed.values(), now)


def _tell(session: CircleSession, people: Iterable[int], now: datetime) -> None:
    """Tell each their roles. The key names them and the moment, so that a second role, or the first again, is told."""
    roles: dict[int, list[str]] = {pk: [] for pk in people}
    held = SessionRole.objects.filter(session=session, user__in=roles).order_by("role_key")
    for pk, key in held.values_list("user", "role_key"):
        roles[pk].append(key)
    about = about_session(session)
    # One mail with all their roles takes the place of one that still waits and names fewer.
    messages_drop(about_code=session.code, kinds=[ROLE_NEXT], to=roles)
    for holder in User.objects.filter(pk__in=roles, is_active=True):
        named = replace(about, part=f"{'+'.join(roles[holder.pk])}@{event_part(now)}")
        messages_put(kind=ROLE_NEXT, about=named, to=[holder], due_at=now, now=now)


def roles_announce(*, now: datetime) -> int:
    """Announce the roles of sessions that come within the days their circle chose. How many sessions.

    From then on nobody's role changes because of somebody else's, unless its holder cannot come.
    """
    near = CircleSession.objects.filter(
        status=SessionStatus.PLANNED,
        roles_announced_at=None,
        starts_at__gt=now,
        starts_at__lte=now + FURTHEST_ANNOUNCED,
    ).select_related("circle")
    due = [one for one in near if one.starts_at - timedelta(days=one.circle.roles_days) <= now]
    of_circle: dict[int, list[CircleSession]] = {}
    for one in due:
        of_circle.setdefault(one.circle_id, []).append(one)
    return each("announce roles", of_circle.values(), lambda sessions: _announce(sessions, now))


def _announce(sessions: list[CircleSession], now: datetime) -> int:
    """Those of one circle, once its roles are laid out ahead; how many nobody else had announced."""
    roles_ahead(circle=sessions[0].circle, now=now)
    announced = 0
    for session in sessions:
        if CircleSession.objects.filter(pk=session.pk, roles_announced_at=None).update(roles_announced_at=now):
            _tell(session, SessionRole.objects.filter(session=session).values_list("user", flat=True), now)
            announced += 1
    return announced


def roles_left_fill(*, now: datetime) -> int:
    """Propose afresh where somebody who holds a role has left the circle, or a role is not filled. How many circles."""
    planned = CircleSession.objects.filter(status=SessionStatus.PLANNED, starts_at__gt=now)
    present = Membership.objects.filter(left_at=None).values("circle", "user")
    holds = SessionRole.objects.filter(session__in=planned).values_list("session__circle", "user").distinct()
    belongs = set(present.values_list("circle", "user"))
    lost = {circle for circle, user in holds if (circle, user) not in belongs}
    lost |= set(planned.filter(roles=None).values_list("circle", flat=True))
    circles = Circle.objects.filter(pk__in=lost)
    return each("roles of those who left", circles, lambda circle: roles_ahead(circle=circle, now=now))


@transaction.atomic
def roles_choose(*, session: CircleSession, holders: dict[str, User], now: datetime) -> None:
    """The facilitator says who holds which role; the rotation keeps the others."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    before = dict(SessionRole.objects.filter(session=session).values_list("role_key", "user"))
    changed = {key: user for key, user in holders.items() if before.get(key) != user.pk}
    for role_key, user in changed.items():
        SessionRole.objects.update_or_create(
            session=session, role_key=role_key, defaults={"user": user, "chosen": True}
        )
    _changed_by_hand(session, {key: user.pk for key, user in changed.items()}, now)


def _changed_by_hand(session: CircleSession, changed: dict[str, int], now: datetime) -> None:
    """Somebody chose: asks about these roles end, new holders are told, and later sessions are fair again."""
    _swaps_end(session, changed)
    version_raise(session=session)
    roles_ahead(circle=session.circle, now=now)
    if session.roles_announced_at:
        _tell(session, changed.values(), now)


@transaction.atomic
def role_take(*, session: CircleSession, role: Role, user: User) -> None:
    """A member takes a role of a session that has not started, from whoever was to hold it. The host's is not taken."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    held = SessionRole.objects.filter(session=session, role_key=role)
    if role == Role.HOST or not held.update(user=user, chosen=True):
        raise Refused(_("This role cannot be taken. Ask whoever looks after the circle."))
    _swaps_end(session, [role.value])
    version_raise(session=session)


@transaction.atomic
def stand_in_name(*, session: CircleSession, user: User | None, now: datetime) -> None:
    """Name a member who hosts and looks after this one session; None takes it back."""
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    CircleSession.objects.filter(pk=session.pk).update(stand_in=user)
    # Away before it is proposed afresh, since whoever holds an announced role would keep it.
    hosts = SessionRole.objects.filter(session=session, role_key=Role.HOST)
    hosts.delete()
    session.refresh_from_db(fields=["stand_in"])
    roles_ahead(circle=session.circle, now=now)
    if user:
        _tell(session, [user.pk], now)


@transaction.atomic
def swap_ask(*, session: CircleSession, role: Role, by: User, asked: User, now: datetime) -> RoleSwap:
    """Whoever holds a role asks somebody else to take it. One such question at a time."""
    session_lock(session)
    if not session.is_planned or session.starts_at <= now:
        raise Refused(_("The session has started or is over."))
    if not SessionRole.objects.filter(session=session, role_key=role, user=by).exists():
        raise Refused(_("This role is not yours any more."))
    try:
        with transaction.atomic():
            swap = RoleSwap.objects.create(session=session, role_key=role, asked_by=by, asked=asked, asked_at=now)
    except IntegrityError as error:
        raise Refused(_("Somebody is being asked about this role already.")) from error
    messages_put(kind=SWAP_ASKED, about=_about(swap), to=[asked], due_at=now, now=now)
    version_raise(session=session)
    return swap


def _about(swap: RoleSwap) -> About:
    return About("swap", swap.code, circle=swap.session.circle.code)


@transaction.atomic
def swap_answer(*, swap: RoleSwap, yes: bool, now: datetime) -> None:
    """Whoever was asked takes the role, and hands over the one they held in that session; or not this time."""
    session = swap.session
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    answer = SwapAnswer.YES if yes else SwapAnswer.NO
    if not RoleSwap.objects.filter(pk=swap.pk, answer="").update(answer=answer, answered_at=now):
        raise Refused(_("This was settled already."))
    if yes:
        held = SessionRole.objects.filter(session=session)
        own = list(held.filter(user=swap.asked).values_list("role_key", flat=True))
        if not held.filter(role_key=swap.role_key, user=swap.asked_by).update(user=swap.asked, chosen=True):
            raise Refused(_("This role is with somebody else by now."))
        held.filter(role_key__in=own).update(user=swap.asked_by, chosen=True)
        _swaps_end(session, own)
        roles_ahead(circle=session.circle, now=now)
    version_raise(session=session)
    messages_put(kind=SWAP_ANSWERED, about=_about(swap), to=[swap.asked_by], due_at=now, now=now)


@transaction.atomic
def swap_withdraw(*, swap: RoleSwap) -> None:
    """The question is taken back: this one, and no other about the same role. Refused once it is answered."""
    session_lock(swap.session)
    deleted, _rows = RoleSwap.objects.filter(pk=swap.pk, answer="").delete()
    if not deleted:
        raise Refused(_("This was settled already."))
    messages_drop(about_code=swap.code, kinds=[SWAP_ASKED])
    version_raise(session=swap.session)


def _swaps_end(session: CircleSession, role_keys: Iterable[str]) -> None:
    """Questions about roles that are with somebody else now have no answer any more."""
    waiting = RoleSwap.objects.filter(session=session, role_key__in=list(role_keys), answer="")
    for swap in list(waiting):
        messages_drop(about_code=swap.code, kinds=[SWAP_ASKED])
        swap.delete()
