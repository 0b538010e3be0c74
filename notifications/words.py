"""What the mail server answered, in words for whoever can mend it."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.rules.smtp_replies import Phase
from notifications.services import RESTORED


def trouble_words(trouble: str) -> str:
    """`sign-in 535` as a sentence without its end; what is not an answer of a server stays as it is."""
    phase, _space, code = trouble.partition(" ")
    said = {
        Phase.OPEN: _("there is no connection to the mail server"),
        Phase.SIGN_IN: _("the mail server refuses our sign-in: look at EMAIL_HOST_USER and EMAIL_HOST_PASSWORD"),
        Phase.SENDER: _("the mail server refuses the sender: look at MAIL_FROM"),
        Phase.RECIPIENT: _("the mail server asks to wait, or does not pass mail on for us"),
        Phase.CONTENT: _("the mail server does not take the mail at the moment"),
        Phase.CUT: _("the line to the mail server was cut"),
        "refused": _("this address was refused"),
        RESTORED: _("was due before the backup was put back, and may have gone out already"),
    }.get(phase, trouble)
    return f"{said} ({code})" if code and said != trouble else str(said)


def invitations_gone(number: int) -> str:
    """That so many invitations go out by mail; where there is no mail server, that they were written to files."""
    if settings.EMAIL_HOST:
        said = ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", number)
        return said % {"n": number}
    said = ngettext(
        "There is no mail server here: %(n)s invitation was written to %(folder)s.",
        "There is no mail server here: %(n)s invitations were written to %(folder)s.",
        number,
    )
    return said % {"n": number, "folder": settings.EMAIL_FILE_PATH}
