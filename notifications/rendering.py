"""A message as a mail: text with an HTML twin, in the person's language, every link from SITE_URL."""

from email.mime.text import MIMEText
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mails import FROM_A_PROGRAM
from notifications.calendars import CalendarPart
from notifications.models import Message
from notifications.registry import DAILY, Context, Kind
from notifications.services import unsubscribe_token


def message_id(message: Message) -> str:
    """The same for every copy of a message, so that mail programs show one."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<{sha256(message.key.encode()).hexdigest()[:40]}@{host}>"


def base_of(message: Message, context: Context) -> Context:
    """What every mail, and every line that stands for one, is made with: who reads it, and in which zone.

    A zone that nobody confirmed is nobody's: then hours are those of the circle, and named so.
    """
    of = (context.get(name) for name in ("session", "circle", "programme"))
    zones = (getattr(one, "zone", "") or getattr(one, "time_zone", "") for one in of if one)
    there = next(zones, "UTC")
    zone = message.user.zone_or(there) if message.user else there
    return {"site_url": settings.SITE_URL, "person": message.user, "zone": zone}


def render(message: Message, kind: Kind, context: Context) -> EmailMultiAlternatives:
    base = base_of(message, context)
    # Mails are made by tasks: no request has said which language is meant.
    with translation.override(message.user.language if message.user else settings.LANGUAGE_CODE):
        headers = {"Message-ID": message_id(message), **FROM_A_PROGRAM}
        stop = _stop(message, kind)
        if stop:
            headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        base["stop"] = stop
        text = str(render_to_string(f"{kind.templates}_body.txt", base | context))
        if stop:
            text = f"{text.rstrip()}\n\n{_('Hear less of this:')} {stop}\n"
        html = render_to_string(f"{kind.templates}_body.html", base | context)
        mail = EmailMultiAlternatives(kind.subject(base | context), text, to=[message.to], headers=headers)
    mail.attach_alternative(html, "text/html")
    for name in ("calendar", "calendar_more"):
        if part := context.get(name):
            mail.attach(_calendar(part))
    invitation = context["invitation"]() if "invitation" in context else None
    if invitation:
        _invite(mail, invitation)
    return mail


def _invite(mail: EmailMultiAlternatives, part: CalendarPart) -> None:
    """An invitation is read where it is another way to say the mail, and taken from where it is attached.

    Some programs answer to whom a mail says that answers go, and not to whom the invitation says.
    """
    mail.attach_alternative(part.content.decode(), f"text/calendar; method={part.method}")
    mail.attach(_calendar(part))
    mail.reply_to = [part.answers_to]


def _stop(message: Message, kind: Kind) -> str:
    """Where this kind is ended; empty where it cannot be."""
    if message.user is None or not (kind.may_choose or kind.key == DAILY):
        return ""
    token = unsubscribe_token(message.user, kind.key, message.circle_code)
    return settings.SITE_URL + reverse("pages:unsubscribe", args=[token])


def _calendar(part: CalendarPart) -> MIMEText:
    """An attachment that says in its type what is to be done with it; `charset` once."""
    made = MIMEText(part.content.decode(), "calendar", "utf-8")
    made.set_param("method", part.method)
    made.add_header("Content-Disposition", "attachment", filename="calendar.ics")
    return made
