"""Settings: every variable is documented, nonsense stops the process with a sentence, production guesses nothing."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from config import env
from config.celery import app
from config.settings_page import Setting, described, settings_page, settings_read
from tests.thorough import seldom

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "MODE": "production",
    "SECRET_KEY": "correct-horse-battery-staple-0123456789-abcdefghijklmnopqrs",
    "CONTENT_KEYS": "k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "SITE_URL": "https://circles.example.org",
    "TRUSTED_PROXY_COUNT": "1",
    "EMAIL_HOST": "mail.example.org",
    "DATABASE_URL": "postgres://piece@127.0.0.1/none",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=kept | environment, capture_output=True, text=True
    )


def test_every_variable_stands_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text()))
    example = (ROOT / ".env.example").read_text()
    assert len(read) > 20
    assert [name for name in sorted(read) if not re.search(rf"^#?{name}=", example, re.MULTILINE)] == []


def test_the_page_of_settings_was_written_after_the_last_change() -> None:
    """Otherwise: `manage.py settings_page`."""
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()


def test_the_page_of_settings_says_what_a_setting_may_be_and_is_without() -> None:
    source = """
A = env.choice("A", ("on", "off"), "on" if HTTPS else "off")
B = env.number("B", 3, low=1, high=9)
C = env.boolean("C", default=PORT == 25)
D = env.text("D") or env.kept_secret("E")
F = Path(env.text("F", str(BASE_DIR / "files")))
"""
    assert settings_read(source) == {
        "A": Setting("A", "`on`, `off`", "`on` with https, else `off`"),
        "B": Setting("B", "1 to 9", "`3`"),
        "C": Setting("C", "`1`, `0`", "`1` where `PORT` is 25"),
        "D": Setting("D", "text", "none"),
        "F": Setting("F", "text", "`files` beside `manage.py`"),
    }


def test_a_comment_of_the_example_is_said_of_what_follows_it() -> None:
    example = "# Two lines\n# of words.\nA=1\n#B=2\n\n# Of C.\nC=\n"
    assert list(described(example)) == [("A", "Two lines of words."), ("B", ""), ("C", "Of C.")]


def test_production_settings_pass_the_deployment_check() -> None:
    done = start(GOOD, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_production_without_a_mail_server_is_said_at_the_start() -> None:
    done = start(GOOD | {"EMAIL_HOST": ""}, "check")
    assert done.returncode == 0
    assert "EMAIL_HOST is empty: mails are written to" in done.stderr
    assert "reach nobody" in done.stderr


def test_cookies_are_for_this_host_over_tls_and_for_no_script() -> None:
    asked = "from django.conf import settings as s; print([getattr(s, name) for name in %r])"
    names = [
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "THEME_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE",
    ]  # fmt: skip
    done = start(GOOD, "shell", "-v", "0", "-c", asked % names)
    prefixed = ["__Host-sessionid", "__Host-csrftoken", "__Host-theme"]
    assert done.stdout.strip().splitlines()[-1] == str([*prefixed, True, True, True, True, "Lax", "Lax"])


KEY = GOOD["CONTENT_KEYS"].removeprefix("k:")
NONSENSE: list[tuple[dict[str, str], str]] = [
    ({"SECRET_KEY": "change-me"}, "SECRET_KEY must be set"),
    ({"CONTENT_KEYS": ""}, "CONTENT_KEYS must be set"),
    (
        {"DATABASE_URL": "postgres://piece@db/none?ssl=on"},
        "DATABASE_URL says something after its ? that is not heard",
    ),
    ({"DB_LOCK_SECONDS": "soon"}, "DB_LOCK_SECONDS is 'soon'; it must be a whole number from 1 to 60."),
    ({"SITE_URL": ""}, "SITE_URL must be the address people use"),
    ({"REDIS_URL": ""}, "both DATABASE_URL and REDIS_URL must be set"),
    ({"REGISTRATION": "maybe"}, "REGISTRATION is 'maybe'; it must be one of: open, invite."),
    ({"PORT": "http"}, "PORT is 'http'; it must be a whole number from 1 to 65535."),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/no/such/file"}, "SECRET_KEY_FILE: /no/such/file cannot be read"),
    ({"SITE_URL": "https://circles.example.org/app"}, "SITE_URL must be a host of its own"),
    ({"TRUSTED_PROXY_COUNT": "0"}, "every page would lead to itself. Say how many proxies there are."),
    ({"SSL_CERT_FILE": "/no/such/ca.pem"}, "SSL_CERT_FILE is /no/such/ca.pem, which cannot be read."),
    ({"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL must begin with redis://"),
    ({"ANSWER_ADDRESS": "calendar"}, "ANSWER_ADDRESS is 'calendar'; it must be an address such as"),
    ({"ANSWER_ADDRESS": "calendar@example.org"}, "ANSWER_ADDRESS needs a mailbox (ANSWER_IMAP_HOST) or"),
    ({"ANSWER_IMAP_HOST": "imap.example.org"}, "(ANSWER_IMAP_HOST) or ANSWER_DOOR_SECRET, and both need it."),
    (
        {"ANSWER_ADDRESS": "@answers.example.org", "ANSWER_DOOR_SECRET": "short"},
        "ANSWER_DOOR_SECRET must be at least 32 random characters",
    ),
    ({"EMAIL_PORT": "465", "EMAIL_USE_TLS": "1"}, "EMAIL_USE_TLS and EMAIL_USE_SSL are both on"),
    ({"EMAIL_HOST_USER": "circles"}, "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD go together"),
    ({"EMAIL_HOST_PASSWORD": "secret"}, "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD go together"),
    ({"MAIL_FROM": "Talking Piece"}, "MAIL_FROM is 'Talking Piece'; it must be an address"),
    ({"MAIL_FROM": "Circles <circles@example.org>, more@example.org"}, "it must be an address"),
    ({"SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
    ({"EMAIL_HOST_PASSWORD_FILE": sys.executable}, "cannot be read (it is no text)"),
    (
        {"ANSWER_ADDRESS": "@answers.example.org", "ANSWER_IMAP_HOST": "imap.example.org"},
        "ANSWER_IMAP_HOST, ANSWER_IMAP_USER and ANSWER_IMAP_PASSWORD go together",
    ),
    (
        {"MODE": "embedded", "DATA_DIR": "/etc/hostname/data"},
        "DATA_DIR is /etc/hostname/data, which cannot be made",
    ),
]
# Where the id is forgotten the key stands in its place.
BAD_KEYS = ("k:short", KEY, f"{KEY}:", f":{KEY}", f"k1 {KEY}", f"a:{KEY},a:{KEY}")

# Python and the libraries are loaded once; each environment is a process that branches off before any setting is read,
# or, for content keys, which a system check looks at, when all else is set up.
BRANCHES = """
import json, os, runpy, sys, tempfile
import celery.schedules, dj_database_url, django.core.management, django.utils.translation
good, changes, keys = json.load(sys.stdin)
sys.argv = ["manage.py", "check"]
done = []

def branch(begin):
    said = [tempfile.TemporaryFile() for _stream in range(2)]
    child = os.fork()
    if not child:
        os.dup2(said[0].fileno(), 1)
        os.dup2(said[1].fileno(), 2)
        begin()
        runpy.run_path("manage.py", run_name="__main__")
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    done.append([code, *(os.pread(one.fileno(), 100_000, 0).decode() for one in said)])

os.environ.clear()
os.environ.update(good)
for one in changes:
    branch(lambda: os.environ.update(one))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
django.core.checks.run_checks()  # so that everything is loaded
from config import env
from config.settings_page import Setting, described, settings_page, settings_read
from django.conf import settings
for os.environ["CONTENT_KEYS"] in keys:
    branch(lambda: setattr(settings, "CONTENT_KEYS", env.words("CONTENT_KEYS")))
print(json.dumps(done))
"""


def refusals(changes: list[dict[str, str]], keys: Sequence[str] = ()) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of `check` in each of these environments, then with each of these content keys."""
    asked = json.dumps([GOOD, changes, keys])
    done = subprocess.run([sys.executable, "-c", BRANCHES], cwd=ROOT, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def refused(request: pytest.FixtureRequest) -> dict[int, tuple[int, str, str]]:
    """What became of those of NONSENSE that this run asks about: all of them from one process."""
    asked = sorted(one.callspec.params["at"] for one in request.session.items if "refused" in one.fixturenames)  # type: ignore[attr-defined]
    return dict(zip(asked, refusals([NONSENSE[at][0] for at in asked]), strict=True))


@pytest.mark.parametrize("at", seldom(range(len(NONSENSE)), of=4), ids=[said for _changes, said in NONSENSE])
def test_nonsense_stops_the_process_with_a_sentence(at: int, refused: dict[int, tuple[int, str, str]]) -> None:
    code, _out, errors = refused[at]
    assert code != 0
    assert NONSENSE[at][1] in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "address",
    ["", "circles.example.org", "ftp://a.example", "https://", "https://a.example:http", "https://[::1", "http://a:0"],
)
def test_what_is_no_address_of_a_site_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", address)
    with pytest.raises(env.BadSetting, match="SITE_URL must be the address people use"):
        env.site_address("SITE_URL", "")


@pytest.mark.parametrize("behind", ["/app", "?x=1", "#x"])
def test_a_site_has_a_host_of_its_own(behind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (f"https://a.example{behind}", f"https://me@a.example{behind}", "https://:x@a.example"):
        monkeypatch.setenv("SITE_URL", address)
        with pytest.raises(env.BadSetting, match="SITE_URL must be a host of its own"):
            env.site_address("SITE_URL", "")
    monkeypatch.setenv("SITE_URL", "https://a.example:8443/")
    assert env.site_address("SITE_URL", "").geturl() == "https://a.example:8443"


def test_a_folder_that_cannot_be_made_is_refused_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    assert env.folder("DATA_DIR", tmp_path, needed=False) == tmp_path / "file" / "data"
    with pytest.raises(env.BadSetting, match=r"DATA_DIR is .*, which cannot be made"):
        env.folder("DATA_DIR", tmp_path, needed=True)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new" / "data"))
    assert env.folder("DATA_DIR", tmp_path, needed=True).stat().st_mode & 0o777 == 0o700


def test_how_far_browsers_are_told_of_tls_can_be_chosen() -> None:
    asked = "from django.conf import settings as s; print([getattr(s, f'SECURE_HSTS_{name}') for name in %r])"
    names = ["SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD"]
    done = start(GOOD | {"HSTS": "host"}, "shell", "-v", "0", "-c", asked % names)
    assert done.stdout.strip().splitlines()[-1] == "[31536000, False, False]", done.stderr


@pytest.mark.parametrize(
    ("keys", "first"), seldom([(BAD_KEYS[:2], "number 1 is not id:key"), (BAD_KEYS[2:], "number")], of=2)
)
def test_nothing_of_a_content_key_is_printed(keys: tuple[str, ...], first: str) -> None:
    refused = refusals([], keys)
    assert len(refused) == len(keys)
    assert f"CONTENT_KEYS: {first}" in refused[0][2]
    for code, out, errors in refused:
        assert code != 0
        assert "CONTENT_KEYS: number" in errors
        assert "Traceback" not in errors
        assert not any(KEY[at : at + 8] in out + errors for at in range(len(KEY) - 8))


def test_a_port_in_use_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = start({"PORT": port, "DATA_DIR": str(tmp_path)}, "run")
    assert done.returncode != 0
    assert f"Port {port} on 127.0.0.1 is in use. Choose another: PORT=8001 make run" in done.stderr


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert wanted - set(app.tasks) == set()


def test_commands_that_the_readme_names_exist() -> None:
    files = ("README.md", "SECURITY.md", "docker-compose.yml", "docs/reliability.md", "docs/security.md")
    named = {name for file in files for name in re.findall(r"manage\.py[, ]+([a-z_]+)", (ROOT / file).read_text())}
    assert {"backup", "restore", "migrate", "collectstatic", "serve", "setup_link"} <= named
    assert named - set(get_commands()) == set()


def test_requirements_name_no_index_and_are_hashed() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-browser.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
