"""Reads of what administrators did in a programme."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from programmes.models import AdminAct, Programme
from programmes.trail_words import act_words

ACTS_A_PAGE = 50


@dataclass(frozen=True)
class ActShown:
    """One entry: when, and what in a sentence."""

    at: datetime
    words: str


def acts_of(programme: Programme) -> QuerySet[AdminAct]:
    """The entries of a programme, the latest first."""
    return AdminAct.objects.filter(programme=programme).select_related("actor").order_by("-at", "-pk")


def acts_shown(rows: Iterable[AdminAct]) -> list[ActShown]:
    """Entries in words."""
    return [ActShown(one.at, act_words(one.verb, one.number, one.actor)) for one in rows]
