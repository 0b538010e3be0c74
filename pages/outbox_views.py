"""How the outbox is, for those who run the server: counts and times, what the mail server said, and trying again."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, get_connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.mails import FROM_A_PROGRAM
from accounts.models import User
from accounts.requests import person_of
from notifications import selectors, services
from notifications.gate import Gate
from notifications.registry import kind_of, registered
from notifications.rules.smtp_replies import reply_of
from notifications.words import trouble_words
from sessions.replies.selectors import answers_health

View = Callable[[HttpRequest], HttpResponse]


def for_staff(view: View) -> View:
    """Nobody else learns that there is such a page."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not person_of(request).is_staff:
            raise Http404
        return view(request)

    return guarded


@never_cache
@require_GET
@for_staff
def outbox(request: HttpRequest) -> HttpResponse:
    """Counts and times, never words or addresses; whether the mail server is in trouble, and what can be done."""
    now = timezone.now()
    health = selectors.outbox_health(now=now)
    failures = [(kind_of(row["kind"]).label, trouble_words(row["trouble"]), row) for row in health.failures]
    answers = answers_health(now=now) if settings.ANSWER_ADDRESS else None
    context = {
        "health": health,
        "failures": failures,
        "now": now,
        "relay": selectors.relay_trouble(),
        "answers": answers,
        "cut_off": answers is not None and answers.is_cut_off(now),
        "put_off": [(trouble_words(row["trouble"]), row["number"]) for row in health.put_off],
    }
    return render(request, "pages/outbox.html", context)


@require_POST
@for_staff
def outbox_again(request: HttpRequest) -> HttpResponse:
    """Send again what could not be sent: of one kind with one answer, or all of it."""
    kind, trouble = request.POST.get("kind", ""), request.POST.get("trouble", "")
    if kind:
        if kind not in registered():
            raise Http404
        number = services.messages_try_again(kind=kind, trouble=trouble[:40])
    else:
        number = services.messages_try_all_again()
    said = ngettext("%(n)s mail is tried again.", "%(n)s mails are tried again.", number)
    messages.success(request, said % {"n": number})
    return redirect("pages:outbox")


@require_POST
@for_staff
def outbox_test(request: HttpRequest) -> HttpResponse:
    """Send one mail to whoever presses, at once, and say what the mail server answered."""
    user = person_of(request)
    mail = EmailMessage(
        _("A test mail from Talking Piece"),
        _("If you read this, mails leave this site: %s") % settings.SITE_URL,
        to=[user.email],
        headers=FROM_A_PROGRAM,
    )
    connection = mail.connection = get_connection()
    opened = False
    try:
        # Opened by hand, so that an error tells whether the server was reached at all or would not take the mail.
        connection.open()
        opened = True
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        answer = reply_of(error, opened=opened)
        messages.warning(request, _("The test mail did not go: %s.") % trouble_words(str(answer)))
    else:
        # A mail that went proves that the server is well again: those that it holds up need not wait for the next try.
        Gate(now=timezone.now()).good(now=timezone.now())
        messages.success(request, _test_gone(user))
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()
    return redirect("pages:outbox")


def _test_gone(user: User) -> str:
    if settings.EMAIL_HOST:
        return _("The mail server took the test mail to %s.") % user.email
    return _("The test mail was written to %s.") % settings.EMAIL_FILE_PATH
