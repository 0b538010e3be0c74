"""The addresses that answers of calendars go to: one for each person and session, made from the one in the settings."""

from base64 import b32encode
from datetime import date

from django.conf import settings
from django.utils.crypto import salted_hmac

from sessions.models import AnswerToken
from sessions.rules.replies import AnswerAddress


def answer_address() -> AnswerAddress | None:
    """Where answers go; None where nobody looks for any, and everything is as if there were none."""
    return AnswerAddress.of(settings.ANSWER_ADDRESS) if settings.ANSWER_ADDRESS else None


def token_of(row: AnswerToken) -> str:
    """130 bits in letters and digits that survive whatever becomes of an address: small letters, no look-alikes."""
    return _token("sessions.answer", str(row.code))


def probe_token(day: date) -> str:
    """What stands in the address of our own mail of a day to the present answer address."""
    return _token("sessions.answer.probe", f"{settings.ANSWER_ADDRESS} {day}")


def _token(salt: str, value: str) -> str:
    return b32encode(salted_hmac(salt, value, algorithm="sha256").digest()).decode()[:26].lower()
