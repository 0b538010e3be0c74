"""What the trail of a programme says of what an administrator did, in a sentence an entry. No name but theirs."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Sentence = Callable[[int], str]


def _people(one: str, more: str) -> Sentence:
    return lambda number: ngettext(one, more, number)


# `by` is who did it, `n` how many people or circles it was about.
SENTENCES: dict[str, Sentence] = {
    "programme_started": lambda _n: _("%(by)s set the programme up"),
    "settings_changed": lambda _n: _("%(by)s changed the settings"),
    "programme_ended": lambda _n: _("%(by)s ended the programme"),
    "admin_asked": lambda _n: _("%(by)s asked somebody to administer the programme too"),
    "admin_not_asked": lambda _n: _("%(by)s took a question to administer the programme back"),
    "admin_removed": lambda _n: _("%(by)s took the programme out of the hands of an administrator"),
    "people_invited": _people("%(by)s invited %(n)s person", "%(by)s invited %(n)s people"),
    "people_reminded": _people("%(by)s reminded %(n)s person", "%(by)s reminded %(n)s people"),
    "invitations_withdrawn": _people("%(by)s withdrew %(n)s invitation", "%(by)s withdrew %(n)s invitations"),
    "hours_asked": _people(
        "%(by)s asked %(n)s person when they can meet", "%(by)s asked %(n)s people when they can meet"
    ),
    "rules_changed": lambda _n: _("%(by)s changed what circles keep to"),
    "board_begun": lambda _n: _("%(by)s began a board"),
    "board_dropped": lambda _n: _("%(by)s discarded the board"),
    "board_changed": lambda _n: _("%(by)s changed circles of the board"),
    "facilitators_proposed": _people(
        "%(by)s had somebody proposed to look after %(n)s circle",
        "%(by)s had people proposed to look after %(n)s circles",
    ),
    "people_moved": _people("%(by)s moved %(n)s person on the board", "%(by)s moved %(n)s people on the board"),
    "move_undone": _people("%(by)s took a move of %(n)s person back", "%(by)s took a move of %(n)s people back"),
    "proposal_asked": lambda _n: _("%(by)s had circles proposed"),
    "proposal_taken": _people(
        "%(by)s put a proposal on the board: %(n)s person moved",
        "%(by)s put a proposal on the board: %(n)s people moved",
    ),
    "facilitators_asked": _people(
        "%(by)s asked %(n)s person to look after a circle", "%(by)s asked %(n)s people to look after a circle"
    ),
    "circles_made": _people(
        "%(by)s confirmed the circles and invited %(n)s person",
        "%(by)s confirmed the circles and invited %(n)s people",
    ),
    "again_asked": _people(
        "%(by)s asked %(n)s person about a next round", "%(by)s asked %(n)s people about a next round"
    ),
    "late_asked": _people(
        "%(by)s asked circles about %(n)s person who came late", "%(by)s asked circles about %(n)s people who came late"
    ),
    "lot_drawn": lambda _n: _("%(by)s drew which circles are offered the line of a plan"),
    "journey_taken": lambda _n: _("%(by)s took a journey for the circles"),
    "journey_taken_back": lambda _n: _("%(by)s took the journey back"),
    "pulse_moved": lambda _n: _("%(by)s changed the days of a pulse"),
}


def act_words(verb: str, number: int, by: object) -> str:
    """KeyError for a verb that no view writes."""
    return SENTENCES[verb](number) % {"by": by, "n": number}
