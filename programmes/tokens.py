"""The secrets of invitations to a programme, and of questions whether to administer one.

Derived, so that the mail can be made when it is sent.
"""

from django.utils.crypto import salted_hmac

from programmes.models import AdminInvitation, ProgrammeInvitation


def token_for(invitation: ProgrammeInvitation | AdminInvitation) -> str:
    """256 bits; a dump of the database alone opens nothing, since it also needs SECRET_KEY."""
    return salted_hmac("programmes.invitation", str(invitation.code), algorithm="sha256").hexdigest()
