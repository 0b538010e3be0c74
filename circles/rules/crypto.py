"""Envelope encryption: a data key per vault, wrapped by the keys of the environment. Knows no Django.

AES-256-GCM everywhere. A sealed text is `01 | nonce (12) | ciphertext and tag`; its additional data says which
model, field, vault and row it belongs to, so that a text moved elsewhere does not open.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
NONCE = 12


class CannotOpen(Exception):
    """The key is missing or destroyed, or the text was changed or moved. Says nothing about the text."""


class Destroyed(CannotOpen):
    """The key is gone for good: nothing under it can be read, and nothing more can be written."""


def parse_keys(items: Sequence[str]) -> dict[str, bytes]:
    """`id:base64` items, newest first, as an ordered mapping.

    ValueError counts to the item that is wrong. Nothing of it is repeated: without its colon, an id would be the key.
    """
    keys: dict[str, bytes] = {}
    for place, item in enumerate(items, start=1):
        key_id, _colon, encoded = item.partition(":")
        try:
            key = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            key = b""
        if not key_id or len(key_id) > 32 or len(key) != 32 or key_id in keys:
            raise ValueError(f"number {place} is not id:key, the key being 32 bytes in base64, or its id stands twice")
        keys[key_id] = key
    if not keys:
        raise ValueError("there is no content key")
    return keys


def new_data_key() -> bytes:
    """32 random bytes, for AES-256."""
    return secrets.token_bytes(32)


def _lock(key: bytes, plain: bytes, about: bytes) -> bytes:
    # At random and not counted: nobody has to keep a count over processes and restored backups. With 96 bits and one
    # key a circle a nonce does not come twice in practice.
    nonce = secrets.token_bytes(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, about)


def _open(key: bytes, sealed: bytes, about: bytes) -> bytes:
    if sealed[:1] != FORMAT:
        raise CannotOpen
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], about)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def wrap(data_key: bytes, keys: Mapping[str, bytes], vault: str) -> tuple[str, bytes]:
    """The data key sealed under the newest key, and that key's id."""
    key_id = next(iter(keys))
    return key_id, _lock(keys[key_id], data_key, f"vault:{vault}".encode())


def unwrap(wrapped: bytes | None, key_id: str, keys: Mapping[str, bytes], vault: str) -> bytes:
    """The data key of a vault. CannotOpen when it was destroyed or its wrapping key is not given."""
    if not wrapped:
        raise Destroyed
    if key_id not in keys:
        raise CannotOpen
    return _open(keys[key_id], bytes(wrapped), f"vault:{vault}".encode())


def check_value(key_id: str, key: bytes) -> str:
    """Tells whether two keys are the same without saying anything about either."""
    return hmac.new(key, b"check:" + key_id.encode(), sha256).hexdigest()[:16]


def seal(data_key: bytes, text: str, about: str) -> bytes:
    """`about` says which row and field it is: what is copied into another place cannot be opened there."""
    return _lock(data_key, text.encode(), about.encode())


def unseal(data_key: bytes, sealed: bytes, about: str) -> str:
    """The text as it was sealed. CannotOpen where the key, the bytes or `about` are not those of sealing."""
    return _open(data_key, sealed, about.encode()).decode()


def digest(data_key: bytes, text: str) -> str:
    """An HMAC of a text: proves it is the same text without letting anyone guess it from a template."""
    # With the circle's key: a plain hash of a starting text could be guessed by whoever has the texts we offer.
    return hmac.new(data_key, b"digest:" + text.encode(), sha256).hexdigest()
