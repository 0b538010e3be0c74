"""The only writes to invitations, enrolments and the sentences people offer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.doors_services import address_prove
from accounts.each import each
from accounts.leftover_services import leftovers_note
from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_local
from accounts.services import Hours, availability_add, person_lock, row_write
from circles.sealed import Unreadable
from notifications.models import Message
from notifications.services import (
    About,
    event_part,
    message_rows,
    messages_drop,
    messages_forget,
    messages_put,
    messages_write,
    often_written_to,
)  # fmt: skip
from programmes.enums import EnrolmentStatus
from programmes.lock_services import programme_lock
from programmes.models import (
    AdminInvitation,
    Enrolment,
    LatePlace,
    PeopleToInvite,
    Placement,
    Programme,
    ProgrammeInvitation,
    Quote,
)
from programmes.places_selectors import is_in_circle

# A lot is one transaction: a turn does 2,000 people, and no other write waits for more than a hundred.
INVITED_AT_ONCE, LOTS_AT_ONCE = 100, 20
INVITATION_LIVES = timedelta(days=60)
FORGOTTEN_AFTER = timedelta(days=30)
PRUNED_AT_ONCE = 200
# Somewhere it is tomorrow already; and nobody is told of what was over long before this version came.
DAY, TOLD_WITHIN = timedelta(days=1), timedelta(days=7)
NOBODY = "@nobody.invalid"
INVITED, ENROLLED, PLACE_FREE = "programme_invitation", "programme_enrolled", "programme_place_free"
WITHDRAWN = "programme_withdrawn"
OVER = "programme_over"
OVER_WORDS = _("This programme is over.")
IN = (EnrolmentStatus.ENROLLED, EnrolmentStatus.PLACED)


@dataclass(frozen=True)
class PeopleInvited:
    """What came of a list of people."""

    sent: int
    already_in: tuple[str, ...]
    already_invited: tuple[str, ...]
    often: tuple[str, ...] = ()


@transaction.atomic
def people_invite(
    *, programme: Programme, people: Mapping[str, Mapping[str, str]], by: User, now: datetime
) -> PeopleInvited:
    """Invite each address once, with what is known of the person; whoever is in or invited already is left alone.

    Refused once the programme is over: nobody could come in.
    """
    programme_lock(programme)
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    rows = ProgrammeInvitation.objects.filter(programme=programme, revoked_at=None)
    # Those that have lapsed make room: of one address one invitation stands that was not withdrawn (a constraint).
    rows.filter(used_at=None, expires_at__lte=now).update(revoked_at=now)
    enrolled = set(
        Enrolment.objects.filter(programme=programme)
        .exclude(status=EnrolmentStatus.WITHDRAWN)
        .values_list("user__email", flat=True)
    )
    # Somebody who said yes and withdrew may be asked again: their invitation was used up by that yes.
    rows.filter(used_at__isnull=False).exclude(email__in=enrolled).update(revoked_at=now)
    asked = set(rows.values_list("email", flat=True))
    often = often_written_to(people, now=now)
    fresh = [email for email in people if email not in enrolled | asked | often]
    made = [_invitation(programme, email, people[email], by, now) for email in fresh]
    ProgrammeInvitation.objects.bulk_create(made, batch_size=200)
    mails = [
        message_rows(kind=INVITED, about=About("programme_invitation", one.code), to=[one.email], due_at=now, now=now)
        for one in made
    ]
    messages_write([row for rows in mails for row in rows])
    return PeopleInvited(
        len(made),
        tuple(email for email in people if email in enrolled),
        tuple(email for email in people if email in asked - enrolled),
        tuple(email for email in people if email in often - asked - enrolled),
    )


def people_invite_soon(
    *, programme: Programme, people: Mapping[str, Mapping[str, str]], by: User, now: datetime
) -> int:
    """Keep a large file of people for the job that invites them a moment later, some at a time. How many.

    Two thousand invitations take longer than a page may. Refused once the programme is over.
    """
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    listed = [[email, dict(facts)] for email, facts in people.items()]
    lots = [listed[at : at + INVITED_AT_ONCE] for at in range(0, len(listed), INVITED_AT_ONCE)]
    kept = {"programme": programme, "vault": programme.vault, "invited_by": by, "asked_at": now}
    PeopleToInvite.objects.bulk_create(
        [PeopleToInvite(**kept, people=json.dumps(lot), number=len(lot)) for lot in lots]
    )
    return len(people)


def people_invite_kept(*, now: datetime) -> int:
    """Write the invitations that wait to be written. How many lots of people."""
    rows = PeopleToInvite.objects.select_related("programme__vault", "invited_by").order_by("pk")
    return each("invite people of a file", rows[:LOTS_AT_ONCE], lambda row: _invite_kept(row, now))


@transaction.atomic
def _invite_kept(row: PeopleToInvite, now: datetime) -> None:
    people = row.people
    if isinstance(people, Unreadable):
        return  # until the key is back
    # Whoever deletes the lot invites its people: of two turns at once one finds it gone.
    if not PeopleToInvite.objects.filter(pk=row.pk).delete()[0] or row.programme.is_over(now):
        return
    people_invite(programme=row.programme, people=dict(json.loads(people)), by=row.invited_by, now=now)


def _invitation(
    programme: Programme, email: str, facts: Mapping[str, str], by: User, now: datetime
) -> ProgrammeInvitation:
    made = ProgrammeInvitation(
        programme=programme,
        vault=programme.vault,
        code=uuid4(),
        email=email,
        invited_by=by,
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    made.token_hash = ProgrammeInvitation.hash_of(made.secret)
    made.facts = dict(facts)
    return made


def invitations_prune(*, now: datetime) -> int:
    """Whoever has not answered is forgotten a month after their invitation stopped working: their address, and what a
    file said of them. That somebody was invited stays as a number. How many."""
    over = Q(expires_at__lte=now - FORGOTTEN_AFTER) | Q(revoked_at__lte=now - FORGOTTEN_AFTER)
    rows = ProgrammeInvitation.objects.filter(over, used_at=None).exclude(email__endswith=NOBODY)
    return each("forget who was invited", rows.order_by("pk")[:PRUNED_AT_ONCE], _forget)


def over_tell(*, programme: Programme, now: datetime) -> int:
    """Tell everybody who is in a programme that it is over, once each; what was asked of others ends. How many.

    Those in a circle are told when somebody ended it: by its last day alone nothing changes for them.
    """
    open_ones = ProgrammeInvitation.objects.filter(programme=programme, used_at=None, revoked_at=None)
    for code in open_ones.values_list("code", flat=True):
        messages_drop(about_code=code, kinds=[INVITED])
    open_ones.update(revoked_at=now)
    rows = Enrolment.objects.filter(programme=programme).exclude(status=EnrolmentStatus.WITHDRAWN)
    if programme.ended_at is None:
        rows = rows.exclude(is_in_circle(programme))
    told = list(rows.select_related("user"))
    for one in told:
        messages_put(kind=OVER, about=About("enrolment", one.code), to=[one.user], due_at=now, now=now)
    return len(told)


def over_tell_due(*, now: datetime) -> int:
    """The same for programmes whose last day has passed and that nobody ended. How many programmes."""
    lately = Programme.objects.filter(ended_at=None, ends_on__range=[(now - TOLD_WITHIN).date(), (now + DAY).date()])
    over = [programme for programme in lately if programme.is_over(now)]
    return each("tell that a programme is over", over, lambda one: bool(over_tell(programme=one, now=now)))


def _forget(one: ProgrammeInvitation) -> None:
    messages_forget(about_code=one.code)
    gone = one.revoked_at or one.expires_at
    ProgrammeInvitation.objects.filter(pk=one.pk, used_at=None).update(
        # Not emptied: by its ending `invitations_prune` knows who is forgotten already.
        email=f"{uuid4().hex}{NOBODY}",
        attributes=b"",
        revoked_at=gone,
    )
    leftovers_note(ProgrammeInvitation, Message)


@dataclass(frozen=True)
class EnrolmentDetails:
    """What somebody says with their yes to a programme; `hours` is a first stretch of weekdays, as they name others."""

    motive: str = ""
    offers: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    together: Sequence[str] = ()
    apart: Sequence[str] = ()
    may_facilitate: bool = False
    hours: Hours | None = None


@transaction.atomic
def enrolment_make(
    *,
    programme: Programme,
    user: User,
    yes: EnrolmentDetails,
    now: datetime,
    invitation: ProgrammeInvitation | None = None,
) -> Enrolment:
    """A person's own yes, or a change of what they said with it. Over the number of places they wait in line.

    Refused after the last day to ask, without an invitation where the programme is not open, and once it has ended.
    """
    programme_lock(programme)
    person_lock(user)
    if invitation is not None and invitation.email == user.email.lower():
        address_prove(user=user)  # the secret of a programme's invitation is only ever mailed
    # After the proof above, which whoever came by the mail has given with it.
    if user.unproved_since is not None:
        raise Refused(_("A programme writes to your address. Prove first that it is yours, on your account’s page."))
    found = Enrolment.objects.filter(programme=programme, user=user).first()
    is_new = found is None or found.status == EnrolmentStatus.WITHDRAWN
    if is_new:
        _may_come_in(programme, invitation, now)
    row = found or Enrolment(programme=programme, user=user, vault=programme.vault)
    if is_new:
        # Not for a change of what was said: whoever corrects a word keeps their place in the line.
        row.status, row.asked_at = _place(programme), now
    _say(row, yes)
    ProgrammeInvitation.objects.filter(
        # One that was sent to their address and never opened as well: it would ask them again.
        Q(pk=invitation.pk if invitation else None) | Q(email=user.email.lower()),
        programme=programme,
        used_at=None,
        revoked_at=None,
    ).update(used_at=now)
    if is_new:
        about = About("enrolment", row.code, part=event_part(now))
        messages_put(kind=ENROLLED, about=about, to=[user], due_at=now, now=now)
    if yes.hours:
        availability_add(user=user, **yes.hours)
    return row


def _say(row: Enrolment, yes: EnrolmentDetails) -> None:
    row.motive, row.offers, row.facts = yes.motive, yes.offers, dict(yes.facts)
    row.together, row.apart = "\n".join(yes.together), "\n".join(yes.apart)
    row.may_facilitate = yes.may_facilitate
    if row.pk:
        row.save(update_fields=["status", "asked_at", "may_facilitate", *Enrolment.sealed_names()])
    else:
        row.save(force_insert=True)


def _may_come_in(programme: Programme, invitation: ProgrammeInvitation | None, now: datetime) -> None:
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    if invitation is None and not programme.is_open:
        raise Refused(_("This programme takes people by invitation. Ask for one."))
    until = programme.enrol_until
    if until and to_local(now, programme.time_zone).date() > until:
        raise Refused(_("The last day to ask for a place has passed. Write to those who lead the programme."))


def is_full(programme: Programme) -> bool:
    """Whether whoever asks for a place now waits in line. One query, where places are bounded."""
    if programme.places is None:
        return False
    return Enrolment.objects.filter(programme=programme, status__in=IN).count() >= programme.places


def _place(programme: Programme) -> EnrolmentStatus:
    return EnrolmentStatus.WAITING if is_full(programme) else EnrolmentStatus.ENROLLED


@transaction.atomic
def enrolment_withdraw(*, enrolment: Enrolment, now: datetime) -> None:
    """Take one's yes back: what was said with it is deleted, the first of those who wait gets the place.

    A circle somebody is in already is theirs: they leave it on its own page.
    """
    programme = enrolment.programme
    programme_lock(programme)
    rows = Enrolment.objects.filter(pk=enrolment.pk).exclude(status=EnrolmentStatus.WITHDRAWN)
    blank = dict.fromkeys(Enrolment.sealed_names(), b"")
    if not rows.update(status=EnrolmentStatus.WITHDRAWN, may_facilitate=False, **blank):
        return
    # Off every board that stands open: nobody is invited from one who has said no meanwhile.
    Placement.objects.filter(enrolment=enrolment, round__published_at=None).delete()
    LatePlace.objects.filter(enrolment=enrolment, yes=None).delete()
    messages_drop(about_code=enrolment.code, kinds=[ENROLLED, PLACE_FREE])
    about = About("enrolment", enrolment.code, part=event_part(now))
    messages_put(kind=WITHDRAWN, about=about, to=[enrolment.user], due_at=now, now=now)
    waiting_move_up(programme=programme, now=now)


@transaction.atomic
def waiting_move_up(*, programme: Programme, now: datetime) -> int:
    """Give free places to those who wait, the first who asked first; they are told by mail. How many."""
    programme_lock(programme)
    if programme.is_over(now):
        return 0
    taken = Enrolment.objects.filter(programme=programme, status__in=IN).count()
    waiting = Enrolment.objects.filter(programme=programme, status=EnrolmentStatus.WAITING).order_by("asked_at", "pk")
    free = waiting.count() if programme.places is None else max(0, programme.places - taken)
    # Read before they are changed: afterwards nobody waits any more.
    moved = list(waiting.select_related("user")[:free])
    Enrolment.objects.filter(pk__in=[one.pk for one in moved]).update(status=EnrolmentStatus.ENROLLED)
    for one in moved:
        about = About("enrolment", one.code, part=event_part(now))
        messages_put(kind=PLACE_FREE, about=about, to=[one.user], due_at=now, now=now)
    return len(moved)


@transaction.atomic
def quote_offer(*, programme: Programme, user: User, text: str, with_name: bool, now: datetime) -> None:
    """Offer a sentence for the evaluation, or change it; an empty one is taken back and deleted."""
    person_lock(user)
    if not text:
        Quote.objects.filter(programme=programme, user=user).delete()
        return
    found = Quote.objects.filter(programme=programme, user=user).first()
    row = found or Quote(programme=programme, user=user, vault=programme.vault)
    row_write(row, text=text, with_name=with_name, offered_at=now)


def enrolments_end(*, user: User, email: str, nobody: str, now: datetime) -> None:
    """Somebody is gone: their places go to others, and what was said of them with an invitation goes."""
    rows = Enrolment.objects.filter(user=user).exclude(status=EnrolmentStatus.WITHDRAWN)
    enrolments: Iterable[Enrolment] = rows.select_related("programme").order_by("programme")
    for enrolment in enrolments:
        enrolment_withdraw(enrolment=enrolment, now=now)
    ProgrammeInvitation.objects.filter(email=email).update(email=nobody, attributes=b"", revoked_at=now)
    AdminInvitation.objects.filter(email=email).delete()
