"""The only writes to coaching pairs: a circle's choice, others after so many sessions, and who comes or leaves."""

from datetime import datetime

from django.db import transaction

from accounts.each import each
from accounts.models import User
from circles.enums import CircleStatus
from circles.models import Circle
from circles.selectors import ring_of
from circles.services import audit_write, circle_lock
from notifications.services import About, event_part, messages_drop, messages_put
from sessions.kinds import PAIRS
from sessions.models import PairRhythm, PairRound, PairSeat
from sessions.planning.pairs_selectors import past_of, sessions_held_by
from sessions.rules.pairs import Groups, mended, next_pairs


@transaction.atomic
def pairs_choose(*, circle: Circle, every: int, by: User, now: datetime) -> None:
    """Pairs that change after `every` sessions (1 to 6), from now on; 0 for no pairs. Who was with whom is kept."""
    circle_lock(circle)
    had = PairRhythm.objects.filter(circle=circle).first()
    if (had.every if had else 0) == every:
        return
    PairRhythm.objects.filter(circle=circle).delete()
    if every:
        PairRhythm.objects.create(circle=circle, every=every, chosen_by=by, chosen_at=now)
        _turn(circle, every, now)
    else:
        PairRound.objects.filter(circle=circle, ended_at=None).update(ended_at=now)
    if bool(had) != bool(every):
        audit_write(circle=circle, verb="pairs_begun" if every else "pairs_ended", by=by, now=now)


def pairs_turn(*, now: datetime) -> int:
    """Give circles that have held enough sessions their next pairs, and whoever came or is left alone a partner.

    How many circles have others now. Late or twice it does the same.
    """
    rows = PairRhythm.objects.filter(circle__status=CircleStatus.OPEN).select_related("circle").order_by("pk")
    return each("change coaching pairs", rows, lambda row: _turn_one(row, now))


def _turn_one(row: PairRhythm, now: datetime) -> bool:
    circle_lock(row.circle)
    # Stopped or chosen anew meanwhile: what holds now is asked under the lock.
    held = PairRhythm.objects.filter(pk=row.pk).first()
    return held is not None and _turn(row.circle, held.every, now)


def _turn(circle: Circle, every: int, now: datetime) -> bool:
    people = [one.pk for one in ring_of(circle)]
    latest = PairRound.objects.filter(circle=circle).order_by("-number").first()
    past, held = past_of(circle), sessions_held_by(circle)
    goes_on = latest is not None and latest.ended_at is None and held - latest.held < every
    if goes_on and latest is not None:
        groups = mended(past[-1], people, past[:-1]) if past else next_pairs(people, past)
        if past and groups == past[-1]:
            return False
        round_, before = latest, set(past[-1]) if past else set()
    else:
        PairRound.objects.filter(circle=circle, ended_at=None).update(ended_at=now)
        groups, before = next_pairs(people, past), set()
        number = latest.number + 1 if latest else 1
        round_ = PairRound.objects.create(circle=circle, number=number, held=held, began_at=now)
    _seat(round_, groups)
    changed = {one for group in groups if group not in before for one in group}
    # By the moment and not by the pairs: the same ones may come again in one round, and are another change.
    about = About("circle", circle.code, round_.number, circle.code, part=event_part(now))
    told = User.objects.filter(pk__in=changed, is_active=True)
    # One that waits says, when it goes, how things are by then: what this one says.
    messages_drop(about_code=circle.code, kinds=[PAIRS], to=changed)
    messages_put(kind=PAIRS, about=about, to=list(told), due_at=now, now=now)
    return True


def _seat(round_: PairRound, groups: Groups) -> None:
    PairSeat.objects.filter(round=round_).delete()
    PairSeat.objects.bulk_create(
        PairSeat(round=round_, user_id=user, group=at) for at, group in enumerate(groups) for user in group
    )
