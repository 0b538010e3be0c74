"""The only writes to what a circle decides after its promised sessions, and to how it closes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.leftover_services import leftovers_note
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_write
from circles.enums import CircleStatus, Decision, Outcome, Relied
from circles.models import (
    Announcement,
    Circle,
    Covenant,
    CovenantVote,
    Farewell,
    Goal,
    Invitation,
    Membership,
    RemovalRequest,
)
from circles.rules.deciding import milestones, standing
from circles.sealed import Unreadable, sealed_models
from circles.services import audit_write, circle_lock
from circles.vault import Vault
from notifications.services import About, messages_put

DECIDED = "circle_decided"
# So long after a circle has closed everything that was said in it is deleted (docs/decisions.md).
KEPT_AFTER_CLOSING = timedelta(days=90)
VERBS = {Decision.CARRY_ON: "carries_on", Decision.REFORM: "re_forms", Decision.CLOSE: "closes"}


@transaction.atomic
def decision_say(*, covenant: Covenant, user: User, choice: Decision) -> None:
    """What one member would like; said again, the later counts. Refused once it is settled."""
    person_lock(user)
    circle_lock(covenant.circle)
    if not Covenant.objects.filter(pk=covenant.pk, decided_at=None).exists():
        raise Refused(_("The circle has decided already."))
    CovenantVote.objects.update_or_create(covenant=covenant, user=user, defaults={"choice": choice})


@transaction.atomic
def covenant_settle(*, covenant: Covenant, sessions: int, by: User, now: datetime) -> Decision:
    """Write down what more than half of the circle want; a fresh covenant of so many sessions begins unless it closes.

    Refused without such a majority, and when somebody else was first.
    """
    circle_lock(covenant.circle)
    ring = Membership.objects.filter(circle=covenant.circle, left_at=None, takes_part=True)
    said = dict(CovenantVote.objects.filter(covenant=covenant).values_list("user", "choice"))
    wanted = standing(said, list(ring.values_list("user", flat=True))).wanted
    if not wanted:
        raise Refused(_("More than half of you have to want the same. Talk about it, then say it here."))
    settled = Covenant.objects.filter(pk=covenant.pk, decided_at=None).update(decided_at=now, decision=wanted)
    if not settled:
        raise Refused(_("The circle has decided already."))
    decision = Decision(wanted)
    audit_write(circle=covenant.circle, verb=VERBS[decision], by=by, now=now)
    if decision != Decision.CLOSE:
        Covenant.objects.create(circle=covenant.circle, number=covenant.number + 1, sessions=sessions, opened_at=now)
    # Whoever wrote it down has it before their eyes.
    others = Membership.objects.filter(circle=covenant.circle, left_at=None, user__is_active=True).exclude(user=by)
    about = About("circle", covenant.circle.code, covenant.number, covenant.circle.code)
    told = [member.user for member in others.select_related("user")]
    messages_put(kind=DECIDED, about=about, to=told, due_at=now, now=now)
    return decision


def goals_told(*, circle: Circle, number: int, now: datetime) -> None:
    """A session begins, the `number`-th of those promised: where it is a milestone, everybody's line is read out."""
    covenant = Covenant.objects.filter(circle=circle, decided_at=None).first()
    if covenant and number in milestones(covenant.sessions):
        Goal.objects.filter(covenant=covenant).update(told_at=now)


def goals_untold(*, circle: Circle, at: datetime) -> None:
    """The session that began then did not begin after all: nobody's line was read out."""
    Goal.objects.filter(covenant__circle=circle, told_at=at).update(told_at=None)


@transaction.atomic
def farewell_write(*, circle: Circle, user: User, thanks: str, takes: str, now: datetime) -> None:
    """One member's thanks and what they take with them; both empty takes it back."""
    person_lock(user)
    rows = Farewell.objects.filter(circle=circle, user=user)
    if not thanks and not takes:
        rows.delete()
        return
    row = rows.first() or Farewell(circle=circle, user=user, vault=circle.vault)
    if isinstance(row.thanks, Unreadable) or isinstance(row.takes, Unreadable):
        raise Refused(_("Your words cannot be read at the moment, so they cannot be changed."))
    row_write(row, thanks=thanks, takes=takes, written_at=now)


@transaction.atomic
def circle_mark_closed(*, circle: Circle, by: User | None, now: datetime) -> bool:
    """Close a circle for good; its members can read it until what was said is deleted. Whether it was open.

    Invitations that are out stop working, slips that wait let nobody in; what was asked about
    members and what was announced is settled.
    """
    circle_lock(circle)
    closed = Circle.objects.filter(pk=circle.pk).exclude(status=CircleStatus.CLOSED)
    if not closed.update(status=CircleStatus.CLOSED, closed_at=now):
        return False
    # A promise that is still open would go on asking a closed circle what it decides.
    Covenant.objects.filter(circle=circle, decided_at=None).update(decided_at=now, decision=Decision.CLOSE)
    invitations_end(circle=circle, now=now)
    RemovalRequest.objects.filter(membership__circle=circle, settled_at=None).update(settled_at=now)
    changes = Announcement.objects.filter(circle=circle, settled_at=None)
    changes.filter(what=Relied.CLOSING).update(settled_at=now, outcome=Outcome.TAKEN)
    changes.update(settled_at=now, outcome=Outcome.FALLEN)
    audit_write(circle=circle, verb="closed" if by else "ended_empty", by=by, now=now)
    return True


def invitations_end(*, circle: Circle, now: datetime) -> None:
    """Nobody comes in any more: links and slips that are out stop working, slips that wait let nobody in."""
    opened = Invitation.objects.filter(circle=circle, revoked_at=None)
    opened.filter(used_at=None).update(revoked_at=now)
    opened.filter(claimed_by__isnull=False, settled_at=None).update(settled_at=now)


def closed_empty(*, now: datetime) -> int:
    """Delete what was said in circles that closed long enough ago; dates and counts stay. How many circles."""
    due = Circle.objects.filter(closed_at__lte=now - KEPT_AFTER_CLOSING, vault__destroyed_at=None)
    return each("empty closed circles", due.select_related("vault"), lambda one: vault_empty(vault=one.vault, now=now))


@transaction.atomic
def vault_empty(*, vault: Vault, now: datetime) -> None:
    """Destroy a key and blank every text sealed under it: neither can be had back, from no dump made later.

    Their bytes go from the database's files soon after (accounts/leftover_services.py).
    """
    emptied = [
        model
        for model in sealed_models()
        if model.objects.filter(vault=vault).update(**dict.fromkeys(model.sealed_names(), b""))
    ]
    Vault.objects.filter(pk=vault.pk, destroyed_at=None).update(wrapped_key=None, destroyed_at=now)
    # Keys lie apart from texts: once their small table is written anew, no old copy of a text opens.
    leftovers_note(Vault, *emptied)
