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
    Mirror,
    OneChange,
    Proposal,
    ProposalResponse,
    Review,
)
from circles.models import ComingPlan, Farewell, Goal, Invitation
from circles.sealed import SealedModel
from programmes.models import Enrolment, PeopleToInvite, ProgrammeInvitation, PulseAnswer, Quote
from sessions.models import (
    BusyCalendar,
    CheckOut,
    Issue,
    Note,
    ScribeNote,
    Sentence,
    SentenceKey,
    SentenceOffer,
    SheetAnswer,
    ShelfAnswer,
    ShelfItem,
)
from sessions.shelf.sentence_selectors import theirs


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
    OwnField("sheet", _("On a preparation sheet"), SheetAnswer, "owner", ("text",), "written_at",
        "leg__taken__circle"),
    OwnField("note", _("A note of yours"), Note, "author", ("text",), "session__starts_at", "session__circle"),
    OwnField("insight", _("An insight"), CheckOut, "participation__user", ("insight",), "at",
        "participation__session__circle", takes_row=False),
    OwnField("commitment", _("A commitment"), Commitment, "owner", ("text", "plan", "hurdle"), "made_at", "circle"),
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
    OwnField("coming", _("Your plan for coming"), ComingPlan, "user", ("text",), "written_at", "circle"),
    OwnField("farewell", _("Your farewell"), Farewell, "user", ("thanks", "takes"), "circle__closed_at", "circle"),
    OwnField("lending", _("What you said to lending something"), ShelfAnswer, "user", ("comment",), "at",
        "item__circle", takes_row=False),
    OwnField("sentence", _("A sentence you would let out of your circle"), SentenceOffer, "user", ("text",),
        "offered_at", "circle"),
    OwnField("enrolment", _("What you said with your yes to a programme"), Enrolment, "user",
        ("motive", "offers", "together", "apart", "attributes"), "asked_at", "programme", takes_row=False),
    OwnField("quote", _("A sentence you offered"), Quote, "user", ("text",), "offered_at", "programme"),
)  # fmt: skip

# The kind of what is on the shelf.
PUBLISHED = "published"

# Sealed words that are nobody's own, and why.
NOBODYS: dict[tuple[type[SealedModel], str], str] = {
    (BusyCalendar, "address"): "an address and no words, shown to nobody: its owner takes it away at their times",
    (BusyCalendar, "busy"): "hours and no words, for a day; they go with the address",
    (Clause, "text"): "the circle's agreement: everybody's",
    (Proposal, "text"): "a sentence of the agreement, proposed: it stands before the circle",
    (Review, "sentence"): "all who were there agreed on it",
    (Mirror, "sums"): "counts for all together, which tell nobody's answer; gone when it is closed",
    (OneChange, "text"): "the circle agreed on it: everybody's",
    (ShelfItem, "text"): "a clause of the agreement, as the circle lends it: everybody's",
    (ShelfItem, "helped"): "stands before the circle, which lends it: everybody's",
    (Sentence, "text"): "carries no name; its writer finds it by a secret of theirs (`published_of`)",
    (SentenceKey, "secret"): "nobody wrote it: by it somebody finds what they may take away",
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
    found = [words for own in OWN for words in _of_kind(own, user)] + published_of(user)
    return sorted(found, key=lambda one: (one.at is not None, one.at.timestamp() if one.at else 0.0), reverse=True)


def published_of(user: User) -> list[OwnWords]:
    """Their sentences on the shelf, which nothing stored tells to be theirs: found by their secret. No day is known."""
    mine = [one.sentence for one in theirs(user) if one.is_mine]
    label, where = str(_("A sentence of yours, without your name")), str(_("The shelf"))
    return [OwnWords(PUBLISHED, label, one.key, where, None, (str(one.text),)) for one in mine]


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
