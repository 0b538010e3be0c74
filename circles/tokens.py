"""The secrets of an invitation, derived, so that the mail can be rendered when it is sent and only hashes are stored.

Unlike other links (`accounts/tokens.py`) it has two: one that is only ever mailed, and so proves the mailbox to which
it went, and one that is shown to whoever invites, to be handed over, and proves nothing. A printed slip is of the
second sort.
"""

from accounts.tokens import secret_of
from circles.models import Invitation

# No letters or digits that are confused when read from paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SLIP_LENGTH = 12


def token_for(invitation: Invitation) -> str:
    """What is mailed, 256 bits: shown on no page, written to no log. For a slip its code, which proves nothing."""
    if invitation.is_slip:
        return shown_token_for(invitation)
    return secret_of("circles.invitation.mail", invitation.code)


def shown_token_for(invitation: Invitation) -> str:
    """What is shown and handed over: 256 bits; twelve readable characters (60 bits) for a printed slip."""
    shown = secret_of("circles.invitation", invitation.code)
    if not invitation.is_slip:
        return shown
    number = int(shown[:16], 16)
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(SLIP_LENGTH))


def readable(slip: str) -> str:
    """A slip's code in groups of four, as it is printed."""
    return "-".join(slip[at : at + 4] for at in range(0, len(slip), 4))


def typed(code: str) -> str:
    """What a person typed from a slip, without the separators; upper case when it is a slip's code."""
    plain = "".join(character for character in code if character.isalnum())
    return plain.upper() if len(plain) == SLIP_LENGTH else plain
