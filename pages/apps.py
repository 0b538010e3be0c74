from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from notifications.registry import register
        from pages import departure_mails, doors, doors_mails, ending_mails, organisation

        doors.connect()
        organisation.connect()
        register(*doors_mails.KINDS, *departure_mails.KINDS, *ending_mails.KINDS)
