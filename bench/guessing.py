"""Whether guessing is stopped by the tenth try: `python -m bench.guessing`.

More than 10,000 requests from 1,000 addresses at a running site: wrong passwords, codes, slips and second steps against
one person, with a flood of other requests in between that tries to push the counters out. What counts is how many
guesses the site really held against the secret. Afterwards the person signs in, in a browser of theirs.
"""

import http.client
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from bench.report import SECURITY, write
from bench.streams import running_site
from tests.browser.live_server import ROOT, Site

PLACES, AT_ONCE = 1_000, 8
PASSWORD = "three plain words"
VICTIM = "alice@example.org"
MAKE = f"""
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from tests.factories import make_user
make_user("Alice", email="{VICTIM}")
TOTP.activate(make_user("Bob", email="bob@example.org"), generate_totp_secret())
"""
SENT: list[str] = []
STOPPED = "That was tried too often"


class Visitor:
    """A browser at one address, which may try several things one after the other."""

    def __init__(self, site: Site, place: int) -> None:
        self.connection = http.client.HTTPConnection("localhost", site.port, timeout=60)
        self.place = f"10.{place // 250}.{place % 250}.7"
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"X-Forwarded-For": self.place, "X-Forwarded-Proto": "http"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        SENT.append(path)
        self.connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = self.connection.getresponse()
        body = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _equals, kept = value.split(";")[0].partition("=")
                self.cookies[cookie] = kept
        return answer.status, answer.getheader("Location") or "", body

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        if not hasattr(self, "token"):
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", "/sign/login/")[2])
            self.token = found.group(1) if found else ""
        return self.ask("POST", path, form | {"csrfmiddlewaretoken": self.token})


def password(visitor: Visitor, number: int) -> str:
    status, _to, body = visitor.post("/sign/login/", {"login": VICTIM, "password": f"wrong words {number}"})
    return "stopped" if STOPPED in body or status == 429 else f"looked at ({status})"


def code(visitor: Visitor, number: int) -> str:
    visitor.post("/sign/login/code/", {"email": VICTIM})
    status, to, body = visitor.post("/sign/login/code/confirm/", {"code": f"AAA-{number:04}"})
    if status == 302 and to.startswith("/sign/login"):
        return "stopped"  # no code was mailed, so none is asked for
    return "stopped" if STOPPED in body or status == 429 else f"looked at ({status})"


def second_step(visitor: Visitor, number: int) -> str:
    visitor.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD})
    status, _to, body = visitor.post("/sign/2fa/authenticate/", {"code": f"{number:06}"})
    return "stopped" if STOPPED in body or status == 429 else f"looked at ({status})"


def slip(visitor: Visitor, number: int) -> str:
    letters = "".join("23456789ABCDEFGH"[(number >> (4 * at)) & 15] for at in range(8))
    status, _to, _body = visitor.post("/join/", {"code": f"{letters}BCDE"})
    return "stopped" if status == 429 else f"looked at ({status})"


def flood(visitor: Visitor, number: int) -> str:
    status, _to, _body = visitor.post("/sign/password/reset/", {"email": f"p{number}@example.org"})
    return f"answered ({status})"


WAYS = {"a password": password, "a code by mail": code, "a second step": second_step, "a slip’s code": slip}
# What one place does. Each reads a form first; codes and second steps take two posts a guess.
TURNS = ["a password", "flood", "a code by mail", "a slip’s code", "a second step", "flood", "a password"]


def visit(site: Site, place: int) -> Counter[tuple[str, str]]:
    """Seven tries from one place, each with a browser of its own."""
    seen: Counter[tuple[str, str]] = Counter()
    for at, way in enumerate(TURNS):
        number = 10 * place + at
        seen[way, (WAYS.get(way) or flood)(Visitor(site, place), number)] += 1
    return seen


def owner_gets_in(owner: Visitor) -> bool:
    status, to, _body = owner.post("/sign/login/", {"login": VICTIM, "password": PASSWORD})
    return status == 302 and not to.startswith("/sign/")


def main() -> None:
    with running_site(TRUSTED_PROXY_COUNT="1") as site:
        words = [sys.executable, "manage.py", "shell", "-c", MAKE]
        subprocess.run(words, cwd=ROOT, env=site.environment, check=True, capture_output=True)
        owner = Visitor(site, PLACES + 1)
        if not owner_gets_in(owner):
            raise RuntimeError("the owner does not get in")
        owner.cookies.pop("sessionid")  # the browser was closed
        del owner.token
        with ThreadPoolExecutor(AT_ONCE) as pool:
            seen = sum(pool.map(lambda place: visit(site, place), range(PLACES)), Counter[tuple[str, str]]())
        owner.connection.close()  # the site closes one that is idle
        faulty = {f"{way}: {said}": number for (way, said), number in seen.items() if "(5" in said}
        if faulty:  # what the site said of them
            print(*(line for line in site.logs().splitlines() if " ERROR " in line), sep="\n", file=sys.stderr)
        rows = [("requests, from how many addresses, at once", f"{len(SENT):,}, {PLACES:,}, {AT_ONCE}")]
        for way in WAYS:
            looked = sum(number for (one, said), number in seen.items() if one == way and said.startswith("looked"))
            tried = sum(number for (one, _said), number in seen.items() if one == way)
            rows.append(
                (f"guesses at {way}: tried, looked at, beyond the tenth", f"{tried:,}, {looked}, {max(0, looked - 10)}")
            )
        rows.append(("faults", ", ".join(f"{number} × {what}" for what, number in faulty.items()) or "0"))
        rows.append(("its owner gets in meanwhile, in a browser of theirs", "yes" if owner_gets_in(owner) else "no"))
    write("Guessing: is it stopped by the tenth try?", "python -m bench.guessing", rows, SECURITY)


if __name__ == "__main__":
    main()
