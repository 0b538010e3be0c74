"""The only writes to the log of a live session: commands into it, and the projections when it ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.each import each
from accounts.models import User
from accounts.services import Refused
from agreements.proposal_services import proposals_talked_about
from circles.covenant_services import goals_told
from circles.selectors import runs
from notifications.services import messages_drop
from sessions.enums import STEERING, Attendance, ParticipantKind, Role, SessionStatus
from sessions.formats import words
from sessions.formats.library import fitting
from sessions.kinds import ABOUT_DATES
from sessions.live import hub, memory
from sessions.live.frames import frame
from sessions.live.presence_services import SEEN_FOR, attendance_settle, members_among
from sessions.models import (
    CircleSession,
    FormatVersion,
    Issue,
    Participation,
    SessionEvent,
    SessionRole,
    Turn,
)
from sessions.planning.dating_services import true_date_write
from sessions.planning.selectors import counts_of, gathering_of, history_of
from sessions.planning.services import issues_carry
from sessions.rules.clock import from_ms, to_ms
from sessions.rules.format import Format
from sessions.rules.presses import Press, crosses, made_already
from sessions.rules.runner import (
    Command,
    Event,
    Refusal,
    State,
    decide,
    evolve,
    floor_times,
    replan_command,
    replay,
    turn_command,
)
from sessions.rules.sitting import Sitting, sit_down
from sessions.rules.timeline import Choice, Plan
from sessions.services import participation_of, session_lock

TAKES_TURNS = (ParticipantKind.MEMBER, ParticipantKind.GUEST)
ANY_MEMBER_MAY_START_AFTER = timedelta(minutes=5)
CLOSES_BY_ITSELF_AFTER = timedelta(minutes=20)
# Over-time is never cut while somebody has the page open; a page that was forgotten ends after that.
CLOSES_IN_ANY_CASE_AFTER = timedelta(hours=3)


class Stale(Refused):
    """The page that was pressed on showed an earlier moment of the session. Nothing was changed."""


class Tight(Refused):
    """Not everybody's turn fits into the time there is; somebody has to say what gives. Nothing was changed."""

    def __init__(self, choices: Sequence[Choice], rule: Format, names: dict[int, str]) -> None:
        super().__init__(_("This is longer than the time you have. Say what gives, and start."))
        self.offered = [(choice.kind, words.choice(rule, choice, names)) for choice in choices]


def log_of(session: CircleSession) -> list[Event]:
    rows = SessionEvent.objects.filter(session=session).order_by("seq")
    return [Event(*row) for row in rows.values_list("kind", "by_seat", "at", "payload")]


def state_of(session: CircleSession) -> State:
    """The state of a session: as remembered, else from its log with one query."""
    if not session.seq:
        return State()
    return memory.recall(session.code, session.seq) or _folded(session)


def _folded(session: CircleSession) -> State:
    state = replay(log_of(session))
    if state.seq == session.seq and not transaction.get_connection().in_atomic_block:
        memory.remember(session.code, state)
    return state


def frame_of(code: UUID) -> tuple[int, str]:
    """The version of a session and its whole state as JSON."""
    session = CircleSession.objects.get(code=code)
    return session.version, frame(session.version, state_of(session))


def _append(session: CircleSession, event: Event, after: State, **changes: object) -> State:
    """Write the event that led to the state `after`, or raise Stale when another one took its place.

    Compare-and-set on (session, seq).
    """
    won = CircleSession.objects.filter(pk=session.pk, seq=after.seq - 1).update(
        seq=F("seq") + 1, version=F("version") + 1, **changes
    )
    if not won:
        raise Stale(_("The session has moved on. This is where it is now."))
    SessionEvent.objects.create(
        session=session,
        seq=after.seq,
        kind=event.kind,
        by_seat=event.by,
        at=event.at,
        payload=event.payload,
    )
    # Our own update holds the row, so this is the version that everybody else will see.
    version = CircleSession.objects.values_list("version", flat=True).get(pk=session.pk)
    session.seq, session.version = after.seq, version

    def tell() -> None:
        memory.remember(session.code, after)
        hub.publish(session.code, version, frame(version, after))

    transaction.on_commit(tell, robust=True)
    return after


def _answer(state: State, command: Command, now: datetime) -> Event:
    answer = decide(state, command, now=to_ms(now))
    if isinstance(answer, Refusal):
        if answer.reason == "stale":
            raise Stale(_("The session has moved on. This is where it is now."))
        if answer.reason == "not_yours":
            raise Refused(_("Only the host and the timekeeper can do this."))
        raise Refused(_("This cannot be done at the moment."))
    return answer


@transaction.atomic
def session_start(
    *,
    session: CircleSession,
    here: Sequence[int],
    presenting: Sequence[int],
    expected_seq: int,
    by: User,
    now: datetime,
    version: FormatVersion | None = None,
    minutes: dict[int, int] | None = None,
    how: str = "",
) -> State:
    """Start with those who are really here (user ids). Everybody of the circle gets a seat, those here get turns.

    `version` takes another format than planned, `minutes` are those agreed for people's turns, `how` says what gives
    when it does not fit. Refused when the person may not start it or too few came; Tight when `how` must be said.
    """
    session_lock(session)
    if _began_so(session, by, expected_seq):
        return state_of(session)
    is_host = SessionRole.objects.filter(session=session, user=by, role_key=Role.HOST).exists()
    runs_it = session.stand_in_id == by.pk or runs(session.circle, by)
    if not may_start(session, is_host=is_host, facilitates=runs_it, now=now):
        raise Refused(_("The host starts the session. Five minutes after the set time, anyone may."))
    _took_place(session, expected_seq)
    version = version or session.format_version
    seats = _seats_give(session)
    came = [seats[user_id] for user_id in here if user_id in seats]
    if len(came) < version.rule.least:
        raise Refused(too_few(len(came), version.rule.least, version.name))
    roles = {row.role_key: row.user_id for row in SessionRole.objects.filter(session=session)}
    host = seats.get(roles.get(Role.HOST.value, by.pk))
    # Where the format has no timekeeper nobody needs a deputy either: host and whoever started keep the time.
    keeper = seats.get(roles.get(Role.TIMEKEEPER.value, by.pk)) if "timekeeper" in version.rule.roles else None
    sitting = _sitting(session, version.rule, came, presenting, minutes or {}, host.seat if host else None)
    timed = _plan(session, version.rule, sitting, how or session.fit, seats)
    command = Command(
        "start",
        seats[by.pk].seat or 0,
        expected_seq,
        segments=timed.segments,
        seats=frozenset(row.seat or 0 for row in seats.values()),
        steerers=_steerers(seats, roles, by),
        order=sitting.order,
        timekeeper=keeper.seat if keeper else None,
    )
    before = state_of(session)
    event = _answer(before, command, now)
    state = _append(
        session,
        event,
        evolve(before, event),
        status=SessionStatus.RUNNING,
        format_version=version,
        started_at=now,
        finish_by=now + timedelta(seconds=timed.seconds) + CLOSES_BY_ITSELF_AFTER,
    )
    _take_places(session, came, sitting.order, timed.presenters)
    messages_drop(about_code=session.code, kinds=ABOUT_DATES)
    goals_told(circle=session.circle, number=counts_of(session).number, now=now)
    return state


def _began_so(session: CircleSession, by: User, expected_seq: int) -> bool:
    """This very form was sent before, and has started it: the second press gets the answer of the first."""
    if session.seq != expected_seq + 1:
        return False
    last = state_of(session).last
    own = Participation.objects.filter(session=session, user=by, seat__isnull=False)
    return last is not None and last.kind == "started" and own.filter(seat=last.by).exists()


def _sitting(
    session: CircleSession,
    rule: Format,
    came: Sequence[Participation],
    presenting: Sequence[int],
    minutes: dict[int, int],
    host: int | None,
) -> Sitting:
    """Those who came and take turns, in today's speaking order."""
    ring = sorted((row for row in came if row.kind in TAKES_TURNS), key=lambda row: row.seat or 0)
    here = {row.user_id: row.seat or 0 for row in ring}
    members = {row.user_id for row in members_among(came)}
    bringing = [user_id for user_id in presenting if user_id in members]
    if rule.has_presenters and not rule.rotates and rule.before != "choice" and not bringing:
        raise Refused(_("Choose at least one person who brings an issue."))
    return sit_down(rule, here, bringing=bringing, history=history_of(session.circle), minutes=minutes, host=host)


def _plan(session: CircleSession, rule: Format, sitting: Sitting, how: str, seats: dict[int, Participation]) -> Plan:
    """The plan to start with. Tight when it is longer than the room and nobody has said what gives."""
    room = session.minutes * 60
    timed = sitting.plan(rule, room=room, how=how)
    if timed is None:
        raise Refused(_("Nobody who takes turns is ticked as here."))
    offered = sitting.choices(rule, room=room) if timed.over else ()
    if timed.over and how != "longer" and how not in [choice.kind for choice in offered]:
        names = {row.seat or 0: row.user.first for row in seats.values()}
        raise Tight(offered, rule, names)
    return timed


def _take_places(
    session: CircleSession, came: Sequence[Participation], order: Sequence[int], presenters: Sequence[int]
) -> None:
    """Who came, in which order they speak, who presents."""
    rows = list(Participation.objects.filter(session=session))
    here = {row.pk for row in came}
    for row in rows:
        if row.pk in here:
            row.attendance = Attendance.CAME
        row.presents = row.seat in presenters
        row.place = order.index(row.seat) + 1 if row.seat in order else None
    Participation.objects.bulk_update(rows, ["attendance", "presents", "place"])


def too_few(came: int, least: int, name: str) -> str:
    """What to say when a format needs more people than came, with one that fits."""
    fits = [rule.text("name") for rule in fitting(came)]
    said = ngettext(
        "%(name)s needs at least %(least)s people, and %(came)s is ticked as here.",
        "%(name)s needs at least %(least)s people, and %(came)s are ticked as here.",
        came,
    ) % {"name": name, "least": least, "came": came}
    if fits:
        return said + " " + _("%(fits)s fits: choose it below, or wait.") % {"fits": fits[0]}
    return said + " " + _("Wait for the others, or choose another date.")


def _took_place(session: CircleSession, expected_seq: int) -> None:
    if session.seq != expected_seq:
        raise Stale(_("The session has started already."))
    if session.status != SessionStatus.PLANNED:
        raise Refused(_("This session was cancelled."))


def may_start(session: CircleSession, *, is_host: bool, facilitates: bool, now: datetime) -> bool:
    """Host and facilitators at any time; five minutes after the set time, any member."""
    return is_host or facilitates or now >= session.starts_at + ANY_MEMBER_MAY_START_AFTER


def _seats_give(session: CircleSession) -> dict[int, Participation]:
    """Seats 1…n in the order of the ring, then guests, then facilitators from outside; by user id."""
    given: dict[int, Participation] = {}
    for seat, one in enumerate(gathering_of(session).people, start=1):
        row = participation_of(session=session, user=one.user)
        row.seat = seat
        row.save(update_fields=["seat"])
        given[one.user.pk] = row
    return given


def _steerers(seats: dict[int, Participation], roles: dict[str, int], by: User) -> frozenset[int]:
    """Host, timekeeper, who leads the conversation where the format has such a role, and whoever starts it."""
    users = {by.pk, *(roles.get(role.value) for role in STEERING)}
    return frozenset(seats[user_id].seat or 0 for user_id in users if user_id in seats)


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
    if _made_already(state, Press(kind, seat, expected_seq, about), now):
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
    if _made_already(state, Press("replan", by_seat, expected_seq, who or 0), now):
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
    if _made_already(state, Press(kind, by_seat, expected_seq, who or 0), now):
        return state
    command = turn_command(session.format_version.rule, state, kind, by=by_seat, expected=expected_seq, who=who)
    return _carry_out(session, state, command, expected_seq, now)


def _made_already(state: State, press: Press, now: datetime) -> bool:
    """The last press once more, which gets the answer of the first. Refused when it crosses somebody else's."""
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
    event = _answer(state, command, now)
    after = evolve(state, event)
    if event.kind == "ended":
        return _end(session, event, after, now)
    return _append(session, event, after, finish_by=from_ms(after.finish_at(to_ms(now))) + CLOSES_BY_ITSELF_AFTER)


def _end(session: CircleSession, event: Event, after: State, now: datetime) -> State:
    """The press that ends the session also writes what reports read."""
    session_lock(session)
    _append(session, event, after, status=SessionStatus.ENDED, ended_at=now, stopped=after.stopped)
    _project(session, after, now)
    true_date_write(session=session, now=now)
    issues_carry(circle=session.circle, now=now)
    came = Participation.objects.filter(session=session, attendance=Attendance.CAME, kind=ParticipantKind.MEMBER)
    proposals_talked_about(
        circle=session.circle,
        present=came.values_list("user_id", flat=True),
        began=session.started_at or now,
        now=now,
    )
    return after


@transaction.atomic
def session_hand_over(
    *, session: CircleSession, by: User, by_seat: int, who: int, expected_seq: int, now: datetime
) -> State:
    """Whoever steers hands it to the person in seat `who`; the role of host goes along if they had it."""
    state = state_of(session)
    if _made_already(state, Press("hand_over", by_seat, expected_seq, who), now):
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
    if _made_already(state, Press("take_over", by_seat, expected_seq), now):
        return state
    if expected_seq == state.seq and not may_take_over(session, state, now=now):
        raise Refused(_("The host is here. Ask them to hand over."))
    command = Command("take_over", by_seat, expected_seq, steerers=state.steerers | {by_seat})
    state = _carry_out(session, state, command, expected_seq, now)
    _host_becomes(session, by_seat, was=None)
    return state


def may_take_over(session: CircleSession, state: State, *, now: datetime) -> bool:
    """Nobody who steers has had the page open, or pressed anything, for two minutes (a setting)."""
    return now > taken_over_from(session, state)


def taken_over_from(session: CircleSession, state: State) -> datetime:
    """The last moment at which it is not to be taken over, as far as is known now: the page looks again after it."""
    steering = Participation.objects.filter(session=session, seat__in=state.steerers)
    seen = steering.aggregate(last=Max("last_seen_at"))["last"]
    pressed = from_ms(state.steered_at)
    return (max(seen, pressed) if seen else pressed) + timedelta(seconds=settings.HOST_AWAY_SECONDS)


@transaction.atomic
def latecomers_seat(*, session: CircleSession, now: datetime) -> None:
    """Whoever joined the circle, or said yes as a guest, while it runs gets a seat, after everybody who ever had one.

    They can pause at once and are let into the rounds by whoever steers. Nothing happens where all have a seat.
    """
    people = gathering_of(session).people
    new = [one.user for one in people if one.participation is None or one.participation.seat is None]
    state = state_of(session)
    given = dict(enumerate(new, start=max(state.seats, default=0) + 1))
    command = Command("seat", min(given, default=0), state.seq, seats=frozenset(given))
    event = decide(state, command, now=to_ms(now))
    if not isinstance(event, Event):
        return
    _append(session, event, evolve(state, event))
    for seat, user in given.items():
        row = participation_of(session=session, user=user)
        Participation.objects.filter(pk=row.pk).update(seat=seat)


def _project(session: CircleSession, state: State, now: datetime) -> None:
    """Attendance, seconds and turns, from the log, in the transaction that ends the session."""
    parts = list(Participation.objects.filter(session=session).select_related("user"))
    rows = {row.seat: row for row in parts if row.seat is not None}  # who has come into the circle since has none
    held = floor_times(state)
    for row in parts:
        row.floor_seconds = held.get(row.seat or 0, 0) // 1000
    came, expected = attendance_settle(session, parts, until=now)
    Participation.objects.bulk_update(parts, ["floor_seconds", "attendance"])
    CircleSession.objects.filter(pk=session.pk).update(came_count=came, expected_count=expected)
    ran = zip(state.segments, state.spent, strict=True)
    began = {segment.presenter for at, (segment, spent) in enumerate(ran) if spent > 0 or at <= state.index}
    told = [row.user_id for row in rows.values() if row.seat in began]
    Issue.objects.filter(session=session, owner__in=told).update(told=True)
    Turn.objects.bulk_create(
        Turn(
            session=session,
            participation=rows[segment.speaker],
            position=position,
            presented=segment.speaker == segment.presenter,
            seconds=spent // 1000,
        )
        for position, (segment, spent) in enumerate(zip(state.segments, state.spent, strict=True))
        if segment.speaker in rows and spent > 0
    )


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
    if state.phase == "paused" and session.finish_by and now < session.finish_by + timedelta(days=1):
        return False
    try:
        session_command(session=session, kind="end", seat=min(state.steerers), expected_seq=state.seq, now=now)
    except Refused:
        return False
    return True
