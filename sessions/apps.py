from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Sessions of circles. The label differs because Django's own `sessions` owns that one."""

    name = "sessions"
    label = "circle_sessions"

    def ready(self) -> None:
        from notifications.registry import register
        from sessions.mails.table import KINDS

        register(*KINDS)
