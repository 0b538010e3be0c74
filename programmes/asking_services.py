"""The only writes to who administers a programme and who would look after its circles: both by their own yes.

A form that asks somebody answers alike for every address, so that it tells nobody who has an account. Those who wrote
something for a programme's administrators hear of a new one before that person reads it.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.doors_services import address_prove, is_anybodys
from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock
from circles.membership_services import facilitator_appoint, is_looked_after
from notifications.services import (
    About,
    event_part,
    message_rows,
    messages_drop,
    messages_put,
    messages_write,
    often_written_to,
)
from programmes.enums import EnrolmentStatus
from programmes.lock_services import programme_lock
from programmes.models import (
    AdminInvitation,
    DraftCircle,
    Enrolment,
    FacilitatorAsked,
    Programme,
    ProgrammeAdmin,
    Round,
    RoundCircle,
)

ASKED_ADMIN, ADMIN_SAID, LED_TOO = "programme_admin_asked", "programme_admin_said", "programme_led_too"
LED_NO_MORE = "programme_led_no_more"
ASKED_FACILITATOR, FACILITATOR_SAID = "programme_facilitator_asked", "programme_facilitator_said"
ADMIN_QUESTION_LIVES = timedelta(days=14)
# Long enough for everybody to read a mail, and to change or take back what they wrote.
READS_AFTER = timedelta(days=3)


@transaction.atomic
def admin_ask(*, programme: Programme, email: str, by: User, now: datetime) -> None:
    """Ask whoever has an address whether they would administer the programme too.

    Asking again while a question is open changes nothing. Refused for somebody who does, or who had many mails today.
    """
    programme_lock(programme)
    if programme.admins.filter(user__email__iexact=email).exists():
        raise Refused(_("They administer the programme already."))
    if often_written_to([email], now=now):
        raise Refused(_("This address has had many invitations today. Ask again tomorrow."))
    AdminInvitation.objects.filter(programme=programme, email=email, used_at=None, expires_at__lte=now).update(
        revoked_at=now
    )
    made = AdminInvitation(
        code=uuid4(),
        programme=programme,
        email=email,
        invited_by=by,
        created_at=now,
        expires_at=now + ADMIN_QUESTION_LIVES,
    )
    made.token_hash = AdminInvitation.hash_of(made.secret)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    # Asked a moment ago. It is answered like every other, which tells nothing of an address.
    except IntegrityError:
        return
    user = User.objects.with_email(email)
    to = [user if user is not None and user.is_active and not is_anybodys(user) else email]
    messages_put(kind=ASKED_ADMIN, about=About("programme_admin", made.code), to=to, due_at=now, now=now)


def admin_ask_withdraw(*, invitation: AdminInvitation, now: datetime) -> None:
    """The question is no longer put; the person is not told. Refused once they have answered."""
    AdminInvitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=now)
    if AdminInvitation.objects.filter(pk=invitation.pk, used_at__isnull=False).exists():
        raise Refused(_("They have answered meanwhile."))
    messages_drop(about_code=invitation.code, kinds=[ASKED_ADMIN])


@transaction.atomic
def admin_answer(*, invitation: AdminInvitation, user: User, yes: bool, now: datetime) -> None:
    """Somebody's own answer. After a yes they administer: at once where nobody has written anything yet, else when
    everybody could read of it. Refused for an address that is not proved, and once the question is settled."""
    programme_lock(invitation.programme)
    person_lock(user)
    if user.email.lower() != invitation.email:
        raise Refused(_("This is asked of another address. Sign in with that one."))
    address_prove(user=user)  # the secret was only ever mailed, and without it the address was proved before
    if not AdminInvitation.use(invitation.pk, now=now):
        raise Refused(_("This question is no longer open."))
    if yes:
        admin_add(programme=invitation.programme, user=user, now=now, since=_reads_from(invitation.programme, now))
    else:
        # Used up by either answer; that it is withdrawn as well says that it was a no.
        AdminInvitation.objects.filter(pk=invitation.pk).update(revoked_at=now)
    messages_drop(about_code=invitation.code, kinds=[ASKED_ADMIN])
    about = About("programme_admin", invitation.code)
    messages_put(kind=ADMIN_SAID, about=about, to=[invitation.invited_by], due_at=now, now=now)


def _enrolled(programme: Programme) -> list[User]:
    rows = Enrolment.objects.filter(programme=programme, user__is_active=True)
    return [row.user for row in rows.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("user")]


def _reads_from(programme: Programme, now: datetime) -> datetime:
    written = Enrolment.objects.filter(programme=programme).exclude(status=EnrolmentStatus.WITHDRAWN)
    return now + READS_AFTER if written.exists() else now


def admin_add(*, programme: Programme, user: User, now: datetime, since: datetime | None = None) -> None:
    """Let somebody administer the programme too, from now or from `since` on; repeating it changes nothing."""
    ProgrammeAdmin.objects.get_or_create(programme=programme, user=user, defaults={"since": since or now})


@transaction.atomic
def admin_remove(*, programme: Programme, user: User, by: User, now: datetime) -> None:
    """Whoever it is taken from, and the other administrators, are told: it is one person's press.

    Refused for the last one who does by now: a programme is always somebody's.
    """
    programme_lock(programme)
    if not ProgrammeAdmin.objects.filter(programme=programme, since__lte=now).exclude(user=user).exists():
        raise Refused(_("Somebody has to look after the programme. Name another administrator first."))
    if not ProgrammeAdmin.objects.filter(programme=programme, user=user).delete()[0]:
        return
    others = User.objects.filter(programmes_led__programme=programme, is_active=True)
    told = [one for one in [user, *others] if one.pk != by.pk]
    about = About("programme", programme.code, revision=user.pk, part=event_part(now))
    messages_put(kind=LED_NO_MORE, about=about, to=told, due_at=now, now=now)


def admins_tell(*, now: datetime) -> int:
    """Tell a programme's other administrators, and everybody who wrote something for them, of a new one. How many."""
    rows = ProgrammeAdmin.objects.filter(told_at=None).select_related("programme", "user").order_by("pk")
    return each("tell of a new administrator", rows, lambda row: _tell(row, now))


@transaction.atomic
def _tell(row: ProgrammeAdmin, now: datetime) -> None:
    if not ProgrammeAdmin.objects.filter(pk=row.pk, told_at=None).update(told_at=now):
        return
    # Told late, they read as much later: three days after people could read of it.
    ProgrammeAdmin.objects.filter(pk=row.pk, since__gt=now, since__lt=now + READS_AFTER).update(since=now + READS_AFTER)
    others = User.objects.filter(programmes_led__programme=row.programme, is_active=True)
    people = {user.pk: user for user in [*others, *_enrolled(row.programme)] if user.pk != row.user_id}
    about = About("programme", row.programme.code, revision=row.pk)
    messages_write(message_rows(kind=LED_TOO, about=about, to=people.values(), due_at=now, now=now))


@transaction.atomic
def facilitators_ask(*, round_: Round, by: User, now: datetime) -> int:
    """Ask those chosen on a board who were not asked yet; whoever chose themself has said yes. How many are asked."""
    programme_lock(round_.programme)
    chosen = User.objects.filter(pk__in=DraftCircle.objects.filter(round=round_).values("facilitator"), is_active=True)
    asked = FacilitatorAsked.objects.filter(round=round_, circle=None).values("user")
    return sum(_ask(round_, user, by, now) for user in chosen.exclude(pk__in=asked).order_by("pk"))


@transaction.atomic
def facilitator_ask(*, of: RoundCircle, user: User, by: User, now: datetime) -> None:
    """Ask somebody whether they would look after a circle that nobody looks after; whoever asks themself says yes."""
    programme_lock(of.round.programme)
    if of.circle.closed_at or is_looked_after(of.circle):
        raise Refused(_("Somebody looks after this circle. Its members choose who does next."))
    if not _ask(of.round, user, by, now, of=of) and user != by:
        raise Refused(_("They were asked already."))
    if user == by:
        mine = FacilitatorAsked.objects.select_related("circle", "round").get(circle=of.circle, user=user)
        _appoint(mine, now)


def _ask(round_: Round, user: User, by: User, now: datetime, *, of: RoundCircle | None = None) -> bool:
    asked, made = FacilitatorAsked.objects.get_or_create(
        round=round_,
        circle=of.circle if of else None,
        user=user,
        defaults={"asked_by": by, "asked_at": now, "yes": True if user == by else None},
    )
    if not made or user == by:
        return False
    about = About("programme_facilitator", asked.code)
    messages_put(kind=ASKED_FACILITATOR, about=about, to=[user], due_at=now, now=now)
    return True


def boards_leave(*, user: User) -> None:
    """Somebody is gone: they are to look after no circle of a board, and are asked no more."""
    DraftCircle.objects.filter(facilitator=user).update(facilitator=None)
    FacilitatorAsked.objects.filter(user=user).delete()


@transaction.atomic
def facilitator_answer(*, asked: FacilitatorAsked, yes: bool, now: datetime) -> None:
    """Somebody's own answer; it can be changed until the circles are made. A no takes them off the board.

    Refused when the circles are made, or when somebody else looks after the one circle it is about.
    """
    programme_lock(asked.round.programme)
    if asked.circle is not None and asked.yes is not None:
        raise Refused(_("You have answered this already."))
    if asked.circle is None and Round.objects.filter(pk=asked.round_id, published_at__isnull=False).exists():
        raise Refused(_("These circles have been made meanwhile."))
    rows = FacilitatorAsked.objects.filter(pk=asked.pk).exclude(yes=yes, yes__isnull=False)
    if not rows.update(yes=yes):
        return
    if asked.circle is not None and yes:
        _appoint(asked, now)
    if not yes:
        DraftCircle.objects.filter(round=asked.round_id, facilitator=asked.user_id).update(facilitator=None)
    messages_drop(about_code=asked.code, kinds=[ASKED_FACILITATOR])
    about = About("programme_facilitator", asked.code, part=event_part(now))
    messages_put(kind=FACILITATOR_SAID, about=about, to=[asked.asked_by], due_at=now, now=now)


def _appoint(asked: FacilitatorAsked, now: datetime) -> None:
    assert asked.circle
    leads = ProgrammeAdmin.objects.filter(programme=asked.round.programme_id, user=asked.user_id).exists()
    facilitator_appoint(circle=asked.circle, user=asked.user, by=asked.asked_by, administrator=leads, now=now)


def questions_prune(*, now: datetime) -> int:
    """Addresses that were asked and have not answered are forgotten when the question has lapsed. How many."""
    rows = AdminInvitation.objects.filter(expires_at__lte=now)
    return rows.delete()[0]
