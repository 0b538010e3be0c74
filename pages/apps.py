from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages import doors, organisation
        from pages.doors_mails import register_kinds

        doors.connect()
        organisation.connect()
        register_kinds()
