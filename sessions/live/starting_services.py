"""The start of a session: who is here, who speaks when, what gives when the time is short."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.refusals import Refused
from agreements.mirror_services import one_change_told
from circles.covenant_services import goals_told
from circles.selectors import runs
from notifications.services import messages_drop
from sessions.enums import STEERING, Attendance, ParticipantKind, Role, SessionStatus
from sessions.formats import words
from sessions.formats.library import fitting
from sessions.journeys.selectors import for_who_came
from sessions.kinds import ABOUT_DATES
from sessions.live.log_selectors import state_of
from sessions.live.log_services import Stale, event_append, event_decide
from sessions.live.presence_services import members_among
from sessions.live.windows import CLOSES_BY_ITSELF_AFTER, may_start
from sessions.models import CircleSession, FormatVersion, Participation, SessionRole
from sessions.planning.covenant_selectors import counts_of
from sessions.planning.gathering_selectors import gathering_of, history_of
from sessions.rules.format import FormatRule
from sessions.rules.runner import Command, State, evolve
from sessions.rules.seating import Seating, sit_down
from sessions.rules.timeline import FitChoice, Plan
from sessions.services import participation_of, session_lock

TAKES_TURNS = (ParticipantKind.MEMBER, ParticipantKind.GUEST)


class Tight(Refused):
    """Not everybody's turn fits into the time there is; somebody has to say what gives. Nothing was changed."""

    def __init__(self, choices: Sequence[FitChoice], rule: FormatRule, names: dict[int, str]) -> None:
        super().__init__(_("This is longer than the time you have. Say what gives, and start."))
        self.offered = [(choice.kind, words.choice(rule, choice, names)) for choice in choices]


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
    # Taken before the form is looked at: of two people who start at once the second finds it started.
    session_lock(session)
    if _began_so(session, by, expected_seq):
        return state_of(session)
    is_host = SessionRole.objects.filter(session=session, user=by, role_key=Role.HOST).exists()
    runs_it = session.stand_in_id == by.pk or runs(session.circle, by)
    if not may_start(session, is_host=is_host, facilitates=runs_it, now=now):
        raise Refused(_("The host starts the session. Five minutes after the set time, any member may."))
    _took_place(session, expected_seq)
    seats = _seats_give(session)
    came = [seats[user_id] for user_id in here if user_id in seats]
    # Planned is what was meant; what is held is decided by who came.
    version, usual = (version, session.fit) if version else for_who_came(session, len(came))
    if len(came) < version.rule.least:
        raise Refused(too_few(len(came), version.rule.least, version.name))
    roles = {row.role_key: row.user_id for row in SessionRole.objects.filter(session=session)}
    host = seats.get(roles.get(Role.HOST.value, by.pk))
    seating = _seating(session, version.rule, came, presenting, minutes or {}, host.seat if host else None)
    timed = _plan(session, version.rule, seating, how or usual, seats)
    before = state_of(session)
    planned = Command("start", seats[by.pk].seat or 0, expected_seq, segments=timed.segments, order=seating.order)
    event = event_decide(before, _with_people(planned, version.rule, seats, roles, by), now)
    state = event_append(
        session,
        event,
        evolve(before, event),
        status=SessionStatus.RUNNING,
        format_version=version,
        started_at=now,
        finish_by=now + timedelta(seconds=timed.seconds) + CLOSES_BY_ITSELF_AFTER,
    )
    _take_places(session, came, seating.order, timed.presenters)
    # It has begun: a reminder that is still on its way would call people to what they sit in (promise P3).
    messages_drop(about_code=session.code, kinds=ABOUT_DATES)
    if not session.practice:
        one_change_told(circle=session.circle)
    goals_told(circle=session.circle, number=counts_of(session).number, now=now)
    return state


def _with_people(
    planned: Command, rule: FormatRule, seats: dict[int, Participation], roles: dict[str, int], by: User
) -> Command:
    """Who has a seat, who may steer and who keeps the time."""
    # Where the format has no timekeeper nobody needs a deputy either: host and whoever started keep the time.
    keeper = seats.get(roles.get(Role.TIMEKEEPER.value, by.pk)) if "timekeeper" in rule.roles else None
    return replace(
        planned,
        seats=frozenset(row.seat or 0 for row in seats.values()),
        steerers=_steerers(seats, roles, by),
        timekeeper=keeper.seat if keeper else None,
    )


def _began_so(session: CircleSession, by: User, expected_seq: int) -> bool:
    """This very form was sent before, and has started it: the second press gets the answer of the first."""
    if session.seq != expected_seq + 1:
        return False
    last = state_of(session).last
    own = Participation.objects.filter(session=session, user=by, seat__isnull=False)
    return last is not None and last.kind == "started" and own.filter(seat=last.by).exists()


def _seating(
    session: CircleSession,
    rule: FormatRule,
    came: Sequence[Participation],
    presenting: Sequence[int],
    minutes: dict[int, int],
    host: int | None,
) -> Seating:
    """Those who came and take turns, in today's speaking order."""
    ring = sorted((row for row in came if row.kind in TAKES_TURNS), key=lambda row: row.seat or 0)
    here = {row.user_id: row.seat or 0 for row in ring}
    members = {row.user_id for row in members_among(came)}
    bringing = [user_id for user_id in presenting if user_id in members]
    if rule.has_presenters and not rule.rotates and rule.before != "choice" and not bringing:
        raise Refused(_("Choose at least one person who brings an issue."))
    return sit_down(rule, here, bringing=bringing, history=history_of(session.circle), minutes=minutes, host=host)


def _plan(
    session: CircleSession, rule: FormatRule, seating: Seating, how: str, seats: dict[int, Participation]
) -> Plan:
    """The plan to start with. Tight when it is longer than the room and nobody has said what gives."""
    room = session.minutes * 60
    timed = seating.plan(rule, room=room, how=how)
    if timed is None:
        raise Refused(_("Nobody who takes turns is ticked as here."))
    offered = seating.choices(rule, room=room) if timed.over else ()
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
    fits = [rule.text("name") for rule in fitting(came) if rule.is_for_any_session]
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
