"""What the room shows before a session starts: who is here, the plan for them, what could be held instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from circles.models import Circle
from circles.rules.ring import RingSeat
from sessions.access import SessionSeat
from sessions.enums import Role
from sessions.formats.cards import Card, card_of
from sessions.formats.selectors import formats_for
from sessions.journeys.selectors import for_who_came
from sessions.live.people import PersonShown
from sessions.live.room_page import bar_of
from sessions.live.windows import may_start, opens_at, starts_early
from sessions.planning.gathering_selectors import Gathering, history_of
from sessions.planning.roles_selectors import roles_needed
from sessions.rules.clock import clock_of, from_ms, to_ms
from sessions.rules.format import FormatRule, suits
from sessions.rules.seating import Seating, sit_down


@dataclass(frozen=True)
class Ticks:
    """What whoever starts has ticked and chosen so far: codes of people, a format's key, agreed minutes by user id."""

    here: tuple[str, ...]
    presents: tuple[str, ...]
    format: str = ""
    minutes: Mapping[int, int] = field(default_factory=dict)


def _sat_down(
    seat: SessionSeat, gathering: Gathering, ring: list[PersonShown], me: PersonShown, ticks: Ticks | None
) -> tuple[FormatRule, str, list[PersonShown], Seating]:
    """The format, what gives in it, who is counted as here, how they would sit down: as ticked, or by open pages."""
    minutes = {one.user.pk: one.minutes for one in gathering.people if one.minutes}
    here = [person for person in ring if person.here or person is me] or [me]
    bringing = [person for person in here if person.brings]
    if ticks:
        minutes = dict(ticks.minutes)
        # With nobody ticked there would be no plan to show: then as if nothing had been ticked.
        here = [person for person in ring if person.code in ticks.here] or here
        bringing = [person for person in here if person.code in ticks.presents]
    version, how = for_who_came(seat.session, len(here))
    rule = dict(formats_for(seat.circle)).get(ticks.format, version.rule) if ticks else version.rule
    seating = sit_down(
        rule,
        {person.user.pk: person.seat for person in here},
        bringing=[person.user.pk for person in bringing],
        history=history_of(seat.circle),
        minutes=minutes,
    )
    return rule, how, here, seating


def lobby(
    seat: SessionSeat,
    gathering: Gathering,
    people: list[PersonShown],
    me: PersonShown,
    *,
    now: datetime,
    ticks: Ticks | None,
) -> dict[str, Any]:
    """Everything the room shows before the start, for those who are counted as here, or are ticked."""
    session = seat.session
    ring = [person for person in people if person.turns]
    planned = session.format_version.rule
    rule, how, here, seating = _sat_down(seat, gathering, ring, me, ticks)
    timed = seating.plan(rule, room=session.minutes * 60, how=how)
    others = _others(seat.circle, planned, len(here))
    is_host = gathering.roles.get(Role.HOST.value) == seat.user
    names = {person.seat: person.name for person in people}
    return {
        "here": here,
        # Whoever reads it is here, also before their page has said so by itself.
        "here_count": len([person for person in ring if person.here or person is me]),
        "ring_count": len(ring),
        "may_start": may_start(session, is_host=is_host, facilitates=seat.facilitates, now=now),
        "plan": timed,
        "plan_rule": rule,
        "bar": bar_of(timed.segments, index=-1) if timed else [],
        "plan_ends": from_ms(max(to_ms(session.starts_at), to_ms(now)) + timed.seconds * 1000) if timed else None,
        "presenting": [names[one] for one in timed.presenters] if timed and not rule.rotates else [],
        "order": [names[one] for one in seating.order],
        "fits": suits(rule, len(here)),
        "choose_card": _choose_card(rule, len(ring)),
        # A session of a journey takes another format by itself where others came than were planned for.
        "adapted": rule != planned,
        "others": [(key, name) for key, name, _fits in others],
        "other": next((name for _key, name, fits in others if fits), ""),
        "issue": gathering.issue_for(seat, seat.user),
        "roles": [(role, gathering.roles.get(role.value)) for role in roles_needed(planned)],
        "minutes": {one.user.pk: one.minutes for one in gathering.people},
        "ring": [_waiting_seat(person, me) for person in ring],
        "ring_label": _here_sentence(ring, me),
        "data_state": "waiting",
        "share": None,
        "clock": clock_of(to_ms(session.starts_at) - to_ms(now)),
        "is_late": now > session.starts_at,
        "opens_at": opens_at(session) if starts_early(session, now=now) else None,
    }


def _choose_card(rule: FormatRule, turns: int) -> Card | None:
    """How to choose in a minute, where fewer present than have a turn, and it is settled before the start."""
    chosen_now = rule.has_presenters and not rule.rotates and rule.before != "choice"
    return card_of("choose_case") if chosen_now and rule.most_presenters < turns else None


def _waiting_seat(person: PersonShown, me: PersonShown) -> RingSeat:
    mark = person.roles[0] if person.roles else ""
    name = _("You") if person is me else person.name
    return RingSeat(person.user.initials, name, mark, you=person is me, away=not person.here and person is not me)


def _others(circle: Circle, rule: FormatRule, here: int) -> list[tuple[str, str, bool]]:
    """Formats to take instead: key, name, whether it is made for so many people; those that are come first."""
    listed = [(key, one) for key, one in formats_for(circle) if one.text("name") != rule.text("name")]
    # Equals stay in their order: among those that fit it is that of the library.
    listed.sort(key=lambda item: not suits(item[1], here))
    return [(key, one.text("name", get_language() or "en"), suits(one, here)) for key, one in listed]


def _here_sentence(ring: list[PersonShown], me: PersonShown) -> str:
    here = [person.name for person in ring if person.here and person is not me]
    away = [person.name for person in ring if not person.here and person is not me]
    said = _("Here: you") + "".join(f", {name}" for name in here) + "."
    return said + (" " + _("Not here yet: %s.") % ", ".join(away) if away else "")
