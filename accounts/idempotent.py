"""A form that creates something is carried out once, however often it is sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.services import form_key_fill, form_key_read, form_key_take

View = Callable[..., HttpResponse]
# A second press comes at once; later than that the form's key signs nobody in.
SECOND_PRESS = timedelta(minutes=1)


def idempotent(view: View) -> View:
    """Wrap a view whose form carries `{% form_key %}`. Without a usable key the view runs as it is."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if key is None:
            return view(request, *args, **kwargs)
        return form_once(
            key=key,
            now=timezone.now(),
            fallback=request.path,
            answer=lambda: view(request, *args, **kwargs),
        )

    return wrapped


class SentBefore(Exception):
    """This very form was sent before, and has let its person in."""


def let_in_once(request: HttpRequest, make: Callable[[], tuple[User, str]], *, now: datetime) -> str:
    """Make the account of a visitor who says yes, sign them in, and tell where they go on.

    Their second press meets `SentBefore`, also where it comes while the first is being carried out.
    """
    key = _key(request)
    if key is None:
        user, to = make()
    else:
        user, to = _made_once(key, make, now)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return to


def _made_once(key: UUID, make: Callable[[], tuple[User, str]], now: datetime) -> tuple[User, str]:
    try:
        with transaction.atomic():
            form_key_take(key=key, now=now)
            user, to = make()
            form_key_fill(key=key, text=f"{to}\n{user.pk}\n{now.timestamp()}\n{user.get_session_auth_hash()}")
            return user, to
    # A key that nobody filled is a fault of something else that is unique: that one is told as it is.
    except IntegrityError as error:
        if form_key_read(key) is None:
            raise
        raise SentBefore from error


def let_in_again(request: HttpRequest, *, now: datetime) -> HttpResponse | None:
    """A visitor's second press on the form that let them in a moment ago: in they are, as by the first. Else nothing.

    The browser may have thrown the first answer away, and with it that they are signed in. Nobody else has the key of
    their form; like every sign-in from before it ends with a new password, and where the mailbox's owner came for the
    account meanwhile.
    """
    key = _key(request)
    to, _end, rest = (form_key_read(key) or "").partition("\n") if key else ("", "", "")
    user_id, _end, rest = rest.partition("\n")
    at, _end, signed = rest.partition("\n")
    if request.user.is_authenticated or not at or now.timestamp() - float(at) > SECOND_PRESS.total_seconds():
        return None
    user = User.objects.filter(pk=int(user_id), is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), signed):
        return None
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect(to)


def _key(request: HttpRequest) -> UUID | None:
    if request.method != "POST":
        return None
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def form_once(*, key: UUID, now: datetime, fallback: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `answer` at most once for this form: a replay gets the first redirect.

    An answer that is no redirect (the form had a mistake) is rolled back with its key, so that the corrected
    form can use the key again. Everything the answer writes is in the same transaction as the key.
    """
    try:
        with transaction.atomic():
            form_key_take(key=key, now=now)
            response = answer()
            if isinstance(response, HttpResponseRedirect):
                form_key_fill(key=key, text=response.url)
            else:
                transaction.set_rollback(True)
            return response
    except IntegrityError:
        first = form_key_read(key)
        if first is None:
            raise
        return HttpResponseRedirect(first or fallback)
