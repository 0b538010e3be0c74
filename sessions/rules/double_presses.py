"""Two presses within a moment are one step. Pure: times are whole milliseconds.

What a press acts on stands in its form: the step that its page showed. That alone protects only until the page has been
exchanged under the finger; a second press is then one on the new step, which nobody has looked at yet. A clock that is
set back, or that of another server, puts no press into the future of all others.
"""

from dataclasses import dataclass

from sessions.rules.runner import State

# What a person's own second press could be, where the page has another button in the place of the first.
ALIKE = {
    "next": ("next", "start", "put_off"),
    "put_off": ("next", "put_off"),
    "pause": ("resume",),
    "resume": ("pause",),
}
# What somebody else's press a moment before has done with what this one is about.
MEETS = {
    "next": ("moved", "started"),
    "back": ("moved",),
    "put_off": ("moved",),
    "call": ("moved", "replanned"),
    "replan": ("replanned",),
    "extend": ("extended",),
    "pause": ("resumed",),
    "resume": ("paused",),
    "end": ("moved",),
}


@dataclass(frozen=True)
class PressMade:
    """What was pressed, from which seat, on a page that showed step `expected`; `about` is a seat or seconds."""

    kind: str
    by: int
    expected: int
    about: int = 0


def made_already(state: State, press: PressMade, *, now: int, apart: int) -> bool:
    """The last press once more: the same form sent again, or the same finger within `apart` milliseconds."""
    last = state.last
    if last is None or last.by != press.by:
        return False
    kind, about = last.payload.get("press", ("", 0))
    if press.expected == state.seq - 1:
        return (kind, about) == (press.kind, press.about)
    return press.expected == state.seq and kind in ALIKE.get(press.kind, (press.kind,)) and abs(now - last.at) < apart


def crosses(state: State, press: PressMade, *, now: int, apart: int) -> bool:
    """Somebody else has just done this, less than twice `apart` ago: who presses cannot have seen it yet."""
    last = state.last
    if last is None or last.by == press.by or press.expected != state.seq:
        return False
    return last.kind in MEETS.get(press.kind, ()) and abs(now - last.at) < 2 * apart
