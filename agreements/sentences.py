"""Sentences about an agreement that more than one page says."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.enums import ClauseChange
from agreements.models import AgreementVersion, Proposal
from agreements.rules.adopting import USUAL_DAYS


def rule_of(version: AgreementVersion) -> str:
    """How this agreement is changed, as it stands in the agreement itself."""
    return rule(version.adopt_days or USUAL_DAYS)


def rule(days: int) -> str:
    said = ngettext(
        "A change counts at once when each of us says yes; otherwise after %(days)s day without an open concern. ",
        "A change counts at once when each of us says yes; otherwise after %(days)s days without an open concern. ",
        days,
    )
    return said % {"days": days} + _(
        "A concern opens the next session, and after it those who were there decide: more than half of them say yes."
    )


def title(proposal: Proposal) -> str:
    """What is proposed, without its words: `Change a clause about Confidentiality`."""
    if proposal.change == ClauseChange.RULE:
        return _("Change how we change the agreement: %(days)s days") % {"days": proposal.days}
    said = {
        ClauseChange.ADD: _("A new clause about: %(theme)s"),
        ClauseChange.REWORD: _("Other words for a clause about: %(theme)s"),
        ClauseChange.DROP: _("Drop a clause about: %(theme)s"),
    }[ClauseChange(proposal.change)]
    return said % {"theme": proposal.get_theme_display()}
