"""Reads about the journey of a programme: which it has taken, and what a circle was told of it."""

from uuid import UUID

from programmes.models import JourneyOffer, Programme, ProgrammeJourney


def programme_journey(programme: Programme) -> ProgrammeJourney | None:
    """The one it has taken for its circles now; None for none."""
    rows = ProgrammeJourney.objects.filter(programme=programme, ended_at=None)
    return rows.select_related("version__journey", "programme").first()


def offer_of(circle: UUID) -> JourneyOffer | None:
    """What a circle was told that has not begun there, and to which it has not said no; None for nothing."""
    rows = JourneyOffer.objects.filter(of__circle__code=circle, settled_at=None, journey__ended_at=None)
    return rows.select_related("of__circle", "journey__version__journey", "journey__programme").first()
