"""What happens, and what the log keeps, when somebody signs in or out or changes how they do."""

import logging
from typing import Any
from uuid import UUID

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from accounts import known
from accounts.doors_services import address_change_note, step_removal_stop
from accounts.invitations import signed_up
from accounts.models import AddressChange, User
from accounts.services import feed_end, sign_ins_end
from accounts.tokens import signed, signed_read

log = logging.getLogger("talking_piece.sign_in")
NEW_PASSWORD = (account.password_changed, account.password_reset, account.password_set)
# For whoever has to find out later what happened: who, by number, and what; never an address, a code or a password.
LOGGED: dict[Signal, str] = {
    auth.user_logged_in: "signed in",
    auth.user_logged_out: "signed out",
    auth.user_login_failed: "was refused",
    account.login_code_rejected: "gave a wrong code",
    account.email_changed: "changed their address",
    mfa.authenticator_added: "added a second step",
    mfa.authenticator_removed: "removed a second step",
    **dict.fromkeys(NEW_PASSWORD, "changed their password"),
}


PUT_BACK_SALT = "talking piece: put an address back"


def put_back_token(change: AddressChange) -> str:
    """What the mail to an earlier address carries: signed, so that the database alone puts nothing back."""
    return signed(PUT_BACK_SALT, str(change.code))


def put_back_read(token: str) -> AddressChange | None:
    """The move that a link undoes; None for one that we did not make, or that is over."""
    code = signed_read(PUT_BACK_SALT, token)
    return AddressChange.objects.filter(code=UUID(code)).select_related("user").first() if code else None


def others_end(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    """A new password ends every other session, with the streams that are open there, and calendar addresses."""
    sign_ins_end(user=user, but=request.session.session_key)
    feed_end(user=user, now=timezone.now())


def moved(sender: Any, user: User, from_email_address: EmailAddress | None, **more: Any) -> None:
    """The mailbox of the address before can put it back, if that was proved."""
    if from_email_address is not None and from_email_address.verified:
        address_change_note(user=user, was=from_email_address.email, now=timezone.now())


def has_second_step(sender: Any, user: User, method: str, **more: Any) -> None:
    """Whoever signs in with a second step has not lost it."""
    if method == "mfa":
        step_removal_stop(user=user)


def door_closes(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    """One account was made for the sake of an invitation: it lets no second one in."""
    signed_up(request)


def known_here(sender: Any, request: HttpRequest | None = None, user: User | None = None, **more: Any) -> None:
    """Whoever is in, or holds the link from the mail, is known in this browser."""
    if request is not None and user is not None:
        known.note(request, user)


def noted(sender: Any, signal: Signal, user: User | None = None, **more: Any) -> None:
    log.info("%s %s", f"person {user.pk}" if user else "somebody", LOGGED[signal])


def connect() -> None:
    for signal in NEW_PASSWORD:
        signal.connect(others_end)
    for signal in (auth.user_logged_in, *NEW_PASSWORD):
        signal.connect(known_here)
    account.email_changed.connect(moved)
    account.user_signed_up.connect(door_closes)
    account.authentication_step_completed.connect(has_second_step)
    for signal in LOGGED:
        signal.connect(noted)
