"""The only write into the log of a live session: one event, by compare-and-set on its number."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from accounts.statements import FixedStatement
from sessions.live import hub, memory
from sessions.live.frames import frame
from sessions.models import CircleSession, SessionEvent
from sessions.rules.clock import to_ms
from sessions.rules.runner import Command, Event, Refusal, State, decide


class Stale(Refused):
    """The page that was pressed on showed an earlier moment of the session. Nothing was changed."""


def event_append(session: CircleSession, event: Event, after: State, **changes: object) -> State:
    """Write the event that led to the state `after`, or raise Stale when another one took its place.

    Compare-and-set on (session, seq).
    """
    won = CircleSession.objects.filter(pk=session.pk, seq=after.seq - 1).update(
        seq=F("seq") + 1, version=F("version") + 1, **changes
    )
    if not won:
        raise Stale(_("The session has moved on. This is where it is now."))
    SessionEvent.objects.create(
        session=session,
        seq=after.seq,
        kind=event.kind,
        by_seat=event.by,
        at=event.at,
        payload=event.payload,
    )
    # Our own update holds the row, so this is the version that everybody else will see.
    version = _version(session)[0]
    session.seq, session.version = after.seq, version

    def tell() -> None:
        memory.remember(session.code, after)
        hub.publish(session.code, version, frame(version, after))

    # After the commit: what is remembered or told before it would be a step that may still be taken back.
    transaction.on_commit(tell, robust=True)
    return after


@FixedStatement
def _version(session: CircleSession) -> QuerySet[CircleSession, int]:
    return CircleSession.objects.filter(pk=session.pk).values_list("version", flat=True)


def event_decide(state: State, command: Command, now: datetime) -> Event:
    """What the rules make of a press; it is not written yet.

    Stale where the page had not seen the last event, Refused in words where they may not do it or it cannot be done.
    """
    answer = decide(state, command, now=to_ms(now))
    if isinstance(answer, Refusal):
        if answer.reason == "stale":
            raise Stale(_("The session has moved on. This is where it is now."))
        if answer.reason == "not_yours":
            raise Refused(_("Only the host and the timekeeper can do this."))
        raise Refused(_("This cannot be done at the moment."))
    return answer
