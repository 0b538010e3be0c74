"""Reads about agreements that more than one page needs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.paging import in_pages
from accounts.statements import FixedStatement
from agreements.access import versions_seen
from agreements.enums import ClauseChange, ProposalStatus, Stance, Theme
from agreements.models import (
    Agreement,
    AgreementVersion,
    Clause,
    Proposal,
    ProposalResponse,
    Review,
    Signature,
    Slip,
)
from agreements.rules.differences import ClauseDifference, ClauseText, compare
from circles.models import Circle, Membership

# Earlier ones are reached from version to version.
VERSIONS_SHOWN = 8
SETTLED_SHOWN = 10
# A slip in two of the last three looks recurs; one from last year does not.
REVIEWS_LOOKED_BACK = 3
RECURS = 2
ANSWERS_STAY_OPEN = timedelta(days=3)


def current_version(circle: Circle) -> AgreementVersion | None:
    """The version in force: the one with the highest number."""
    return AgreementVersion.objects.filter(agreement__circle=circle).order_by("-number").first()


def clauses_of(version: AgreementVersion) -> list[Clause]:
    """In the order in which they are read out."""
    return list(Clause.objects.filter(version=version).order_by("position"))


def lines_of(clauses: list[Clause]) -> list[ClauseText]:
    """Clauses as the pure comparison knows them."""
    return [ClauseText(one.line, one.theme, one.text) for one in clauses]


def in_force(circle: Circle) -> tuple[AgreementVersion | None, list[Clause]]:
    """The version in force and its clauses in order, in one query."""
    clauses = _clauses_in_force(circle)
    return (clauses[0].version if clauses else None), clauses


@FixedStatement
def _clauses_in_force(circle: Circle) -> QuerySet[Clause]:
    newest = AgreementVersion.objects.filter(agreement__circle=circle).order_by("-number").values("pk")[:1]
    rows = Clause.objects.filter(version_id=Subquery(newest)).select_related("version__agreement", "vault")
    return rows.order_by("position")


def signatures_in_force() -> QuerySet[Signature]:
    """Signatures of the texts in force, of all circles."""
    # In force is what nothing newer stands above: no column says so that could be forgotten.
    newer = AgreementVersion.objects.filter(
        agreement=OuterRef("version__agreement"), number__gt=OuterRef("version__number")
    )
    return Signature.objects.filter(~Exists(newer))


def has_signed() -> Exists:
    """Whether the `user` of a row has signed the text in force in the row's `circle`, as a column or a condition."""
    return Exists(signatures_in_force().filter(version__agreement__circle=OuterRef("circle"), user=OuterRef("user")))


def signatures_of(version: AgreementVersion) -> dict[int, Signature]:
    """Who signed this exact text, by user id."""
    return {row.user_id: row for row in _signatures(version)}


@FixedStatement
def _signatures(version: AgreementVersion) -> QuerySet[Signature]:
    return Signature.objects.filter(version=version)


def versions_to_sign(user: User) -> QuerySet[AgreementVersion]:
    """The texts in force, of all circles, that the person has not signed."""
    later = AgreementVersion.objects.filter(agreement=OuterRef("agreement"), number__gt=OuterRef("number"))
    signed = Signature.objects.filter(version=OuterRef("pk"), user=user)
    return AgreementVersion.objects.filter(~Exists(later), ~Exists(signed))


def last_signed(circle: Circle, user: User) -> AgreementVersion | None:
    """The latest version the person put their name to."""
    mine = Signature.objects.filter(user=user, version__agreement__circle=circle)
    found = mine.select_related("version").order_by("-version__number").first()
    return found.version if found else None


def agreements_to_sign(user: User) -> QuerySet[AgreementVersion]:
    """Texts in force of the person's open circles that they have not signed; nothing is asked yet."""
    versions = versions_to_sign(user).filter(
        agreement__circle__memberships__user=user,
        agreement__circle__memberships__left_at=None,
        agreement__circle__closed_at=None,
    )
    return versions.select_related("agreement__circle").order_by("pk")


@dataclass(frozen=True)
class Edition:
    """One version as the list of versions shows it: how many signed it, and what led to it."""

    version: AgreementVersion
    signed: int
    came_from: Proposal | None


def versions_of(circle: Circle, *, came: datetime, page: str | None = None) -> Page[Edition]:
    """The versions that whoever `came` then may read, the newest first, by pages. Two queries."""
    found = _versions(page, circle, came)
    led = {proposal.adopted_as_id: proposal for proposal in _led_to([version.pk for version in found])}
    found.object_list = [Edition(version, version.signed, led.get(version.pk)) for version in found]
    return found


@in_pages(VERSIONS_SHOWN)
def _versions(circle: Circle, came: datetime) -> QuerySet[AgreementVersion]:
    rows = versions_seen(AgreementVersion.objects.filter(agreement__circle=circle), came=came)
    signed = Signature.objects.filter(version=OuterRef("pk")).values("version").annotate(n=Count("pk")).values("n")
    return rows.annotate(signed=Coalesce(Subquery(signed), 0)).order_by("-number")


@FixedStatement
def _led_to(versions: list[int]) -> QuerySet[Proposal]:
    return Proposal.objects.filter(adopted_as__in=versions).select_related("vault", "by")


def difference(old: AgreementVersion, new: AgreementVersion) -> list[ClauseDifference]:
    """What changed between two versions, clause by clause."""
    return compare(lines_of(clauses_of(old)), lines_of(clauses_of(new)))


def proposal_difference(proposal: Proposal) -> list[ClauseDifference]:
    """What a proposal would change of the version it is about."""
    was = [one for one in lines_of(clauses_of(proposal.base)) if one.line == proposal.line]
    if proposal.change == ClauseChange.ADD:
        return compare([], [ClauseText(proposal.code, proposal.theme, proposal.text)])
    if proposal.change == ClauseChange.REWORD:
        return compare(was, [ClauseText(one.line, one.theme, proposal.text) for one in was])
    return compare(was, []) if proposal.change == ClauseChange.DROP else []


def proposals_of(circle: Circle, *, since: datetime, page: str | None = None) -> tuple[list[Proposal], Page[Proposal]]:
    """Open proposals, the oldest first, and those settled ones that were made `since`, the latest first, by pages."""
    return _opened(circle), _settled(page, circle, since)


def _of_circle(circle: Circle) -> QuerySet[Proposal]:
    return Proposal.objects.filter(agreement__circle=circle).select_related("vault", "by", "base")


@FixedStatement
def _opened(circle: Circle) -> QuerySet[Proposal]:
    return _of_circle(circle).filter(status=ProposalStatus.OPEN).order_by("made_at", "pk")


@in_pages(SETTLED_SHOWN)
def _settled(circle: Circle, since: datetime) -> QuerySet[Proposal]:
    rows = _of_circle(circle).filter(made_at__gte=since).exclude(status=ProposalStatus.OPEN)
    return rows.order_by("-settled_at", "-pk")


def responses_to(proposal: Proposal) -> list[ProposalResponse]:
    """The oldest first. Answers stand under their writer's name: the circle decides together."""
    rows = ProposalResponse.objects.filter(proposal=proposal).select_related("vault", "user")
    return list(rows.order_by("at", "pk"))


def proposals_to_talk_about(circle: Circle) -> list[Proposal]:
    """Those with an open concern that no session has opened with yet."""
    return _to_talk_about(circle)


@FixedStatement
def _to_talk_about(circle: Circle) -> QuerySet[Proposal]:
    concern = ProposalResponse.objects.filter(proposal=OuterRef("pk"), stance=Stance.CONCERN)
    rows = Proposal.objects.filter(
        Exists(concern), agreement__circle=circle, status=ProposalStatus.OPEN, talked_at=None
    )
    return rows.select_related("vault", "by").order_by("made_at", "pk")


def proposals_to_answer(user: User) -> QuerySet[Proposal]:
    """Open proposals that wait for what a person with a seat says, without their words; nothing is asked yet."""
    told = ProposalResponse.objects.filter(proposal=OuterRef("pk"), user=user)
    seated = Membership.objects.filter(
        circle=OuterRef("agreement__circle"), user=user, left_at=None, takes_part=True, circle__closed_at=None
    )
    rows = Proposal.objects.filter(Exists(seated), ~Exists(told), status=ProposalStatus.OPEN)
    return rows.select_related("agreement__circle", "by").defer("text", "why").order_by("made_at", "pk")


def review_of(session: UUID) -> Review | None:
    """The counts of one session, None until somebody has answered."""
    review: Review | None = Review.objects.filter(session=session).first()
    return review


def review_shown(session: UUID, *, over: bool, fewest: int) -> Review | None:
    """The review of a session once nothing is added any more (`over`, or closed) and enough have answered.

    A sentence of a small circle is shown at once: everybody agreed on it.
    """
    review = review_of(session)
    if review is None:
        return None
    counted = max(review.answered, review.asked) >= fewest
    return review if review.sentence or (counted and (over or review.closed)) else None


def slips_of(review: Review) -> list[Slip]:
    """What some said the circle slipped on, in the order of the themes."""
    order = list(Theme.values)
    return sorted(Slip.objects.filter(review=review, times__gt=0), key=lambda slip: order.index(slip.theme))


def slips_recurring(circle: Circle, *, today: date, fewest: int, since: datetime | None = None) -> list[str]:
    """Themes the circle slipped on in at least two of its last three reviewed sessions, told without names.

    For somebody who came later, of the sessions `since` that day.
    """
    counted = _slipped(circle, today=today, fewest=fewest, since=since and since.date())
    found = {theme for theme, sessions in counted if sessions >= RECURS}
    return [theme for theme in Theme.values if theme in found]


@FixedStatement
def _slipped(circle: Circle, *, today: date, fewest: int, since: date | None) -> QuerySet[Slip, Any]:
    settled = Q(closed=True) | Q(held_on__lte=today - ANSWERS_STAY_OPEN)
    last = Review.objects.filter(settled, circle=circle, answered__gte=fewest).order_by("-held_on", "-pk")
    if since:
        last = last.filter(held_on__gte=since)
    rows = Slip.objects.filter(review__in=last.values("pk")[:REVIEWS_LOOKED_BACK], times__gt=0)
    return rows.order_by().values_list("theme").annotate(sessions=Count("review"))


def last_looked_on(circle: Circle) -> date | None:
    """When the circle last looked at its agreement: reviewed it, changed it, or proposed to. One query."""
    reviewed, adopted, proposed = next(iter(_looks(circle)), (None, None, None))
    days = [reviewed, adopted and adopted.date(), proposed and proposed.date()]
    return max((day for day in days if day), default=None)


@FixedStatement
def _looks(circle: Circle) -> QuerySet[Agreement, tuple[date | None, datetime | None, datetime | None]]:
    # One that was only checked out of has counts of nothing; one of fewer than five has a sentence and no counts.
    said = Q(answered__gt=0) | Q(asked__gt=0) | ~Exists(Slip.objects.filter(review=OuterRef("pk")))
    reviews = Review.objects.filter(said, circle=OuterRef("circle")).order_by("-held_on").values("held_on")[:1]
    versions = AgreementVersion.objects.filter(agreement=OuterRef("pk")).order_by("-number").values("adopted_at")[:1]
    proposals = Proposal.objects.filter(agreement=OuterRef("pk")).order_by("-made_at").values("made_at")[:1]
    rows = Agreement.objects.filter(circle=circle).order_by("pk")
    return rows.values_list(Subquery(reviews), Subquery(versions), Subquery(proposals))[:1]
