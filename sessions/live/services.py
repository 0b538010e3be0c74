"""Presses in a live session: each is decided from the log and appended to it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from sessions.enums import Attendance, ParticipantKind, Role, SessionStatus
from sessions.live.ending_services import session_end
from sessions.live.log_selectors import state_of
from sessions.live.log_services import Stale, event_append, event_decide
from sessions.live.windows import CLOSES_BY_ITSELF_AFTER, CLOSES_IN_ANY_CASE_AFTER, SEEN_FOR, may_take_over
from sessions.models import CircleSession, Participation, SessionRole
from sessions.planning.gathering_selectors import gathering_of
from sessions.rules.clock import from_ms, to_ms
from sessions.rules.commands import replan_command, turn_command
from sessions.rules.double_presses import PressMade, crosses, made_already
from sessions.rules.runner import Command, Event, State, decide, evolve
from sessions.services import participation_of


@transaction.atomic
def session_command(
    *,
    session: CircleSession,
    kind: str,
    seat: int,
    expected_seq: int,
    now: datetime,
    seconds: int = 0,
    guest: bool = False,
) -> State:
    """Next, back, extend, pause, resume or end, as pressed on a page that had seen `expected_seq`.

    Stale when the session has moved on since; Refused when it is not this person's to do, or not now. The press
    that ends the session also writes what reports read; it is never a guest's.
    """
    state = state_of(session)
    if guest and would_end(session, kind, expected_seq=expected_seq):
        raise Refused(_("Ending it is for the circle. You can leave whenever you like."))
    about = seconds if kind == "extend" else 0
    if _repeats_the_last(state, PressMade(kind, seat, expected_seq, about), now):
        return state
    command = Command(kind, seat, expected_seq, seconds=seconds, about=about)
    return _carry_out(session, state, command, expected_seq, now)


def may_end(kind: str) -> bool:
    """Whether a press of this kind can be one that ends the session."""
    return kind in ("next", "stop", "end")


def would_end(session: CircleSession, kind: str, *, expected_seq: int) -> bool:
    """Whether this press would end the session for everybody: such a one is asked about first."""
    state = state_of(session)
    if state.phase not in ("running", "paused") or state.seq != expected_seq:
        return False
    return kind in ("stop", "end") or (kind == "next" and state.is_last)


@transaction.atomic
def session_replan(
    *, session: CircleSession, why: str, by_seat: int, expected_seq: int, now: datetime, who: int | None = None
) -> State:
    """Re-plan what remains: `time` to end when planned, the others are about the person in seat `who`."""
    state = state_of(session)
    if _repeats_the_last(state, PressMade("replan", by_seat, expected_seq, who or 0), now):
        return state
    command = replan_command(
        session.format_version.rule,
        state,
        why,
        by=by_seat,
        expected=expected_seq,
        who=who,
        ends_ms=to_ms(session.plans_to_end_at),
        now=to_ms(now),
    )
    state = _carry_out(session, state, command, expected_seq, now)
    # After the event: a press that comes too late is refused in there, and then nothing of this is written either.
    row = Participation.objects.filter(session=session, seat=who)
    if why == "came":
        row.update(attendance=Attendance.CAME, place=len(state.order))
    elif why in ("chosen", "presents"):
        row.update(presents=True)
    return state


@transaction.atomic
def session_turn(
    *, session: CircleSession, kind: str, by_seat: int, expected_seq: int, now: datetime, who: int | None = None
) -> State:
    """`put_off`: the present turn comes later, or not at all when nobody else is left. `call`: seat `who` is next."""
    state = state_of(session)
    if _repeats_the_last(state, PressMade(kind, by_seat, expected_seq, who or 0), now):
        return state
    command = turn_command(session.format_version.rule, state, kind, by=by_seat, expected=expected_seq, who=who)
    return _carry_out(session, state, command, expected_seq, now)


def _repeats_the_last(state: State, press: PressMade, now: datetime) -> bool:
    """Whether it is the last press once more, which gets the answer of the first. Refused when it crosses another's."""
    apart, ms = settings.PRESS_APART_MS, to_ms(now)
    if crosses(state, press, now=ms, apart=apart):
        raise Refused(_("The session has moved on just now. If you still want to, press again."))
    return made_already(state, press, now=ms, apart=apart)


def _carry_out(
    session: CircleSession, state: State, command: Command | None, expected_seq: int, now: datetime
) -> State:
    """Append what a command decides; None is a command that makes no sense now."""
    if command is None:
        if expected_seq != state.seq:
            raise Stale(_("The session has moved on. This is where it is now."))
        raise Refused(_("This cannot be done at the moment."))
    event = event_decide(state, command, now)
    after = evolve(state, event)
    # The press that ends it writes what reports read in the same transaction: a killed process leaves both or neither.
    if event.kind == "ended":
        return session_end(session, event, after, now)
    return event_append(session, event, after, finish_by=from_ms(after.finish_at(to_ms(now))) + CLOSES_BY_ITSELF_AFTER)


@transaction.atomic
def session_hand_over(
    *, session: CircleSession, by: User, by_seat: int, who: int, expected_seq: int, now: datetime
) -> State:
    """Whoever steers hands it to the person in seat `who`; the role of host goes along if they had it."""
    state = state_of(session)
    if _repeats_the_last(state, PressMade("hand_over", by_seat, expected_seq, who), now):
        return state
    if Participation.objects.filter(session=session, seat=who, kind=ParticipantKind.GUEST).exists():
        raise Refused(_("A guest does not host."))
    steerers = (state.steerers - {by_seat}) | {who}
    command = Command("hand_over", by_seat, expected_seq, steerers=steerers, about=who) if who != by_seat else None
    state = _carry_out(session, state, command, expected_seq, now)
    _host_becomes(session, who, was=by)
    return state


def _host_becomes(session: CircleSession, seat: int, *, was: User | None) -> None:
    """Seat `seat` hosts from now on; with `was`, only if that person did until now."""
    part = Participation.objects.filter(session=session, seat=seat).first()
    roles = SessionRole.objects.filter(session=session, role_key=Role.HOST)
    if part:
        (roles.filter(user=was) if was else roles).update(user=part.user_id, chosen=True)


@transaction.atomic
def session_take_over(*, session: CircleSession, by_seat: int, expected_seq: int, now: datetime) -> State:
    """A member steers after nobody who does has been there for a while (HOST_AWAY_SECONDS). Refused before that."""
    state = state_of(session)
    if _repeats_the_last(state, PressMade("take_over", by_seat, expected_seq), now):
        return state
    # On an older page the press is stale anyway, and that is what its reader should be told.
    if expected_seq == state.seq and not may_take_over(session, state, now=now):
        raise Refused(_("The host is here. Ask them to hand over."))
    command = Command("take_over", by_seat, expected_seq, steerers=state.steerers | {by_seat})
    state = _carry_out(session, state, command, expected_seq, now)
    _host_becomes(session, by_seat, was=None)
    return state


@transaction.atomic
def latecomers_seat(*, session: CircleSession, now: datetime) -> None:
    """Whoever joined the circle, or said yes as a guest, while it runs gets a seat, after everybody who ever had one.

    They can pause at once and are let into the rounds by whoever steers. Nothing happens where all have a seat.
    """
    people = gathering_of(session).people
    new = [one.user for one in people if one.participation is None or one.participation.seat is None]
    state = state_of(session)
    # Numbers go on after every seat that was ever given: one that was used again would hand over somebody's turns.
    given = dict(enumerate(new, start=max(state.seats, default=0) + 1))
    command = Command("seat", min(given, default=0), state.seq, seats=frozenset(given))
    event = decide(state, command, now=to_ms(now))
    if not isinstance(event, Event):
        return
    event_append(session, event, evolve(state, event))
    for seat, user in given.items():
        row = participation_of(session=session, user=user)
        Participation.objects.filter(pk=row.pk).update(seat=seat)


def sessions_close_forgotten(*, now: datetime) -> int:
    """End sessions that nobody ended, twenty minutes after they would have; paused ones wait for a day.

    While somebody has the page open it goes on, at most for three hours more; the page says so.
    """
    overdue = CircleSession.objects.filter(status=SessionStatus.RUNNING, finish_by__lt=now)
    watched = Participation.objects.filter(session=OuterRef("pk"), last_seen_at__gte=now - SEEN_FOR)
    overdue = overdue.exclude(Exists(watched), finish_by__gte=now - CLOSES_IN_ANY_CASE_AFTER)
    return each("close forgotten sessions", overdue.select_related("circle"), lambda one: _close_forgotten(one, now))


def _close_forgotten(session: CircleSession, now: datetime) -> bool:
    state = state_of(session)
    # A pause may be lunch, or the rest of it tomorrow: a paused session is not forgotten so soon.
    if state.phase == "paused" and session.finish_by and now < session.finish_by + timedelta(days=1):
        return False
    try:
        session_command(session=session, kind="end", seat=min(state.steerers), expected_seq=state.seq, now=now)
    except Refused:
        return False
    return True
