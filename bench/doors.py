"""Whether a door takes longer for an address with an account: `python -m bench.doors`.

A running site with its real password hashing and a mail server; each try comes from another address, as behind a proxy.
Known and unknown are tried in turn, so that whatever else the machine does meets both.
"""

import http.client
import re
import statistics
import subprocess
import sys
import time
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
from tests.factories import make_user
people = [make_user("Known", email=f"known{{n}}x{{d}}@example.org") for d in range({doors}) for n in range({tries})]
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


def post_takes(site: Site, path: str, form: dict[str, str], number: int) -> tuple[float, int]:
    """How long the POST takes, in milliseconds, and its status."""
    _status, cookie, page = asked(site, "GET", path, number, {})
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError(f"{path} shows no form")
    began = time.perf_counter()
    status, _cookie, _body = asked(site, "POST", path, number, form | {"csrfmiddlewaretoken": found[1]}, cookie)
    took = (time.perf_counter() - began) * 1000
    if status not in (200, 302):
        raise RuntimeError(f"{path} answered {status}")
    return took, status


def door(site: Site, at: int, path: str) -> tuple[str, str]:
    field, rest = DOORS[path]
    times: dict[str, list[float]] = {"known": [], "nobody": []}
    statuses = set()
    for number in range(TRIES):
        for who, spent in times.items():
            place = 1000 * at + 2 * number + (who == "known")
            took, status = post_takes(site, path, rest | {field: f"{who}{number}x{at}@example.org"}, place)
            spent.append(took)
            statuses.add(status)
    known, nobody = (statistics.median(spent) for spent in times.values())
    ratio = max(known, nobody) / min(known, nobody)
    figure = f"{ratio:.2f} ({known:.0f} ms known, {nobody:.0f} ms unknown; status {', '.join(map(str, statuses))})"
    return f"`{path}`: medians of {TRIES} tries, ratio (goal {GOAL})", figure


def main() -> None:
    with running_site(TRUSTED_PROXY_COUNT="1") as site:
        script = MAKE.format(doors=len(DOORS), tries=TRIES)
        subprocess.run([sys.executable, "manage.py", "shell", "-c", script], cwd=ROOT, env=site.environment, check=True)
        rows = [door(site, at, path) for at, path in enumerate(DOORS)]
    write("Doors: does the time tell who has an account?", "python -m bench.doors", rows, SECURITY)


if __name__ == "__main__":
    main()
