"""Opening pages writes nothing: every row of every table is the same before and after a crawl of all addresses."""

from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection

from accounts.models import User
from demonstration.circles import load
from sessions.formats.library import definitions, version_of
from tests.factories import NOW, signed_in
from tests.pages.test_canaries import addresses
from tests.thorough import THOROUGH

pytestmark = pytest.mark.django_db
# Django's own sessions carry flash messages and the token of an invitation that was opened; the cache's rows count
# guesses, and a secret in an address is guessed by opening it.
NOT_OURS = {"django_session", "usersessions_usersession", "accounts_cacherow"}


def rows() -> dict[str, str]:
    """A digest of each table's rows."""
    found = {}
    for model in apps.get_models():
        table = model._meta.db_table
        if table in NOT_OURS:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            held = sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor)
        found[table] = sha256("\n".join(held).encode()).hexdigest()
    return found


@pytest.mark.long
def test_a_crawl_leaves_every_row_as_it_was(client: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        load(now=NOW)
        for key in definitions():
            version_of(key)  # a library format's row is made at its first use
        emails = ("priya@example.org", "amara@example.org", "dana@example.org")
        priya, amara, dana = (signed_in(User.objects.get(email=email)) for email in emails)
        readers = (client, priya, amara, dana)
        before, opened = rows(), 0
        outside = set(addresses(inside=False))
        for path in sorted(set(addresses())):
            # To those outside a circle its addresses are one and the same 404.
            for reader in readers if path in outside or THOROUGH else (priya, amara):
                answer = reader.get(path)
                assert answer.status_code != 500, path
                opened += answer.status_code == 200
        after = rows()
    assert {table for table, digest in after.items() if digest != before[table]} == set()
    assert opened > 100
