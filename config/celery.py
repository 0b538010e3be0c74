"""The Celery application: the same tasks run under `celery worker` and `celery beat` or in the embedded thread."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("talking_piece")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
