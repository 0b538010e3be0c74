from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """Programmes: people who ask to take part, the circles made of them, counts of how it goes."""

    name = "programmes"

    def ready(self) -> None:
        from accounts.invitations import open_door
        from notifications.registry import register
        from programmes.access import (
            ADMIN_DOOR,
            DOOR,
            called_at_the_door,
            still_asks_for_an_administrator,
            still_lets_in,
        )
        from programmes.journey_mails import KINDS as OF_JOURNEYS
        from programmes.mails import KINDS

        register(*KINDS, *OF_JOURNEYS)
        open_door(DOOR, still_lets_in, called_at_the_door)
        open_door(ADMIN_DOOR, still_asks_for_an_administrator, lambda _key: "")
