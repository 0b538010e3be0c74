"""The only writes to people and their form keys."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect

from accounts.models import FeedToken, FormKey, OneTimeToken, SetupToken, User

SETUP_LINK_LIVES = timedelta(days=7)
FORM_KEYS_KEPT = timedelta(days=2)


class Refused(Exception):
    """Something a person asked for cannot be done now; the message says why, in words for that person."""


def user_update_profile(
    *, user: User, name: str, time_zone: str, quiet_from: int | None = None, quiet_to: int | None = None
) -> User:
    """Set what the circle sees of a person, confirm their zone, and when they want no reminders."""
    user.name, user.time_zone, user.zone_confirmed = name, time_zone, True
    user.quiet_from, user.quiet_to = quiet_from, quiet_to
    user.save(update_fields=["name", "time_zone", "zone_confirmed", "quiet_from", "quiet_to"])
    return user


def user_create_verified(*, email: str, name: str, time_zone: str, password: str) -> User:
    """Make an account for someone whose address is already proved, such as by an invitation sent to it."""
    user = User.objects.create_user(email, password, name=name, time_zone=time_zone, zone_confirmed=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def email_verified(*, user: User) -> None:
    """Mark the person's own address as proved; repeating it changes nothing."""
    address, _made = EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    if not address.verified:
        address.set_verified(commit=True)


def setup_link_make(*, now: datetime) -> str:
    """A new one-time token for the first administrator; earlier unused ones stop working."""
    SetupToken.objects.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    token = SetupToken.new_token()
    SetupToken.objects.create(token_hash=SetupToken.hash_of(token), expires_at=now + SETUP_LINK_LIVES)
    return token


@transaction.atomic
def first_administrator_make(
    *, token: SetupToken, email: str, name: str, time_zone: str, password: str, now: datetime
) -> User:
    """Use the printed link: makes the first superuser, verified. Refused when it was used or one exists."""
    if not SetupToken.use(token.pk, now=now) or User.objects.filter(is_superuser=True).exists():
        raise Refused("This link has been used.")
    user = user_create_verified(email=email, name=name, time_zone=time_zone, password=password)
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


def form_once(
    *, user: User, key: UUID, now: datetime, fallback: str, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    """Run `answer` at most once for this form: a replay gets the first redirect.

    An answer that is no redirect (the form had a mistake) is rolled back with its key, so that the corrected
    form can use the key again. Everything the answer writes is in the same transaction as the key.
    """
    try:
        with transaction.atomic():
            row = FormKey.objects.create(user=user, key=key, at=now)
            response = answer()
            if isinstance(response, HttpResponseRedirect):
                row.redirect = response.url[:500]
                row.save(update_fields=["redirect"])
            else:
                transaction.set_rollback(True)
            return response
    except IntegrityError:
        first = FormKey.objects.filter(user=user, key=key).first()
        if first is None:
            raise
        return HttpResponseRedirect(first.redirect or fallback)


def form_keys_prune(*, now: datetime) -> int:
    return FormKey.objects.filter(at__lt=now - FORM_KEYS_KEPT).delete()[0]


@transaction.atomic
def feed_renew(*, user: User, now: datetime) -> str:
    """A new secret for the person's calendar address, shown once; the one before stops working at once."""
    feed_end(user=user, now=now)
    secret = OneTimeToken.new_token()
    FeedToken.objects.create(user=user, token_hash=OneTimeToken.hash_of(secret), made_at=now)
    return secret


def feed_end(*, user: User, now: datetime) -> None:
    """No calendar address any more."""
    FeedToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
