"""Asking a circle what it wants to do, once the sessions it promised itself have been held."""

from datetime import datetime

from accounts.each import each
from circles.models import Covenant
from circles.selectors import ring_of
from notifications.services import About, messages_put
from sessions.kinds import DECIDE
from sessions.planning.covenant_selectors import covenants_due


def decisions_ask(*, now: datetime) -> int:
    """Tell the people of circles that have held all they promised; once a covenant. How many circles."""

    def ask(covenant: Covenant) -> None:
        about = About("circle", covenant.circle.code, covenant.number, covenant.circle.code)
        messages_put(kind=DECIDE, about=about, to=ring_of(covenant.circle), due_at=now, now=now)

    return each("ask for decisions", covenants_due(), ask)
