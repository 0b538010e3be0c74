"""The only writes that take a start back: it was a mistake, and the session is planned as it was."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from agreements.mirror_services import one_change_untold
from circles.covenant_services import goals_untold
from notifications.services import messages_drop
from sessions.enums import Attendance, SessionStatus
from sessions.kinds import HELD_EARLY
from sessions.live.dating_services import planned_date_give_back
from sessions.live.log_selectors import state_of
from sessions.live.log_services import event_append, event_decide
from sessions.live.windows import may_put_back
from sessions.models import CircleSession, Issue, Participation, Turn
from sessions.planning.reminder_services import news_again
from sessions.planning.services import sessions_settle
from sessions.rules.runner import Command, State, evolve


@transaction.atomic
def session_put_back(*, session: CircleSession, by_seat: int, now: datetime) -> State:
    """Whoever steers takes the start back, whichever step it is in: the session is planned as it was.

    Who came and whose turn it was is forgotten, its date and reminders stand again; what anybody wrote stays. What was
    read out of one's own line counts as not heard. Refused ten minutes after it began, and once somebody checked out.
    """
    session.refresh_from_db()
    if not may_put_back(session, now=now):
        raise Refused(_("It began more than ten minutes ago, or somebody has checked out: it cannot be put back."))
    began, state, was = session.started_at or now, state_of(session), session.revision
    event = event_decide(state, Command("put_back", by_seat, state.seq), now)
    after = evolve(state, event)
    # First, while the row still says when it really began: from that its planned date is known again.
    planned_date_give_back(session=session)
    Turn.objects.filter(session=session).delete()
    Issue.objects.filter(session=session).update(told=False)
    Participation.objects.filter(session=session).update(
        seat=None,
        place=None,
        attendance=Attendance.EXPECTED,
        hand_at=None,
        away_at=None,
        floor_seconds=0,
        presents=Exists(Issue.objects.filter(session=session, owner=OuterRef("user"))),
    )
    if not session.practice:
        one_change_untold(circle=session.circle, at=began)
    goals_untold(circle=session.circle, at=began)
    # Waits until it can no longer be put back; here it was.
    messages_drop(about_code=session.code, kinds=[HELD_EARLY])
    state = event_append(
        session,
        event,
        after,
        status=SessionStatus.PLANNED,
        started_at=None,
        ended_at=None,
        finish_by=None,
        stopped=False,
        came_count=0,
        expected_count=0,
        revision=F("revision") + 1,
        changed_at=now,
    )
    session.refresh_from_db()
    news_again(session, was=was, since=began, now=now)
    sessions_settle(circle=session.circle, sessions=[session], now=now)
    return state
