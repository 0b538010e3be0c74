"""The only writes to pulses: planned with a round, opened, answered without a name, fixed for good."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.refusals import Refused
from accounts.rules.zones import to_local
from circles.enums import Cadence, CircleStatus
from circles.models import Circle, Membership
from notifications.services import About, message_rows, messages_write
from programmes.enums import Moment, statements_of
from programmes.models import Pulse, PulseAnswer, PulseReport, PulseTicket, Round
from programmes.rules.anonymity import reports
from programmes.rules.uncertainty import band_of, mean_of

OPEN, READY = "pulse_open", "pulse_ready"
OPEN_FOR = timedelta(days=10)
# The start is asked before the second session, the end once the last has been held.
AFTER_FIRST = timedelta(days=1)


def pulses_plan(*, round_: Round, first_on: date) -> None:
    """Plan the three pulses of a round: from the day after its first, its middle and its last session."""
    programme = round_.programme
    rhythm = timedelta(days=Cadence(programme.cadence).days)
    middle, last = max(0, (programme.sessions - 1) // 2), programme.sessions - 1
    for moment, number in ((Moment.START, 0), (Moment.MIDDLE, middle), (Moment.END, last)):
        opens = first_on + rhythm * number + AFTER_FIRST
        # Where the middle or the end is the first session too, one pulse does for both: nobody is asked the same twice.
        if moment == Moment.START or number > 0:
            Pulse.objects.get_or_create(
                round=round_, moment=moment, defaults={"opens_on": opens, "closes_on": opens + OPEN_FOR}
            )


def pulse_change(*, pulse: Pulse, opens_on: date, closes_on: date) -> None:
    """Other days for a pulse. Once it is open only the day it closes can change; refused when it is fixed."""
    # No look before: whether it is open, or fixed, is decided by the row as it is when it is written.
    rows = Pulse.objects.filter(pk=pulse.pk, frozen_at=None)
    if not rows.filter(opened_at=None).update(opens_on=opens_on, closes_on=closes_on) and not rows.update(
        closes_on=closes_on
    ):
        raise Refused(_("This pulse is closed: its figures are fixed."))


def pulses_tend(*, now: datetime) -> int:
    """Open what is due and fix what is over, by the day it is where the programme is. How many of either."""
    pulses = Pulse.objects.filter(frozen_at=None).select_related("round__programme")
    return each("open and close pulses", pulses, lambda pulse: _tend(pulse, now))


def _tend(pulse: Pulse, now: datetime) -> bool:
    programme = pulse.round.programme
    today = to_local(now, programme.time_zone).date()
    if pulse.opened_at is None and pulse.opens_on <= today < pulse.closes_on and programme.ended_at is None:
        pulse_open(pulse=pulse, now=now)
        return True
    if pulse.opened_at and (today > pulse.closes_on or programme.ended_at):
        pulse_freeze(pulse=pulse, now=now)
        return True
    return False


@transaction.atomic
def pulse_open(*, pulse: Pulse, now: datetime) -> None:
    """Ask everybody with a seat in a circle of the round that is not closed; somebody in two is asked for the first."""
    if not Pulse.objects.filter(pk=pulse.pk, opened_at=None).update(opened_at=now):
        return
    pulse.refresh_from_db()
    members = Membership.objects.filter(
        circle__in=Circle.objects.filter(pk__in=pulse.round.circles.values("circle")).exclude(
            status=CircleStatus.CLOSED
        ),
        takes_part=True,
        left_at=None,
        user__is_active=True,
    )
    first: dict[int, PulseTicket] = {}
    for member in members.select_related("user", "circle").order_by("joined_at", "pk"):
        # One answer a person, whatever they are in: two would be two of the five behind a figure.
        first.setdefault(member.user_id, PulseTicket(pulse=pulse, user=member.user, circle=member.circle))
    PulseTicket.objects.bulk_create(first.values(), batch_size=500)
    rows = []
    for ticket in first.values():
        about = About("pulse", ticket.code, circle=ticket.circle.code)
        rows += message_rows(kind=OPEN, about=about, to=[ticket.user], due_at=now, now=now)
    messages_write(rows)


@dataclass(frozen=True)
class PulseDetails:
    """What somebody answered: a score from 1 to 5 a statement, and two sentences they may release."""

    scores: Mapping[str, int] = field(default_factory=dict)
    helps: str = ""
    change: str = ""
    helps_released: bool = False
    change_released: bool = False


@transaction.atomic
def pulse_answer(*, ticket: PulseTicket, answer: PulseDetails) -> None:
    """Keep an answer that says neither who gave it nor when. Refused a second time, and once the pulse is fixed."""
    # Held: fixing the pulse waits for this answer, or this answer is refused.
    pulse = Pulse.objects.select_for_update().get(pk=ticket.pulse_id)
    if pulse.frozen_at or pulse.opened_at is None:
        raise Refused(_("This pulse is closed: its figures are fixed."))
    if not PulseTicket.objects.filter(pk=ticket.pk, answered=False).update(answered=True):
        raise Refused(_("You have answered already. Answers carry no name, so they cannot be changed."))
    row = PulseAnswer(pulse=pulse, circle=ticket.circle, vault=ticket.circle.vault)
    row.scores = {one.value: answer.scores[one.value] for one in statements_of(pulse.moment)}
    row.helps, row.change = answer.helps, answer.change
    row.helps_released = bool(answer.helps) and answer.helps_released
    row.change_released = bool(answer.change) and answer.change_released
    _shuffled_in(row)


def _shuffled_in(row: PulseAnswer) -> None:
    """Write all answers of the circle anew, in a random order: where a row stands, and which transaction wrote it,
    would otherwise follow the order in which people answered, and that is known of each of them."""
    given = [*PulseAnswer.objects.filter(pulse=row.pulse, circle=row.circle), row]
    PulseAnswer.objects.filter(pulse=row.pulse, circle=row.circle).delete()
    SystemRandom().shuffle(given)
    PulseAnswer.objects.bulk_create(given)


@transaction.atomic
def pulse_freeze(*, pulse: Pulse, now: datetime) -> None:
    """Fix what is reported, for good. Scores and everything of which nothing may be shown are deleted.

    Whoever answers in the same moment is in before, or refused: both take the pulse's row first.
    """
    pulse = Pulse.objects.select_for_update().select_related("round").get(pk=pulse.pk)
    if pulse.frozen_at:
        return
    scores: dict[int, list[Mapping[str, int]]] = defaultdict(list)
    for circle, given in PulseAnswer.objects.filter(pulse=pulse).order_by("key").values_list("circle_id", "scores"):
        scores[circle].append(given)
    may = reports({circle: len(given) for circle, given in scores.items()})
    statements = [one.value for one in statements_of(pulse.moment)]
    for circle in sorted(may.of_circles):
        PulseReport.objects.create(
            pulse=pulse,
            circle_id=circle,
            respondents=len(scores[circle]),
            figures=_figures(statements, scores[circle], exact=circle in may.exact),
            shared=circle in may.shared,
        )
    together = [given for circle in sorted(may.of_programme) for given in scores[circle]]
    if together:
        PulseReport.objects.create(
            pulse=pulse,
            respondents=len(together),
            figures=_figures(statements, together, exact=may.programme_exact),
            shared=True,
        )
    tickets = PulseTicket.objects.filter(pulse=pulse)
    Pulse.objects.filter(pk=pulse.pk).update(
        frozen_at=now, asked=tickets.count(), answered=sum(len(given) for given in scores.values())
    )
    # Who answered is of no use any more, and beside few answers it would be half of a name.
    tickets.update(answered=False)
    # Last, when all that may be told of them is written: there is no second look.
    PulseAnswer.objects.filter(pulse=pulse).exclude(circle__in=may.of_circles).delete()
    PulseAnswer.objects.filter(pulse=pulse).update(scores={})
    _tell(pulse, sorted(may.of_circles), now)


def _figures(
    statements: Sequence[str], given: Sequence[Mapping[str, int]], *, exact: bool
) -> dict[str, dict[str, float | str]]:
    """By statement what may be kept: a mean and its deviation, or a band, which is then all that exists."""
    found: dict[str, dict[str, float | str]] = {}
    for statement in statements:
        mean = mean_of([one[statement] for one in given])
        if exact:
            found[statement] = {"n": mean.number, "mean": round(mean.mean, 4), "sd": round(mean.deviation, 4)}
        else:
            found[statement] = {"n": mean.number, "band": band_of(mean).value}
    return found


def _tell(pulse: Pulse, circles: Sequence[int], now: datetime) -> None:
    """Those in circles that have a report hear that it is there."""
    members = Membership.objects.filter(circle__in=circles, left_at=None, user__is_active=True)
    rows = []
    for member in members.select_related("user", "circle"):
        about = About("circle", member.circle.code, pulse.pk, member.circle.code)
        rows += message_rows(kind=READY, about=about, to=[member.user], due_at=now, now=now)
    messages_write(rows)
