"""The links in a mail that answer for its reader: signed, so that the database alone answers for nobody."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.tokens import signed, signed_read
from sessions.enums import Rsvp
from sessions.models import AnswerToken

SALT = "talking piece: answer by link"


def link_of(row: AnswerToken, answer: Rsvp) -> str:
    """The address of the page that gives this answer for the person of a row."""
    token = signed(SALT, [row.code.hex, answer.value])
    return settings.SITE_URL + reverse("sessions:answer_open", args=[token])


def link_read(token: str) -> tuple[AnswerToken, Rsvp] | None:
    """Whose answer to which session a link gives, and which; None for one that we did not make, or that was ended."""
    found = signed_read(SALT, token)
    if found is None:
        return None
    code, answer = found
    rows = AnswerToken.objects.filter(code=UUID(code))
    row = rows.select_related("user", "session__circle", "session__format_version").first()
    return (row, Rsvp(answer)) if row else None


def is_known(token: str) -> bool:
    """Whether it is a link that was given out, for counting guesses."""
    return link_read(token) is not None
