"""What must be so before anybody is served."""

import hashlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from config.checks import content_keys_fit
from config.server import why_not_listening
from config.views import newest_migrations
from sessions.replies.probe_services import probe_anew


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


def answers_are_tried(*, now: datetime) -> None:
    """Whether mail to the answer address arrives is tried at every start; the page of the outbox says what came of it.

    Not where a mail was written for that in the last ten minutes.
    """
    # A database that is away is waited for by each request; the mail of the day says it then.
    with suppress(DatabaseError):
        probe_anew(now=now)


def files_must_be_collected() -> None:
    """Embedded collects them. CommandError when production finds no style sheets: every page would be a fault."""
    if settings.EMBEDDED:
        files_collect()
    elif not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        raise CommandError(
            f"There are no style sheets in {settings.STATIC_ROOT}. Run: manage.py collectstatic --no-input"
        )


def files_collect() -> None:
    """Name and compress the static files anew where any of them is another than at the last start."""
    made_of = settings.STATIC_ROOT / "made-of"
    fingerprint = _fingerprint()
    if made_of.is_file() and made_of.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    # Last, so that what was stopped half-way is done again.
    made_of.write_text(fingerprint)


def _fingerprint() -> str:
    parts = [
        f"{name}\0".encode() + Path(storage.path(name)).read_bytes()
        for finder in get_finders()
        for name, storage in finder.list([])
    ]
    return hashlib.blake2b(b"".join(parts)).hexdigest()
