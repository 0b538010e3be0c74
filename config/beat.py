"""Celery's schedule, in memory, for clocks that are set back."""

import time
from typing import Any

from celery import beat


class Scheduler(beat.Scheduler):
    """Goes on from now when the clock was set back; otherwise nothing would be sent until it is where it was."""

    seen = 0.0

    def tick(self, *args: Any, **options: Any) -> float:
        now = time.time()
        if now < self.seen:
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None  # it is ordered by the times that are hours away now
        self.seen = now
        return float(super().tick(*args, **options))
