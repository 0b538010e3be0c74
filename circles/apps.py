from django.apps import AppConfig


class CirclesConfig(AppConfig):
    name = "circles"

    def ready(self) -> None:
        from circles import alone
        from circles.mails import register_kinds

        register_kinds()
        alone.connect()
