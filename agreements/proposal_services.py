"""The only writes to proposals: made, answered, talked about, and adopted by the rule of the agreement itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock
from agreements.enums import ClauseChange, ProposalStatus, Stance, Theme
from agreements.models import Agreement, AgreementVersion, Proposal, ProposalResponse
from agreements.rules.adopting import USUAL_DAYS, Stances, Verdict, verdict
from agreements.rules.differences import ClauseText
from agreements.selectors import clauses_of, current_version, in_force, lines_of
from agreements.services import version_make
from agreements.stance_services import ring_ids, stance_write, stances_of, were_there_write
from circles.models import Circle
from circles.sealed import Unreadable
from circles.selectors import members_of
from circles.services import audit_write, circle_lock
from notifications.services import About, messages_drop, messages_put

PROPOSED, ADOPTED = "agreement_proposal", "agreement_adopted"
OPEN_AT_MOST = 20
CLAUSES_AT_MOST = 60


@dataclass(frozen=True)
class ProposalDetails:
    """A change as somebody proposes it; `line` names the clause it is about."""

    change: str
    why: str
    theme: str = ""
    text: str = ""
    line: UUID | None = None
    days: int | None = None


@transaction.atomic
def proposal_make(*, circle: Circle, details: ProposalDetails, by: User, now: datetime) -> Proposal:
    """Propose a change; the proposer's own yes is counted with it.

    Refused when it changes nothing, when the clause is gone, or when the same change is open already.
    """
    person_lock(by)
    circle_lock(circle)
    version, clauses = in_force(circle)
    if version is None:
        raise Refused(_("This circle has no agreement yet."))
    agreement = Agreement.objects.get(circle=circle)
    clause = next((one for one in clauses if one.line == details.line), None)
    if details.change in (ClauseChange.REWORD, ClauseChange.DROP) and clause is None:
        raise Refused(_("This clause is no longer in the agreement. Look at the text in force."))
    if details.change == ClauseChange.REWORD and clause and clause.text == details.text:
        raise Refused(_("These are the words that stand there now."))
    if details.change == ClauseChange.RULE and details.days == (version.adopt_days or USUAL_DAYS):
        raise Refused(_("That is the rule as it stands now."))
    if details.change == ClauseChange.ADD and len(clauses) >= CLAUSES_AT_MOST:
        raise Refused(_("The agreement is long already. Drop or change a clause first."))
    _not_twice(agreement, details)
    proposal = Proposal(
        agreement=agreement,
        vault=circle.vault,
        base=version,
        by=by,
        change=details.change,
        line=details.line,
        theme=clause.theme if clause else details.theme,
        days=details.days,
        made_at=now,
    )
    proposal.text, proposal.why = details.text, details.why
    proposal.save(force_insert=True)
    response = ProposalResponse(proposal=proposal, user=by, vault=circle.vault)
    stance_write(response, stance=Stance.YES, comment="", now=now)
    others = [user for user in _members(circle) if user != by]
    messages_put(
        kind=PROPOSED, about=About("proposal", proposal.code, circle=circle.code), to=others, due_at=now, now=now
    )
    _settle(proposal, now)
    return proposal


def _not_twice(agreement: Agreement, details: ProposalDetails) -> None:
    opened = list(Proposal.objects.filter(agreement=agreement, status=ProposalStatus.OPEN))
    if len(opened) >= OPEN_AT_MOST:
        raise Refused(_("There are many open proposals already. Settle some of them first."))
    wanted = (details.change, details.line, details.days, details.text)
    if any((one.change, one.line, one.days, str(one.text)) == wanted for one in opened):
        raise Refused(_("Somebody has proposed exactly this already. Say yes to it instead."))


def _members(circle: Circle) -> list[User]:
    return [member.user for member in members_of(circle) if member.user.is_active]


@transaction.atomic
def proposal_respond(*, proposal: Proposal, user: User, stance: str, comment: str, now: datetime) -> None:
    """Say yes, raise a concern, or only comment; it can be changed until the proposal is settled."""
    person_lock(user)
    circle_lock(proposal.agreement.circle)
    if not Proposal.objects.filter(pk=proposal.pk, status=ProposalStatus.OPEN).exists():
        raise Refused(_("This proposal is settled already."))
    found = ProposalResponse.objects.filter(proposal=proposal, user=user).first()
    row = found or ProposalResponse(proposal=proposal, user=user, vault=proposal.vault)
    stance_write(row, stance=stance, comment=comment, now=now)
    _settle(proposal, now)


@transaction.atomic
def proposal_withdraw(*, proposal: Proposal, now: datetime) -> None:
    """Whoever proposed it takes it back."""
    if not _close(proposal, ProposalStatus.WITHDRAWN, now):
        raise Refused(_("This proposal is settled already."))


def _close(proposal: Proposal, status: str, now: datetime, version: AgreementVersion | None = None) -> bool:
    """Settle an open proposal; False when somebody else has. Nothing more is mailed about it."""
    settled = Proposal.objects.filter(pk=proposal.pk, status=ProposalStatus.OPEN).update(
        status=status, settled_at=now, adopted_as=version
    )
    messages_drop(about_code=proposal.code, kinds=[PROPOSED])
    return bool(settled)


def said_to(proposal: Proposal, *, members: Iterable[int], responses: Sequence[ProposalResponse]) -> Stances:
    """What the rule looks at."""
    days = proposal.base.adopt_days or USUAL_DAYS
    return stances_of(responses, members=members, made_at=proposal.made_at, days=days, talked_at=proposal.talked_at)


def _settle(proposal: Proposal, now: datetime) -> None:
    """Apply the rule to a proposal as it stands now."""
    # Read under the lock and never handed in: somebody else may have answered until then.
    responses = list(ProposalResponse.objects.filter(proposal=proposal))
    said = said_to(proposal, members=ring_ids(proposal.agreement.circle_id), responses=responses)
    found = verdict(said, now=now)
    if found == Verdict.DECLINE:
        _close(proposal, ProposalStatus.DECLINED, now)
    elif found == Verdict.ADOPT:
        _adopt(proposal, now)


def _adopt(proposal: Proposal, now: datetime) -> None:
    """Make the new version, unless the text the proposal was about has changed since: then it is overtaken.

    Compare-and-set on the number of the version: of two proposals adopted at once, the second waits for its next look.
    """
    circle = proposal.agreement.circle
    current = current_version(circle)
    if current is None:
        return
    new = _applied(proposal, current)
    if new is None:
        _close(proposal, ProposalStatus.OVERTAKEN, now)
        return
    lines, days = new
    # A key is missing for the moment. A version made now would seal that as the text; the next look finds it readable.
    if any(isinstance(one.text, Unreadable) for one in lines):
        return
    try:
        with transaction.atomic():
            version = version_make(
                agreement=proposal.agreement, number=current.number + 1, lines=lines, adopt_days=days, now=now
            )
    except IntegrityError:
        return
    _close(proposal, ProposalStatus.ADOPTED, now, version)
    audit_write(circle=circle, verb="agreement_changed", by=None, now=now)
    messages_put(
        # To whoever proposed it as well: they are asked to sign the new text like everybody.
        kind=ADOPTED,
        about=About("agreement", version.code, circle=circle.code),
        to=_members(circle),
        due_at=now,
        now=now,
    )


def _applied(proposal: Proposal, current: AgreementVersion) -> tuple[list[ClauseText], int] | None:
    """The lines and the rule with the change applied to the text in force; None when it no longer fits."""
    lines, days = lines_of(clauses_of(current)), current.adopt_days or USUAL_DAYS
    if proposal.change == ClauseChange.RULE:
        fits = (proposal.base.adopt_days or USUAL_DAYS) == days
        return (lines, proposal.days or USUAL_DAYS) if fits else None
    if proposal.change == ClauseChange.ADD:
        return _added(lines, ClauseText(uuid4(), proposal.theme, proposal.text)), days
    # By line: what was changed elsewhere in the text since then does not stand in the way of this.
    was = {one.line: one for one in lines_of(clauses_of(proposal.base))}
    stands = next((one for one in lines if one.line == proposal.line), None)
    if stands is None or stands != was.get(stands.line):
        return None
    if proposal.change == ClauseChange.DROP:
        return [one for one in lines if one is not stands], days
    return [ClauseText(one.line, one.theme, proposal.text) if one is stands else one for one in lines], days


def _added(lines: list[ClauseText], new: ClauseText) -> list[ClauseText]:
    """The new clause after the last one of its theme, or after those of the themes before it."""
    order = list(Theme.values)
    place = max((at for at, one in enumerate(lines, 1) if order.index(one.theme) <= order.index(new.theme)), default=0)
    return [*lines[:place], new, *lines[place:]]


@transaction.atomic
def proposals_talked_about(*, circle: Circle, present: Iterable[int], began: datetime, now: datetime) -> None:
    """A session was held: open proposals that had a concern when it began were talked about; those present decide."""
    circle_lock(circle)
    there = set(present)
    opened = Proposal.objects.filter(
        agreement__circle=circle, status=ProposalStatus.OPEN, talked_at=None, responses__stance=Stance.CONCERN
    )
    for proposal in opened.distinct().select_related("base", "agreement__circle__vault"):
        said = list(ProposalResponse.objects.filter(proposal=proposal))
        silent = there - {row.user_id for row in said}
        said += [
            ProposalResponse(proposal=proposal, user_id=pk, vault=proposal.vault, comment="", at=now) for pk in silent
        ]
        if not were_there_write(said, present=there, began=began):
            continue
        Proposal.objects.filter(pk=proposal.pk).update(talked_at=now)
        proposal.talked_at = now
        _settle(proposal, now)


def proposals_settle(*, now: datetime) -> int:
    """Look at every open proposal by its rule; in a closed circle nothing changes. How many were looked at."""
    opened = Proposal.objects.filter(status=ProposalStatus.OPEN, agreement__circle__closed_at=None)
    opened = opened.select_related("base", "agreement__circle__vault")

    def look(proposal: Proposal) -> None:
        circle_lock(proposal.agreement.circle)
        if Proposal.objects.filter(pk=proposal.pk, status=ProposalStatus.OPEN).exists():
            _settle(proposal, now)

    return each("settle proposals", opened.order_by("pk").iterator(), look)
