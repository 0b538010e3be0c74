"""What a journey is: up to twelve sessions with a theme each, and how each is held by whoever came. Pure: no Django."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions.rules.format import FormatRule, Texts, said, suits
from sessions.rules.seating import longest
from sessions.rules.timeline import Plan, choices

MOST_SESSIONS = 12
# Of a preparation sheet, where there is one.
FEWEST_QUESTIONS, MOST_QUESTIONS = 2, 5
# What a journey is planned for.
SIZES = range(3, 9)
LENGTHS_OFFERED = (60, 90, 120)


@dataclass(frozen=True)
class JourneyStep:
    """One session of a journey: the formats it can have, the first that fits; what it is about; what helps with it."""

    formats: tuple[str, ...]
    card: str = ""
    sheet: tuple[Mapping[str, str], ...] = ()
    texts: Texts = field(default_factory=dict)

    def text(self, name: str, language: str = "en") -> str:
        """`theme`, `question`, `exercise` or `promise`."""
        return said(self.texts, name, language)

    def questions(self, language: str = "en") -> list[str]:
        """The sheet to prepare with; empty where there is none."""
        return [said({"question": one}, "question", language) for one in self.sheet]


@dataclass(frozen=True)
class JourneyRule:
    """Sessions in order, for so many people, and where they come from."""

    key: str
    least: int
    most: int
    steps: tuple[JourneyStep, ...]
    source: Mapping[str, str]
    texts: Texts

    def text(self, name: str, language: str = "en") -> str:
        """`name`, `summary`, `for_whom` or `not_for`."""
        return said(self.texts, name, language)


@dataclass(frozen=True)
class Held:
    """How a session of a journey is held: in which format, with what giving way (`how`, empty when nothing must)."""

    format: str
    how: str
    plan: Plan


def held(step: JourneyStep, rules: Mapping[str, FormatRule], people: int, minutes: int) -> Held | None:
    """The first format of a step that so many people can hold in so many minutes, else the first like it of `rules`.

    Nobody takes by themselves what needs a trained leader, or what nobody presents in: a kick-off and a closing are no
    answer to who came. A format that is not among `rules`, because it was put away, is passed over. A shorter form of
    an earlier format goes before a later format at its full length: whoever wrote the journey put them in this order.
    None when nothing at all fits, which is so for one person or a quarter of an hour.
    """
    others = [key for key, rule in rules.items() if rule.is_for_any_session]
    for key in dict.fromkeys((*step.formats, *others)):
        rule = rules.get(key)
        if rule is not None and (found := _in_time(key, rule, people, minutes)):
            return found
    return None


def _in_time(key: str, rule: FormatRule, people: int, minutes: int) -> Held | None:
    if not suits(rule, people):
        return None
    full = longest(rule, people)
    if full.seconds <= minutes * 60:
        return Held(key, "", full)
    seats = list(range(1, people + 1))
    presenters = full.presenters
    offered = choices(rule, seats, presenters, room=minutes * 60)
    # A longer session always works, and is no answer to how much time there is.
    ways: Sequence[Held] = [Held(key, one.kind, one.plan) for one in offered if one.kind != "longer"]
    return ways[0] if ways else None


def passing_over(definition: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """A journey's definition without formats that are not `known`, in each session that names another."""
    steps = [
        {**step, "formats": [key for key in step["formats"] if key in known] or step["formats"]}
        for step in definition["sessions"]
    ]
    return {**definition, "sessions": steps}


def lacking(definition: Mapping[str, Any], known: Collection[str]) -> dict[str, list[int]]:
    """The formats that a journey's definition names and that are not `known`, with the sessions that name them."""
    named: dict[str, list[int]] = {}
    for number, step in enumerate(definition["sessions"], start=1):
        for key in dict.fromkeys(step["formats"]):
            if key not in known:
                named.setdefault(key, []).append(number)
    return named


def renamed(definition: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A journey's definition in which formats have other keys, where `names` says so."""
    steps = [{**step, "formats": [names.get(key, key) for key in step["formats"]]} for step in definition["sessions"]]
    return {**definition, "sessions": steps}
