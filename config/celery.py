"""The Celery application: the same tasks run under `celery worker` and `celery beat` or in the embedded thread."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("talking_piece")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _as_settings_say(**more: Any) -> None:
    """Celery sets no handlers of its own: they would print exceptions word by word, past our filters."""
