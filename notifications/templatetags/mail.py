"""What pages say of mail that cannot reach somebody. Loaded for every template."""

from datetime import datetime

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from notifications.selectors import refused_lately
from notifications.words import trouble_words

register = template.Library()


@register.filter
def mail_trouble(trouble: str) -> str:
    """What a mail server answered, in words."""
    return trouble_words(trouble)


@register.simple_tag
def mail_refused_on(user: User) -> datetime | None:
    """When the last mail to somebody was refused at their address, if it was."""
    return refused_lately(user)


@register.simple_tag
def mail_goes_to_files() -> str:
    """Where mail is written when there is no mail server, or empty."""
    return "" if settings.EMAIL_HOST else str(settings.EMAIL_FILE_PATH)


@register.simple_tag
def no_mail_server() -> str:
    """What a page says that promises a mail where none can be sent; else empty. A server's folders are not shown."""
    if settings.EMAIL_HOST:
        return ""
    if not settings.EMBEDDED:
        return _("This site has no mail server, so no mail can reach you. Ask whoever runs it.")
    words = _("There is no mail server here: the mail lies as a file in %s, on the computer where Talking Piece runs.")
    return words % settings.EMAIL_FILE_PATH
