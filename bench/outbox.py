"""The outbox while things die: workers killed, Redis emptied, PostgreSQL stopped, bad relays, clocks that jump.

`python -m bench.outbox`, or `make faults`: real processes, a real SMTP sink, a PostgreSQL and a Redis of its own where
they are stopped. One part alone: `python -m bench.outbox kills`. The figures go to docs/reliability.md.
"""

import sys
from collections.abc import Callable

from bench.outbox_bursts import burst_embedded, burst_postgres, clocks
from bench.outbox_deaths import kills, many_engines, postgres_away, redis_away
from bench.outbox_relays import days_away, nine_seconds, relays
from bench.outbox_rig import Rows
from bench.report import RELIABILITY, write

PARTS: dict[str, Callable[[], Rows]] = {
    "kills": kills,
    "redis": redis_away,
    "postgres": postgres_away,
    "engines": many_engines,
    "relays": relays,
    "days": days_away,
    "nine": nine_seconds,
    "clocks": clocks,
    "burst": burst_postgres,
    "embedded": burst_embedded,
}
TITLES = {
    "kills": "Workers killed", "redis": "Redis away", "postgres": "PostgreSQL away", "engines": "Several engines",
    "relays": "Relays that misbehave",
    "days": "Relays in trouble for days", "nine": "Nine seconds a reply",
    "clocks": "Clocks that jump", "burst": "Ten thousand due at once",
    "embedded": "Ten thousand due at once in one process",
}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or list(PARTS):
        write(TITLES[name], f"python -m bench.outbox {name}", PARTS[name](), RELIABILITY)


if __name__ == "__main__":
    main()
