"""The secrets of links that are mailed: worked out when a mail is made, so that only hashes of them are stored.

A dump of the database alone opens nothing: the secrets also need SECRET_KEY. Those that are random and not worked out
(the first administrator's link, a calendar's address) are shown once, when they are made: `OneTimeToken.new_token`.
"""

from uuid import UUID

from django.utils.crypto import salted_hmac


def secret_of(salt: str, code: UUID) -> str:
    """256 bits in 64 letters and digits. `salt` is the kind of link; links that were sent stand on it for ever."""
    return salted_hmac(salt, str(code), algorithm="sha256").hexdigest()
