"""What whoever hosts reads aloud in a circle that has nobody to lead it: what the room knows, as sentences."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sessions.models import Leg

END_OF_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def sentences(leg: Leg, shown: Mapping[str, Any]) -> list[str]:
    """The sentences for the present stage, in the order in which they are read.

    `shown` is what the room shows of the stage (`room_page.running`): its name, rule and prompt, and whose part it is.
    """
    stage = shown["stage"]
    said: list[str] = []
    if stage.part == "opening":
        said += [
            _("Welcome. Our theme today is: %s.") % leg.theme,
            _("We keep what is said here among us, and each of us may pass."),
            _("Let us look at our agreement. Does anything in it need a word today?"),
        ]
    else:
        said.append(_("Now comes: %s.") % shown["name"])
    if stage.part == "check_in":
        said.append(_("The first question is: %s") % leg.question)
    if stage.part != "opening":
        said += [*_split(shown["rule_text"]), *_split(shown["prompt"])]
    said += _split(shown.get("promise_about", ""))
    return said


def _split(text: str) -> list[str]:
    return [one for one in END_OF_SENTENCE.split(text) if one]
