"""The room once it is over: who has checked out, and the check-out of the one who looks."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.commitment_selectors import default_due
from agreements.plan_forms import Planning
from agreements.review_services import FEWEST
from agreements.selectors import review_of
from circles.rules.ring import RingSeat
from sessions.access import SessionSeat
from sessions.live import past_selectors, windows, writing_services
from sessions.live.forms import CheckOutForm, NoteForm
from sessions.live.journey_page import prepared
from sessions.live.log_selectors import state_of
from sessions.live.people import PersonShown, people_of
from sessions.live.room_page import bar_of
from sessions.models import Note
from sessions.planning.covenant_selectors import counts_of
from sessions.planning.gathering_selectors import gathering_of
from sessions.planning.selectors import sessions_coming
from sessions.rules.clock import to_ms
from sessions.rules.texts import mark_of
from sessions.shelf.sentence_selectors import may_offer


def check_out_form(seat: SessionSeat, *, now: datetime, data: QueryDict | None = None) -> CheckOutForm:
    """The form of the check-out, empty or as it was sent."""
    today = seat.user.today(now)
    people, partner = past_selectors.check_out_choices(seat)
    later = [one for one in sessions_coming(seat.circle) if one.starts_at > now and one.pk != seat.session.pk]
    next_on = later[0].starts_local(seat.user.time_zone).date() if later else None
    review = review_of(seat.session.code)
    return CheckOutForm(
        data,
        today=today,
        people=people,
        due_on=default_due(seat.circle, today=today, next_on=next_on),
        partner=partner,
        counts=writing_services.members_present(seat.session) >= FEWEST,
        sentence=review.sentence if review else "",
        planning=Planning.of(seat.user, now, offered=seat.circle.offers_plans),
    )


def may_check_out(seat: SessionSeat, *, now: datetime) -> bool:
    """A member with a turn who has a part in this session, while its check-out is open: also whoever has done it."""
    part = past_selectors.my_part(seat.session, seat.user)
    return part is not None and seat.membership.takes_part and windows.check_out_open(seat.session, now=now)


def end_shown(seat: SessionSeat, *, now: datetime) -> dict[str, Any] | None:
    """The room after its end for whoever has something to do or to hear there; None sends them to the session's page.

    Those are members who may check out and have not, and whoever was there when it was stopped for the day or as a
    guest. Whoever shares their window is shown the page, which hides what is theirs alone.
    """
    session = seat.session
    if not session.is_over or seat.sharing or not windows.attendance_open(session, now=now):
        return None
    part = past_selectors.my_part(session, seat.user)
    if part is None:
        return None
    context = end_page(seat, now=now)
    if context["me"].checked_out:
        return None
    if may_check_out(seat, now=now):
        return context | {"form": check_out_form(seat, now=now)}
    return context if session.stopped or seat.guest else None


def end_page(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """The frame around the check-out: bar, strip, ring. Also while it still runs, for the page of the check-out."""
    session, state = seat.session, state_of(seat.session)
    people = people_of(gathering_of(session), now=now)
    me = next(person for person in people if person.user == seat.user)
    came = [person for person in people if person.turns and (person.came or person is me)]
    note = None if seat.sharing else Note.objects.filter(session=session, author=seat.user).first()
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": counts_of(session).number,
        "people": people,
        "me": me,
        "phase": "ended",
        "data_state": "ended",
        "now_ms": to_ms(now),
        "follows": session.is_over,
        "bar": bar_of(state.segments, index=len(state.segments)),
        "ring": [_seat(person, me) for person in came],
        "ring_label": _ring_sentence(came, me),
        "done_said": _done_said([person for person in came if not person.guest]),
        "opens": windows.next_morning(session.ended_at, session.zone) if session.stopped and session.ended_at else None,
        "may_put_back": past_selectors.steered(seat) and windows.may_put_back(session, now=now),
        "may_offer": seat.membership.takes_part and not seat.sharing and may_offer(seat.circle),
        "counts": writing_services.members_present(session) >= FEWEST,
        "sharing": seat.sharing,
        "note_form": NoteForm(initial={"text": note.text if note else ""}),
        "note_mark": mark_of(str(note.text) if note else ""),
        **prepared(seat, me),
    }


def _seat(person: PersonShown, me: PersonShown) -> RingSeat:
    """The same word for whoever shared something and for whoever had nothing this time."""
    name = _("You") if person is me else person.name
    return RingSeat(person.user.initials, name, _("done") if person.checked_out else "", you=person is me)


def _ring_sentence(came: list[PersonShown], me: PersonShown) -> str:
    done = ", ".join(_("you") if person is me else person.name for person in came if person.checked_out)
    return _("Checked out: %s.") % (done or _("nobody yet"))


def _done_said(members: list[PersonShown]) -> str:
    done = sum(person.checked_out for person in members)
    return _("%(done)s of %(all)s have checked out") % {"done": done, "all": len(members)}
