from django.apps import AppConfig


class CirclesConfig(AppConfig):
    name = "circles"

    def ready(self) -> None:
        from circles import alone
        from circles.mails import KINDS
        from circles.selectors import is_closed
        from notifications.registry import register, register_closed

        register(*KINDS)
        register_closed(is_closed)
        alone.connect()
