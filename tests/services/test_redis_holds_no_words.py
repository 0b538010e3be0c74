"""P8: a site in production with people who read and press; then every key and value of Redis, and what was told through it."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site

pytestmark = pytest.mark.services
PLANT = """
from circles.sealed import sealed_models
for model in sealed_models():
    for row in model.objects.select_related("vault"):
        for name in row.sealed_names():
            if row.__dict__[name]:
                setattr(row, name, '{"function": "canary"}' if name == "attributes" else "a canary in redis")
        row.save()
"""


def get(address: str, cookie: str, form: dict[str, Any] | None = None) -> str:
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(address, body, {"Cookie": cookie, "Referer": address})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()


def told(channel: Any) -> list[bytes]:
    """Everything that was told through Redis since it was asked last."""
    heard = []
    while message := channel.get_message():
        heard.append(repr(message).encode())
    return heard


def held(client: "redis.Redis") -> list[bytes]:
    """Every key with its value, of whatever type."""
    reads = {b"string": client.get, b"list": lambda key: client.lrange(key, 0, -1), b"set": client.smembers}
    reads |= {b"hash": client.hgetall, b"zset": lambda key: client.zrange(key, 0, -1, withscores=True)}
    reads |= {b"none": lambda key: None}  # taken away since the keys were listed
    return [key + repr(reads[client.type(key)](key)).encode() for key in client.keys("*")]


def read_and_press(site: Site) -> int:
    """As people of a running session: its room, a press, a press refused; and wrong passwords. How many words were read."""
    out = site.folder / "lines"
    site.manage("bench_sessions", "--sessions", "1", "--per", "3", "--out", str(out), wait=True)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    for number in range(4):
        for line in lines:
            press = line["resume" if number % 2 else "pause"]
            get(press, line["cookie"], {"expected_seq": 1 + number, "csrfmiddlewaretoken": line["csrf"]})
    subprocess.run([sys.executable, "manage.py", "shell", "-c", PLANT], cwd=ROOT, env=site.environment, check=True)
    read = 0
    for line in lines:
        circle = get(f"{site.address}/circles/", line["cookie"]).split('href="/circles/')[-1].split("/")[0]
        for page in (f"circles/{circle}/", f"circles/{circle}/agreement/", "", "commitments/"):
            read += "canary in redis" in get(f"{site.address}/{page}", line["cookie"])
    return read


def test_every_key_and_value(tmp_path: Path) -> None:
    sink = Sink()
    sink.start()
    client = redis.Redis.from_url(REDIS.rsplit("/", 1)[0] + "/11")
    client.flushdb()
    with production_site(tmp_path, sink, REDIS.rsplit("/", 1)[0] + "/11", migrated=True) as site:
        site.start()
        channel = client.pubsub()
        channel.psubscribe("*")
        assert read_and_press(site) >= 3
        heard = told(channel)
        deadline = time.monotonic() + 20
        found: list[bytes] = []
        while time.monotonic() < deadline:
            found += held(client)
            threading.Event().wait(0.25)
        heard += told(channel)
        channel.close()
    client.close()
    sink.stop()
    assert any(b"talking-piece:live" in one for one in heard)
    assert len(found) > 10
    assert [one for one in heard + found if b"canary" in one.lower()] == []
