"""Programmes: who administers one, who takes part, how circles are made of them, counts of how it goes."""

from programmes.models.enrolment import Answers, Enrolment, PeopleToInvite, ProgrammeInvitation
from programmes.models.figures import Pulse, PulseAnswer, PulseReport, PulseTicket, Quote, WeekFigures
from programmes.models.forming import (
    BoardStep,
    DraftCircle,
    FacilitatorAsked,
    FormingRun,
    LatePlace,
    Placement,
    Round,
    RoundCircle,
)
from programmes.models.journeys import JourneyOffer, ProgrammeJourney
from programmes.models.lots import PlanLot, PlanLotCircle
from programmes.models.programme import PRACTICE_MINUTES, AdminAct, AdminInvitation, Programme, ProgrammeAdmin

__all__ = [
    "PRACTICE_MINUTES",
    "AdminAct",
    "AdminInvitation",
    "Answers",
    "BoardStep",
    "DraftCircle",
    "Enrolment",
    "FacilitatorAsked",
    "FormingRun",
    "JourneyOffer",
    "LatePlace",
    "PeopleToInvite",
    "Placement",
    "PlanLot",
    "PlanLotCircle",
    "Programme",
    "ProgrammeAdmin",
    "ProgrammeInvitation",
    "ProgrammeJourney",
    "Pulse",
    "PulseAnswer",
    "PulseReport",
    "PulseTicket",
    "Quote",
    "Round",
    "RoundCircle",
    "WeekFigures",
]
