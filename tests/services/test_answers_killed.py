"""Readers of the mailbox for answers are killed with -9 at any moment, over a real socket, on both databases."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site
from tests.mailboxes import SECRET, Box, mailbox_used
from tests.services.test_calendar_journey import BEFORE, SET_UP, THERE, do

pytestmark = pytest.mark.services

TOKENS = """
import json
from datetime import timedelta
from notifications.calendars import uid
from sessions.replies.services import answer_token
before = now - timedelta(minutes=59)
print("TOLD" + json.dumps({"entries": [
    [one.email, uid(date.code), answer_token(user=one, session=date, now=before)]
    for one in (bob, carol) for date in dates
]}))
"""
# All is set an hour ago, so that every answer below was said after that, and before it is read.
AN_HOUR_AGO = "now -= timedelta(hours=1)\n"
READ = "from sessions.tasks import read_answers\nread_answers()"
TELL = """
import json
from django.db.models import Count
said = Participation.objects.exclude(rsvp="")
print("TOLD" + json.dumps({
    "said": [[one.user.email, uid(one.session.code), one.rsvp] for one in said.select_related("user", "session")],
    "counted": dict(AnswerMail.objects.values_list("outcome").annotate(n=Count("pk"))),
}))
"""
SAID = [("ACCEPTED", "yes"), ("TENTATIVE", "maybe"), ("DECLINED", "no")]


@contextmanager
def sqlite(folder: Path) -> Iterator[Site]:
    site = Site(folder, Sink())
    site.migrated()
    yield site


@contextmanager
def postgres(folder: Path) -> Iterator[Site]:
    with production_site(folder, Sink(), REDIS.rsplit("/", 1)[0] + "/12", migrated=True) as site:
        yield site


def answer(token: str, entry: str, partstat: str, at: datetime) -> bytes:
    lines = [
        f"To: calendar+{token}@circles.example", f"Message-ID: <{token}.{at:%H%M%S}@home.example>",
        "Content-Type: text/calendar; method=REPLY", "", "BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{entry}", f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}", "SEQUENCE:0",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:anybody@home.example", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("database", [sqlite, postgres])
def test_each_answer_counts_once_and_none_is_lost_however_often_readers_are_killed(
    database: Any, tmp_path: Path
) -> None:
    dice, box = random.Random(23), Box()
    with database(tmp_path) as site, mailbox_used(box) as port:
        site.environment |= {
            "ANSWER_ADDRESS": "calendar@circles.example", "ANSWER_IMAP_HOST": "127.0.0.1",
            "ANSWER_IMAP_PORT": str(port), "ANSWER_IMAP_SECURITY": "none", "ANSWER_IMAP_USER": "circles",
            "ANSWER_IMAP_PASSWORD": SECRET,
        }  # fmt: skip
        do(site, AN_HOUR_AGO + SET_UP, there=False)
        entries = do(site, TOKENS)["entries"]
        # None is said later than it is read, which would be taken for a clock that is ahead.
        a_minute_ago, holds, mails = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1), {}, []
        for email, entry, token in entries:
            for number in range(5):
                partstat, holds[email, entry] = dice.choice(SAID)
                mails.append(answer(token, entry, partstat, a_minute_ago + timedelta(seconds=number)))
        strange = [f"To: x\r\nMessage-ID: <{number}@spam.example>\r\n\r\nbuy".encode() for number in range(10)]
        shuffled = mails + strange
        dice.shuffle(shuffled)
        for raw in [*shuffled, *dice.sample(mails, 5)]:  # and some of them twice
            box.put(raw)
        killed = _read_and_kill(site, box, dice)
        told = do(site, "from notifications.calendars import uid\n" + TELL)
    assert killed >= 8
    assert {(email, entry): rsvp for email, entry, rsvp in told["said"]} == holds
    # Of answers that were read after a later one some are put aside; each is counted once, and none is gone.
    assert sum(told["counted"].values()) == len(mails) + len(strange)
    assert set(strange) <= set(box.aside())


def _read_and_kill(site: Site, box: Box, dice: random.Random) -> int:
    """Let one process after the other read until the mailbox is empty, and kill each within a few mails. How many."""
    killed = 0
    while box.waiting():
        reader = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-c", BEFORE + THERE + READ],
            cwd=ROOT, env=site.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        left = dice.randint(1, 9)

        def kill(one: "subprocess.Popen[bytes]" = reader, after: float = dice.random() / 50) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                threading.Timer(after, one.kill).start()

        box.slow = kill
        killed += reader.wait(timeout=300) == -9
    return killed
