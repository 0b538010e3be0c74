"""What the room shows before a session starts: who is here, the plan for them, what could be held instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from circles.models import Circle
from circles.rules.ring import Seat
from sessions.access import SessionSeat
from sessions.enums import Role
from sessions.formats.selectors import formats_for
from sessions.live.people import Person
from sessions.live.windows import may_start, opens_at, starts_early
from sessions.planning.gathering_selectors import Gathering, history_of
from sessions.planning.roles_selectors import roles_needed
from sessions.rules.clock import clock_of, from_ms, to_ms
from sessions.rules.format import Format, suits
from sessions.rules.sitting import Sitting, sit_down


@dataclass(frozen=True)
class Ticks:
    """What whoever starts has ticked and chosen so far: codes of people, a format's key, agreed minutes by user id."""

    here: tuple[str, ...]
    presents: tuple[str, ...]
    format: str = ""
    minutes: Mapping[int, int] = field(default_factory=dict)


def _sat_down(
    seat: SessionSeat, gathering: Gathering, ring: list[Person], me: Person, ticks: Ticks | None
) -> tuple[Format, list[Person], Sitting]:
    """The format, who is counted as here, and how they would sit down: as ticked, else whose page is open."""
    rule = seat.session.format_version.rule
    minutes = {one.user.pk: one.minutes for one in gathering.people if one.minutes}
    here = [person for person in ring if person.here or person is me] or [me]
    bringing = [person for person in here if person.brings]
    if ticks:
        rule = dict(formats_for(seat.circle)).get(ticks.format, rule)
        minutes = dict(ticks.minutes)
        here = [person for person in ring if person.code in ticks.here] or here
        bringing = [person for person in here if person.code in ticks.presents]
    sitting = sit_down(
        rule,
        {person.user.pk: person.seat for person in here},
        bringing=[person.user.pk for person in bringing],
        history=history_of(seat.circle),
        minutes=minutes,
    )
    return rule, here, sitting


def lobby(
    seat: SessionSeat, gathering: Gathering, people: list[Person], me: Person, *, now: datetime, ticks: Ticks | None
) -> dict[str, Any]:
    """Everything the room shows before the start, for those who are counted as here, or are ticked."""
    session = seat.session
    ring = [person for person in people if person.turns]
    planned = session.format_version.rule
    rule, here, sitting = _sat_down(seat, gathering, ring, me, ticks)
    timed = sitting.plan(rule, room=session.minutes * 60, how=session.fit)
    others = _others(seat.circle, planned, len(here))
    is_host = gathering.roles.get(Role.HOST.value) == seat.user
    names = {person.seat: person.name for person in people}
    return {
        "here": here,
        "here_count": len([person for person in ring if person.here]),
        "ring_count": len(ring),
        "may_start": may_start(session, is_host=is_host, facilitates=seat.facilitates, now=now),
        "plan": timed,
        "plan_rule": rule,
        "plan_ends": from_ms(max(to_ms(session.starts_at), to_ms(now)) + timed.seconds * 1000) if timed else None,
        "presenting": [names[one] for one in timed.presenters] if timed and not rule.rotates else [],
        "order": [names[one] for one in sitting.order],
        "fits": suits(rule, len(here)),
        "others": [(key, name) for key, name, _fits in others],
        "other": next((name for _key, name, fits in others if fits), ""),
        "issue": None if seat.sharing else me.issue,
        "roles": [(role, gathering.roles.get(role.value)) for role in roles_needed(planned)],
        "minutes": {one.user.pk: one.minutes for one in gathering.people},
        "ring": [_waiting_seat(person, me) for person in ring],
        "ring_label": _here_sentence(ring, me),
        "data_state": "waiting",
        "clock": clock_of(to_ms(session.starts_at) - to_ms(now)),
        "is_late": now > session.starts_at,
        "opens_at": opens_at(session) if starts_early(session, now=now) else None,
    }


def _waiting_seat(person: Person, me: Person) -> Seat:
    mark = person.roles[0] if person.roles else ""
    name = _("You") if person is me else person.name
    return Seat(person.user.initials, name, mark, you=person is me, away=not person.here and person is not me)


def _others(circle: Circle, rule: Format, here: int) -> list[tuple[str, str, bool]]:
    """Formats to take instead: key, name, whether it is made for so many people; those that are come first."""
    listed = [(key, one) for key, one in formats_for(circle) if one.text("name") != rule.text("name")]
    listed.sort(key=lambda item: not suits(item[1], here))
    return [(key, one.text("name", get_language() or "en"), suits(one, here)) for key, one in listed]


def _here_sentence(ring: list[Person], me: Person) -> str:
    here = [person.name for person in ring if person.here and person is not me]
    away = [person.name for person in ring if not person.here and person is not me]
    said = _("Here: you") + "".join(f", {name}" for name in here) + "."
    return said + (" " + _("Not here yet: %s.") % ", ".join(away) if away else "")
