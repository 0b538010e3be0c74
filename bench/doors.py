"""Whether a door takes longer for an address with an account: `python -m bench.doors`.

A running site with its real password hashing and a mail server; each try comes from another address, as behind a proxy.
Known and unknown are tried in turn, so that whatever else the machine does meets both.
"""

import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from bench.report import SECURITY, write
from bench.streams import running_site
from tests.browser.live_server import ROOT, Site

TRIES, GOAL = 12, 1.3
PASSWORD = "three plain words"
DOORS = {
    "/sign/login/": ("login", {"password": "a wrong password"}),
    "/sign/login/code/": ("email", {}),
    "/sign/password/reset/": ("email", {}),
    "/sign/signup/": ("email", {"password1": PASSWORD, "name": "Somebody", "time_zone": "UTC"}),
}
MAKE = """
import json
from django.conf import settings
from django.test import Client
from django.utils import timezone
from circles.invitation_services import members_invite
from circles.tokens import token_for
from tests.factories import make_circle, make_user
now, doors, tries = timezone.now(), {doors}, {tries}
for door in range(doors + 2):
    for n in range(tries):
        make_user("Known", email=f"known{{n}}x{{door}}@example.org")
host, made = make_user("Host", email="host@example.org"), {{"tokens": {{}}, "circles": []}}
for n in range(tries):
    circle = make_circle(host, now=now)
    made["circles"].append(f"/circles/{{circle.code}}/people/")
    emails = [f"{{who}}{{n}}x{{doors}}@example.org" for who in ("known", "nobody")]
    for one in members_invite(circle=circle, emails=emails, by=host, now=now).sent:
        made["tokens"][one.email] = token_for(one)
client = Client()
client.force_login(host, backend=settings.AUTHENTICATION_BACKENDS[0])
made["cookie"] = f"{{settings.SESSION_COOKIE_NAME}}={{client.cookies[settings.SESSION_COOKIE_NAME].value}}"
print("made", json.dumps(made))
"""


def asked(
    site: Site, method: str, path: str, number: int, form: dict[str, str], cookie: str = ""
) -> tuple[int, str, str]:
    """Status, cookie and body of one request from a place of its own."""
    connection = http.client.HTTPConnection("localhost", site.port)
    headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}", "X-Forwarded-Proto": "http"}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form) or None, headers | ({"Cookie": cookie} if cookie else {}))
    answer = connection.getresponse()
    body = answer.read().decode()
    cookies = "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")
    connection.close()
    return answer.status, cookies, body


def takes(site: Site, method: str, path: str, number: int, form: dict[str, str], cookie: str) -> tuple[float, int]:
    """How long it takes, in milliseconds, and its status."""
    began = time.perf_counter()
    status, _cookie, _body = asked(site, method, path, number, form, cookie)
    took = (time.perf_counter() - began) * 1000
    if status not in (200, 302):
        raise RuntimeError(f"{path} answered {status}")
    return took, status


def post_takes(site: Site, path: str, form: dict[str, str], number: int, session: str = "") -> tuple[float, int]:
    """As `takes`, for a form: its page is read first, which does not count."""
    _status, cookie, page = asked(site, "GET", path, number, {}, session)
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|form_key)" value="([^"]+)"', page))
    if not hidden:
        raise RuntimeError(f"{path} shows no form")
    cookies = "; ".join(one for one in (session, cookie) if one)
    return takes(site, "POST", path, number, form | hidden, cookies)


def compared(title: str, at: int, one: Callable[[str, int, int], tuple[float, int]]) -> tuple[str, str]:
    """Twelve tries each, in turn; `one` is asked with who it is, the number of the try and a place to come from."""
    times: dict[str, list[float]] = {"known": [], "nobody": []}
    statuses = set()
    for number in range(TRIES):
        for who, spent in times.items():
            took, status = one(who, number, 1000 * at + 2 * number + (who == "known"))
            spent.append(took)
            statuses.add(status)
    known, nobody = (statistics.median(spent) for spent in times.values())
    ratio = max(known, nobody) / min(known, nobody)
    figure = f"{ratio:.2f} ({known:.0f} ms known, {nobody:.0f} ms unknown; status {', '.join(map(str, statuses))})"
    return f"{title}: medians of {TRIES} tries, ratio (goal {GOAL})", figure


def door(site: Site, at: int, path: str) -> tuple[str, str]:
    """A form that anybody may send."""
    field, rest = DOORS[path]

    def one(who: str, number: int, place: int) -> tuple[float, int]:
        return post_takes(site, path, rest | {field: f"{who}{number}x{at}@example.org"}, place)

    return compared(f"`{path}`", at, one)


def opening(site: Site, made: dict[str, Any]) -> tuple[str, str]:
    """The page of an invitation, for whoever holds its link."""

    def one(who: str, number: int, place: int) -> tuple[float, int]:
        token = made["tokens"][f"{who}{number}x{len(DOORS)}@example.org"]
        _status, cookie, _body = asked(site, "GET", f"/invitation/{token}/", place, {})
        return takes(site, "GET", "/invitation/", place, {}, cookie)

    return compared("the page of an invitation", len(DOORS), one)


def inviting(site: Site, made: dict[str, Any]) -> tuple[str, str]:
    """Inviting an address, as somebody who may."""
    at = len(DOORS) + 1

    def one(who: str, number: int, place: int) -> tuple[float, int]:
        form = {"people": f"{who}{number}x{at}@example.org"}
        return post_takes(site, made["circles"][number], form, place, made["cookie"])

    return compared("inviting an address", at, one)


def main() -> None:
    with running_site(TRUSTED_PROXY_COUNT="1") as site:
        words = [sys.executable, "manage.py", "shell", "-c", MAKE.format(doors=len(DOORS), tries=TRIES)]
        done = subprocess.run(words, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True)
        made = json.loads(done.stdout.rsplit("made ", 1)[1])
        rows = [door(site, at, path) for at, path in enumerate(DOORS)]
        rows += [opening(site, made), inviting(site, made)]
    write("Doors: does the time tell who has an account?", "python -m bench.doors", rows, SECURITY)


if __name__ == "__main__":
    main()
