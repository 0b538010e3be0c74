"""The live session as a log of events folded by pure functions. Times are whole milliseconds since 1970, in UTC.

`decide` answers a command with an event or a refusal, `evolve` applies an event and never refuses, `replay` folds a
log. No clock runs here: time left is arithmetic on `ends_at`. Events hold results (the plan, the new end), so an old
log means the same for ever, and they hold seats and times only: no words and no names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from sessions.rules.replan import deputy
from sessions.rules.timeline import Segment

VERSION = 1
LEAST_LEFT_WHEN_GOING_BACK = 30_000
LONGEST_EXTENSION = 600


@dataclass(frozen=True)
class State:
    """What every screen shows, and what the next command is judged by."""

    seq: int = 0
    phase: str = "waiting"
    segments: tuple[Segment, ...] = ()
    seats: frozenset[int] = frozenset()
    steerers: frozenset[int] = frozenset()
    index: int = 0
    ends_at: int | None = None
    left: int | None = None
    length: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    since: int | None = None
    spent: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    timekeeper: int | None = None
    planned: tuple[Segment, ...] = ()
    moved_at: int = 0
    steered_at: int = 0
    stopped: bool = False
    last: "Event | None" = None
    handed: "Handed | None" = None

    @property
    def deputy(self) -> int | None:
        """Who keeps the time in this segment because the timekeeper presents in it."""
        return deputy(self.order, self.timekeeper, self.segment.presenter) if self.segment else None

    def steers(self, seat: int) -> bool:
        """Host, timekeeper, whoever started, and the timekeeper's deputy."""
        return seat in self.steerers or seat == self.deputy

    @property
    def rest(self) -> tuple[Segment, ...]:
        """The segments after the present one."""
        return self.segments[self.index + 1 :]

    @property
    def segment(self) -> Segment | None:
        """What runs or is paused; None before the start and after the end."""
        return self.segments[self.index] if self.segments and self.phase in ("running", "paused") else None

    @property
    def is_last(self) -> bool:
        """Whether the next step ends the session."""
        return self.index == len(self.segments) - 1

    def remaining(self, now: int) -> int:
        """Milliseconds left in this segment; negative when it runs over."""
        if self.ends_at is not None:
            return self.ends_at - now
        return self.left or 0

    def finish_at(self, now: int) -> int:
        """When the session will end if every later segment takes its planned time; over-time moves it."""
        ahead = sum(segment.seconds for segment in self.segments[self.index + 1 :]) * 1000
        return now + max(0, self.remaining(now)) + ahead


@dataclass(frozen=True)
class Handed:
    """Who steered before, who steers since, and when that changed; `was` is 0 where nobody gave it away."""

    was: int
    now: int
    at: int


@dataclass(frozen=True)
class Command:
    """What someone pressed: who (seat), having seen which `seq`. `about` is the seat or the seconds it is about."""

    kind: str
    by: int
    expected: int
    segments: Sequence[Segment] = ()
    seats: frozenset[int] = frozenset()
    steerers: frozenset[int] = frozenset()
    seconds: int = 0
    order: Sequence[int] = ()
    timekeeper: int | None = None
    about: int = 0


@dataclass(frozen=True)
class Event:
    """Something that happened to the session's time."""

    kind: str
    by: int
    at: int
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a command was not carried out: `stale`, `not_yours`, `not_now`."""

    reason: str


def decide(state: State, command: Command, *, now: int) -> Event | Refusal:
    """One event, or why not. A command that saw another `seq` is stale, whatever else it is."""
    if command.expected != state.seq:
        return Refusal("stale")
    if not _allowed(state, command):
        return Refusal("not_yours")
    payload = _DECIDERS[command.kind](state, command, now)
    if payload is None:
        return Refusal("not_now")
    kind, facts = payload
    return Event(kind, command.by, now, {"v": VERSION, "press": [command.kind, command.about], **facts})


def _allowed(state: State, command: Command) -> bool:
    """Steering is for those the log names. Anyone in the session may pause, go on, or stop a paused session for today;
    whoever has the floor may pass the piece, and pass this time.

    Who may start, that nobody steers any more, and who has joined meanwhile is not in the log: whoever builds the
    command has checked it.
    """
    if command.kind in ("start", "seat"):
        return True
    if command.kind in ("pause", "resume", "stop", "take_over"):
        return command.by in state.seats
    segment = state.segment
    if command.kind == "next" and segment and segment.speaker == command.by:
        return True
    if command.kind == "put_off" and segment and command.by == (segment.speaker or segment.presenter):
        return True
    return state.steers(command.by)


Facts = tuple[str, dict[str, Any]] | None


def _start(state: State, command: Command, now: int) -> Facts:
    if state.phase != "waiting" or not command.segments:
        return None
    return "started", {
        "segments": packed(command.segments),
        "seats": sorted(command.seats),
        "steerers": sorted(command.steerers),
        "order": list(command.order),
        "timekeeper": command.timekeeper,
        "ends_at": now + command.segments[0].seconds * 1000,
    }


def _next(state: State, command: Command, now: int) -> Facts:
    if state.phase not in ("running", "paused"):
        return None
    if state.is_last:
        return "ended", {}
    # Its whole length from now on: what has run over is not taken from whoever comes next.
    length = state.segments[state.index + 1].seconds * 1000
    return "moved", {"to": state.index + 1, "length": length, "ends_at": now + length}


def _back(state: State, command: Command, now: int) -> Facts:
    if state.phase not in ("running", "paused") or state.index == 0:
        return None
    to = state.index - 1
    left = max(LEAST_LEFT_WHEN_GOING_BACK, state.segments[to].seconds * 1000 - state.spent[to])
    return "moved", {"to": to, "length": left, "ends_at": now + left}


def _extend(state: State, command: Command, now: int) -> Facts:
    if state.phase not in ("running", "paused") or not 0 < command.seconds <= LONGEST_EXTENSION:
        return None
    more = command.seconds * 1000
    # Over time, a minute more means a minute from now: nobody wants it eaten up by what has run over.
    left = max(0, state.remaining(now)) + more
    if state.phase == "paused":
        return "extended", {"length": state.length + more, "left": left}
    return "extended", {"length": state.length + more, "ends_at": now + left}


def _pause(state: State, command: Command, now: int) -> Facts:
    return ("paused", {"left": state.remaining(now)}) if state.phase == "running" else None


def _resume(state: State, command: Command, now: int) -> Facts:
    return ("resumed", {"ends_at": now + (state.left or 0)}) if state.phase == "paused" else None


def _replan(state: State, command: Command, now: int) -> Facts:
    """The rest of the plan as `command.segments` has it, for those in `command.order`."""
    if state.phase not in ("running", "paused"):
        return None
    return "replanned", {"segments": packed(command.segments), "order": list(command.order)}


def _turn(state: State, command: Command, now: int) -> Facts:
    """On to the next segment, with the rest in another order."""
    if state.phase not in ("running", "paused"):
        return None
    if not command.segments:
        return "ended", {}
    length = command.segments[0].seconds * 1000
    return "moved", {
        "to": state.index + 1,
        "segments": packed(command.segments),
        "length": length,
        "ends_at": now + length,
    }


def _steer(state: State, command: Command, now: int) -> Facts:
    if state.phase not in ("running", "paused") or not command.steerers <= state.seats:
        return None
    return "steered", {"steerers": sorted(command.steerers)}


def _seat(state: State, command: Command, now: int) -> Facts:
    """Seats for those who have joined since the start. They take no turn until they are let in."""
    if state.phase not in ("running", "paused") or not command.seats - state.seats:
        return None
    return "seated", {"seats": sorted(command.seats - state.seats)}


def _stop(state: State, command: Command, now: int) -> Facts:
    return ("ended", {"stopped": True}) if state.phase == "paused" else None


def packed(segments: Iterable[Segment]) -> list[list[str | int | None]]:
    """Segments as an event holds them."""
    return [[s.stage, s.presenter, s.speaker, s.seconds, s.coach] for s in segments]


def _end(state: State, command: Command, now: int) -> Facts:
    return ("ended", {}) if state.phase in ("running", "paused") else None


def _put_back(state: State, command: Command, now: int) -> Facts:
    return None if state.phase == "waiting" else ("put_back", {})


_DECIDERS = {
    "start": _start,
    "next": _next,
    "back": _back,
    "extend": _extend,
    "pause": _pause,
    "resume": _resume,
    "replan": _replan,
    "put_off": _turn,
    "call": _turn,
    "hand_over": _steer,
    "take_over": _steer,
    "seat": _seat,
    "stop": _stop,
    "end": _end,
    "put_back": _put_back,
}
# What a page may press without saying more; the others are built from the format or the people.
COMMANDS = ("next", "back", "extend", "pause", "resume", "stop", "end")


def evolve(state: State, event: Event) -> State:
    """The state after an event; never refuses. Time run since the last event goes to the present segment."""
    # Whatever a host presses shows that they are there: nobody takes over from them in the next two minutes.
    steered_at = event.at if event.by in state.steerers or event.kind == "started" else state.steered_at
    state = replace(_with_time_spent(state, event.at), seq=state.seq + 1, steered_at=steered_at, last=event)
    fold = _AFTER.get(event.kind)
    return fold(state, event) if fold else state


def _started(state: State, event: Event) -> State:
    facts = event.payload
    segments = tuple(Segment(*item) for item in facts["segments"])
    return replace(
        state,
        phase="running",
        segments=segments,
        seats=frozenset(facts["seats"]),
        steerers=frozenset(facts["steerers"]),
        ends_at=facts["ends_at"],
        length=segments[0].seconds * 1000,
        started_at=event.at,
        since=event.at,
        spent=(0,) * len(segments),
        order=tuple(facts.get("order", ())),
        planned=segments,
        moved_at=event.at,
        timekeeper=facts.get("timekeeper"),
    )


def _moved(state: State, event: Event) -> State:
    facts = event.payload
    if "segments" in facts:
        state = _with_rest(state, facts["segments"])
    return _runs(replace(state, index=facts["to"], length=facts["length"], moved_at=event.at), event)


def _runs(state: State, event: Event) -> State:
    return replace(state, phase="running", ends_at=event.payload["ends_at"], left=None, since=event.at)


def _extended(state: State, event: Event) -> State:
    facts = event.payload
    return replace(state, length=facts["length"], ends_at=facts.get("ends_at"), left=facts.get("left"))


def _paused(state: State, event: Event) -> State:
    return replace(state, phase="paused", left=event.payload["left"], ends_at=None, since=None)


def _replanned(state: State, event: Event) -> State:
    return replace(_with_rest(state, event.payload["segments"]), order=tuple(event.payload["order"]))


def _steered(state: State, event: Event) -> State:
    steerers = frozenset(event.payload["steerers"])
    gave = event.by if event.by not in steerers else 0
    got = min(steerers - state.steerers, default=event.by)
    return replace(state, steerers=steerers, handed=Handed(gave, got, event.at))


def _seated(state: State, event: Event) -> State:
    return replace(state, seats=state.seats | set(event.payload["seats"]))


def _ended(state: State, event: Event) -> State:
    stopped = bool(event.payload.get("stopped"))
    return replace(state, phase="ended", ended_at=event.at, ends_at=None, left=None, since=None, stopped=stopped)


def _as_before(state: State, event: Event) -> State:
    """As if it had never begun; only the numbering of the log goes on, so that no earlier press fits any more."""
    return State(seq=state.seq)


_AFTER = {
    "started": _started,
    "moved": _moved,
    "resumed": _runs,
    "extended": _extended,
    "paused": _paused,
    "replanned": _replanned,
    "steered": _steered,
    "seated": _seated,
    "ended": _ended,
    "put_back": _as_before,
}


def _with_rest(state: State, rest: Iterable[Sequence[Any]]) -> State:
    """The state with other segments after the present one."""
    segments = (*state.segments[: state.index + 1], *(Segment(*item) for item in rest))
    spent = (*state.spent[: state.index + 1], *(0,) * (len(segments) - state.index - 1))
    return replace(state, segments=segments, spent=spent)


def _with_time_spent(state: State, at: int) -> State:
    if state.since is None or not state.spent:
        return state
    spent = list(state.spent)
    # A clock that was set back takes no time away from anybody.
    spent[state.index] += max(0, at - state.since)
    return replace(state, spent=tuple(spent), since=at)


def replay(events: Iterable[Event]) -> State:
    """The state a log leads to."""
    return reduce(evolve, events, State())


def floor_times(state: State) -> dict[int, int]:
    """Milliseconds each seat held the floor: what its own segments ran, as the clock of the stages had it."""
    held: dict[int, int] = {}
    for segment, spent in zip(state.segments, state.spent, strict=True):
        if segment.speaker is not None:
            held[segment.speaker] = held.get(segment.speaker, 0) + spent
    return held
