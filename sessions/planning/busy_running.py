"""Having calendars fetched and read by processes of their own, a few at a time (busy_child.py)."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sessions.planning.busy_child import FETCHING_SECONDS, READING_SECONDS, UNREADABLE
from sessions.planning.busy_fetching import SLOW
from sessions.rules.busy import BusySpans

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 4
# Its libraries alone take some seconds to load where the machine is busy.
STARTS_WITHIN = 15
TAKES_AT_MOST = STARTS_WITHIN + FETCHING_SECONDS + READING_SECONDS
ANSWER_AT_MOST = 100_000
NOTHING = BusySpans()


@dataclass(frozen=True)
class CalendarAsked:
    """One calendar, in whose zone it is meant, and between which moments."""

    address: str
    zone: str
    first: datetime
    last: datetime
    # Networks with public numbers that are inside all the same.
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class CalendarRead:
    """What came of it: busy times, or why there are none."""

    busy: BusySpans = NOTHING
    trouble: str = ""


def calendars_read(asked: Sequence[CalendarAsked]) -> list[CalendarRead]:
    """In the order in which they were asked. Nothing that lies at an address makes it fail or takes longer."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_read, asked))


def _read(asked: CalendarAsked) -> CalendarRead:
    # By its input and never by its arguments: those are for everybody on the machine to see.
    question = {
        "address": asked.address,
        "zone": asked.zone,
        "first": asked.first.isoformat(),
        "last": asked.last.isoformat(),
        "never": asked.never,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sessions.planning.busy_child"],
            cwd=ROOT,
            env=_environment(),
            input=json.dumps(question).encode() + b"\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TAKES_AT_MOST,
            start_new_session=True,
            check=False,
        )
        found = json.loads(done.stdout[:ANSWER_AT_MOST])
        return CalendarRead(BusySpans.read(found["busy"]) if "busy" in found else NOTHING, found.get("trouble", ""))
    except subprocess.TimeoutExpired:
        return CalendarRead(trouble=SLOW)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Ended by the system before it had said anything: by the clock while fetching, or by what lay there.
        return CalendarRead(trouble=SLOW if done.returncode == -14 else UNREADABLE)


def _environment() -> dict[str, str]:
    """Keys and passwords of the app are none of its business; the certificates that are trusted are."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"PYTHONDONTWRITEBYTECODE": "1"}
