"""M13: sealing anew is refused while any process has a connection to the database; real processes, both databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from circles.alone import alone
from circles.models import Goal
from circles.services import goal_write
from tests.factories import NOW, make_cast

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
# A site's process, as far as the lock is concerned: it has asked the database something and waits for what comes.
SITE = "import django; django.setup(); from circles.models import Circle; print(Circle.objects.count(), flush=True); input()"


def address() -> str:
    """The database of the tests, as `DATABASE_URL`."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    password = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    return f"postgres://{given['USER']}{password}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"


def process(folder: Path) -> subprocess.Popen[str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment = kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address(),
        "DATA_DIR": str(folder),
        "CONTENT_KEYS": ",".join(settings.CONTENT_KEYS),
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", SITE], cwd=ROOT, env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A process of the site; what it said first. It is ended at the end."""
    site = process(folder)
    try:
        yield site.stdout.readline()  # type: ignore[union-attr]
    finally:
        site.communicate("\n")


@pytest.mark.long
def test_sealing_anew_waits_for_every_process_and_keeps_others_out(tmp_path: Path) -> None:
    people = make_cast()
    goal_write(covenant=people.circle.covenants.get(), user=people.bob, text="Say no once a week.", now=NOW)
    before = bytes(Goal.objects.get().__dict__["text"])
    with running(tmp_path) as said:
        assert said == "1\n"
        with pytest.raises(CommandError, match="Another process is connected"):
            call_command("rotate_content_keys", "--rekey", stdout=StringIO())
        call_command("rotate_content_keys", stdout=StringIO())
    assert bytes(Goal.objects.get().__dict__["text"]) == before
    with alone(), running(tmp_path) as said:
        assert said == ""
    call_command("rotate_content_keys", "--rekey", stdout=StringIO())
    assert Goal.objects.get().text == "Say no once a week."
    assert bytes(Goal.objects.get().__dict__["text"]) != before
    with running(tmp_path) as said:
        assert said == "1\n"
