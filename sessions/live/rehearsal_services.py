"""Trying a format alone: the live room with simulated members, on a clock that may run fast.

The others pass the piece when their time is over, and stages that belong to nobody end by themselves; only the turns of
the person who rehearses wait for a press. Everything is worked out when the page asks, so nothing runs in between.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from sessions.live.people import PersonShown
from sessions.models import FormatVersion, Rehearsal
from sessions.rules.clock import to_ms
from sessions.rules.commands import replan_command, turn_command
from sessions.rules.double_presses import PressMade, made_already
from sessions.rules.runner import Command, Event, Refusal, State, decide, replay
from sessions.rules.seating import longest

ME = 1
NAMES = ("Ana", "Ben", "Cleo", "Dario", "Emre", "Freya", "Goran", "Hana", "Ines", "Jonas", "Kofi")
AT_A_TIME = 5
# All events lie in one row, which every press reads and writes whole.
MOST_EVENTS = 600
KEPT_FOR = timedelta(days=1)


def rehearsal_now(rehearsal: Rehearsal, now: datetime) -> int:
    """The rehearsal's own clock in milliseconds: it began when the rehearsal did and runs `speed` times as fast."""
    begun = to_ms(rehearsal.begun_at)
    return begun + (to_ms(now) - begun) * rehearsal.speed


def state_of(rehearsal: Rehearsal) -> State:
    """The state of a rehearsal, folded as a session's is."""
    return replay(Event(*event) for event in rehearsal.events)


def people_rehearsing(rehearsal: Rehearsal) -> list[PersonShown]:
    """The person who rehearses, in seat 1, and the simulated ones."""
    users = [rehearsal.owner, *(User(name=name) for name in NAMES[: rehearsal.people - 1])]
    return [
        PersonShown(
            user=user,
            name=user.first,
            seat=at,
            roles=(),
            here=True,
            came=True,
            brings=False,
            rsvp="",
            turns=True,
            checked_out=False,
        )
        for at, user in enumerate(users, start=1)
    ]


@transaction.atomic
def rehearsal_begin(*, version: FormatVersion, owner: User, people: int, speed: int, now: datetime) -> Rehearsal:
    """Start trying a format with so many people. A person keeps five rehearsals; the oldest make room."""
    kept = Rehearsal.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)[: AT_A_TIME - 1]
    Rehearsal.objects.filter(owner=owner).exclude(pk__in=list(kept)).delete()
    rule = version.rule
    timed = longest(rule, people)
    order = tuple(range(1, people + 1))
    rehearsal = Rehearsal(owner=owner, format_version=version, people=people, speed=speed, begun_at=now)
    command = Command(
        "start",
        ME,
        0,
        segments=timed.segments,
        seats=frozenset(order),
        steerers=frozenset({ME}),
        order=order,
        timekeeper=2 if "timekeeper" in rule.roles else None,
    )
    _append(rehearsal, State(), command, to_ms(now))
    rehearsal.save(force_insert=True)
    return rehearsal


def _append(rehearsal: Rehearsal, state: State, command: Command, at: int) -> None:
    answer = decide(state, command, now=at)
    if isinstance(answer, Refusal):
        if answer.reason == "stale":
            raise Refused(_("The rehearsal has moved on. This is where it is now."))
        raise Refused(_("This cannot be done at the moment."))
    if len(rehearsal.events) >= MOST_EVENTS:
        raise Refused(_("This rehearsal has become too long. Begin a new one."))
    rehearsal.events.append([answer.kind, answer.by, answer.at, dict(answer.payload)])
    rehearsal.seq += 1


def rehearsal_catch_up(*, rehearsal: Rehearsal, now: datetime) -> State:
    """The state now, after what the simulated people did since somebody last looked."""
    clock, state, before = rehearsal_now(rehearsal, now), state_of(rehearsal), rehearsal.seq
    while state.phase == "running" and state.remaining(clock) <= 0 and state.segments[state.index].speaker != ME:
        # At the moment at which the stage ended, not at that of looking: so it is the same however seldom one looks.
        _append(rehearsal, state, Command("next", ME, state.seq), state.ends_at or clock)
        state = state_of(rehearsal)
    if rehearsal.seq != before:
        _keep(rehearsal, before)
    return state


def _keep(rehearsal: Rehearsal, before: int) -> None:
    """Write the log if nobody else has meanwhile; two tabs of one person work out the same."""
    written = Rehearsal.objects.filter(pk=rehearsal.pk, seq=before).update(seq=rehearsal.seq, events=rehearsal.events)
    # The other tab worked out the same steps: its log is as good.
    if not written:
        rehearsal.refresh_from_db()


def rehearsal_command(*, rehearsal: Rehearsal, kind: str, expected_seq: int, seconds: int, now: datetime) -> None:
    """One press of the person who rehearses, who may do all that host and timekeeper may.

    Two within a moment are one, as in a session; the moment is as long on a clock that runs faster.
    """
    state = rehearsal_catch_up(rehearsal=rehearsal, now=now)
    before, clock = rehearsal.seq, rehearsal_now(rehearsal, now)
    about = seconds if kind == "extend" else 0
    press = PressMade(kind, ME, expected_seq, about)
    if made_already(state, press, now=clock, apart=settings.PRESS_APART_MS * rehearsal.speed):
        return
    _append(rehearsal, state, Command(kind, ME, expected_seq, seconds=seconds, about=about), clock)
    _keep(rehearsal, before)


def rehearsal_replan(*, rehearsal: Rehearsal, why: str, expected_seq: int, who: int | None, now: datetime) -> None:
    """Re-plan what remains, offer a turn later (`put_off`) or call somebody (`call`), as in a session."""
    state = rehearsal_catch_up(rehearsal=rehearsal, now=now)
    before, clock = rehearsal.seq, rehearsal_now(rehearsal, now)
    rule = rehearsal.format_version.rule
    command = (
        turn_command(rule, state, why, by=ME, expected=expected_seq, who=who)
        if why in ("put_off", "call")
        else replan_command(
            rule, state, why, by=ME, expected=expected_seq, who=who, ends_ms=ends_of(rehearsal), now=clock
        )
    )
    if command is None:
        raise Refused(_("This cannot be done at the moment."))
    _append(rehearsal, state, command, clock)
    _keep(rehearsal, before)


def ends_of(rehearsal: Rehearsal) -> int:
    """When the rehearsal would end as planned, on its own clock."""
    planned: int = sum(segment[3] for segment in rehearsal.events[0][3]["segments"])
    return to_ms(rehearsal.begun_at) + planned * 1000


def rehearsals_clear(*, now: datetime) -> int:
    """Delete rehearsals begun more than a day ago. How many."""
    deleted, _rows = Rehearsal.objects.filter(begun_at__lt=now - KEPT_FOR).delete()
    return deleted
