from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import trans_real

from config.env import keep_private


class AdminConfig(DjangoAdminConfig):
    """The admin site behind the same sign-in as everything else: its own has neither limits nor second factor."""

    default_site = "config.admin.Site"


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import config.checks  # noqa: F401
        from config.admin import keep_only_ours

        keep_only_ours()
        _remember_words()
        connection_created.connect(_keep_files_private, dispatch_uid="config.files")
        pre_migrate.connect(_take_your_time, dispatch_uid="config.limits")
        post_migrate.connect(_as_before, dispatch_uid="config.limits")


def _remember_words() -> None:
    """A text is translated once: ours, being English, would be looked for in vain in six catalogues at every use.

    That is a tenth of what a page costs. Catalogues do not change while a process lives.
    """
    for code, _name in settings.LANGUAGES:
        catalogue = trans_real.translation(code)
        catalogue.gettext = lru_cache(maxsize=4096)(catalogue.gettext)  # type: ignore[method-assign]


def _keep_files_private(connection: Any, **more: Any) -> None:
    """SQLite makes its files with the rights that the process gives away; its log takes those of the database's."""
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                keep_private(Path(f"{connection.settings_dict['NAME']}{end}"))


def _take_your_time(using: str, **more: Any) -> None:
    """A migration may work on a table for longer than any page."""
    _say(using, "SET statement_timeout = 0", "SET lock_timeout = 0")


def _as_before(using: str, **more: Any) -> None:
    _say(using, "RESET statement_timeout", "RESET lock_timeout")


def _say(using: str, *words: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            for one in words:
                cursor.execute(one)
