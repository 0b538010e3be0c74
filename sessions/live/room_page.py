"""What a running session looks like to one person: worked out from the state of its log, without the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from circles.rules.ring import RingSeat
from sessions.formats import words
from sessions.formats.cards import card_of, principle_of
from sessions.live.people import PersonShown
from sessions.live.steering import people_rows, steering
from sessions.planning.outline import groups_of, spoken, stage_name
from sessions.rules.clock import clock_of, from_ms
from sessions.rules.format import FormatRule, Stage
from sessions.rules.runner import State
from sessions.rules.timeline import Segment

ONE_MINUTE = 60_000
# How long everybody is told that somebody else hosts.
HANDED_FOR = 120_000


@dataclass(frozen=True)
class RoomMoment:
    """The present moment of a session as one person, `me`, looks at it."""

    rule: FormatRule
    state: State
    people: Sequence[PersonShown]
    me: PersonShown
    now_ms: int

    @cached_property
    def segment(self) -> Segment:
        return self.state.segments[self.state.index]

    @cached_property
    def stage(self) -> Stage:
        return self.rule.stage(self.segment.stage)

    @cached_property
    def by_seat(self) -> dict[int, PersonShown]:
        return {person.seat: person for person in self.people}

    @cached_property
    def names(self) -> dict[int, str]:
        return {person.seat: person.name for person in self.people}

    @property
    def speaker(self) -> PersonShown | None:
        return self.by_seat.get(self.segment.speaker or 0)

    @property
    def presenter(self) -> PersonShown | None:
        return self.by_seat.get(self.segment.presenter or 0)

    @property
    def steers(self) -> bool:
        return self.state.steers(self.me.seat)

    @property
    def after(self) -> tuple[Segment, ...]:
        """The next two."""
        return self.state.segments[self.state.index + 1 : self.state.index + 3]

    @property
    def left(self) -> int:
        """Milliseconds that this segment still has; below nothing over time."""
        return self.state.remaining(self.now_ms)


def running(
    rule: FormatRule,
    state: State,
    people: Sequence[PersonShown],
    me: PersonShown,
    *,
    now_ms: int,
    ends_ms: int,
    first: bool = False,
) -> dict[str, Any]:
    """Everything about the present moment. `ends_ms` is until when there is room; `first`: nothing was held before."""
    at = RoomMoment(rule, state, people, me, now_ms)
    shown = _stage_shown(at, first=first) | _clock_shown(at) | _plan_shown(at) | _circle_shown(at)
    if not at.steers:
        return shown
    return shown | steering(rule, state, at.by_seat, now_ms=now_ms, ends_ms=ends_ms) | people_rows(rule, state, people)


def _stage_shown(at: RoomMoment, *, first: bool) -> dict[str, Any]:
    """Which stage it is, whose floor, and what is asked of everybody and of the reader."""
    segment, stage, presenter, me = at.segment, at.stage, at.presenter, at.me
    language = get_language() or "en"
    name = stage_name(at.rule, segment, at.names)
    turn = _turn(at.state, segment) if stage.goes_round else ""
    who_now = _who_now(stage, segment, at.by_seat, me)
    return {
        "segment": segment,
        "stage": stage,
        "name": name,
        "turn": turn,
        "speaker": at.speaker,
        "presenter": presenter,
        "mine": at.speaker is me,
        "own_round": at.speaker is me and stage.goes_round and not _presents(at.state, me.seat),
        "is_presenter": presenter is me,
        "who_now": who_now,
        "said": _said(at.state, name, turn, who_now),
        "handed": _handed(at.state, at.by_seat, me, now_ms=at.now_ms),
        "rule_text": spoken(stage.text("rule", language, first=first), at.rule, segment, at.names, at.state.order),
        "prompt": spoken(stage.text("prompt", language, first=first), at.rule, segment, at.names, at.state.order),
        "place": words.place(stage.presenter, presenter.name, you=presenter is me) if presenter else "",
        # The principles are for those who help; whoever is helped has enough to think of.
        "principle": "" if presenter is me else principle_of(stage.principle),
        "card": card_of(stage.card),
        "deputy": at.by_seat.get(at.state.deputy or 0),
        "steers": at.steers,
        "may_pass": at.speaker is me,
        "may_raise": stage.floor in ("others", "all") and presenter is not me,
        "may_put_off": _may_put_off(at.state, stage, me.seat),
    }


def _presents(state: State, seat: int) -> bool:
    """Whether somebody has a turn of their own in what is planned now."""
    return any(segment.presenter == seat for segment in state.segments)


def _clock_shown(at: RoomMoment) -> dict[str, Any]:
    """How much time is left, and when the page looks again by itself."""
    length = at.state.length
    return {
        "data_state": _data_state(at.state, at.left, at.speaker is at.me),
        "clock": clock_of(at.left),
        "said_of_time": _said_of_time(at.left, length),
        "share": max(0.0, at.left / length) if length else 0.0,
        "again_ms": _again_ms(at.state, at.now_ms),
    }


def _plan_shown(at: RoomMoment) -> dict[str, Any]:
    """What comes next, and when it will end."""
    rule, state, names = at.rule, at.state, at.names
    return {
        "is_last": state.is_last,
        "next_label": _next_label(rule, state, names),
        "next_up": [
            (stage_name(rule, s, names), names.get(s.speaker or 0, "") if s.speaker != s.presenter else "", s.seconds)
            for s in at.after
        ],
        "finish": from_ms(state.finish_at(at.now_ms)),
        "groups": groups_of(
            rule, state.segments, names, index=state.index, starts_ms=at.now_ms, now_left_ms=max(0, at.left)
        ),
        "bar": bar_of(state.segments, index=state.index),
    }


def _circle_shown(at: RoomMoment) -> dict[str, Any]:
    """The ring with whoever speaks and is next, and the hands that the reader may see."""
    me, speaker, moved_at = at.me, at.speaker, at.state.moved_at
    next_seat = at.after[0].speaker if at.after and at.after[0].speaker != at.segment.speaker else None
    sees_hands = at.steers or at.presenter is me or speaker is me
    raised = [p for p in at.people if p.hand_up(moved_at) and (sees_hands or p is me)]
    hands = sorted(raised, key=lambda p: p.hand_ms)
    others = [p for p in hands if p is not me]
    outside = [p for p in at.people if at.state.order and p.seat not in at.state.order]
    return {
        "ring": [
            _room_seat(p, me, speaker, next_seat, hand=p in hands, left=p in outside)
            for p in at.people
            if p.turns and not (p.gone and p in outside)
        ],
        "ring_label": _ring_sentence(speaker, at.names.get(next_seat or 0), [p.name for p in others]),
        "hands": others,
        "my_hand": me.hand_up(moved_at),
    }


def _said(state: State, name: str, turn: str, who_now: str) -> str:
    """The present moment in one line, as a screen reader says it once."""
    if state.phase == "paused":
        return _("Paused for all of us.")
    parts = (", ".join(one for one in (name, turn) if one), who_now)
    return " ".join(part if part.endswith("?") else f"{part}." for part in parts if part)


def _handed(state: State, by_seat: dict[int, PersonShown], me: PersonShown, *, now_ms: int) -> str:
    """Who hosts from now on, told for a while to everybody, and to the two whom it is about in their own words."""
    handed = state.handed
    if handed is None or now_ms - handed.at > HANDED_FOR or handed.now not in by_seat:
        return ""
    name = by_seat[handed.now].name
    if handed.now == me.seat:
        return _("You host now: going on, and more time, are with you.")
    if handed.was == me.seat:
        return _("%s hosts now. You have handed over.") % name
    return _("%s hosts now.") % name


def _again_ms(state: State, now_ms: int) -> int:
    """When the end and the costs on the page are no longer true by themselves: over time and paused, each minute."""
    # While it runs in its time the end stands still: there is nothing to look again for.
    slides_from = now_ms if state.phase == "paused" else max(now_ms, state.ends_at or 0)
    return slides_from + ONE_MINUTE - state.finish_at(slides_from) % ONE_MINUTE


def _said_of_time(left: int, length: int) -> str:
    """Which words whoever keeps the time sees beside the commands: a minute before the end, at it, or how it stands."""
    if left <= 0:
        return "over"
    return "one" if left <= ONE_MINUTE < length else ""


def _may_put_off(state: State, stage: Stage, seat: int) -> bool:
    """Passing this time is offered in a round, and where somebody's own turn to present begins."""
    segment = state.segments[state.index]
    if state.is_last or stage.floor == "host":
        return False
    if stage.goes_round:
        return segment.speaker == seat
    begins = state.index == 0 or state.segments[state.index - 1].presenter != segment.presenter
    return begins and segment.presenter == seat


def _turn(state: State, segment: Segment) -> str:
    """`2 of 5`."""
    speakers = [s.speaker for s in state.segments if (s.stage, s.presenter) == (segment.stage, segment.presenter)]
    return _("%(at)s of %(of)s") % {"at": speakers.index(segment.speaker) + 1, "of": len(speakers)}


def _room_seat(
    person: PersonShown, me: PersonShown, speaker: PersonShown | None, next_seat: int | None, *, hand: bool, left: bool
) -> RingSeat:
    speaks = person is speaker
    is_next = person.seat == next_seat
    return RingSeat(
        person.user.initials,
        _("You") if person is me else person.name,
        person.mark(speaks, is_next),
        you=person is me,
        speaking=speaks,
        next=is_next,
        away=person.away or left or not (person.came or person is me),
        hand=hand,
    )


def _ring_sentence(speaker: PersonShown | None, next_name: str | None, hands: Sequence[str] = ()) -> str:
    said = _("%s holds the talking piece.") % speaker.name if speaker else _("The piece lies in the middle.")
    said += " " + _("%s is next.") % next_name if next_name else ""
    return said + "".join(" " + _("%s has a hand up.") % name for name in hands)


def _who_now(stage: Stage, segment: Segment, by_seat: dict[int, PersonShown], me: PersonShown) -> str:
    speaker, presenter = by_seat.get(segment.speaker or 0), by_seat.get(segment.presenter or 0)
    if speaker is me:
        return _("You speak")
    if speaker:
        return _("%s speaks") % speaker.name
    if stage.floor == "pair" and presenter:
        coach = by_seat.get(segment.coach or 0)
        pair = [one.name for one in (coach, presenter) if one and one is not me]
        return _("You and %s") % pair[0] if me in (coach, presenter) and pair else _(" and ").join(pair)
    if stage.floor == "others" and presenter:
        return _asked(stage) if presenter is me else _("Everyone but %s") % presenter.name
    return {"nobody": _("Silence"), "break": _("Break")}.get(stage.floor) or _("Everyone")


def _asked(stage: Stage) -> str:
    """What whoever presents does while the others have the floor: answer, or only listen."""
    if stage.presenter != "in":
        return _("You listen")
    return _("You are asked") if stage.tint == "ask" else _("You and the others")


def _data_state(state: State, left: int, mine: bool) -> str:
    if state.phase == "paused":
        return "paused"
    if left < 0:
        return "over"
    return "mine" if mine else "running"


def _next_label(rule: FormatRule, state: State, names: dict[int, str]) -> str:
    if state.is_last:
        return _("End the session")
    coming = state.segments[state.index + 1]
    name = stage_name(rule, coming, names)
    if rule.stage(coming.stage).goes_round and coming.speaker:
        return _("Next: %(name)s, %(who)s") % {"name": name, "who": names.get(coming.speaker, "")}
    return _("Next: %s") % name


@dataclass(frozen=True)
class BarPart:
    """One part of the progress bar: where it begins and how wide it is, of 1000."""

    x: float
    width: float
    state: str


def bar_of(segments: Sequence[Segment], *, index: int) -> list[BarPart]:
    """The whole session to scale; `index` is the present segment, before the first or after the last for none."""
    total = sum(segment.seconds for segment in segments) or 1
    x, stretches = 0.0, []
    for at, segment in enumerate(segments):
        width = 1000 * segment.seconds / total
        word = "past" if at < index else "now" if at == index else "ahead"
        stretches.append(BarPart(round(x, 1), round(max(2.0, width - 2), 1), word))
        x += width
    return stretches
