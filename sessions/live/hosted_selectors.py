"""What whoever hosted a session sees of it afterwards, from the clock alone: for their eyes, compared with nobody."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from sessions.access import SessionSeat
from sessions.enums import Attendance, ParticipantKind
from sessions.formats.cards import card_of
from sessions.formats.words import stage_name
from sessions.live.log_selectors import state_of
from sessions.live.past_selectors import evenness, hosted, parts_of
from sessions.rules.hosting import CARDS, TryNext, stages_taken, try_next

TO_TRY = {
    TryNext.CALL_THE_QUIET: _("Next time, call whoever has not spoken by name, and let “I pass” be an answer."),
    TryNext.SAY_THE_TIME: _("Next time, say aloud when half of a turn is over; the timekeeper can do it for you."),
    TryNext.LET_IT_END: _("Next time, end one stage when its time is over, and see what you miss."),
    TryNext.LEAVE_SILENCE: _("Next time, wait five seconds after each voice, before the next one comes."),
    TryNext.HAND_OVER: _("It ran to its time. Next time, let somebody else host who has not yet."),
}


def hosted_page(seat: SessionSeat) -> dict[str, Any]:
    """Planned against real, evenness, who had no turn, one card, one thing to try. Http404 for everybody else."""
    if not hosted(seat) or seat.sharing:
        raise Http404
    session, state = seat.session, state_of(seat.session)
    planned = [(one.stage, one.seconds) for one in state.planned or state.segments]
    took = [(one.stage, spent // 1000) for one, spent in zip(state.segments, state.spent, strict=True) if spent]
    stages = stages_taken(planned, took)
    parts = parts_of(session)
    even = None if session.stopped else evenness(parts)
    passed = [
        part.user
        for part in parts
        if part.attendance == Attendance.CAME and part.kind == ParticipantKind.MEMBER and not part.floor_seconds
    ]
    # Where they stopped for the day, or nobody took turns, that says nothing of anybody.
    passed = [] if even is None else passed
    chosen = try_next(stages, even=even, passed_over=len(passed))
    rule = session.format_version.rule
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "stages": [(stage_name(rule.stage(one.stage)), one) for one in stages],
        "planned": sum(one.planned for one in stages),
        "took": sum(one.took for one in stages),
        "even": even,
        "passed": [user for user in passed if user != seat.user],
        "card": card_of(CARDS[chosen]),
        "try_next": TO_TRY[chosen],
    }
