"""The outbox in the admin site: states and times, to look at only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import Listed
from notifications.models import Heartbeat, Message
from notifications.registry import private_kinds


class LookOnly(Listed):
    """Nothing can be added, changed or removed here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(LookOnly):
    """What concerns two people only is not even listed."""

    list_display = ["kind", "state", "due_at", "sent_at", "attempts", "trouble"]
    list_filter = ["state", "kind"]
    fields = ["kind", "state", "due_at", "created_at", "sent_at", "attempts", "trouble"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).exclude(kind__in=private_kinds())


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    list_display = ["name", "at"]
