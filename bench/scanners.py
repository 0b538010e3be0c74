"""Public scanners against a running production site behind TLS: `python -m bench.scanners`, as root (ports 80, 443).

They are no part of this installation and are looked for: `nginx` and `openssl` (Debian), `wapiti` and `sqlmap`
(PyPI packages wapiti3 and sqlmap, best in an environment of their own on PATH), and `OBSERVATORY`, the path of
`src/scan.js` of the npm package @mdn/mdn-http-observatory (without the network its installation needs --ignore-scripts,
and an empty object as its conf/hsts-preload.json). What is missing is said, and not measured. First two holes
are planted into a copy of the site, and the scanners must find them. `SCAN_SECONDS` (600) is the time for each role of
wapiti, `EACH_SECONDS` (900) the most for one address of sqlmap. What a scanner could not try, or did not come to the
end of, is a row of its own and ends nothing else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import SECURITY, write
from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site

SECONDS = int(os.environ.get("SCAN_SECONDS", "600"))
EACH = int(os.environ.get("EACH_SECONDS", "900"))
ROLES = {"member": "amara@example.org", "facilitator": "priya@example.org", "administrator": "dana@example.org"}
PAGES = ("/sign/login/", "/sign/signup/", "/who-sees-what/", "/help/", "/join/")
MODULES = (
    "xss,sql,timesql,permanentxss,file,exec,redirect,ssrf,crlf,csrf,cookieflags,http_headers,csp,xxe,upload,ldap,backup,"
    "htaccess"
)
HOME = "https://localhost"
# Both halves of the form token, so that what the scanners send is not refused before it is looked at.
SECRET = "scan" * 8
# Leaving through these doors would end the scan's own session.
NOT_SCANNED = ("/admin/logout/*", "/sign/logout/*", "/sign/sessions/*", "/account/delete/*", "/static/*")
NGINX = """
worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 1024; }}
http {{
  access_log off; server_tokens off;
  server {{ listen 80; server_name localhost; return 301 https://$host$request_uri; }}
  server {{
    listen 443 ssl; server_name localhost;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{port}; proxy_set_header Host $host; proxy_buffering off;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""
COOKIES = """
import json
from django.test import Client
from accounts.models import User
from django.conf import settings
found = {}
for role, email in json.loads(ROLES).items():
    client = Client()
    client.force_login(User.objects.get(email=email), backend=settings.AUTHENTICATION_BACKENDS[0])
    found[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
print("cookies", json.dumps(found))
"""
HOLES = """

def hole(request):
    from django.http import HttpResponse
    return HttpResponse("<p>You asked for " + request.GET.get("q", "") + "</p>")


def leak(request):
    from django.db import connection
    from django.http import HttpResponse
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM accounts_user WHERE name LIKE '" + request.GET.get("name", "") + "%'")
        return HttpResponse(str(cursor.fetchone()))


urlpatterns += [path("hole/", hole), path("leak/", leak)]
"""
# Forms by the address of their page; what is typed is replaced by what the scanner tries.
FORMS = {
    "/circles/start/": "name=Tea&people=&purpose=x&date=2030-01-01&time=10:00&time_zone=Europe/London&cadence=monthly",
    "/account/profile/": "name=Amara&time_zone=Europe/London",
    "/account/times/": "weekdays=0&start=540&end=600&level=good",
    "/commitments/": "text=Tea&due_on=2030-01-01",
    "/join/": "code=ABCDEFGHJKLM",
    "{circle}commitments/add/": "text=Tea&due_on=2030-01-01&partner=&audience=circle",
    "{circle}agreement/propose/add/": "theme=respect&text=Tea&why=tea",
    "{circle}goals/": "text=Tea",
    "{circle}word/": "to=contact",
    "{circle}sessions/schedule/": "format=council&date=2030-01-01&time=10:00&zone=Europe/London&minutes=120&people=5",
    "{programme}settings/": "name=Tea&purpose=x&time_zone=Europe/London&starts_on=2030-01-01&ends_on=2030-06-01",
    "{programme}people/": "emails=tea@example.org",
    "{programme}administrators/": "email=tea@example.org",
    "{programme}forming/": "first_on=2030-01-01",
    "{programme}forming/rules/": "levels_apart=1&places_alike=&hours=1&language=1",
}
PARAMETERS = (
    "/formats/?people=5", "/formats/council/?people=5", "/account/words/?page=1", "/account/notices/?circle=x",
    "/account/profile/?next=/", "/sign/login/?next=/", "{circle}agreement/?from=1",
    "{circle}agreement/propose/add/?theme=respect", "{circle}agreement/propose/reword/?line=x",
    "{circle}sessions/schedule/?format=council&date=2030-01-01&time=10:00&also=12:00&repeat=1",
    "{circle}times/?from=2030-01-01&number=6&weeks=3&minutes=120", "{session}session.ics?all=1",
    "{session}live/?sharing=1", "{format}edit/?stage=x&part=y&about=1&people=5",
    "{programme}?page=1&circle=Alder&facilitator=Priya&first=2026-01-01&last=2030-01-01",
    "{programme}people/?page=1&q=tea&state=waiting", "{programme}forming/?q=tea&show=all&day=0",
    "{programme}facilitators/?page=1&q=tea", "{programme}participation.csv?first=2026-01-01&last=2030-01-01",
)  # fmt: skip


class Untried(Exception):
    """A scanner did not look, or did not come to its end."""


@contextmanager
def behind_tls(folder: Path, *, holes: bool = False) -> Iterator[tuple[Site, dict[str, str]]]:
    """A production site with the demonstration at https://localhost, and a session for each role."""
    sink = Sink()
    sink.start()
    with production_site(folder, sink, REDIS.rsplit("/", 1)[0] + "/12") as site:
        site.environment |= {"SITE_URL": HOME, "TRUSTED_PROXY_COUNT": "1", "REGISTRATION": "open"}
        copy = planted(folder) if holes else ROOT
        for words in (("migrate", "-v", "0"), ("collectstatic", "--no-input", "-v", "0"), ("demo",)):
            site.manage(*words, wait=True)
        log = (folder / "serve.log").open("ab")
        web = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=copy, env=site.environment, stdout=log, stderr=log
        )
        site.processes.append(web)
        site.address = f"http://127.0.0.1:{site.port}"
        site.wait_until_up()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=site.port))
        nginx = ["nginx", "-c", str(folder / "nginx.conf")]
        subprocess.run(nginx, check=True)
        try:
            yield site, cookies(site)
        finally:
            subprocess.run([*nginx, "-s", "stop"], check=True)
            sink.stop()


def planted(folder: Path) -> Path:
    """A copy of the program with two holes, and links to them on the help page."""
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "data", "node_modules", ".*_cache"))
    urls, page = copy / "config" / "urls.py", copy / "templates" / "pages" / "help.html"
    urls.write_text(urls.read_text() + HOLES)
    links = '{% block main %}<a href="/hole/?q=tea">tea</a> <a href="/leak/?name=Priya">Priya</a>'
    page.write_text(page.read_text().replace("{% block main %}", links))
    return copy


def cookies(site: Site) -> dict[str, str]:
    script = COOKIES.replace("ROLES", repr(json.dumps(ROLES)))
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
    )
    found = re.search(r"^cookies (.*)$", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(done.stderr)
    sessions: dict[str, str] = json.loads(found[1])
    return sessions


def certificates(folder: Path) -> None:
    """An authority of this measurement, and a certificate of it for localhost."""
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    for words in (
        "req -x509 -newkey rsa:2048 -nodes -days 3 -keyout ca.key -out ca.pem -subj /CN=Scan"
        " -addext basicConstraints=critical,CA:TRUE",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out ask.pem -subj /CN=localhost",
        "x509 -req -in ask.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile names -out cert.pem",
    ):
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)


def cookie(session: str) -> str:
    return f"__Host-sessionid={session}; __Host-csrftoken={SECRET}"


def headers(folder: Path) -> list[tuple[str, str]]:
    script = os.environ.get("OBSERVATORY", "")
    if not Path(script).is_file():
        return [("header scan", "not measured: OBSERVATORY names no script")]
    rows = []
    for page in PAGES:
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": str(folder / "ca.pem")}
        done = subprocess.run(["node", script, f"localhost{page}"], env=environment, capture_output=True, text=True)
        scan = json.loads(done.stdout)["scan"]
        rows.append((f"header scan of `{page}` (goal 100 or better, A+)", f"{scan['grade']}, {scan['score']}"))
    return rows


def wapiti(folder: Path, session: str, start: str, *, seconds: int, modules: str = MODULES) -> tuple[int, list[str]]:
    """How many pages were crawled, and what was found: vulnerabilities, and pages that broke."""
    report = folder / "wapiti.json"
    each = max(10, seconds * 2 // 3 // (modules.count(",") + 1))
    words = ["wapiti", "-u", f"{HOME}{start}", "--scope", "domain", "-d", "6", "-m", modules]
    words += ["-H", f"Cookie: {cookie(session)}", "-H", f"Referer: {HOME}/"]
    words += f"--max-scan-time {seconds // 3} --max-attack-time {each} --flush-session".split()
    words += ["--store-session", str(folder / "wapiti"), "--no-bugreport", "-f", "json", "-o", str(report)]
    for address in NOT_SCANNED:
        words += ["-x", f"{HOME}{address}"]
    report.unlink(missing_ok=True)
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode or not report.is_file():
        raise Untried(f"wapiti ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    said = json.loads(report.read_text())
    found = [
        f"{name}: {one['path']}"
        for part in ("vulnerabilities", "anomalies")
        for name, ones in said[part].items()
        for one in ones
    ]
    return said["infos"]["crawled_pages_nbr"], found


def sqlmap(folder: Path, session: str, path: str, form: str = "") -> list[str]:
    """The parameters that sqlmap takes to be injectable."""
    words = ["sqlmap", "-u", f"{HOME}{path}", "--cookie", cookie(session), "--referer", f"{HOME}{path}"]
    words += f"--batch --ignore-code 404 --flush-session --threads 4 --output-dir {folder}/sqlmap".split()
    words += ["--dbms", "PostgreSQL"]
    if form:
        words += ["--data", f"{form}&csrfmiddlewaretoken={SECRET}", "--skip", "csrfmiddlewaretoken"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=EACH)
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        early = [f"{path}: {line}" for line in said.splitlines() if "injectable" in line and "might not" not in line]
        if early:
            return early
        raise Untried(f"{path}: ended after {EACH // 60} minutes, nothing found by then") from None
    if "testing if" not in done.stdout:
        raise Untried(f"{path}: {done.stdout[-800:]}")
    return [f"{path}: {line}" for line in done.stdout.splitlines() if line.startswith("Parameter: ")]


def injected(
    sessions: dict[str, str], folder: Path, known: dict[str, str], tried: dict[str, str], what: str
) -> list[tuple[str, str]]:
    """What sqlmap finds at these addresses, each with the form that goes there, and what it could not look at."""
    leaks: list[str] = []
    untried = []
    for path, form in tried.items():
        role = "administrator" if "{programme}" in path else "facilitator"
        began = time.monotonic()
        try:
            leaks += sqlmap(folder, sessions[role], path.format(**known), form)
        except Untried as why:
            print("not tried:", why)
            untried.append(re.sub(r"[{}]|\?.*", "", path))
        print(f"{time.monotonic() - began:.0f} s", path, flush=True)
    print(*leaks, sep="\n", flush=True)
    rows = [(f"sqlmap, {len(tried) - len(untried)} {what} (goal 0)", f"{len(leaks)} found")]
    if untried:
        rows.append((f"the same, not tried or not to their end: {', '.join(untried)}", str(len(untried))))
    return rows


def addresses(sessions: dict[str, str], folder: Path) -> dict[str, str]:
    """The circle, its session and format, and the programme that scans go into."""

    def first(role: str, page: str, pattern: str) -> str:
        words = ["curl", "-s", "--cacert", f"{folder}/ca.pem", "-H", f"Cookie: {cookie(sessions[role])}", HOME + page]
        found = re.search(pattern, subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        if found is None:
            raise RuntimeError(f"nothing like {pattern} on {page}")
        return found[1]

    circle = first("facilitator", "/circles/", r'href="(/circles/[0-9a-f-]{36}/)"')
    return {
        "circle": circle,
        "session": first("facilitator", circle, r'href="(/sessions/[0-9a-f-]{36}/)'),
        "format": first("facilitator", "/formats/", r'href="(/formats/[0-9a-f-]{36}/)'),
        "programme": first("administrator", "/programmes/", r'href="(/programmes/[0-9a-f-]{36}/)'),
    }


def measure_holes(folder: Path) -> list[tuple[str, str]]:
    with behind_tls(folder, holes=True) as (_site, sessions):
        _pages, found = wapiti(folder, sessions["member"], "/help/", seconds=SECONDS // 2, modules="xss")
        leaks = sqlmap(folder, sessions["member"], "/leak/?name=Priya")
    return [
        ("planted script hole found by wapiti", "yes" if any("/hole/" in one for one in found) else "no"),
        ("planted injection found by sqlmap", "yes" if leaks else "no"),
    ]


def measure(folder: Path) -> list[tuple[str, str]]:
    with behind_tls(folder) as (_site, sessions):
        rows = headers(folder)
        known = addresses(sessions, folder)
        rows += injected(sessions, folder, known, dict.fromkeys(PARAMETERS, ""), "addresses with every GET parameter")
        rows += injected(sessions, folder, known, FORMS, "forms, every field")
        print(*rows, sep="\n", flush=True)
        for role in ROLES:
            try:
                pages, found = wapiti(folder, sessions[role], "/", seconds=SECONDS)
            except Untried as why:
                rows.append((f"wapiti as {role} (goal 0)", "ended with a fault of its own"))
                print(role, why, flush=True)
                continue
            print(role, found, flush=True)
            rows.append((f"wapiti as {role}, {SECONDS // 60} minutes, {pages} pages (goal 0)", f"{len(found)} found"))
        log = (folder / "serve.log").read_text()
    print(*re.findall(r"Internal Server Error: .*", log), sep="\n")
    rows += [
        ("server errors in the log meanwhile (goal 0)", str(log.count("Internal Server Error"))),
        (
            "posts that were refused for want of a form token, so not looked at",
            str(log.count("security.csrf Forbidden")),
        ),
    ]
    return rows


def main() -> None:
    missing = [name for name in ("nginx", "openssl", "curl", "wapiti", "sqlmap") if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        rows = [("scanners", f"not measured: {', '.join(missing) or 'root'} is not here")]
    else:
        rows = []
        for part in (measure_holes, measure):
            with tempfile.TemporaryDirectory() as name:
                certificates(Path(name))
                rows += part(Path(name))
            print(*rows, sep="\n", flush=True)
    write("Public scanners", "python -m bench.scanners", rows, SECURITY)


if __name__ == "__main__":
    main()
