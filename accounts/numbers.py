"""Small numbers as they are said in a sentence."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as later

SPELT = (
    later("none"), later("one"), later("two"), later("three"), later("four"), later("five"), later("six"),
    later("seven"), later("eight"), later("nine"), later("ten"), later("eleven"), later("twelve"),
)  # fmt: skip


def spelt(number: int) -> str:
    """`five`, up to twelve; a larger number, or one below nothing, in figures."""
    return _(SPELT[number]) if 0 <= number < len(SPELT) else str(number)
