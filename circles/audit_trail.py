"""What the circle's own trail says, in a sentence an entry. Pure."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from circles.enums import Relied

# What becomes of a change of something that all rely on, in a sentence; `what` is what it is about.
CHANGES: dict[str, Callable[[], str]] = {
    "announced": lambda: _("%(by)s announced a change: %(what)s"),
    "changed": lambda: _("%(by)s changed: %(what)s"),
    "objected": lambda: _("%(by)s objected to a change: %(what)s"),
    "withdrew": lambda: _("%(by)s took a change back: %(what)s"),
}

SENTENCES: dict[str, Callable[[], str]] = {
    "circle_started": lambda: _("%(by)s started the circle"),
    "circle_changed": lambda: _("%(by)s changed the settings"),
    "joined": lambda: _("%(about)s joined"),
    "removed": lambda: _("%(by)s and one more member ended %(about)s’s membership"),
    "mailbox_claimed": lambda: _("Whoever holds %(about)s’s mailbox took the account over"),
    "left": lambda: _("%(about)s left"),
    "left_organisation": lambda: _("%(by)s said that %(about)s has left the organisation"),
    "here_after_all": lambda: _("%(by)s said that %(about)s is here after all"),
    "stopped_facilitating": lambda: _("%(by)s no longer looks after the circle"),
    "made_facilitator": lambda: _("%(about)s became a facilitator"),
    "invitation_withdrawn": lambda: _("%(by)s withdrew an invitation"),
    "agreement_changed": lambda: _("The agreement was changed"),
    "journey_taken": lambda: _("%(by)s took a journey for the circle"),
    "journey_of_programme": lambda: _("The journey of the programme began"),
    "journey_refused": lambda: _("%(by)s said no to the journey of the programme"),
    "journey_left": lambda: _("%(by)s left the journey"),
    "put_on_hold": lambda: _("%(by)s put the circle on hold"),
    "goes_on": lambda: _("%(by)s let the circle go on"),
    "runs_itself": lambda: _("The circle runs itself from now on"),
    "hosted_again": lambda: _("%(by)s asked for the circle to be hosted again"),
    "administrator_added": lambda: _("%(about)s, an administrator of the programme, was added"),
    "administrator_named": lambda: _(
        "%(by)s appointed %(about)s, an administrator of the programme, to look after the circle"
    ),
    "facilitator_appointed": lambda: _("%(by)s appointed %(about)s to look after the circle"),
    "carries_on": lambda: _("The circle decided to carry on"),
    "re_forms": lambda: _("The circle decided to change who is in it"),
    "closes": lambda: _("The circle decided to close well"),
    "closed": lambda: _("%(by)s closed the circle"),
    "ended_empty": lambda: _("The circle ended: nobody was in it any more"),
    "keys_rotated": lambda: _("The site’s key over your circle’s own was changed"),
    "key_renewed": lambda: _("The key under which your words lie was renewed"),
    "exported": lambda: _("%(by)s took their own words with them"),
    "pairs_begun": lambda: _("%(by)s began coaching pairs"),
    "pairs_ended": lambda: _("%(by)s ended coaching pairs"),
    "shelf_lent": lambda: _("The circle put something on the shelf"),
    "shelf_declined": lambda: _("The circle did not put something on the shelf"),
    "shelf_back": lambda: _("%(by)s took something of the circle’s back from the shelf"),
    "guest_invited": lambda: _("%(by)s invited a guest to a session"),
    "guest_withdrawn": lambda: _("A guest was not invited after all"),
}


def sentence(verb: str, by: object, about: object) -> str:
    """KeyError for a verb that no service writes."""
    happened, _line, what = verb.partition("_")
    if happened in CHANGES and what in Relied.values:
        return CHANGES[happened]() % {"by": by, "what": Relied(what).label}
    return SENTENCES[verb]() % {"by": by, "about": about}
