"""What logs may say: no query strings, no form values, no exception texts that could quote what someone wrote."""

import logging
import re

_SECRETS = re.compile(r"/(invitation|setup|guest|calendar|unsubscribe|address/back|second-step/lost)/[^/\s\"']+")


class NoContent(logging.Filter):
    """Replaces secrets in paths and shortens a traceback to places and the exception's type."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRETS.sub(r"/\1/…", record.getMessage())
        record.args = ()
        if record.exc_info and record.exc_info[1]:
            record.msg += "\n" + where(record.exc_info[1])
            record.exc_info = None
            record.exc_text = None
        return True


def where(error: BaseException) -> str:
    """The places an exception came through and its type; its message may hold content and is left out."""
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return "\n".join([*places, f"  {type(error).__module__}.{type(error).__name__}"])
