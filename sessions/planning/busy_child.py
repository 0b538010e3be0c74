"""The process that fetches and reads one calendar: `python -m sessions.planning.busy_child`, asked by a line of JSON.

What lies at an address is anybody's. Here it may take five seconds to come, some more to be understood, and so much
memory; whatever takes longer is ended by the system, whether it waits, counts or hangs. Nothing of the app is here:
no settings, no keys, no database.
"""

import json
import resource
import signal
import sys
from datetime import datetime
from typing import Any

MEMORY = 768 * 1024 * 1024
FETCHING_SECONDS, READING_SECONDS = 6, 6
UNREADABLE = "unreadable"


def bounds() -> None:
    """What the system ends this process for."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (FETCHING_SECONDS + READING_SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """`busy`, as it is kept, or `trouble`."""
    from sessions.planning.busy_calendars import NoCalendar, busy_in
    from sessions.planning.busy_fetching import Network, NotFetched, fetch

    try:
        signal.alarm(FETCHING_SECONDS)
        raw = fetch(asked["address"], network=Network(never=tuple(asked["never"])))
        signal.alarm(0)
        # Seconds of work and not of the clock: whoever shares the machine shall not make a calendar unreadable.
        signal.setitimer(signal.ITIMER_PROF, READING_SECONDS)
        first, last = (datetime.fromisoformat(asked[name]) for name in ("first", "last"))
        return {"busy": busy_in(raw, asked["zone"], first, last).written()}
    except NotFetched as trouble:
        return {"trouble": str(trouble)}
    except (NoCalendar, MemoryError, RecursionError):
        return {"trouble": UNREADABLE}


def main() -> None:
    """One question, one answer."""
    bounds()
    asked = json.loads(sys.stdin.buffer.readline())
    sys.stdout.write(json.dumps(answer(asked)))


if __name__ == "__main__":
    main()
