"""The embedded schedule in a process whose clock can be set: `python -m bench.clock FILE`; FILE holds hours to add."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import time_machine


def hours(file: Path) -> float:
    try:
        return float(file.read_text() or 0)
    except (OSError, ValueError):
        return 0.0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config.runner import Runner

    file = Path(sys.argv[1])
    real = time.monotonic
    began, zero = datetime.now(UTC), real()
    set_to = 0.0
    with time_machine.travel(began, tick=True) as clock:
        runner = Runner()
        runner.start()
        while runner.is_alive():
            if (wanted := hours(file)) != set_to:
                set_to = wanted
                clock.move_to(began + timedelta(seconds=real() - zero, hours=wanted))
            time.sleep(0.2)


if __name__ == "__main__":
    main()
