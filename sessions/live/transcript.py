"""What every screen says in a session of a format from start to end, for reading aloud. No database, no clock."""

from collections.abc import Iterator

from accounts.models import User
from sessions.live.people import PersonShown
from sessions.live.room_page import running
from sessions.rules.format import FormatRule
from sessions.rules.runner import Command, Event, State, decide, evolve
from sessions.rules.timeline import plan

NAMES = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gil", "Hana", "Ivo", "Jo", "Kim", "Lea")


def transcript(rule: FormatRule, count: int, *, first: bool = False) -> Iterator[str]:
    """Line by line: each stage with its rule and prompt, then what each person reads that others do not.

    Ana is host, Ben keeps the time where the format has a timekeeper; as many present as may. People who read the same
    stand together; a helping principle stands in brackets. `first`: the circle has held nothing before.
    """
    people, state = seats_filled(rule, count), started(rule, count)
    while state.phase == "running":
        segment = state.segments[state.index]
        views = [running(rule, state, people, me, now_ms=0, ends_ms=0, first=first) for me in people]
        shown = views[0]
        title = ", ".join(part for part in (shown["name"], shown["turn"]) if part)
        yield f"{title} ({segment.seconds // 60}:{segment.seconds % 60:02})"
        helping = next((view["principle"] for view in views if view["principle"]), "")
        for line in (shown["rule_text"], shown["prompt"], helping and f"({helping})"):
            if line:
                yield f"  {line}"
        for readers, lines in _together([(me.name, _own_lines(view)) for me, view in zip(people, views, strict=True)]):
            yield f"    {readers}: {' | '.join(lines)}"
        state = _after(state, Command("next", 1, state.seq))


def seats_filled(rule: FormatRule, count: int) -> list[PersonShown]:
    """So many people with short names, all of them there."""
    roles = {1: ("host",), 2: ("timekeeper",) if "timekeeper" in rule.roles else ()}
    return [
        PersonShown(
            user=User(name=NAMES[seat - 1]),
            name=NAMES[seat - 1],
            seat=seat,
            roles=roles.get(seat, ()),
            here=True,
            came=True,
            brings=False,
            rsvp="",
            turns=True,
            checked_out=False,
        )
        for seat in range(1, count + 1)
    ]


def started(rule: FormatRule, count: int) -> State:
    """A session of the format that has just begun, at the moment 0."""
    seats = range(1, count + 1)
    presenting = seats if rule.rotates else seats[: rule.most_presenters]
    command = Command(
        "start",
        1,
        0,
        segments=plan(rule, seats, presenting, host=1).segments,
        seats=frozenset(seats),
        steerers=frozenset({1, 2} if "timekeeper" in rule.roles else {1}),
        order=tuple(seats),
        timekeeper=2 if "timekeeper" in rule.roles else None,
    )
    return _after(State(), command)


def _after(state: State, command: Command) -> State:
    event = decide(state, command, now=0)
    assert isinstance(event, Event), event
    return evolve(state, event)


def _own_lines(view: dict[str, object]) -> tuple[str, ...]:
    deputy = view["deputy"]
    return tuple(
        str(line)
        for line in (
            view["who_now"],
            view["place"],
            f"{getattr(deputy, 'name', '')} keeps the time" if deputy else "",
            f"[{view['next_label']}]" if view["steers"] else "",
        )
        if line
    )


def _together(views: list[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    readers: dict[tuple[str, ...], list[str]] = {}
    for name, lines in views:
        readers.setdefault(lines, []).append(name)
    for lines, names in readers.items():
        yield ", ".join(names), lines
