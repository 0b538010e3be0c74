from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"

    def ready(self) -> None:
        from agreements.mails import KINDS
        from notifications.registry import register

        register(*KINDS)
