"""Which words are somebody's own: one table that the list, deleting one, the export and the tests are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agreements.models import (
    Clause,
    Commitment,
    CommitmentEntry,
    CommitmentStep,
    Proposal,
    ProposalResponse,
    Review,
)
from circles.models import Farewell, Goal, Invitation
from circles.sealed import SealedModel
from programmes.models import Enrolment, PeopleToInvite, ProgrammeInvitation, PulseAnswer, Quote
from sessions.models import CheckOut, Issue, Note, ScribeNote


@dataclass(frozen=True)
class OwnField:
    """One kind of words: whose they are, when and where they were written, and whether deleting them takes the row.

    `owner`, `at` and `circle` are look-ups from the row. Where the row counts for something (that there was a
    check-out, that somebody answered), only its words go.
    """

    key: str
    label: Any
    model: type[SealedModel]
    owner: str
    fields: tuple[str, ...]
    at: str
    circle: str
    takes_row: bool = True

    def rows(self, user: User) -> QuerySet[Any]:
        """Those of one person."""
        return cast(Any, self.model).objects.filter(**{self.owner: user})  # type: ignore[no-any-return]


OWN = (
    OwnField("issue", _("An issue you brought"), Issue, "owner", ("title", "text"), "session__starts_at",
        "session__circle"),
    OwnField("note", _("A note of yours"), Note, "author", ("text",), "session__starts_at", "session__circle"),
    OwnField("insight", _("An insight"), CheckOut, "participation__user", ("insight",), "at",
        "participation__session__circle", takes_row=False),
    OwnField("commitment", _("A commitment"), Commitment, "owner", ("text",), "made_at", "circle"),
    OwnField("entry", _("Under a commitment"), CommitmentEntry, "commitment__owner", ("text",), "at",
        "commitment__circle"),
    OwnField("step", _("A step of a commitment"), CommitmentStep, "commitment__owner", ("text",), "commitment__made_at",
        "commitment__circle"),
    OwnField("reason", _("Why you proposed a change"), Proposal, "by", ("why",), "made_at", "agreement__circle",
        takes_row=False),
    OwnField("comment", _("What you said to a proposal"), ProposalResponse, "user", ("comment",), "at",
        "proposal__agreement__circle", takes_row=False),
    OwnField("goal", _("What you want from the sessions"), Goal, "user", ("text",), "covenant__opened_at",
        "covenant__circle"),
    OwnField("farewell", _("Your farewell"), Farewell, "user", ("thanks", "takes"), "circle__closed_at", "circle"),
    OwnField("enrolment", _("What you said with your yes to a programme"), Enrolment, "user",
        ("motive", "offers", "together", "apart", "attributes"), "asked_at", "programme", takes_row=False),
    OwnField("quote", _("A sentence you offered"), Quote, "user", ("text",), "offered_at", "programme"),
)  # fmt: skip

# Sealed words that are nobody's own, and why.
NOBODYS: dict[tuple[type[SealedModel], str], str] = {
    (Clause, "text"): "the circle's agreement: everybody's",
    (Proposal, "text"): "a sentence of the agreement, proposed: it stands before the circle",
    (Review, "sentence"): "all who were there agreed on it",
    (ScribeNote, "text"): "written by one for another, and gone after two days",
    (Invitation, "name"): "what those who invite call somebody who is not here",
    (Invitation, "word"): "from somebody who declined and has no account by it",
    (ProgrammeInvitation, "attributes"): "what an organisation said of somebody who is not here",
    (PeopleToInvite, "people"): "as an invitation to a programme, which they become a moment later",
    (PulseAnswer, "helps"): "carries no name, so that nobody can tell whose it is",
    (PulseAnswer, "change"): "carries no name, so that nobody can tell whose it is",
}


@dataclass(frozen=True)
class OwnWords:
    """Something somebody wrote, as the list and the export show it."""

    key: str
    label: str
    code: UUID
    circle: str
    at: datetime | None
    texts: tuple[str, ...]


def words_of(user: User) -> list[OwnWords]:
    """Everything of a person's own that is still there, the latest first: all of it. One query a kind."""
    found = [words for own in OWN for words in _of_kind(own, user)]
    return sorted(found, key=lambda one: (one.at is not None, one.at.timestamp() if one.at else 0.0), reverse=True)


def _of_kind(own: OwnField, user: User) -> Iterator[OwnWords]:
    # With its vault: each text would ask for its key otherwise.
    rows = own.rows(user).select_related("vault", own.circle)
    for row in rows.order_by("-pk"):
        texts = tuple(text for name in own.fields if (text := _text(row, name)))
        if texts:
            yield OwnWords(
                own.key, str(own.label), row.code, str(_follow(row, own.circle)), _follow(row, own.at), texts
            )


def _text(row: Any, name: str) -> str:
    """What stands in a field, as its writer knows it."""
    return ", ".join(row.facts.values()) if name == "attributes" else str(getattr(row, name) or "")


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def own_of(key: str) -> OwnField | None:
    return next((own for own in OWN if own.key == key), None)
