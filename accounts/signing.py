"""What happens, and what the log keeps, when somebody signs in or out or changes how they do."""

import logging
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest

from accounts import known
from accounts.models import User
from accounts.services import sign_ins_end

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


def others_end(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    """A new password ends every other session, and with it the streams that are open there."""
    sign_ins_end(user=user, but=request.session.session_key)


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
    for signal in LOGGED:
        signal.connect(noted)
