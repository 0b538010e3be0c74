"""A season in people's own calendars, over real SMTP and IMAP sockets, in both modes.

A series of six is scheduled and its invitations leave. A calendar program's answers come back by mail. One date is moved,
one is cancelled, one person leaves. What stands in each calendar, kept as a program keeps it, is compared with the site.
"""

import json
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import redis
from icalendar import Calendar, Event, vText

from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site
from tests.mailboxes import SECRET, Box, mailbox_used

pytestmark = pytest.mark.services

SET_UP = """
from sessions.formats.library import version_of
from sessions.planning.series_services import SeriesDetails, series_schedule
from sessions.planning.services import SessionDetails
from sessions.rules.recurrence import Rhythm
from tests.factories import make_circle, make_user
alice, bob, carol = (make_user(name, zone="Europe/London") for name in ("Alice Archer", "Bob Baker", "Carol Cook"))
circle = make_circle(alice, [bob, carol], now=now)
begin = (now + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0, tzinfo=None)
first = SessionDetails(local_start=begin, zone="Europe/London", format=version_of("council"), minutes=120)
weekly = Rhythm(first=begin.date(), times=(begin.time(),), weeks=1, count=6)
series_schedule(circle=circle, details=SeriesDetails(first, weekly), now=now)
"""
MOVE = """
from sessions.planning.services import SessionDetails, session_update
one = dates[1]
later = datetime.combine(one.local_date, one.local_time) + timedelta(days=1, hours=1)
moved = SessionDetails(later, one.zone, one.format_version, one.minutes)
session_update(session=one, details=moved, now=now)
"""
CANCEL = """
from sessions.planning.services import session_cancel
session_cancel(session=dates[2], now=now - timedelta(minutes=11))  # its mails wait for ten
"""
LEAVE = """
from pages.ending_services import circle_leave
circle_leave(membership=circle.memberships.get(user=bob), now=now)
"""
TELL = """
import json
print("TOLD" + json.dumps({
    "dates": [[one.starts_at.isoformat(), str(one.status)] for one in dates],
    "said": [[one.user.email, one.session.starts_at.isoformat(), one.rsvp]
        for one in Participation.objects.exclude(rsvp="").select_related("user", "session")],
    "aside": list(AnswerMail.objects.filter(outcome="aside").values_list("why", flat=True)),
    "probe": Heartbeat.objects.filter(name="answers_probe_arrived").exists(),
}))
"""
BEFORE = """
from datetime import datetime, timedelta
from django.utils import timezone
from accounts.models import User
from circles.models import Circle
from notifications.models import Heartbeat
from sessions.models import AnswerMail, CircleSession, Participation
now = timezone.now()
"""
THERE = """
alice, bob, carol = (User.objects.get(email=f"{name}@example.org") for name in ("alice", "bob", "carol"))
circle = Circle.objects.get()
dates = list(CircleSession.objects.order_by("pk"))
"""


def do(site: Site, script: str, *, there: bool = True) -> dict[str, Any]:
    """Act in the site's database by another process; what `TELL` told."""
    words = BEFORE + (THERE if there else "") + script
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", words], cwd=ROOT, env=site.environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = done.stdout.decode().rpartition("TOLD")[2]
    return json.loads(told) if told.startswith("{") else {}


class Post(Sink):
    """One mail server for everybody: what goes to the answer address lies in the mailbox that the site reads."""

    def __init__(self, box: Box) -> None:
        super().__init__()
        self.box = box

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if any(to.startswith("calendar+") for to in envelope.rcpt_tos):
            self.box.put(envelope.content.replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n"))
            return "250 kept"
        return await super().handle_DATA(server, session, envelope)

    def wait_for_more(self, to: str, *, than: int) -> None:
        """Until more mails to an address than so many have an invitation."""

        def came() -> bool:
            mine = [mail for mail in self.mails if mail["to"] == to]
            return len([mail for mail in mine if mail.get_content_type() == "multipart/mixed"]) > than

        with self.came:
            assert self.came.wait_for(came, timeout=120), f"no further invitation to {to}"


@dataclass
class Program:
    """A person's calendar program: it keeps the newest of each entry, and answers to its organizer."""

    address: str
    post: Post
    entries: dict[str, Event] = field(default_factory=dict)
    read: int = 0

    def look(self) -> None:
        """Take over everything that has come since the last look."""
        with self.post.came:
            mails = [mail for mail in self.post.mails if mail["to"] == self.address]
        for mail in mails[self.read :]:
            for part in mail.walk():
                if part.get_content_type() == "text/calendar":
                    self._take(Calendar.from_ical(part.get_payload(decode=True)))
        self.read = len(mails)

    def _take(self, calendar: Any) -> None:
        for event in calendar.walk("VEVENT"):
            attendees = event.get("ATTENDEE")
            assert str(attendees).lower() == f"mailto:{self.address}", "one reader, and nobody else's address"
            held = self.entries.get(str(event["UID"]))
            if held is None or int(event["SEQUENCE"]) >= int(held["SEQUENCE"]):
                event["X-METHOD"] = vText(str(calendar["METHOD"]))
                self.entries[str(event["UID"])] = event

    def standing(self) -> list[datetime]:
        """When something is on, by this calendar."""
        on = [one for one in self.entries.values() if str(one["X-METHOD"]) != "CANCEL"]
        return sorted(one.decoded("DTSTART").astimezone(UTC) for one in on if str(one["STATUS"]) != "CANCELLED")

    def answer(self, at: datetime, partstat: str) -> None:
        """What the program mails when its person presses a button of the entry at this time."""
        event = next(one for one in self.entries.values() if one.decoded("DTSTART").astimezone(UTC) == at)
        reply, said = Calendar(), Event()
        reply.add("prodid", "-//A program//EN")
        reply.add("version", "2.0")
        reply.add("method", "REPLY")
        for name in ("UID", "SEQUENCE", "DTSTART", "ORGANIZER"):
            said[name] = event[name]
        said.add("dtstamp", datetime.now(UTC))
        said.add("attendee", f"mailto:{self.address}", parameters={"PARTSTAT": partstat})
        reply.add_component(said)
        mail = EmailMessage()
        mail["From"], mail["Subject"] = self.address, f"{partstat}: a session"
        mail["To"] = str(event["ORGANIZER"]).partition(":")[2]
        mail["Message-ID"] = f"<{time.time_ns()}@program.example>"
        mail.set_content("")
        mail.add_alternative(reply.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
        with smtplib.SMTP("127.0.0.1", self.post.port) as line:
            line.send_message(mail)


@contextmanager
def embedded(folder: Path, post: Post, settings: dict[str, str]) -> Iterator[Site]:
    """One process on SQLite that does everything."""
    site = Site(folder, post)
    site.environment |= settings
    site.migrated()
    try:
        site.start()
        yield site
    finally:
        site.stop()


@contextmanager
def celery(folder: Path, post: Post, settings: dict[str, str]) -> Iterator[Site]:
    """Worker and beat on PostgreSQL and Redis."""
    with production_site(folder, post, REDIS.rsplit("/", 1)[0] + "/12", migrated=True) as site:
        site.environment |= settings
        redis.Redis.from_url(site.environment["REDIS_URL"]).flushdb()
        site.celery("worker", "--concurrency", "1")
        site.celery("beat", "--scheduler", "config.beat:Scheduler", "--max-interval", "1")
        yield site


def until(site: Site, true: Any, *, what: str, seconds: float = 150) -> dict[str, Any]:
    """Ask the site until something is so; what it told then."""
    deadline = time.monotonic() + seconds
    while True:
        told = do(site, TELL)
        if true(told):
            return told
        assert time.monotonic() < deadline, f"{what}: {told}\n{site.logs()}"


@pytest.mark.parametrize("mode", [embedded, celery])
def test_a_season_stands_in_everybodys_calendar_and_their_answers_come_back(mode: Any, tmp_path: Path) -> None:
    box = Box()
    post = Post(box)
    post.start()
    with mailbox_used(box) as port:
        settings = {
            "ANSWER_ADDRESS": "calendar@circles.example", "ANSWER_IMAP_HOST": "127.0.0.1",
            "ANSWER_IMAP_PORT": str(port), "ANSWER_IMAP_SECURITY": "none", "ANSWER_IMAP_USER": "circles",
            "ANSWER_IMAP_PASSWORD": SECRET,
        }  # fmt: skip
        try:
            with mode(tmp_path, post, settings) as site:
                _season(site, Program("bob@example.org", post), Program("carol@example.org", post), box)
        finally:
            post.stop()


def _season(site: Site, bob: Program, carol: Program, box: Box) -> None:
    do(site, SET_UP, there=False)
    for one in (bob, carol):
        while len(one.entries) < 6:  # a mail of its own for each
            bob.post.wait_for_more(one.address, than=len(one.entries))
            one.look()
    dates = [datetime.fromisoformat(at) for at, _status in do(site, TELL)["dates"]]
    assert len(dates) == 6
    assert bob.standing() == carol.standing() == dates

    for at in dates:
        bob.answer(at, "ACCEPTED")
    carol.answer(dates[0], "DECLINED")
    last = [carol.address, dates[0].isoformat(), "no"]
    told = until(site, lambda told: last in told["said"], what="the answers did not come back")
    said = {(email, datetime.fromisoformat(at)): rsvp for email, at, rsvp in told["said"]}
    assert {said[bob.address, at] for at in dates} == {"yes"}
    assert said[carol.address, dates[0]] == "no"
    assert (carol.address, dates[1]) not in said

    do(site, MOVE)
    do(site, CANCEL)
    for one in (bob, carol):
        bob.post.wait_for(one.address, "ancelled", seconds=120)
        bob.post.wait_for(one.address, "Changed", seconds=120)
        one.look()
    told = do(site, TELL)
    after = sorted(datetime.fromisoformat(at) for at, status in told["dates"] if status == "planned")
    assert len(after) == 5
    assert bob.standing() == carol.standing() == after

    # To the date as it is now, by an entry that was changed since; and of one who is there no more.
    carol.answer(after[1], "TENTATIVE")
    until(site, lambda told: [carol.address, after[1].isoformat(), "maybe"] in told["said"], what="the moved date")
    do(site, LEAVE)
    deadline = time.monotonic() + 150
    while bob.standing():
        assert time.monotonic() < deadline, f"{bob.standing()}\n{site.logs()}"
        with bob.post.came:
            bob.post.came.wait(5)
        bob.look()
    bob.answer(after[3], "ACCEPTED")
    told = until(site, lambda told: told["aside"], what="the answer of somebody who left")
    assert told["aside"] == ["left"]
    assert told["probe"], "our own mail to the answer address arrived"
    assert (box.waiting(), len(box.aside())) == (0, 1)
    assert carol.standing() == after
