"""The only writes to people and their form keys."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID
from zlib import crc32

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Absence, Availability, FeedToken, FormKey, OneTimeToken, SetupToken, User
from accounts.refusals import HasAccount, Refused
from accounts.rules.form_keys import digest_of, seal, unseal

SETUP_LINK_LIVES = timedelta(days=7)
FORM_KEYS_KEPT = timedelta(days=2)


def row_lock(row: models.Model) -> None:
    """Hold one row until the transaction ends, and bring `row` up to date; whoever holds it is waited for.

    What is to hold afterwards is asked under the lock and never before. Refused where the row has been deleted.
    Locks are taken in this order, so that no two wait for each other: programmes, people, circles, sessions, and then
    what is under them; several of a kind by their key. SQLite, where every transaction that writes is alone, needs
    none, and reads afresh all the same.
    """
    # Rows that point here can be written meanwhile (no_key): only who changes or decides about this one waits.
    held = models.QuerySet(row._meta.model).select_for_update(no_key=True).filter(pk=row.pk).first()
    if held is None:
        raise Refused(_("This is not there any more."))
    for field in row._meta.concrete_fields:
        setattr(row, field.attname, held.__dict__[field.attname])  # as it is stored: sealed texts stay sealed


def row_write(row: models.Model, **said: Any) -> None:
    """Write these fields of a row: they alone where it is there already, all of it where it is new."""
    for name, value in said.items():
        setattr(row, row._meta.get_field(name).name, value)
    new = row._state.adding
    row.save(force_insert=new, update_fields=None if new else list(said))


def person_lock(user: User) -> None:
    """What one person writes is written one after another, whichever device it comes from; see `row_lock`.

    Whoever is erased holds it too: what they were writing at that moment is in before, and deleted, or refused.
    """
    row_lock(user)
    # Asked after the lock: whoever was faster has erased them by now.
    if user.erased_at:
        raise Refused(_("This account has been deleted."))


# The first of two numbers of PostgreSQL's advisory locks says whose it is; the second is one of so many drawers.
ADDRESSES, DRAWERS = 7_424_174, 64


def addresses_lock(emails: Iterable[str]) -> None:
    """Hold what is sent to these addresses until the transaction ends; whoever holds it is waited for.

    For what is counted over circles and programmes, which have no row in common. Taken last of all locks and once a
    transaction, in one order. Two addresses may share a drawer, and then wait for each other in vain.
    """
    if connection.vendor != "postgresql":
        return  # SQLite: whoever writes is alone
    with connection.cursor() as cursor:
        # In one order, so that two who write to the same addresses never wait for each other.
        for drawer in sorted({crc32(email.lower().encode()) % DRAWERS for email in emails}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADDRESSES, drawer])


@transaction.atomic
def user_update_profile(*, user: User, name: str, time_zone: str, country: str = "") -> User:
    """Set what the circle sees of a person, confirm their zone, and say whose public holidays are theirs."""
    person_lock(user)
    user.name, user.time_zone, user.zone_confirmed, user.country = name, time_zone, True, country
    user.save(update_fields=["name", "time_zone", "zone_confirmed", "country"])
    return user


@transaction.atomic
def user_set_day(*, user: User, daily_hour: int, quiet_from: int | None, quiet_to: int | None) -> None:
    """When somebody's daily mail comes, and between which hours of theirs no mail does."""
    person_lock(user)
    User.objects.filter(pk=user.pk).update(daily_hour=daily_hour, quiet_from=quiet_from, quiet_to=quiet_to)


@transaction.atomic
def user_set_calendar(*, user: User, by: str) -> None:
    """How the dates of their circles come into somebody's calendar from the next mail on."""
    person_lock(user)
    User.objects.filter(pk=user.pk).update(calendar_by=by)


def user_create_verified(*, email: str, name: str, time_zone: str, password: str) -> User:
    """Make an account for someone whose address is proved: the demonstration's people, and those of the benches.

    HasAccount where there is one, or was made at the same moment.
    """
    if User.objects.with_email(email):
        raise HasAccount
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, time_zone=time_zone, zone_confirmed=True)
    except IntegrityError as error:
        raise HasAccount from error
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_ins_end(*, user: User, but: str | None = None) -> None:
    """Sign a person out everywhere, save in the session with the key `but`; their open streams end within seconds."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=but)
    # The sessions themselves too: the library's rows only say that there are some.
    Session.objects.filter(session_key__in=list(ended.values_list("session_key", flat=True))).delete()
    ended.delete()


def account_close(*, user: User, now: datetime) -> bool:
    """Nobody signs in with this account any more, nor reads its calendar. False when it was closed already."""
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, left_at=now):
        return False
    sign_ins_end(user=user)
    feed_end(user=user, now=now)
    return True


def account_open(*, user: User) -> bool:
    """Somebody said to have left is there after all: they sign in as before. False when nobody had said so."""
    closed = User.objects.filter(pk=user.pk, erased_at=None, is_active=False)
    return bool(closed.update(is_active=True, left_at=None))


def setup_link_make(*, now: datetime) -> str:
    """A new one-time token for the first administrator; earlier unused ones stop working."""
    SetupToken.objects.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    token = SetupToken.new_token()
    SetupToken.objects.create(token_hash=SetupToken.hash_of(token), expires_at=now + SETUP_LINK_LIVES)
    return token


def form_key_take(*, key: UUID, now: datetime) -> None:
    """Be the first with this form. IntegrityError for whoever is not, as soon as the first has been answered."""
    FormKey.objects.create(digest=digest_of(settings.SECRET_KEY, key), on=now.date())


def form_key_fill(*, key: UUID, text: str) -> None:
    """What whoever sends the form again is told; in the transaction that took the key."""
    sealed = seal(settings.SECRET_KEY, key, text)
    FormKey.objects.filter(digest=digest_of(settings.SECRET_KEY, key)).update(sealed=sealed)


def form_key_read(key: UUID) -> str | None:
    """What the first sending was answered; None where there was none."""
    row = FormKey.objects.filter(digest=digest_of(settings.SECRET_KEY, key)).first()
    return unseal(settings.SECRET_KEY, key, bytes(row.sealed)) if row else None


def form_keys_prune(*, now: datetime) -> int:
    """Forget keys of pages that are two days old, as far as a row tells: it knows days only. Gives their number."""
    return FormKey.objects.filter(on__lt=(now - FORM_KEYS_KEPT).date()).delete()[0]


@transaction.atomic
def feed_renew(*, user: User, now: datetime) -> str:
    """A new secret for the person's calendar address, shown once; the one before stops working at once."""
    person_lock(user)
    feed_end(user=user, now=now)
    secret = OneTimeToken.new_token()
    FeedToken.objects.create(user=user, token_hash=OneTimeToken.hash_of(secret), made_at=now)
    return secret


def feed_end(*, user: User, now: datetime) -> None:
    """No calendar address any more."""
    FeedToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)


ABSENCES_AT_MOST = 40


@transaction.atomic
def absence_add(*, user: User, first_on: date, last_on: date) -> Absence:
    """Days on which somebody is away, both included. Days that touch or overlap become one absence."""
    person_lock(user)
    near = Absence.objects.filter(
        user=user, first_on__lte=last_on + timedelta(days=1), last_on__gte=first_on - timedelta(days=1)
    )
    # All of them and not the nearest: days in between may join two that lay apart.
    for other in list(near):
        first_on, last_on = min(first_on, other.first_on), max(last_on, other.last_on)
    near.delete()
    if Absence.objects.filter(user=user).count() >= ABSENCES_AT_MOST:
        raise Refused(_("That is more leave than fits here. Take away some that is over."))
    return Absence.objects.create(user=user, first_on=first_on, last_on=last_on)


def absence_remove(*, user: User, code: UUID) -> None:
    """They are there after all; repeating it changes nothing."""
    Absence.objects.filter(user=user, code=code).delete()


def absences_prune(*, now: datetime) -> int:
    """Leave that was over a month ago says nothing to anybody any more."""
    return Absence.objects.filter(last_on__lt=now.date() - timedelta(days=31)).delete()[0]


class Hours(TypedDict):
    """What `availability_add` is told, beside whose it is."""

    weekdays: Sequence[int]
    start: int
    end: int
    level: str


@transaction.atomic
def availability_add(*, user: User, weekdays: Sequence[int], start: int, end: int, level: str) -> None:
    """Name a stretch of some weekdays, in minutes of the day; what was named there before gives way to it."""
    person_lock(user)
    for weekday in weekdays:
        for other in Availability.objects.filter(user=user, weekday=weekday, start__lt=end, end__gt=start):
            other.delete()
            # What sticks out before and behind stays as it was: naming an hour takes away no other.
            rests = ((other.start, min(other.end, start)), (max(other.start, end), other.end))
            Availability.objects.bulk_create(
                Availability(user=user, weekday=weekday, start=first, end=last, level=other.level)
                for first, last in rests
                if first < last
            )
        Availability.objects.create(user=user, weekday=weekday, start=start, end=end, level=level)


def availability_remove(*, user: User, code: UUID) -> None:
    """Take one stretch away again; repeating it changes nothing."""
    Availability.objects.filter(user=user, code=code).delete()
