"""Health for machines, and the pages for when something is wrong."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from notifications.models import Heartbeat

LATE_AFTER = timedelta(seconds=settings.TICK_SECONDS * 12)


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, is migrated, and the outbox ticked lately; 503 and what is wrong otherwise."""
    facts = {"database": False, "migrated": False, "outbox": False}
    try:
        executor = MigrationExecutor(connection)
        facts["database"] = True
        facts["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        tick = Heartbeat.objects.filter(name="outbox").first()
        facts["outbox"] = bool(tick and tick.at > timezone.now() - LATE_AFTER)
    except DatabaseError:
        facts["database"] = False
    return JsonResponse(facts, status=200 if all(facts.values()) else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"expired": True}, status=403)
