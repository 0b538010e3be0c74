"""How far each page may reach: screens of its height on a laptop and on a phone, and whether it leads with one action.

A page that is not listed fails the suite. A laptop's screen is 1366 x 650, a phone's 390 x 844.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """`laptop` and `phone` are screens at most; None for running texts and for lists that grow with use.

    `first`: the page's main action stands inside the first screen. Not so where the action ends a form.
    """

    laptop: float | None = 2.0
    phone: float | None = 3.0
    first: bool = True
    bar: bool = False


# What most pages are: two screens on a laptop and three on a phone.
PLAIN = Bound()
FORM = Bound(first=False)
IN_CIRCLE = Bound(bar=True)
FORM_IN_CIRCLE = Bound(first=False, bar=True)
# A text to be read from end to end, or a list that is as long as what it lists.
GROWS = Bound(None, None)
GROWS_IN_CIRCLE = Bound(None, None, bar=True)
