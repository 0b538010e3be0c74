"""A real Celery worker and beat on a real Redis, mail through a real SMTP sink; killed, emptied, refused."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site

pytestmark = pytest.mark.services

PUT = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.kinds import COMMITMENT_DUE
from notifications.services import About, messages_put
from tests.factories import make_circle, make_user
now = timezone.now()
alice = make_user("Alice Archer", email="alice{tag}@example.org")
circle = make_circle(alice, now=now)
made = commitment_make(
    circle=circle, owner=alice, details=CommitmentDetails("a canary", (now + timedelta(days=40)).date()), now=now
)
messages_put(kind=COMMITMENT_DUE, about=About("commitment", made.code), to=[alice], due_at=now, now=now)
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def site(tmp_path: Path, sink: Sink) -> Iterator[Site]:
    """Worker and beat without a web process: what is due is found in the database."""
    with production_site(tmp_path, sink, REDIS.rsplit("/", 1)[0] + "/14", migrated=True) as made:
        redis.Redis.from_url(made.environment["REDIS_URL"]).flushdb()
        made.celery("worker", "--concurrency", "1")
        made.celery("beat", "--scheduler", "config.beat:Scheduler", "--max-interval", "1")
        yield made


def put(site: Site, tag: str) -> str:
    """Make somebody with a commitment whose reminder is due now; their address."""
    script = PUT.replace("{tag}", tag)
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script], cwd=ROOT, env=site.environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return f"alice{tag}@example.org"


def test_a_reminder_goes_out_from_a_real_worker_and_beat(site: Site, sink: Sink) -> None:
    mail = sink.wait_for(put(site, ""), "One of your commitments", seconds=60)
    assert "a canary" not in str(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@localhost>")


def test_the_embedded_process_sends_it_too(tmp_path: Path, sink: Sink) -> None:
    """One process on SQLite: a reminder that another process wrote is found at the next tick."""
    one = Site(tmp_path, sink)
    one.migrated()
    one.start()
    try:
        mail = sink.wait_for(put(one, "5"), "One of your commitments", seconds=30)
    finally:
        one.stop()
    assert "a canary" not in str(mail)


def test_an_emptied_redis_and_a_killed_worker_lose_nothing(site: Site, sink: Sink) -> None:
    sink.wait_for(put(site, "1"), "One of your commitments", seconds=60)
    worker = site.processes[0]
    worker.kill()
    worker.wait()
    address = put(site, "2")
    redis.Redis.from_url(site.environment["REDIS_URL"]).flushdb()
    site.celery("worker", "--concurrency", "1")
    sink.wait_for(address, "One of your commitments", seconds=60)
    assert [m["to"] for m in sink.mails].count(address) == 1


def test_a_mail_server_that_is_down_delays_and_loses_nothing(site: Site, sink: Sink) -> None:
    sink.stop()
    address = put(site, "3")
    deadline = time.monotonic() + 60
    state = ""
    while "waiting, the server open" not in state and time.monotonic() < deadline:
        state = tried(site)
    assert state == "waiting, the server open"
    sink.start()
    # The first try comes thirty seconds after the refusal, and the next no later than 45.
    sink.wait_for(address, "One of your commitments", seconds=90)
    assert tried(site).startswith("sent")


def tried(site: Site) -> str:
    done = subprocess.run(
        [
            sys.executable, "manage.py", "shell", "-v", "0", "-c",
            "from notifications.models import Message, Relay; relay = Relay.objects.first();"
            " print(f'{Message.objects.get().state}, the server {relay.trouble if relay else None}')",
        ],
        cwd=ROOT, env=site.environment, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip("\n").splitlines()[-1]


def test_the_run_time_requirements_alone_can_reach_redis() -> None:
    """Plain celery and redis lack what kombu's Redis transport needs, and fail only in production."""
    listed = (ROOT / "requirements.txt").read_text()
    assert "\npackaging==" in listed
    subprocess.run([sys.executable, "-c", "import kombu.transport.redis"], check=True, cwd=ROOT)
