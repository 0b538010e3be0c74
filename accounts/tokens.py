"""The secrets of links that are mailed, in two ways: worked out from a row's code, or the answer itself, signed.

`secret_of` is worked out when a mail is made, so that only its hash is stored. A dump of the database alone opens
nothing: the secrets also need SECRET_KEY. Those that are random and not worked out (the first administrator's link, a
calendar's address) are shown once, when they are made: `OneTimeToken.new_token`.

`signed` is for what needs no row of its own: what a link says stands in it for everybody to read, and nobody can
change it.
"""

from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.crypto import salted_hmac

# Longer than any that we make; what is sent in an address is cut to it, before anything is worked out from it.
LONGEST = 300


def secret_of(salt: str, code: UUID) -> str:
    """256 bits in 64 letters and digits. `salt` is the kind of link; links that were sent stand on it for ever."""
    return salted_hmac(salt, str(code), algorithm="sha256").hexdigest()


def signed(salt: str, value: object, *, compress: bool = False) -> str:
    """What a link or a form carries to come back as it was. `salt` is its kind, and stands for ever as that above."""
    return signing.dumps(value, salt=salt, compress=compress)


def signed_read(salt: str, token: str, *, max_age: int | None = None, longest: int = LONGEST) -> Any:
    """What was signed, at most so many seconds ago; None for whatever we did not make, and for what was cut short."""
    try:
        return signing.loads(token[:longest], salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError):
        return None
