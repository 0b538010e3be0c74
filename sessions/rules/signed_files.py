"""Signing what is carried from one site to another: whoever changes a letter of it has another file. Pure: no Django.

Ed25519 over the content as JSON with sorted names. The public key travels along: it shows that a file is as the site
wrote it, and the sign made from it lets people compare which site that was.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGN_GROUPS = 6


def signing_key(secret: str) -> Ed25519PrivateKey:
    """The site's key, worked out from its secret: kept nowhere, and another one where the secret is another."""
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"talking piece shelf").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


def site_of(key: Ed25519PrivateKey) -> str:
    """The public key of a site, in hexadecimal."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sealed_file(content: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The content with the site's public key and its signature."""
    signed = {**content, "site": site_of(key)}
    return {**signed, "signature": key.sign(_bytes(signed)).hex()}


def is_whole(given: Mapping[str, Any]) -> bool:
    """Whether every value is as the site whose key stands in it has signed it."""
    site, signature = given.get("site"), given.get("signature")
    if not isinstance(site, str) or not isinstance(signature, str):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(site))
        key.verify(bytes.fromhex(signature), _bytes({name: given[name] for name in given if name != "signature"}))
    except (ValueError, InvalidSignature):
        return False
    return True


def sign_of(site: str) -> str:
    """A site's sign for people: six groups of four letters, the same on every page and in every file of it."""
    digest = sha256(site.encode()).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, SIGN_GROUPS * 4, 4))


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
