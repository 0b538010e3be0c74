"""Second steps, sealed under the keys of the environment: django-allauth keeps their secrets as they are otherwise.

What lies in the database is `key id:sealed`. Passkeys need none of this: only their public half is kept.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext

from circles.rules.crypto import CannotOpen, unwrap, wrap
from circles.vault import content_keys
from pages.doors import second_step_due

PLACE = "second step"
# Of an authenticator app, and of the recovery codes, which are reckoned from it.
SECRETS = ("secret", "seed")


def sealed(secret: str) -> str:
    key_id, kept = wrap(secret.encode(), content_keys(), PLACE)
    return f"{key_id}:{urlsafe_b64encode(kept).decode()}"


def opened(kept: str) -> str:
    """The secret. CannotOpen when its key is not given, or the text was changed."""
    key_id, colon, rest = kept.partition(":")
    if not colon:  # from before they were sealed; `rotate_content_keys` seals it
        return kept
    try:
        return unwrap(urlsafe_b64decode(rest), key_id, content_keys(), PLACE).decode()
    except ValueError as error:  # no base64 any more
        raise CannotOpen from error


def with_secrets() -> Any:
    """The second steps that have something to seal."""
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)


def secrets_in(data: dict[str, Any]) -> dict[str, str]:
    """What is to be sealed of one, by name."""
    return {name: data[name] for name in SECRETS if name in data}


def missing() -> dict[str, int]:
    """How many second steps need a key that is not among CONTENT_KEYS, by its id."""
    keys = content_keys()
    kept = (secret for data in with_secrets().values_list("data", flat=True) for secret in secrets_in(data).values())
    found = Counter(key_id for key_id, colon, _rest in (secret.partition(":") for secret in kept) if colon)
    return {key_id: number for key_id, number in found.items() if key_id not in keys}


class SecondStepAdapter(DefaultMFAAdapter):
    """Where allauth asks how a secret is kept, and what a new passkey is called until its owner says."""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(gettext("Passkey %d") % number)

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """A second step whose removal is due is none any more, whether or not a job has run."""
        second_step_due(user)
        return bool(super().is_mfa_enabled(user, types=types))

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return opened(encrypted_text)
        except CannotOpen as error:
            page = render_to_string("mfa/unreadable.html", request=self.request)
            raise ImmediateHttpResponse(HttpResponse(page, status=503)) from error
