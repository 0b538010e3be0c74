"""How much mail somebody wants at all: three levels, each a channel for every kind that people choose about."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel
from notifications.models import LATER_KINDS, Preference
from notifications.registry import Kind, chosen_by_people


class MailLevel(TextChoices):
    """From most to least mail. What does not come by mail is under the bell."""

    USUAL = "usual", _("As it comes")
    DAILY = "daily", _("Once a day")
    URGENT = "urgent", _("If urgent")


def channel_at(level: str, kind: Kind) -> Channel:
    """How a kind is heard of at a level.

    Once a day, reminders still come at their own time: a day late they would remind of nothing. Whatever is usually
    under the bell stays there.
    """
    if level == MailLevel.USUAL or kind.usual != Channel.MAIL or kind.urgent:
        return kind.usual
    if level == MailLevel.DAILY:
        return Channel.MAIL if kind.leads else Channel.DAILY
    return Channel.BELL


# What is kept for kinds that come later, and the level it stands for. OFF: whoever ended all mails gets none of these.
KEPT_AS = {MailLevel.USUAL: Channel.MAIL, MailLevel.DAILY: Channel.DAILY, MailLevel.URGENT: Channel.BELL}


def unsaid(kind: Kind, later: str | None) -> Channel:
    """How a kind is heard of that somebody said nothing about; `later` is what they once chose for all, if they did.

    Without it a kind that comes with a new version would be mailed to people who wanted none of the earlier ones.
    """
    if later is None:
        return kind.usual
    if later == Channel.OFF:
        return Channel.BELL
    return channel_at(next(level for level, channel in KEPT_AS.items() if channel == later), kind)


def heard(kind: Kind, kept: Mapping[str, Preference]) -> str:
    """How a kind is heard of in all circles, by what somebody keeps for all of them."""
    if kind.key in kept:
        return kept[kind.key].channel
    return unsaid(kind, kept[LATER_KINDS].channel if LATER_KINDS in kept else None)


def level_of(kept: Mapping[str, Preference]) -> str:
    """The level that is the same as what somebody chose, kind by kind; empty for a choice of their own."""
    chosen = [(kind, heard(kind, kept)) for kind in chosen_by_people()]
    same = (level for level in MailLevel if all(channel_at(level, kind) == channel for kind, channel in chosen))
    return next(same, "")
