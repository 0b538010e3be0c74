"""What a journey adds to the room: theme, first question, what to promise about, one's own sheet in one's turn."""

from collections.abc import Mapping
from typing import Any

from sessions.access import SessionSeat
from sessions.enums import Role
from sessions.formats.words import language
from sessions.journeys.selectors import leg_of, leg_shown
from sessions.live.aloud import sentences
from sessions.live.people import PersonShown
from sessions.models import CircleSession
from sessions.planning.preparation_selectors import sheet_of


def theme_now(session: CircleSession, part: str = "opening") -> dict[str, Any]:
    """Before it begins, while it opens and in the check-in: theme and first question, for every screen. One query."""
    leg = leg_of(session)
    if leg is None or part not in ("opening", "check_in"):
        return {}
    return {"theme": leg.theme, "first_question": leg.question, "of_journey": leg_shown(session)}


def _checks_out(session: CircleSession) -> bool:
    return any(stage.part == "check_out" for stage in session.format_version.rule.stages.values())


def while_it_runs(seat: SessionSeat, room: Mapping[str, Any], me: PersonShown) -> dict[str, Any]:
    """The first question while it opens and in the check-in, what to promise about in the check-out.

    A format without a check-out has that in its closing. Whoever hosts a circle that runs itself has the sentences to
    read aloud. What somebody prepared stands open in their own turn, or, where they have none, whenever they speak in a
    round.
    """
    leg = leg_of(seat.session)
    if leg is None:
        return {}
    stage, presenter = room["stage"], room["presenter"]
    shown = theme_now(seat.session, stage.part)
    if stage.part == "check_out" or (stage.part == "closing" and not _checks_out(seat.session)):
        shown |= {"promise_about": leg.step.text("promise", language())}
    if stage.part in ("check_out", "closing", "thank_you"):
        shown |= {"until_next": leg.step.text("exercise", language())}
    if seat.circle.self_run and str(Role.HOST.label) in me.roles and not seat.must_sign:
        shown["aloud"] = sentences(leg, {**room, **shown})
    shown["sheet_opens"] = presenter is me or (room["own_round"] and stage.part != "check_out")
    return shown | prepared(seat, me)


def prepared(seat: SessionSeat, me: PersonShown) -> dict[str, Any]:
    """What somebody wrote on the sheet, for themselves alone, and not while others look at the window.

    All through a session, as in many formats only one presents: the others look it up, or bring it after all.
    """
    leg = leg_of(seat.session)
    if leg is None or not me.turns or me.guest or seat.sharing:
        return {}
    return {"my_sheet": [one for one in sheet_of(leg, seat.user) if one.text]}
