"""How far each page may reach: its height in screens, whether it leads with one action, whether it has a bar of places.

A page that is not listed fails the suite. A laptop's screen is 1366 x 650, a phone's 390 x 844; most pages have two
screens on a laptop and three on a phone. What is longer says why.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Bound:
    """Screens at most; None where a page is as long as its text, or as what it lists.

    `first`: the main action, where there is one, stands inside the first screen. It does not where it ends a form.
    """

    laptop: float | None = 2.0
    phone: float | None = 2.97
    first: bool = True
    bar: bool = False


PLAIN = Bound()
FORM = Bound(first=False)
CIRCLE = Bound(bar=True)
CIRCLE_FORM = Bound(first=False, bar=True)
OVERVIEW = Bound(laptop=1.5, bar=True)
PROGRAMME = CIRCLE
PROGRAMME_FORM = CIRCLE_FORM


def long(bound: Bound) -> Bound:
    """A running text, or a list that grows."""
    return replace(bound, laptop=None, phone=None)


BOUNDS: dict[str, Bound] = {
    # The whole site
    "today": PLAIN,
    "today-member": PLAIN,
    "circles": PLAIN,
    "start": FORM,
    "start-together": FORM,
    "journeys": PLAIN,
    "journey": long(PLAIN),
    "notices": long(PLAIN),
    "commitments": PLAIN,
    "facilitating": PLAIN,
    # A circle
    "circle": OVERVIEW,
    "circle-waiting": OVERVIEW,
    "circle-poll": OVERVIEW,
    "circle-sessions": CIRCLE,
    "circle-commitments": CIRCLE,
    "circle-more": CIRCLE,
    "circle-seen": long(CIRCLE),
    "people": CIRCLE,
    "slips": CIRCLE,
    "settings": CIRCLE_FORM,
    "leave": CIRCLE,
    "word": CIRCLE_FORM,
    "goals": CIRCLE,
    "coming-plan": CIRCLE,
    "together": CIRCLE,
    "journey-import": CIRCLE_FORM,
    "circle-journey": CIRCLE,
    "circle-journey-take": CIRCLE,
    "pairs": CIRCLE_FORM,
    "shelf": PLAIN,
    "sentences": long(PLAIN),
    "circle-shelf": CIRCLE,
    "shelf-item": long(PLAIN),
    "shelf-asked": CIRCLE_FORM,
    "shelf-bring": CIRCLE_FORM,
    "lend": CIRCLE_FORM,
    "circle-sentences": CIRCLE,
    "agreement": long(CIRCLE),
    "agreement-print": long(CIRCLE),
    "agreement-version": long(CIRCLE),
    "agreement-hard": long(CIRCLE),
    "propose": CIRCLE_FORM,
    "propose-rule": CIRCLE_FORM,
    "proposal": CIRCLE_FORM,
    "circle-pulse": long(CIRCLE),
    "decide": CIRCLE,
    # A session: with everything a facilitator may set, rule 8 allows 2.1 and 2.9.
    "session": Bound(2.2, 2.97, bar=True),
    "session-with-guest": Bound(2.3, 2.97, bar=True),
    "session-of-series": Bound(2.2, 2.97, bar=True),
    "schedule": CIRCLE_FORM,
    "session-edit": CIRCLE_FORM,
    "series-edit": CIRCLE_FORM,
    "session-cancel": CIRCLE_FORM,
    "series-cancel": CIRCLE_FORM,
    "find-time": CIRCLE_FORM,
    "poll-start": CIRCLE_FORM,
    "poll": CIRCLE_FORM,
    "preparation": CIRCLE_FORM,
    # A table with a line for each stage.
    "hosted": Bound(2.2, 2.97, bar=True),
    "lobby": Bound(1.0, 1.0),
    # A commitment
    "commitment-add": CIRCLE_FORM,
    "commitment": CIRCLE,
    "commitment-change": CIRCLE_FORM,
    "commitment-move": FORM,
    "appointment": FORM,
    # Me
    "preferences": FORM,
    # Line by line, since that is what a single circle differs in.
    "preferences-circle": long(FORM),
    "day": FORM,
    "times": FORM,
    "account": PLAIN,
    "account-delete": FORM,
    "own-words": long(PLAIN),
    "export": FORM,
    "calendar": FORM,
    "profile": FORM,
    "email": FORM,
    "password": FORM,
    "devices": PLAIN,
    "second-step": PLAIN,
    # A programme
    "programmes": PLAIN,
    "programme-start": FORM,
    "programme-overview": PROGRAMME,
    "programme-people": long(PROGRAMME_FORM),
    "programme-people-import": PROGRAMME_FORM,
    "programme-forming": long(PROGRAMME),
    "programme-late": long(PROGRAMME),
    "programme-pulses": long(PROGRAMME),
    "programme-evaluation": PROGRAMME,
    "programme-facilitators": PROGRAMME,
    "programme-report": long(PROGRAMME),
    "programme-settings": PROGRAMME_FORM,
    "programme-journey": PROGRAMME_FORM,
    "programme-mine": FORM,
    "programme-note": long(PLAIN),
    "programme-join": FORM,
    # Visitors
    "welcome": PLAIN,
    "sign-in": FORM,
    "sign-up": FORM,
    "code": FORM,
    "reset": FORM,
    "slip-code": FORM,
    "who-sees-what": long(PLAIN),
    "help": long(PLAIN),
    "missing": PLAIN,
    "invitation-gone": PLAIN,
    "closed": PLAIN,
}
