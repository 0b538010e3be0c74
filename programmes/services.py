"""The only writes to programmes and to who administers them."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.each import each
from accounts.models import User
from agreements.enums import Start
from circles.covenant_services import vault_empty
from circles.enums import Cadence
from circles.services import vault_make
from programmes.asking_services import admin_add, boards_leave
from programmes.enrolment_services import enrolments_end, over_tell, waiting_move_up
from programmes.enums import Asked
from programmes.figures_services import figures_count
from programmes.journey_services import journey_over
from programmes.lock_services import programme_lock, programmes_lock
from programmes.lot_services import plan_lot_over
from programmes.models import Programme, ProgrammeAdmin

# So long after a programme has ended what people wrote in it is deleted (docs/decisions.md).
KEPT_AFTER_ENDING = timedelta(days=180)
FORGOTTEN_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class ProgrammeDetails:
    """Everything that can be said about a programme."""

    name: str
    time_zone: str
    starts_on: date
    ends_on: date
    purpose: str = ""
    welcome: str = ""
    is_pilot: bool = True
    sessions: int = 6
    cadence: str = Cadence.THREE_WEEKS
    min_size: int = 4
    max_size: int = 6
    agreement: str = Start.COMPANY
    format_key: str = "council"
    minutes: int = 120
    practice: bool = True
    cards: list[str] = field(default_factory=list)
    is_open: bool = True
    enrol_until: date | None = None
    places: int | None = None
    asks: list[str] = field(default_factory=list)
    kickoff_date: date | None = None
    kickoff_time: time | None = None
    kickoff_place: str = ""


def _written(details: ProgrammeDetails) -> dict[str, object]:
    return {one.name: getattr(details, one.name) for one in fields(details)}


@transaction.atomic
def programme_start(*, details: ProgrammeDetails, by: User, now: datetime) -> Programme:
    """A new programme with a key of its own and `by` as its first administrator."""
    vault = vault_make()
    asked = Asked.APART in details.asks
    programme = Programme.objects.create(**_written(details), in_confidence=asked, vault=vault, created_at=now)
    ProgrammeAdmin.objects.create(programme=programme, user=by, since=now, told_at=now)
    return programme


@transaction.atomic
def programme_update(*, programme: Programme, details: ProgrammeDetails, now: datetime) -> None:
    """Change what a programme says of itself; new places go to those who wait. Circles that were made stay."""
    programme_lock(programme)
    asked = {"in_confidence": True} if Asked.APART in details.asks else {}
    Programme.objects.filter(pk=programme.pk).update(**_written(details), **asked)
    programme.refresh_from_db()
    waiting_move_up(programme=programme, now=now)


@transaction.atomic
def programme_end(*, programme: Programme, now: datetime) -> None:
    """End a programme: it is counted a last time, no pulse opens, and everybody in it is told; open invitations end.
    Its circles go on for as long as they like.

    One that has ended stays as it was counted then.
    """
    programme_lock(programme)
    if Programme.objects.filter(pk=programme.pk, ended_at=None).update(ended_at=now):
        figures_count(programme=programme, now=now)
        plan_lot_over(programme=programme)
        journey_over(programme=programme, now=now)
        programme.refresh_from_db()
        over_tell(programme=programme, now=now)


def programmes_empty(*, now: datetime) -> int:
    """Delete what people wrote in programmes that ended long enough ago, with their key. How many programmes.

    Counts stay. One that nobody ended counts from a year after the last day it was planned for.
    """
    ended = Q(ended_at__lte=now - KEPT_AFTER_ENDING)
    forgotten = Q(ended_at=None, ends_on__lte=now.date() - FORGOTTEN_AFTER)
    due = Programme.objects.filter(ended | forgotten, vault__destroyed_at=None).select_related("vault")
    return each("empty ended programmes", due, lambda programme: vault_empty(vault=programme.vault, now=now))


@transaction.atomic
def programmes_left(*, user: User, now: datetime) -> None:
    """Somebody has left the organisation: their place goes to whoever waits, and they administer nothing any more.

    A programme nobody else administers falls to the first person who looks after the site, until they name another.
    """
    programmes_lock(user)
    enrolments_end(user=user, email=user.email, nobody=user.email, now=now)
    boards_leave(user=user)
    rows = ProgrammeAdmin.objects.filter(programme__admins__user=user, user__is_active=True)
    looked_after = {row.programme_id for row in rows if row.user_id != user.pk}
    heir = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).order_by("pk").first()
    for row in ProgrammeAdmin.objects.filter(user=user).select_related("programme"):
        if row.programme_id not in looked_after and heir:
            admin_add(programme=row.programme, user=heir, now=now)
    ProgrammeAdmin.objects.filter(user=user).delete()
