"""Drawing by lot which circles are offered the line of a plan, and ending that."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from circles.enums import Cadence, CircleStatus
from circles.services import plans_offer
from programmes.lock_services import programme_lock
from programmes.models import PlanLot, PlanLotCircle, Programme, RoundCircle
from programmes.rules.lots import FEWEST_DRAWN, drawn
from programmes.rules.participation import week_of


@transaction.atomic
def plan_lot_draw(*, programme: Programme, now: datetime, seed: str = "") -> PlanLot:
    """One half of the circles there are is offered the line from now on, the other is not until the programme ends.

    Counted from a rhythm and a week later on. Refused a second time, and for fewer than four circles.
    """
    programme_lock(programme)
    if PlanLot.objects.filter(programme=programme).exists():
        raise Refused(_("The lot has been drawn already, and stays as it is."))
    if programme.is_over(now):
        raise Refused(_("The programme is over: there is nothing left to draw."))
    rows = RoundCircle.objects.filter(round__programme=programme).exclude(circle__status=CircleStatus.CLOSED)
    circles = {str(row.circle.code): row for row in rows.select_related("circle").order_by("pk")}
    if len(circles) < FEWEST_DRAWN:
        raise Refused(_("A lot needs four circles: two to be offered the line, and two not."))
    begun = now + timedelta(days=Cadence(programme.cadence).days + 7)
    lot = PlanLot.objects.create(
        programme=programme, seed=seed or secrets.token_hex(8), drawn_at=now, counts_from=week_of(begun.date())
    )
    half = drawn(circles, lot.seed)
    PlanLotCircle.objects.bulk_create(
        PlanLotCircle(lot=lot, of=row, offered=code in half) for code, row in circles.items()
    )
    plans_offer(circles=[row.circle_id for code, row in circles.items() if code not in half], offered=False)
    return lot


def plan_lot_over(*, programme: Programme) -> None:
    """The programme ends: every circle is offered the line. What was drawn stays known, for the evaluation."""
    rows = PlanLotCircle.objects.filter(lot__programme=programme, offered=False)
    plans_offer(circles=list(rows.values_list("of__circle_id", flat=True)), offered=True)
