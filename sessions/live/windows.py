"""From when and until when something may be done with a session: starting it, taking over, putting it back, writing."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Max

from accounts.rules.zones import next_valid, to_instant, to_local
from sessions.models import CheckOut, CircleSession, Participation
from sessions.rules.clock import from_ms
from sessions.rules.runner import State

# The room opens so long before a session. Whoever starts before that is asked whether they mean it.
OPENS_BEFORE = timedelta(minutes=30)


# So long after a start it can be put back: nothing was lost but a press.
PUT_BACK_WITHIN = timedelta(minutes=10)


def opens_at(session: CircleSession) -> datetime:
    return session.starts_at - OPENS_BEFORE


def starts_early(session: CircleSession, *, now: datetime) -> bool:
    """Whether starting now would be long before its time, so that somebody may have pressed by accident."""
    return session.is_planned and now < opens_at(session)


ANY_MEMBER_MAY_START_AFTER = timedelta(minutes=5)
CLOSES_BY_ITSELF_AFTER = timedelta(minutes=20)
# Over-time is never cut while somebody has the page open; a page that was forgotten ends after that.
CLOSES_IN_ANY_CASE_AFTER = timedelta(hours=3)


def may_start(session: CircleSession, *, is_host: bool, facilitates: bool, now: datetime) -> bool:
    """Host and facilitators at any time; five minutes after the set time, any member."""
    return is_host or facilitates or now >= session.starts_at + ANY_MEMBER_MAY_START_AFTER


def may_take_over(session: CircleSession, state: State, *, now: datetime) -> bool:
    """Nobody who steers has had the page open, or pressed anything, for two minutes (a setting)."""
    return now > taken_over_from(session, state)


def taken_over_from(session: CircleSession, state: State) -> datetime:
    """The last moment at which it is not to be taken over, as far as is known now: the page looks again after it."""
    steering = Participation.objects.filter(session=session, seat__in=state.steerers)
    seen = steering.aggregate(last=Max("last_seen_at"))["last"]
    pressed = from_ms(state.steered_at)
    return (max(seen, pressed) if seen else pressed) + timedelta(seconds=settings.HOST_AWAY_SECONDS)


OPEN_FOR = timedelta(days=2)
# Two beats of 15 s and some seconds: one that is lost on the way makes nobody leave the room.
SEEN_FOR = timedelta(seconds=40)


def attendance_open(session: CircleSession, *, now: datetime) -> bool:
    return bool(session.is_over and session.ended_at and now < session.ended_at + OPEN_FOR)


def has_just_begun(session: CircleSession, *, now: datetime) -> bool:
    """Running, or ended meanwhile, ten minutes after it began at most."""
    begun = session.started_at if session.is_running or session.is_over else None
    return begun is not None and begun <= now < begun + PUT_BACK_WITHIN


def may_put_back(session: CircleSession, *, now: datetime) -> bool:
    """As `has_just_begun`, unless somebody has checked out of it."""
    out = CheckOut.objects.filter(participation__session=session)
    return has_just_begun(session, now=now) and not out.exists()


MORNING = time(8)


def check_out_open(session: CircleSession, *, now: datetime) -> bool:
    """While it runs, and for two days afterwards; where the circle stopped for the day, from the next morning on."""
    if session.is_running:
        return True
    if session.ended_at is None or not attendance_open(session, now=now):
        return False
    return not session.stopped or now >= next_morning(session.ended_at, session.zone)


def next_morning(moment: datetime, zone: str) -> datetime:
    """Eight o'clock of the day after `moment`, in a zone."""
    day = to_local(moment, zone).date() + timedelta(days=1)
    return to_instant(next_valid(datetime.combine(day, MORNING), zone), zone)
