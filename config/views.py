"""Health for machines, and the pages for when something is wrong."""

import sys
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.requests import words_typed
from notifications.models import Heartbeat

READ_ONLY = "25006"
LATE_AFTER = timedelta(seconds=settings.TICK_SECONDS * 12)


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers for every table, is migrated, and the outbox ticked lately.

    503 and what is wrong otherwise.
    """
    facts = {"database": False, "migrated": False, "outbox": False}
    try:
        facts["migrated"] = newest_migrations() <= set(MigrationRecorder(connection).applied_migrations())
        if facts["migrated"]:
            _no_table_is_locked()
        facts["database"] = True
        tick = Heartbeat.objects.filter(name="outbox").first()
        facts["outbox"] = bool(tick and tick.at > timezone.now() - LATE_AFTER)
    except DatabaseError:
        facts["database"] = False
    return JsonResponse(facts, status=200 if all(facts.values()) else 503)


@cache
def newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app. They are read from their files once a process; those only change at a restart."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _no_table_is_locked() -> None:
    """OperationalError when PostgreSQL does not let some table of ours be read within a second."""
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(name) for name in connection.introspection.django_table_names())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 1000")
        cursor.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")


def _database_is_away(error: BaseException | None) -> bool:
    """It cannot be reached, is full, or takes no writes: on SQLite by its words, on PostgreSQL by its code too."""
    away = isinstance(error, OperationalError | InterfaceError)
    return away or getattr(error.__cause__ if error else None, "pgcode", None) == READ_ONLY


def server_error(request: HttpRequest) -> HttpResponse:
    """A calm 503 while the database cannot be used, wherever that was noticed; else the page for faults of ours.

    Django asks for it while it handles the exception; by then every transaction was rolled back.
    """
    words = {"words": words_typed(request)}
    if not _database_is_away(sys.exc_info()[1]):
        return HttpResponse(render_to_string("500.html", words), status=500)
    return HttpResponse(render_to_string("503.html", words), status=503, headers={"Retry-After": "5"})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same for what is not there and what is not this person's; what they had written they get back."""
    # `exception` as Django's own page has it: what is not there belongs to no place, whatever was asked for.
    return render(request, "404.html", {"words": words_typed(request), "exception": ""}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that grew old; or a browser that keeps no cookies, where no form can work."""
    blocked = reason == REASON_NO_CSRF_COOKIE and not request.COOKIES
    context = {"expired": not blocked, "cookies_blocked": blocked, "words": words_typed(request)}
    return render(request, "403.html", context, status=403)
