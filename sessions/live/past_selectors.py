"""What stayed of a session, and who may add to it."""

from datetime import datetime
from typing import Any

from django.db.models import F

from accounts.models import User
from agreements.commitment_selectors import partner_suggested
from agreements.enums import Theme
from agreements.review_services import FEWEST
from agreements.selectors import review_shown, slips_of
from circles.selectors import ring_of
from sessions.access import SessionSeat, reads_issue
from sessions.enums import Attendance, ParticipantKind, Role, SessionStatus
from sessions.journeys.selectors import leg_of, leg_shown
from sessions.live.log_selectors import state_of
from sessions.live.windows import attendance_open, check_out_open, may_put_back
from sessions.models import CheckOut, CircleSession, Issue, Note, Participation, ScribeNote, SessionRole
from sessions.planning.preparation_selectors import sheet_of
from sessions.planning.roles_selectors import roles_needed, roles_of
from sessions.planning.selectors import beside, sessions_coming


def _scribed(seat: SessionSeat) -> ScribeNote | None:
    return ScribeNote.objects.filter(session=seat.session, reader=seat.user).first()


def my_part(session: CircleSession, user: User) -> Participation | None:
    """The person's row, None where they have none: nothing was said of the session before they left or joined."""
    return Participation.objects.filter(session=session, user=user).first()


def parts_of(session: CircleSession) -> list[Participation]:
    """Everybody's part in a session that is over, in the order of the seats; of whoever was counted on, or came."""
    rows = Participation.objects.filter(session=session).exclude(attendance=Attendance.EXPECTED)
    return list(rows.select_related("user").order_by(F("seat").asc(nulls_last=True), "pk"))


def may_correct_attendance(seat: SessionSeat) -> bool:
    """Facilitators of the circle, and whoever hosted."""
    hosted = SessionRole.objects.filter(session=seat.session, user=seat.user, role_key=Role.HOST)
    return seat.session.is_over and (seat.facilitates or hosted.exists())


def hosted(seat: SessionSeat) -> bool:
    """Whether the person hosted this session, and it was held. One query."""
    rows = SessionRole.objects.filter(session=seat.session, user=seat.user, role_key=Role.HOST)
    return seat.session.status == SessionStatus.ENDED and not seat.guest and rows.exists()


def check_out_choices(seat: SessionSeat) -> tuple[list[User], User | None]:
    """Who could ask how it went, and whoever has been asked least."""
    people = [user for user in ring_of(seat.circle) if user != seat.user]
    return people, partner_suggested(seat.circle, seat.user, people=people)


def _next_roles(session: CircleSession | None) -> list[tuple[Role, User | None]]:
    """Who holds which role in the next session."""
    if session is None:
        return []
    holders = roles_of(session)
    return [(role, holders.get(role.value)) for role in roles_needed(session.format_version.rule)]


def evenness(parts: list[Participation]) -> int | None:
    """How evenly the floor was shared by the members who came, from 0 to 100; None with fewer than two who spoke.

    100 times one less the Gini coefficient of the seconds each held the floor, rescaled so that one person speaking
    alone is 0 whatever the number of people.
    """
    held = sorted(
        p.floor_seconds for p in parts if p.attendance == Attendance.CAME and p.kind == ParticipantKind.MEMBER
    )
    count, whole = len(held), sum(held)
    if count < 2 or not whole:
        return None
    uneven = sum((2 * at - count - 1) * seconds for at, seconds in enumerate(held, start=1)) / (count * whole)
    return round(100 * (1 - uneven * count / (count - 1)))


def _waits(session: CircleSession, mine: Participation | None) -> Issue | None:
    """What the reader brought to a session in which their turn did not begin; only they ever see it."""
    if mine is None or not mine.presents:
        return None
    untold = Issue.objects.filter(owner=mine.user_id, told=False, session__circle=session.circle_id)
    told = Issue.objects.filter(owner=mine.user_id, told=True, session=session)
    return None if told.exists() else untold.select_related("session", "vault").order_by("-session__starts_at").first()


def steered(seat: SessionSeat) -> bool:
    """Whether the person steered this session when it was last pressed."""
    return seat.number is not None and seat.session.seq > 0 and state_of(seat.session).steers(seat.number)


def past_page(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """What stayed of a session: who came; words only for those who belonged to the circle that day."""
    session = seat.session
    parts = parts_of(session)
    mine = next((part for part in parts if part.user_id == seat.user.pk), None)
    reads = seat.reads_words
    around, leg = beside(session), leg_of(session)
    outs = CheckOut.objects.filter(participation__session=session) if reads else CheckOut.objects.none()
    outs = outs.select_related("vault", "participation__user", "commitment__vault").order_by("participation__seat")
    told = Issue.objects.filter(session=session, told=True).select_related("vault", "owner")
    later = next((one for one in sessions_coming(seat.circle) if not one.was_missed(now)), None)
    closed = not check_out_open(session, now=now) and not session.stopped
    review = review_shown(session.code, over=closed, fewest=FEWEST) if reads else None
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "leg": leg,
        "of_journey": leg_shown(session),
        "number": around.number,
        "beside": around,
        "parts": parts,
        "mine": mine,
        "reads": reads,
        "outs": [out for out in outs if out.insight or out.commitment],
        "issues": [issue for issue in told if reads_issue(seat, issue, begun=issue.told)],
        "waits": None if seat.sharing else _waits(session, mine),
        "note": None if seat.sharing else Note.objects.filter(session=session, author=seat.user).first(),
        "my_sheet": [] if seat.sharing or leg is None else [one for one in sheet_of(leg, seat.user) if one.text],
        "scribed": _scribed(seat) if reads and not seat.sharing else None,
        "review": review,
        "enough": FEWEST,
        "slipped": [Theme(slip.theme).label for slip in slips_of(review)] if review else [],
        "next": later,
        "next_roles": _next_roles(later),
        # Where they stopped for the day most had no turn yet: that says nothing about how they share.
        "evenness": None if session.stopped else evenness(parts),
        "hosted": not seat.sharing and hosted(seat),
        "may_put_back": steered(seat) and may_put_back(session, now=now),
        "corrects": attendance_open(session, now=now) and may_correct_attendance(seat),
        "check_out_waits": _check_out_waits(seat, mine, now),
    }


def _check_out_waits(seat: SessionSeat, mine: Participation | None, now: datetime) -> bool:
    if mine is None or not seat.membership.takes_part or not check_out_open(seat.session, now=now):
        return False
    return not CheckOut.objects.filter(participation=mine).exists()
