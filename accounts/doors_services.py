"""The only writes about who holds an address: accounts that stand unproved, proof, and undoing what others set up."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.leftover_services import leftovers_note
from accounts.models import AddressChange, SetupToken, StepRemoval, User
from accounts.refusals import HasAccount, Refused
from accounts.services import feed_end, sign_ins_end

# For how long the mailbox that an account was moved away from can take it back.
PUT_BACK_FOR = timedelta(days=7)
# How long a second step stays after somebody who holds the mailbox asked to have it taken off.
STEP_REMOVAL_WAITS = timedelta(days=7)


def user_create_unproved(*, email: str, name: str, time_zone: str, password: str, now: datetime) -> User:
    """Make an account under an address that somebody only typed: it works at once, and stands as not proved.

    HasAccount where there is one, or was made at the same moment, or was until lately and may be put back.
    """
    # An account there now would stand in the way of putting the moved one back.
    may_return = AddressChange.objects.filter(was__iexact=email.strip(), at__gt=now - PUT_BACK_FOR)
    if User.objects.with_email(email) or may_return.exists():
        raise HasAccount
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, name=name, time_zone=time_zone, zone_confirmed=True, unproved_since=now
            )
    except IntegrityError as error:
        raise HasAccount from error
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    return user


def is_anybodys(user: User) -> bool:
    """Whether nobody has proved to hold the mailbox of this account, so that whoever does gets it.

    Accounts that the server's own commands made have no row about their address, and are their makers'.
    """
    if user.unproved_since is not None:
        return True
    rows = list(EmailAddress.objects.filter(user=user).values_list("verified", flat=True))
    return bool(rows) and not any(rows) and not user.is_staff


def address_prove(*, user: User) -> None:
    """Whoever uses the account holds its mailbox too: the address is proved and everything stays as it is."""
    address, _made = EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    if not address.verified:
        address.set_verified(commit=True)
    if user.unproved_since is not None:
        user.unproved_since = None
        User.objects.filter(pk=user.pk).update(unproved_since=None)
    address_works(user=user)


def address_returned(*, user: User) -> None:
    """Mail to the present address came back, since there is no such mailbox: none is sent there from now on."""
    User.objects.filter(pk=user.pk, email=user.email).update(returned_address=user.email)


def address_works(*, user: User) -> None:
    """Their address takes mail after all: they have proved it by a code, or say so themselves."""
    if user.returned_address:
        user.returned_address = ""
        User.objects.filter(pk=user.pk).update(returned_address="")


@transaction.atomic
def first_administrator_make(
    *, token: SetupToken, email: str, name: str, time_zone: str, password: str, now: datetime
) -> User:
    """Use the printed link: makes the first superuser, whose address was only typed and stands as not proved.

    Refused when the link was used or there is a superuser.
    """
    if not SetupToken.use(token.pk, now=now) or User.objects.filter(is_superuser=True).exists():
        raise Refused("This link has been used.")
    user = user_create_unproved(email=email, name=name, time_zone=time_zone, password=password, now=now)
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


@transaction.atomic
def account_claim(*, user: User, now: datetime, hashed: str = "", name: str = "", time_zone: str = "") -> None:
    """The mailbox's owner gets the account, and everything that was set up under it before ends.

    Sessions with their streams, calendar addresses, the password (`hashed` is the new one, else there is none), second
    steps and passkeys, sign-ins through others, ways back to an earlier address, and rights over the site, which came
    through a link that proved nothing.
    """
    sign_ins_end(user=user)
    feed_end(user=user, now=now)
    for model in (Authenticator, SocialAccount, AddressChange, StepRemoval):
        model.objects.filter(user=user).delete()
    user.password = hashed or make_password(None)
    user.name = name or user.name
    user.time_zone = time_zone or user.time_zone
    if user.unproved_since is not None:
        user.is_staff = user.is_superuser = False
    user.save(update_fields=["password", "name", "time_zone", "is_staff", "is_superuser"])
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    address_prove(user=user)


@transaction.atomic
def account_for_mailbox(*, email: str, name: str, time_zone: str, password: str, now: datetime) -> tuple[User, bool]:
    """The account of somebody who has just proved to hold this mailbox, and whether it stood there before.

    One that nobody had proved becomes theirs. HasAccount where its owner has: they sign in instead.
    """
    # Held, so that of two links opened at once the second finds the account with its owner.
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        user = user_create_unproved(email=email, name=name, time_zone=time_zone, password=password, now=now)
        address_prove(user=user)
        return user, False
    if not user.is_active or not is_anybodys(user):
        raise HasAccount
    account_claim(user=user, now=now, hashed=make_password(password), name=name, time_zone=time_zone)
    return user, True


def address_change_note(*, user: User, was: str, now: datetime) -> AddressChange:
    """Remember the address that an account was moved away from, for as long as it can be put back."""
    return AddressChange.objects.create(user=user, was=was, at=now)


@transaction.atomic
def address_put_back(*, change: AddressChange, now: datetime) -> User:
    """The mailbox that the account was moved away from takes it back; whoever moved it is out.

    Sessions, calendar addresses and the password end, and second steps and sign-ins through others that were added
    since the move. Refused when the time is over or another account stands under the address by now.
    """
    kept = AddressChange.objects.select_for_update().filter(pk=change.pk).select_related("user").first()
    if kept is None or now >= kept.at + PUT_BACK_FOR or not kept.user.is_active:
        raise Refused(_("This link no longer works."))
    user = kept.user
    if User.objects.filter(email__iexact=kept.was).exclude(pk=user.pk).exists():
        raise Refused(_("Another account stands under this address by now. Write to whoever runs this site."))
    # What was there before the move is the owner's own, and how they get in again.
    Authenticator.objects.filter(user=user, created_at__gte=kept.at).delete()
    SocialAccount.objects.filter(user=user, date_joined__gte=kept.at).delete()
    StepRemoval.objects.filter(user=user).delete()
    # Later moves were those of whoever is out now: their way back would be one back in.
    AddressChange.objects.filter(user=user, at__gte=kept.at).delete()
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=kept.was, verified=True, primary=True)
    user.email, user.unproved_since = kept.was, None
    user.set_unusable_password()
    user.save(update_fields=["email", "unproved_since", "password"])
    sign_ins_end(user=user)
    feed_end(user=user, now=now)
    return user


def address_changes_prune(*, now: datetime) -> int:
    """An earlier address is nobody's business once it cannot be put back."""
    gone: int = AddressChange.objects.filter(at__lte=now - PUT_BACK_FOR).delete()[0]
    if gone:
        leftovers_note(AddressChange)
    return gone


def step_removal_ask(*, user: User, now: datetime) -> bool:
    """Somebody who holds the mailbox has lost their second step: it goes after some days. False when asked already."""
    _row, made = StepRemoval.objects.get_or_create(
        user=user, defaults={"asked_at": now, "due_at": now + STEP_REMOVAL_WAITS}
    )
    return made


def step_removal_stop(*, user: User) -> bool:
    """Whoever is signed in, and so has the second step, keeps it. False when nothing was to be stopped."""
    return bool(StepRemoval.objects.filter(user=user).delete()[0])


def step_removals_due(*, now: datetime) -> QuerySet[User]:
    """Whose second step is to be taken off by now."""
    return User.objects.filter(step_removal__due_at__lte=now)


@transaction.atomic
def step_removals_carry_out(*, now: datetime, user: User | None = None) -> list[User]:
    """Take off the second steps whose time has come, of all or of one person; whose they were.

    The clock decides, at sign-in too, so that nobody waits for a job.
    """
    due = StepRemoval.objects.select_for_update().filter(due_at__lte=now).select_related("user")
    rows = list(due.filter(user=user) if user else due)
    for row in rows:
        Authenticator.objects.filter(user=row.user).delete()
        sign_ins_end(user=row.user)
    StepRemoval.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [row.user for row in rows]
