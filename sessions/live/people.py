"""Everybody of a session as the room shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from circles.rules.naming import given_names
from sessions.enums import Attendance, ParticipantKind
from sessions.live.windows import SEEN_FOR
from sessions.models import Participation
from sessions.planning.gathering_selectors import Gathering
from sessions.rules.clock import to_ms


@dataclass(frozen=True)
class PersonShown:
    """One person as the room shows them."""

    user: User
    name: str
    seat: int
    roles: tuple[str, ...]
    here: bool
    came: bool
    brings: bool
    rsvp: str
    turns: bool
    checked_out: bool
    hand_ms: int = 0
    away: bool = False
    guest: bool = False
    # Has left the circle since the session began: the seat can still be gone past.
    gone: bool = False

    def hand_up(self, moved_at: int) -> bool:
        """A hand stays up until the floor moves on."""
        return self.hand_ms > moved_at

    @property
    def code(self) -> str:
        return str(self.user.code)

    def mark(self, now_speaking: bool, is_next: bool) -> str:
        if now_speaking:
            return ""
        return _("next") if is_next else (self.roles[0] if self.roles else "")


def people_of(gathering: Gathering, *, now: datetime) -> list[PersonShown]:
    """Everybody of the circle in the order of the ring, with seat numbers as the start gives them.

    Once it runs also those who have left the circle since: what was theirs has to be gone past by name. Whoever has
    joined since is below nothing until they get a seat.
    """
    coming = gathering.people
    names = given_names([*(one.user for one in coming), *(part.user for part in gathering.gone)])
    begun = any(one.participation and one.participation.seat for one in coming)
    listed = []
    for at, one in enumerate(coming, start=1):
        part = one.participation
        seen = bool(part and part.last_seen_at and part.last_seen_at > now - SEEN_FOR)
        listed.append(
            PersonShown(
                user=one.user,
                name=names[one.user.pk],
                # Below nothing: a number that no segment has, and still one of their own.
                seat=part.seat if part and part.seat else -at if begun else at,
                roles=one.roles,
                here=seen,
                came=bool(part and part.attendance == Attendance.CAME),
                brings=one.brings,
                rsvp=one.rsvp,
                turns=one.takes_turns,
                guest=one.guest,
                checked_out=one.checked_out,
                hand_ms=to_ms(part.hand_at) if part and part.hand_at else 0,
                away=bool(part and part.away_at),
            )
        )
    return listed + [_gone(part, names[part.user_id]) for part in gathering.gone]


def _gone(part: Participation, name: str) -> PersonShown:
    turns = part.kind != ParticipantKind.FACILITATOR
    return PersonShown(part.user, name, part.seat or 0, (), False, False, False, part.rsvp, turns, False, gone=True)
