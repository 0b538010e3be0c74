"""The embedded schedule: one thread drives Celery's own scheduler in memory, with tasks run on the spot."""

import logging
import threading

from django.db import close_old_connections

from config.beat import Scheduler
from config.celery import app
from config.logs import where
from notifications.services import on_new_message
from notifications.tasks import send_due

log = logging.getLogger("talking_piece.runner")

LONGEST_WAIT = 5


class Runner(threading.Thread):
    """Started by `manage.py run` only. A committed message wakes it at once; any exception is logged and it goes on."""

    def __init__(self) -> None:
        super().__init__(name="runner", daemon=True)
        self.kick = threading.Event()
        self.over = threading.Event()
        # Only a worker imports the tasks by itself; an unknown task would go to a broker that nobody reads.
        app.loader.import_default_modules()
        self.scheduler = Scheduler(app, max_interval=LONGEST_WAIT)

    def run(self) -> None:
        on_new_message(self.kick.set)
        self.kick.set()  # what fell due while nothing ran goes out at once
        delay = 0.0
        while not self.over.is_set():
            kicked = self.kick.wait(min(delay, LONGEST_WAIT))
            self.kick.clear()
            if self.over.is_set():
                return
            close_old_connections()
            try:
                if kicked:
                    send_due.apply()
                delay = self.scheduler.tick()
            except Exception as error:
                log.error("the schedule goes on after\n%s", where(error))
                delay = 1.0

    def close(self) -> None:
        self.over.set()
        self.kick.set()
