"""The outbox in the admin site: states and times, to look at only."""

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import Heartbeat, Message


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing can be added, changed or removed here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(LookOnly):
    list_display = ["kind", "state", "due_at", "sent_at", "attempts", "trouble"]
    list_filter = ["state", "kind"]
    fields = ["kind", "state", "due_at", "created_at", "sent_at", "attempts", "trouble"]


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    list_display = ["name", "at"]
