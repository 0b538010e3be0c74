"""What came of a list of addresses: said on the next page, and what was none to put right."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from circles import invitation_services
from circles.rules.addresses import Addresses
from notifications.words import invitations_gone

TO_CORRECT = "addresses_to_correct"
KEPT_AT_MOST = 20


def keep_to_correct(request: HttpRequest, found: Addresses, of: UUID) -> None:
    """Keep what was no address, so that it stands in the field of the page of `of` and can be put right there."""
    if found.bad:
        request.session[TO_CORRECT] = [str(of), "\n".join(found.bad[:KEPT_AT_MOST])]


def to_correct(request: HttpRequest, of: UUID) -> dict[str, str]:
    """What the field starts with: what was no address a moment ago, once."""
    kept = request.session.get(TO_CORRECT, ["", ""]) if request.method == "GET" else ["", ""]
    if kept[0] != str(of):
        return {}
    del request.session[TO_CORRECT]
    return {"people": kept[1]}


def tell_invited(
    request: HttpRequest, invited: invitation_services.InvitationsSent, found: Addresses, of: UUID
) -> None:
    """Say what came of a list of addresses: what went out, and what did not and why."""
    keep_to_correct(request, found, of)
    if invited.sent:
        request.session["fresh_links"] = [str(invitation.code) for invitation in invited.sent]
        messages.success(request, invitations_gone(len(invited.sent)))
    for text, addresses in _not_sent(invited, found):
        if addresses:
            messages.warning(request, text % ", ".join(addresses[:20]))


def _not_sent(invited: invitation_services.InvitationsSent, found: Addresses) -> Sequence[tuple[str, Sequence[str]]]:
    """Why some were not, and which."""
    return (
        (_("Not sent, these are not addresses: %s"), found.bad),
        (_("Entered more than once, sent once: %s"), found.repeated),
        (_("In the circle already: %s"), invited.already_here),
        (_("Invited already: %s"), invited.already_invited),
        (
            _("They said no to this circle, so they are not asked again; a slip is for a changed mind: %s"),
            invited.said_no,
        ),
        (_("Not sent, the circle has no free seat for: %s"), invited.no_room),
        (_("Not sent today, these have had many invitations: %s"), invited.often),
        (_("Not sent today, you have sent many invitations. Send these tomorrow: %s"), invited.tomorrow),
    )
