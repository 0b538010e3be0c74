"""What is kept of a form that was sent, so that a second sending gets the first one's answer. Pure.

Nothing of it can be read without the form's own key, which stands in the page that was sent and nowhere else: neither
who sent it nor where it led. All entries are equally long, and the key is used for one form only.
"""

import hmac
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROOM = 512
# A key of its own seals one text only, so that one nonce is as good as any.
NONCE = bytes(12)


def digest_of(secret: str, key: UUID) -> str:
    """Under what a form is found again."""
    return _keyed(secret, b"found", key).hex()


def seal(secret: str, key: UUID, text: str) -> bytes:
    """The text, as only the form's key opens it, always equally long; one that is too long is left out."""
    plain = text.encode()
    plain = plain if len(plain) <= ROOM else b""
    return AESGCM(_keyed(secret, b"sealed", key)).encrypt(NONCE, plain.ljust(ROOM), None)


def unseal(secret: str, key: UUID, sealed: bytes) -> str:
    """The text; empty where there is none, or it was sealed under another secret."""
    try:
        return AESGCM(_keyed(secret, b"sealed", key)).decrypt(NONCE, sealed, None).decode().rstrip()
    except (InvalidTag, ValueError):
        return ""


def _keyed(secret: str, purpose: bytes, key: UUID) -> bytes:
    return hmac.digest(secret.encode(), purpose + key.bytes, sha256)
