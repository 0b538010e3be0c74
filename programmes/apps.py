from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """Programmes: people who ask to take part, the circles made of them, counts of how it goes."""

    name = "programmes"

    def ready(self) -> None:
        from programmes.mails import register_kinds

        register_kinds()
