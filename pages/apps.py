from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages import departure_mails, doors, doors_mails, ending_mails, organisation

        doors.connect()
        organisation.connect()
        doors_mails.register_kinds()
        departure_mails.register_kinds()
        ending_mails.register_kinds()
