"""The tick of the outbox."""

from celery import shared_task
from django.conf import settings

from notifications import outbox

# The embedded thread shares its interpreter with the pages: a short rest a mail keeps them quick.
EMBEDDED_REST_SECONDS = 0.003


@shared_task
def send_due() -> None:
    """Send what is due; a lost or doubled tick changes nothing."""
    outbox.turn(pause=EMBEDDED_REST_SECONDS if settings.EMBEDDED else 0.0)
