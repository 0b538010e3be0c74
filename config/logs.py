"""What logs may say: no query strings, no form values, no secrets, no exception texts, and nothing a thousand times."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

_SECRETS = re.compile(
    r"/(invitation|setup|guest|answer|calendar|unsubscribe|address/back|second-step/lost|reset/key|confirm-email)/[^/\s\"']+"
)
# What Celery puts into its lines as text: what a task was given, and what an exception said.
_QUOTED = ("exc", "traceback", "args", "kwargs", "return_value")


class NoContent(logging.Filter):
    """Replaces secrets in paths and shortens a traceback to places and the exception's type."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):
            record.args = {name: "…" if name in _QUOTED else value for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_named(value) for value in record.args)
        record.msg = _SECRETS.sub(r"/\1/…", record.getMessage())
        record.args = ()
        if record.exc_info and record.exc_info[1]:
            record.msg += "\n" + where(record.exc_info[1])
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return True


def _named(value: Any) -> Any:
    """An exception that is part of a line is named, never quoted."""
    return type(value).__name__ if isinstance(value, BaseException) else value


class Seldom(logging.Filter):
    """Lets the same line through ten times a minute; how many were held back is said with the first one after that.

    Lines are the same that come from one place of the program and of one fault: who asks for a thousand addresses
    makes no thousand lines. So nobody outside fills a disk.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock = clock
        self.lock = Lock()
        self.seen: dict[tuple[str, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        key = (record.name, record.levelname, f"{record.pathname}:{record.lineno}", where(fault) if fault else "")
        now = self.clock()
        with self.lock:
            began, number = self.seen.get(key, (now, 0))
            held_back = max(0, number - AT_MOST)
            if now - began >= WITHIN:
                began, number = now, 0
            self.seen[key] = (began, number + 1)
        if number >= AT_MOST:
            return False
        if number == 0 and held_back:
            record.msg = f"{record.msg} (and {held_back} like it were held back)"
        return True


AT_MOST, WITHIN = 10, 60.0


def where(error: BaseException) -> str:
    """The places an exception came through and its type; its message may hold content and is left out."""
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return "\n".join([*places, f"  {type(error).__module__}.{type(error).__name__}"])
