from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """The admin site behind the same sign-in as everything else: its own has neither limits nor second factor."""

    default_site = "config.admin.Site"


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import config.checks  # noqa: F401
        from config.admin import keep_only_ours

        keep_only_ours()
