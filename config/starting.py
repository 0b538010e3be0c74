"""What must be so before anybody is served."""

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from config.checks import content_keys_fit
from config.server import why_not_listening
from config.views import newest_migrations


def keys_must_fit() -> None:
    """CommandError when a content key is another than the one that its id was used for."""
    for trouble in content_keys_fit(None, databases=["default"]):
        raise CommandError(f"{trouble.msg} {trouble.hint}")


def port_must_be_free() -> None:
    """CommandError when something else listens there, or HOST is no address of this machine."""
    if trouble := why_not_listening(settings.HOST, settings.PORT):
        raise CommandError(trouble)


def migrations_must_be_there() -> None:
    """CommandError when the database is older than this version. One that is away is waited for by each request."""
    try:
        behind = newest_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return
    if behind:
        raise CommandError("The database is of an earlier version. Make a backup, then run: manage.py migrate")


def files_must_be_collected() -> None:
    """CommandError when production finds no style sheets: every page would be a fault."""
    if settings.STATIC_ROOT and not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        raise CommandError(
            f"There are no style sheets in {settings.STATIC_ROOT}. Run: manage.py collectstatic --no-input"
        )
