from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages import doors
        from pages.doors_mails import register_kinds

        doors.connect()
        register_kinds()
