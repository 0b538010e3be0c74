"""The schedule goes on when the clock is set back or forward while it runs."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery

from config.beat import Scheduler
from tests.factories import NOW


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(Scheduler, "apply_entry", lambda self, entry, producer=None: names.append(entry.name))
    return names


def run(scheduler: Scheduler) -> None:
    """What is due now, and no more; a schedule that never has enough fails."""
    for _step in range(20):
        if scheduler.tick() > 0:
            return
    raise AssertionError("the schedule does not come to rest")


@pytest.mark.parametrize("hours", [-3, 2])
def test_a_clock_that_is_set_sends_the_next_tick_within_its_interval(sent: list[str], hours: int) -> None:
    app = Celery("clock")
    app.conf.beat_schedule = {"mail": {"task": "send", "schedule": 10}}
    with time_machine.travel(NOW, tick=False) as clock:
        scheduler: Any = Scheduler(app, max_interval=5)
        run(scheduler)
        clock.shift(10)
        run(scheduler)
        assert sent == ["mail"]
        clock.shift(timedelta(hours=hours))
        run(scheduler)
        clock.shift(10)
        run(scheduler)
        assert 2 <= len(sent) <= 3
