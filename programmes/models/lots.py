"""A lot that decided which circles of a programme are offered the line of a plan. Drawn once, and fixed."""

from django.db import models

from programmes.models.forming import RoundCircle
from programmes.models.programme import Programme


class PlanLot(models.Model):
    """The draw: with the codes of its circles its seed says which half it was."""

    programme = models.OneToOneField(Programme, on_delete=models.CASCADE, related_name="plan_lot")
    seed = models.CharField(max_length=32)
    drawn_at = models.DateTimeField()
    # The week from which on promises are counted: those from before the draw have fallen due by then.
    counts_from = models.DateField()

    def __str__(self) -> str:
        return f"lot {self.pk}"


class PlanLotCircle(models.Model):
    """What a circle drew."""

    lot = models.ForeignKey(PlanLot, on_delete=models.CASCADE, related_name="circles")
    of = models.OneToOneField(RoundCircle, on_delete=models.CASCADE, related_name="plan_lot")
    offered = models.BooleanField()

    def __str__(self) -> str:
        return f"draw {self.pk}"
