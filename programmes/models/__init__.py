"""Programmes: who administers one, who takes part, how circles are made of them, counts of how it goes."""

from programmes.models.enrolment import Answers, Enrolment, PeopleToInvite, ProgrammeInvitation
from programmes.models.figures import Pulse, PulseAnswer, PulseReport, PulseTicket, Quote, WeekFigures
from programmes.models.forming import (
    BoardStep,
    DraftCircle,
    FacilitatorAsked,
    FormingRun,
    Placement,
    Round,
    RoundCircle,
)
from programmes.models.programme import PRACTICE_MINUTES, AdminInvitation, Programme, ProgrammeAdmin

__all__ = [
    "PRACTICE_MINUTES",
    "AdminInvitation",
    "Answers",
    "BoardStep",
    "DraftCircle",
    "Enrolment",
    "FacilitatorAsked",
    "FormingRun",
    "PeopleToInvite",
    "Placement",
    "Programme",
    "ProgrammeAdmin",
    "ProgrammeInvitation",
    "Pulse",
    "PulseAnswer",
    "PulseReport",
    "PulseTicket",
    "Quote",
    "Round",
    "RoundCircle",
    "WeekFigures",
]
