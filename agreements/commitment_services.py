"""The only writes to commitments, what is written under them, and the appointments about them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.each import each, together
from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from accounts.services import person_lock, row_lock
from agreements.appointment_services import (
    UNDO_WITHIN,
    appointment_back,
    appointments_off,
    called_off,
    open_appointment,
)
from agreements.enums import Audience, CommitmentStatus, EntryKind
from agreements.kinds import (
    ABOUT_APPOINTMENT,
    ABOUT_PARTNER,
    APPOINTMENT_OFF,
    APPOINTMENT_SET,
    COMMITMENT_DUE,
    NUDGE,
    PARTNER_ASKED,
    PARTNER_GONE,
    PARTNER_NO,
    PLAN_CUE,
    REMINDERS_OF_IT,
)
from agreements.models import Commitment, CommitmentEntry, CommitmentStep, Nudge
from agreements.rules.plans import PlanLine, reminds_on_the_date
from circles.models import Circle, Membership
from circles.sealed import Unreadable
from circles.selectors import belongs
from notifications.models import Message
from notifications.services import (
    PLANNED_AHEAD,
    About,
    message_rows,
    messages_carry,
    messages_drop,
    messages_put,
    messages_return,
    messages_wait,
    messages_write,
)

REMIND_AT = 9  # o'clock, in the owner's zone

NO_CUE = {"cue_on": None, "cue_at": None, "cue_zone": ""}
CUE = tuple(NO_CUE)

STEPS_AT_MOST, ENTRIES_AT_MOST = 20, 100


@dataclass(frozen=True)
class CommitmentDetails:
    """What somebody will do, by when, who asks, who may see it, days before to remind (None: never), a plan."""

    text: str
    due_on: date
    partner: User | None = None
    audience: str = Audience.CIRCLE
    remind_days: int | None = 1
    # None where it was not asked about: then what stands stays.
    plan: PlanLine | None = None


@transaction.atomic
def commitment_make(*, circle: Circle, owner: User, details: CommitmentDetails, now: datetime) -> Commitment:
    """A new commitment; the partner is asked, and its reminder is planned when its day comes near."""
    person_lock(owner)
    _may_be_partner(circle, details)
    commitment = Commitment(
        circle=circle,
        vault=circle.vault,
        owner=owner,
        partner=details.partner,
        audience=details.audience,
        due_on=details.due_on,
        remind_days=details.remind_days,
        made_at=now,
    )
    commitment.text = details.text
    _plan_take(commitment, details.plan or PlanLine())
    commitment.save(force_insert=True)
    _ask_partner(commitment, now)
    reminder_plan(commitment=commitment, now=now)
    return commitment


def _plan_take(commitment: Commitment, plan: PlanLine) -> None:
    commitment.plan, commitment.hurdle = plan.line, plan.hurdle
    commitment.cue_set(plan.cue)


def _may_be_partner(circle: Circle, details: CommitmentDetails) -> None:
    if details.partner and not belongs(circle, details.partner):
        raise Refused(_("Choose someone who is in the circle."))
    if details.partner and details.audience == Audience.ME:
        raise Refused(_("Whoever asks how it went has to be able to see it."))


def _ask_partner(commitment: Commitment, now: datetime) -> None:
    if commitment.partner:
        about = _about(commitment)
        messages_put(kind=PARTNER_ASKED, about=about, to=[commitment.partner], due_at=now, now=now)


@transaction.atomic
def commitment_change(*, commitment: Commitment, details: CommitmentDetails, now: datetime) -> None:
    """Change anything about one's commitment: the earlier wording stays readable, a new partner is asked afresh."""
    person_lock(commitment.owner)
    row_lock(commitment)
    _may_be_partner(commitment.circle, details)
    if isinstance(commitment.text, Unreadable):
        raise Refused(_("This commitment cannot be read at the moment, so it cannot be changed."))
    if commitment.text != details.text:
        _write(commitment, EntryKind.REWORDED, commitment.text, now)
        commitment.text = details.text
        commitment.save(update_fields=["text"])
    if details.plan:
        _plan_take(commitment, details.plan)
        commitment.save(update_fields=["plan", "hurdle", *CUE])
    other = commitment.partner_id != (details.partner.pk if details.partner else None)
    if other:
        commitment.partner_yes_at = None
        appointments_off(commitment, now)
    commitment.partner, commitment.audience = details.partner, details.audience
    commitment.due_on, commitment.remind_days = details.due_on, details.remind_days
    # What waits in the outbox is about a revision: of an earlier one it says nothing any more, or is carried on.
    commitment.revision += 1
    commitment.save(update_fields=["partner", "partner_yes_at", "audience", "due_on", "remind_days", "revision"])
    if other:
        messages_drop(about_code=commitment.code, kinds=ABOUT_PARTNER)
    mails_follow(commitment)
    if other:
        _ask_partner(commitment, now)
    reminder_plan(commitment=commitment, now=now)


def mails_follow(commitment: Commitment) -> None:
    """What waits about it says how it is now; its reminder is planned afresh, for the date may be another."""
    messages_drop(about_code=commitment.code, kinds=REMINDERS_OF_IT)
    messages_carry(about=_about(commitment), kinds=[*ABOUT_PARTNER, NUDGE])


@transaction.atomic
def commitment_settle(*, commitment: Commitment, status: CommitmentStatus, now: datetime, why: str = "") -> None:
    """Mark kept, kept in part or let go, or open it again; what waited to remind of it is dropped.

    A talk about it is called off, which both hear of ten minutes later; opening it again gives the talk back. A reason
    for letting go is kept if one is given; nobody asks for it. The same again changes nothing.
    """
    person_lock(commitment.owner)
    row_lock(commitment)
    before = commitment.settled_at
    settled = None if status == CommitmentStatus.OPEN else now
    other = Commitment.objects.filter(pk=commitment.pk).exclude(status=status)
    if not other.update(status=status, settled_at=settled, revision=F("revision") + 1):
        return
    messages_drop(about_code=commitment.code, kinds=[*REMINDERS_OF_IT, *ABOUT_PARTNER])
    commitment.refresh_from_db()
    if settled is None:
        messages_return(about=_about(commitment), kinds=ABOUT_PARTNER)
        reminder_plan(commitment=commitment, now=now)
        talk = called_off(commitment, now=now)
        # Called off by settling it and not before that by one of the two: only such a talk comes back by itself.
        if talk and talk.changed_at == before:
            appointment_back(commitment, now)
        return
    appointments_off(commitment, now, told_at=now + UNDO_WITHIN)
    if why:
        _write(commitment, EntryKind.LET_GO, why, now)


@transaction.atomic
def commitment_move(*, commitment: Commitment, due_on: date, now: datetime) -> None:
    """Give a commitment another date; it reminds afresh. A cue that would come after it goes, its words stay."""
    row_lock(commitment)
    late = NO_CUE if commitment.cue and commitment.cue.on > due_on else {}
    Commitment.objects.filter(pk=commitment.pk).update(due_on=due_on, revision=F("revision") + 1, **late)
    commitment.refresh_from_db()
    mails_follow(commitment)
    reminder_plan(commitment=commitment, now=now)


@transaction.atomic
def commitment_delete(*, commitment: Commitment, now: datetime) -> None:
    """Take back one's own words altogether, with everything under them.

    Refused while a talk about it stands in somebody else's calendar: what is deleted can tell nobody that it is off.
    """
    row_lock(commitment)
    talk = open_appointment(commitment)
    if talk and talk.starts_at > now and not messages_wait(about_code=talk.code, kinds=[APPOINTMENT_SET]):
        raise Refused(
            _("You have a talk with %s about it. Call it off first, so that both of your calendars know.")
            % talk.partner.first
        )
    off = called_off(commitment, now=now)
    if off and messages_wait(about_code=off.code, kinds=[APPOINTMENT_OFF]):
        raise Refused(_("%s is still to hear that your talk is off. Delete it in ten minutes.") % off.partner.first)
    codes = [commitment.code, *commitment.appointments.values_list("code", flat=True)]
    for code in codes:
        messages_drop(about_code=code, kinds=[*REMINDERS_OF_IT, NUDGE, *ABOUT_PARTNER, *ABOUT_APPOINTMENT])
    commitment.delete()


def _write(commitment: Commitment, kind: str, text: str, now: datetime) -> None:
    # Of every kind: a page opens all of them, also that of whoever asks how it goes.
    if CommitmentEntry.objects.filter(commitment=commitment).count() >= ENTRIES_AT_MOST:
        raise Refused(
            _("There are many notes here already. Settle this one without a word, and make a new one of what is left.")
        )
    entry = CommitmentEntry(commitment=commitment, vault=commitment.vault, kind=kind, at=now)
    entry.text = text
    entry.save(force_insert=True)


@transaction.atomic
def progress_note(*, commitment: Commitment, text: str, now: datetime) -> None:
    """How it goes, in the owner's words."""
    person_lock(commitment.owner)
    row_lock(commitment)
    _write(commitment, EntryKind.PROGRESS, text, now)


@transaction.atomic
def step_add(*, commitment: Commitment, text: str) -> None:
    """A small step under a commitment."""
    person_lock(commitment.owner)
    row_lock(commitment)
    if CommitmentStep.objects.filter(commitment=commitment).count() >= STEPS_AT_MOST:
        raise Refused(_("Twenty steps are enough for one commitment."))
    step = CommitmentStep(commitment=commitment, vault=commitment.vault)
    step.text = text
    step.save(force_insert=True)


def step_mark(*, step: CommitmentStep, done: bool) -> None:
    """One's own small step, done or not after all. Nobody is told: steps are for their owner."""
    CommitmentStep.objects.filter(pk=step.pk).update(done=done)


def step_drop(*, step: CommitmentStep) -> None:
    """Take a small step away for good; how many others are done stays as it is."""
    CommitmentStep.objects.filter(pk=step.pk).delete()


@transaction.atomic
def partner_answer(*, commitment: Commitment, yes: bool, now: datetime) -> None:
    """The partner says yes; or that they cannot this time, and the owner is asked to choose another.

    Refused once it is settled, or its owner asks somebody else by now.
    """
    asked = commitment.partner_id
    row_lock(commitment)
    if commitment.status != CommitmentStatus.OPEN:
        raise Refused(_("This commitment is settled already."))
    # Asked of one person: the answer counts while they still are whom its owner asks.
    if commitment.partner_id != asked:
        raise Refused(_("It was changed meanwhile. Look at it again."))
    if yes:
        Commitment.objects.filter(pk=commitment.pk, partner_yes_at=None).update(partner_yes_at=now)
        return
    _without_partner(commitment, PARTNER_NO, now)


def _about(commitment: Commitment) -> About:
    return About("commitment", commitment.code, commitment.revision, commitment.circle.code)


def _without_partner(commitment: Commitment, kind: str, now: datetime) -> None:
    """Nobody asks any more. Its owner hears of it, and that a talk is off with it, in one mail."""
    appointments_off(commitment, now, telling=[commitment.partner])
    Commitment.objects.filter(pk=commitment.pk).update(partner=None, partner_yes_at=None, revision=F("revision") + 1)
    messages_drop(about_code=commitment.code, kinds=[PARTNER_ASKED])
    commitment.refresh_from_db()
    about = _about(commitment)
    messages_put(kind=kind, about=about, to=[commitment.owner], due_at=now, now=now)
    reminder_plan(commitment=commitment, now=now)


def partners_gone(*, now: datetime) -> int:
    """Where a partner has left the circle, the commitment stays and its owner is asked to choose another. How many."""
    member = Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("partner"), left_at=None)
    rows = Commitment.objects.filter(~Exists(member), partner__isnull=False, status=CommitmentStatus.OPEN)
    lost = rows.select_related("owner", "circle")

    def free(commitment: Commitment) -> bool:
        gone = commitment.partner_id
        row_lock(commitment)
        # Between the query and the lock its owner may have chosen somebody else, or settled it.
        if commitment.partner_id != gone or commitment.status != CommitmentStatus.OPEN:
            return False
        _without_partner(commitment, PARTNER_GONE, now)
        return True

    return each("partners who left", lost, free)


def owners_gone(*, now: datetime) -> int:
    """Where an owner has left the circle, nobody there asks any more: appointments are off, the partner is free."""
    member = Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("owner"), left_at=None)
    rows = Commitment.objects.filter(~Exists(member), partner__isnull=False)

    def free(commitment: Commitment) -> None:
        row_lock(commitment)
        appointments_off(commitment, now)
        Commitment.objects.filter(pk=commitment.pk).update(
            partner=None, partner_yes_at=None, revision=F("revision") + 1
        )

    return each("owners who left", rows.select_related("owner", "partner", "circle"), free)


@transaction.atomic
def nudge_send(*, commitment: Commitment, by: User, now: datetime) -> None:
    """The partner's one kind sentence. Refused a second time, and when nothing is open."""
    row_lock(commitment)
    if commitment.status != CommitmentStatus.OPEN:
        raise Refused(_("This commitment is settled already."))
    try:
        with transaction.atomic():
            Nudge.objects.create(commitment=commitment, by=by, at=now)
    except IntegrityError as error:
        raise Refused(_("You have sent a kind word about this one already.")) from error
    about = _about(commitment)
    messages_put(kind=NUDGE, about=about, to=[commitment.owner], due_at=now, now=now)


def reminder_due_at(commitment: Commitment, days: int) -> datetime:
    """Nine in the morning so many days before, where the owner is; quiet hours are held when it is sent."""
    local = datetime.combine(commitment.due_on - timedelta(days=days), time(REMIND_AT))
    return to_instant(local, commitment.owner.time_zone)


def reminder_plan(*, commitment: Commitment, now: datetime) -> None:
    """Write its reminders once they come within eight days; a time that has passed is not made up for."""
    messages_write(_reminders(commitment, now))


def _reminders(commitment: Commitment, now: datetime) -> list[Message]:
    """At the cue of its plan where that is a time, and so many days before its date where that is later."""
    days, cue = commitment.remind_days, commitment.cue
    if days is None:
        return []
    times = [(PLAN_CUE, cue.instant)] if cue else []
    if reminds_on_the_date(commitment.due_on, days, commitment.cue_on):
        times.append((COMMITMENT_DUE, reminder_due_at(commitment, days)))
    about, to = _about(commitment), [commitment.owner]
    return [
        row
        for kind, due_at in times
        if now < due_at <= now + PLANNED_AHEAD
        for row in message_rows(kind=kind, about=about, to=to, due_at=due_at, now=now)
    ]


def reminders_plan(*, now: datetime) -> int:
    """Plan the reminders of every open commitment whose day comes near, in two queries. How many were looked at."""
    # A day more at both ends: dates are those of people's zones.
    near = (now.date() - timedelta(days=1), now.date() + 2 * PLANNED_AHEAD)
    rows = Commitment.objects.filter(
        Q(due_on__range=near) | Q(cue_on__range=near),
        status=CommitmentStatus.OPEN,
        remind_days__isnull=False,
        owner__is_active=True,
    ).select_related("owner", "circle")

    def write(some: list[Commitment]) -> None:
        messages_write([row for commitment in some for row in _reminders(commitment, now)])

    return together("reminders of commitments", rows, write)
