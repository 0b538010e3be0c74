"""Where the library says that a mailbox was proved, and what becomes of the account that stands under its address."""

from typing import Any, cast

from allauth.account import signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.utils import timezone

from accounts.doors_services import address_prove, is_anybodys
from accounts.library_forms import SIGNING_UP
from accounts.models import StepRemoval, User
from circles.doors_services import mailbox_claim
from pages.doors_services import second_steps_take_off


def _is_theirs(request: HttpRequest, user: User) -> bool:
    """Whether this browser is signed in as the account, or has just given its password."""
    if request.user.is_authenticated:
        return request.user.pk == user.pk
    return any(record["method"] == "password" for record in get_authentication_records(request, user))


def code_was_typed(sender: Any, request: HttpRequest, email_address: EmailAddress, **more: Any) -> None:
    """Somebody holds the mailbox. Who uses the account keeps all of it; anybody else gets it without the other's."""
    user = cast(User, email_address.user)
    typed = request.session.pop(SIGNING_UP, None) or {}
    here = typed.get("user") == user.pk
    if _is_theirs(request, user) or (here and "hashed" not in typed):
        address_prove(user=user)
        return
    own = {name: typed[name] for name in ("hashed", "name", "time_zone")} if here else {}
    mailbox_claim(user=user, now=timezone.now(), **own)


def password_was_reset(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    """The link came by mail: it proves the mailbox, also of an account that nobody had proved."""
    if not is_anybodys(user):
        return
    if request.user.is_authenticated and request.user.pk == user.pk:
        address_prove(user=user)
    else:
        mailbox_claim(user=user, now=timezone.now(), hashed=user.password)


def second_step_due(user: User) -> None:
    """Take somebody's second step off now if its time has come; one small query where nothing waits."""
    now = timezone.now()
    if StepRemoval.objects.filter(user=user.pk, due_at__lte=now).exists():
        second_steps_take_off(now=now, user=user)


def connect() -> None:
    signals.email_confirmed.connect(code_was_typed)
    signals.password_reset.connect(password_was_reset)
