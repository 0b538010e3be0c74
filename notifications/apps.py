from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications.mails import KINDS
        from notifications.registry import register

        register(*KINDS)
