"""The greatest and nastiest that every field of every form takes: the answer is little work, and every column holds it.

Work is counted in calls of functions (tests/work.py), so the bound is the same on a busy machine. Every third form in
`make test`, every form in `.ci/run`; GREATEST=all for every form with every text (make security).
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.db.models.signals import post_save

from tests.factories import NOW
from tests.forms import OURS, Form, Site
from tests.pages.test_fuzz import body
from tests.thorough import part
from tests.work import calls

pytestmark = pytest.mark.django_db
ALL = os.environ.get("GREATEST") == "all"
# A request may carry a megabyte; what is written in percent signs takes three bytes for one.
ROOM = 300_000
# Most pages take some twenty thousand calls; the fullest, a file of two thousand people, takes half of this.
CALLS = 1_500_000
TEXTS = (
    "<", "@,", '"', "a b ", "<a@", "-", "\u0301\u0316", "\u200b", "\ufdfa", "\n", "\n-\n", "[", "a: &a [*a]\n", "9", "\u00b2", "\ud800",
    "()", "*_", "http://a.b/", "\u202e", "\U0001f469\u200d", "x@y.zz ", ",", ":", "%", "\\", "0:", "\u0f73",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = Site()
        yield made
        transaction.set_rollback(True)


def sent(site: Site, form: Form, fields: dict[str, str]) -> int:
    """How many calls it takes to answer this, with nothing kept of it. A fault of ours fails here."""
    client = site.clients[form.person]
    client.cookies.pop("messages", None)
    raw = body(fields)
    found: list[int] = []

    def post() -> None:
        answer = client.post(form.action, raw, content_type="application/x-www-form-urlencoded")
        found.append(answer.status_code)

    with time_machine.travel(NOW, tick=False), transaction.atomic():
        count = calls(post)
        transaction.set_rollback(True)
    assert found[0] < 500, form.action
    return count


def greatest(form: Form, text: str) -> dict[str, str]:
    """Every field as full of a text as one request can carry. What says which form it is stays."""
    room = ROOM // max(1, len(form.fields)) // len(text.encode("utf-8", "surrogatepass"))
    return {name: value if name in ("form_key", "of") else text * room for name, value in form.fields.items()}


def test_what_is_far_too_much_is_refused_with_little_work(site: Site) -> None:
    tried = [
        (form, text)
        for at, form in part(enumerate(site.listed), of=5)
        for text in (TEXTS if ALL else [TEXTS[at % len(TEXTS)]])
    ]
    for form, text in tried:
        assert sent(site, form, greatest(form, text)) < CALLS, (form.action, text)


@pytest.mark.parametrize("letter", ["x", "\u00e9 "])
def test_as_much_as_a_field_takes_fits_its_column_and_is_little_work(site: Site, letter: str) -> None:
    """PostgreSQL refuses what is longer than its column; SQLite keeps it, so it is looked at here."""
    long: list[str] = []

    def look(sender: type[models.Model], instance: models.Model, **more: Any) -> None:
        if sender._meta.app_label in OURS:
            for one in sender._meta.concrete_fields:
                most = getattr(one, "max_length", None)
                if isinstance(one, models.CharField) and most and len(str(getattr(instance, one.attname) or "")) > most:
                    long.append(f"{sender.__name__}.{one.name}")

    post_save.connect(look)
    try:
        for form in part(site.listed, of=3, first=1 + (letter == "x")):
            full = {name: (letter * most)[:most] for name, most in form.most.items()}
            full |= {name: mailbox(most) for name, most in form.most.items() if "email" in name or name == "login"}
            if full:
                assert sent(site, form, form.fields | full) < CALLS, form.action
    finally:
        post_save.disconnect(look)
    assert long == []


def mailbox(most: int) -> str:
    """The longest address there is."""
    domain = ".".join(["a" * 60] * 2) + ".example.org"
    return f"{'n' * min(64, most - len(domain) - 1)}@{domain}"


def test_files_as_bad_as_they_may_be_are_little_work(site: Site) -> None:
    uploads = [form for form in site.listed if "file" in form.fields]
    assert {form.action.split("/")[-2] for form in uploads} == {"import", "bring"}
    assert len({form.action for form in uploads}) == 4, "formats, journeys, what is from a shelf, people"
    for form in uploads:
        # As much as is read: what is larger is refused unread, which asks nothing.
        most = 890_000 if "programmes" in form.action else 99_000
        for text in TEXTS if ALL else TEXTS[:4]:
            raw = (text * most).encode("utf-8", "surrogatepass")[:most]
            count = calls(lambda form=form, raw=raw: upload(site, form, raw))
            assert count < CALLS, (form.action, text)


def upload(site: Site, form: Form, raw: bytes) -> None:
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        file = SimpleUploadedFile("people.csv", raw)
        answer = site.clients[form.person].post(form.action, form.fields | {"file": file})
        assert answer.status_code < 500, form.action
        transaction.set_rollback(True)
