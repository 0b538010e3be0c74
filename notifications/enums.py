"""The states of one message to one person."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MessageState(TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    SHOWN = "shown", _("in the app only")
    BUNDLED = "bundled", _("waits for the daily mail")
    DROPPED = "dropped", _("no longer needed")
    FAILED = "failed", _("could not be delivered")


class Dropped(StrEnum):
    """Why a message was not needed any more; kept as its `trouble`, for whoever looks into one that never came."""

    HOLDS_NO_MORE = "holds no more"  # its kind's `prepare` said None
    CHANGED = "changed meanwhile"  # between preparing and sending
    CIRCLE_CLOSED = "circle closed"
    ACCOUNT_CLOSED = "account closed"
    SWITCHED_OFF = "switched off"
    TAKEN_BACK = "taken back"  # by a service, with `messages_drop`


class Channel(TextChoices):
    """How somebody wants to hear of something. What comes by mail is under the bell as well."""

    MAIL = "mail", _("by mail, at once")
    DAILY = "daily", _("in one mail a day")
    BELL = "bell", _("only here, under the bell")
    OFF = "off", _("not at all")


# What could not be sent is still under the bell: whoever signs in misses nothing.
HEARD = (MessageState.SENT, MessageState.SHOWN, MessageState.BUNDLED, MessageState.FAILED)
