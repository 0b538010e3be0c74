"""Mail servers that misbehave: towards some people, for days, for all but a minute an hour, or by being slow."""

import asyncio
import os
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.outbox_rig import Rows, SlowSink, rig


def relays() -> Rows:
    """A relay that refuses, hangs, or takes a mail and cuts the line; how late are the mails of others?"""
    found: Rows = []
    for manner in ("4xx", "5xx", "hang", "drop"):
        sink = SlowSink()
        with rig(sink) as site:
            site.fill(60, circles=12)
            people = site.query("SELECT DISTINCT user_id FROM notifications_message WHERE state = 'waiting'")
            bad = [row[0] for row in people[:3]]
            named = site.query(f"SELECT email FROM accounts_user WHERE id IN ({','.join(map(str, bad))})")
            sink.manners = {row[0]: manner for row in named}
            others = int(
                site.query(
                    "SELECT count(*) FROM notifications_message WHERE state = 'waiting'"
                    f" AND user_id NOT IN ({','.join(map(str, bad))})"
                )[0][0]
            )
            began = time.monotonic()
            site.beat()
            site.worker(processes=1)
            deadline = began + 180
            good: list[float] = []
            while time.monotonic() < deadline:
                came = {str(mail["Message-ID"]) for mail in list(sink.mails) if mail["to"] not in sink.manners}
                good = [at - began for key, at in list(sink.at.items()) if key in came]
                if len(good) >= others:
                    break
                time.sleep(0.2)
            time.sleep(2)
            states = dict(
                site.query(
                    f"SELECT state, count(*) FROM notifications_message WHERE user_id IN ({','.join(map(str, bad))})"
                    " AND key LIKE 'bench:%' GROUP BY state"
                )
            )
        latest = f"{max(good):.1f} s" if len(good) == others else f"only {len(good)} of {others} came"
        what = ", ".join(f"{many} {state}" for state, many in sorted(states.items()))
        found.append((f"relay answers {manner} to three people: last mail of the others (at most 60 s late)", latest))
        found.append((f"the same ({manner}): what became of the three people's mails by then", what))
    return found


REFUSALS = {
    "sign-in refused (535)": {"sign_in": "535 5.7.8 bad password"},
    "sender refused (550)": {"sender": "550 5.1.8 unknown sender"},
    "policy of the relay (554 at DATA)": {"content": "554 5.7.1 policy"},
}


def days_away() -> Rows:
    """Three days of refusals, and four days of one minute an hour: a clock that is set, real sockets, SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        _prepare(folder)
        found: Rows = []
        for name, answers in REFUSALS.items():
            found += _days(name, answers, days=3)
        return found + _days("there one minute an hour", {}, days=4, hourly=True)


def _prepare(folder: str) -> None:
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "MODE": "embedded"}
    os.environ.pop("DATABASE_URL", None)
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _days(name: str, answers: dict[str, str], *, days: int, hourly: bool = False) -> Rows:
    from notifications.models import Message
    from notifications.models import Relay as Row
    from tests.relays import Relay, as_it_is, days_of_trouble, one_minute_an_hour, relay_used

    Message.objects.all().delete()
    Row.objects.all().delete()
    relay = Relay(**answers)
    with relay_used(relay) as port:
        got = days_of_trouble(
            relay,
            start=datetime(2027, 1, 11, 9, tzinfo=UTC),
            lasting=timedelta(days=days),
            step=timedelta(seconds=30) if hourly else timedelta(minutes=5),
            change=one_minute_an_hour(port) if hourly else as_it_is,
        )
    figures = f"{got.put - got.sent - got.dropped}, {got.failed}, {got.waiting}"
    return [
        (
            f"{name}, {days} days, {got.put} mails: lost, given up, still waiting (must be 0, 0, 0)",
            figures,
        ),
        ("the same: sent; dropped because they held for a day only", f"{got.sent}; {got.dropped}"),
        ("the same: extra copies (must be 0)", str(got.extra)),
        ("the same: connections tried meanwhile", str(got.talks)),
        ("the same: the last mail went so long after the end (at most 10 minutes)", str(got.slowest_after)),
    ]


class SlowReplies(SlowSink):
    """Nine seconds before each answer to a sender, an address, a text."""

    def __init__(self, seconds: float) -> None:
        super().__init__(delay=seconds)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await asyncio.sleep(self.delay)
        envelope.mail_from = address
        return "250 ok"

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]) -> list[str]:
        await asyncio.sleep(self.delay)
        session.host_name = name
        return answers

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await asyncio.sleep(self.delay)
        return await super().handle_RCPT(server, session, envelope, address, options)


def nine_seconds(number: int = 12) -> Rows:
    """A server that takes nine seconds a reply, and two workers of two processes with two beats on one database."""
    sink = SlowReplies(9.0)
    with rig(sink) as site:
        site.fill(number, circles=3)
        for _pair in range(2):
            site.worker(processes=2)
            site.beat()
        took = site.wait_until_sent(560)
        ids = Counter(str(mail["Message-ID"]) for mail in sink.mails)
    return [
        (f"nine seconds a reply, four engines, {number} mails: of these came (must be all)", str(len(ids))),
        ("the same: extra copies (must be 0)", str(sum(ids.values()) - len(ids))),
        ("the same: until the last was marked", f"{took:.0f} s"),
    ]
