"""What circles are proposed by, said in words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.fields import offer
from programmes.forming.strengths import LITTLE, MATTERS, MUSTS, NONE, TERMS, words_of_rules
from programmes.models import Programme

STRENGTH_WORDS: Mapping[str, Promise] = {
    MUSTS: _("must"),
    MATTERS: _("matters"),
    LITTLE: _("a little"),
    NONE: _("not here"),
}
TERM_WORDS: Mapping[str, tuple[Any, Any]] = {
    "waiting": (_("Nobody is left waiting"), _("As many people get a place as can.")),
    "times": (_("They share a time"), _("Long enough for a session, by the times that people named.")),
    "choice": (_("They share more than one time"), _("So that a date can still be moved.")),
    "manager": (_("Nobody with their manager"), _("Nor with their manager’s manager, where both are on the board.")),
    "levels": (_("Levels not too far apart"), _("Levels count where they hold a number, such as “Grade 7”.")),
    "language": (_("They share a language"), _("Of those that people named.")),
    "alone": (_("Nobody the only one of their level"), _("Two of a kind, or none.")),
    "functions": (_("Departments mixed"), _("As few pairs from one department as can be.")),
    "places": (_("Where people work"), _("Mixed, or alike, as you choose below.")),
    "wishes": (_("With whom people would like to be"), _("Each with one of those they named, where that can be.")),
    "met": (_("People who have not met"), _("Having met counts less the more rounds ago it was.")),
}


class RulesForm(forms.Form):
    """A word for each rule, how far levels may be apart, and whether places are mixed or alike."""

    levels_apart = forms.IntegerField(label=_("Levels may be apart by"), min_value=0, max_value=20)
    places_alike = forms.ChoiceField(
        label=_("People of one circle work"),
        choices=[("", _("in different places")), ("alike", _("in the same place"))],
        required=False,
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        words = words_of_rules(programme.forming)
        alike = "alike" if programme.forming.get("places_alike") else ""
        started = words | {"levels_apart": programme.forming.get("levels_apart", 1), "places_alike": alike}
        kwargs["initial"] = started
        super().__init__(*args, **kwargs)
        for term in TERMS:
            label, hint = TERM_WORDS[term.name]
            self.fields[term.name] = forms.ChoiceField(label=label, help_text=hint)
            offer(self, term.name, [(one, STRENGTH_WORDS[one]) for one in term.strengths])

    def chosen(self) -> dict[str, Any]:
        """What is stored of it: no more than what is not the usual."""
        data = self.cleaned_data
        words = {term.name: data[term.name] for term in TERMS if data[term.name] != term.usual}
        apart = {"levels_apart": data["levels_apart"]} if data["levels_apart"] != 1 else {}
        return words | apart | ({"places_alike": True} if data["places_alike"] else {})


assert list(TERM_WORDS) == [term.name for term in TERMS]
