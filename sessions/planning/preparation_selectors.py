"""What somebody wrote for themselves on the sheet that a session of a journey offers; nobody else is shown it."""

from dataclasses import dataclass

from accounts.models import User
from sessions.formats.words import language
from sessions.models import Leg, SheetAnswer


@dataclass(frozen=True)
class SheetLine:
    """One question of a sheet, and what its reader has answered."""

    number: int
    question: str
    text: str


def sheet_of(leg: Leg, owner: User) -> list[SheetLine]:
    """The questions of a sheet with the owner's own answers; empty where the journey has none here. One query."""
    questions = leg.step.questions(language())
    if not questions:
        return []
    written = {one.question: str(one.text) for one in SheetAnswer.objects.filter(leg=leg, owner=owner)}
    return [SheetLine(at, question, written.get(at, "")) for at, question in enumerate(questions)]
