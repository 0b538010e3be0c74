"""Every form that a page shows, filled with what nobody should type: never a fault of ours, nothing comes back as markup.

The forms are read from the pages themselves, so a new one is in this test as soon as a page shows it. They are sent while
all is well, and from another tab when what they are about was closed, held, cancelled or ended meanwhile, while a key is
missing or destroyed, and while Redis or the mail server is away. A hundred and twenty posts in `make test`, two hundred and fifty
in `.ci/run`; POSTS=20000 for the long run (make security).
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
import time_machine
from django.db import connection, models, transaction
from django.db.models.signals import post_save
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.rules.clean import clean_text
from circles.sealed import SealedTextField
from sessions.live import hub
from tests.config.test_states import come_to
from tests.factories import NOW
from tests.forms import OURS, Site
from tests.pages.test_missing_keys import destroyed, missing

pytestmark = pytest.mark.django_db
POSTS = int(os.environ.get("POSTS", "60"))
MARKUP = "<script>alert('fuzz')</script>"
NASTY = [
    "", " ", "\x00", "a\x00b", "\ud800", "\u202eevil", "\u200b\u200b", "👩‍👩‍👧", "a\r\nBcc: x@example.org", "=1+1", "@SUM(A1)",
    "{{ 7|add:7 }}", "{% load x %}", MARKUP, f'"><img src=x onerror=alert(1)>{MARKUP}', "'; DROP TABLE users; --", "%s%n",
    "9" * 40, "-1", "1e309", "NaN", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "24:00", "99:99", "2027-03-28",
    "x" * 6000, "é" * 3000, "../../etc/passwd", "http://evil.example/", "//evil.example", "javascript:alert(1)",
    "9223372036854775808", "-9223372036854775809", "\u0663", "\u00b2", "\u2460", "\u0967\u0966", "1_0", "+5", "\u0301\u0316", "\ufeff",
    "0001-01-01T00:00", "2027-02-30", "9999-12-31T23:59", "\udfff\ud800", f"{'n' * 200}@{'a' * 60}.example.org", "\u2066x",
    "00000000-0000-0000-0000-000000000000", "true", "on", "null", "[]", "\t", "\u2028", "ﷺ" * 300, "a@b", "x@example.org," * 40,
]  # fmt: skip


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = Site()
        yield made
        transaction.set_rollback(True)


def body(fields: dict[str, str], *, times: int = 1) -> bytes:
    """What a browser, or somebody with worse intentions, would send; each field so many times."""
    parts = (
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in fields.items()
        for _again in range(times)
    )
    return "&".join(parts).encode()


# What became of things since the page was drawn (tests/config/states.py), and what does not work today.
MOMENTS = (
    "open", "open", "open", "closed", "emptied", "running", "held", "over a day after", "cancelled", "not_held", "programme ended",
)  # fmt: skip
TROUBLES = ("none", "none", "none", "key missing", "key destroyed", "redis away", "mail away")
# What a trouble may be answered with: a calm page that says so.
CALM = {"key missing": {503}, "mail away": {503}}
TIMES = (1, 1, 1, 1, 2, 300)


@contextmanager
def trouble(what: str) -> Iterator[None]:
    with ExitStack() as stack:
        if what == "key missing":
            stack.enter_context(missing())
        elif what == "key destroyed":
            stack.enter_context(destroyed())
        elif what == "redis away":
            stack.enter_context(override_settings(REDIS_URL="redis://127.0.0.1:1/0"))
            stack.callback(hub._redis.clear)
            hub._redis.clear()
        elif what == "mail away":
            stack.enter_context(override_settings(EMAIL_BACKEND="tests.accounts.test_no_mail.Away"))
        yield


def committed() -> None:
    """What is done after the commit, which the test does not come to; the solver has tests of its own."""
    waiting = [do for _ids, do, _robust in connection.run_on_commit]
    connection.run_on_commit.clear()
    for do in waiting:
        if getattr(do, "__name__", "") != "begin_soon":
            do()


@contextmanager
def stored() -> Iterator[list[tuple[str, str]]]:
    """Every text that models of ours are saved with meanwhile, and where."""
    found: list[tuple[str, str]] = []

    def look(sender: type[models.Model], instance: models.Model, **more: Any) -> None:
        if sender._meta.app_label in OURS:
            for one in sender._meta.concrete_fields:
                if isinstance(one, models.CharField | models.TextField | SealedTextField):
                    found.append((f"{sender.__name__}.{one.name}", str(getattr(instance, one.name) or "")))

    post_save.connect(look)
    try:
        yield found
    finally:
        post_save.disconnect(look)


def test_forms_of_all_kinds_were_found(site: Site) -> None:
    actions = {form.action for form in site.listed}
    assert len(site.listed) > 80
    for part in ("/circles/start/", "/settings/", "/commitments/add/", "/agreement/propose/", "/join/",
                 "/people/import/", "/sign/login/", "/account/times/", "/pulses/"):  # fmt: skip
        assert any(part in action for action in actions), part


# What pages read from their address.
ASKED = (
    "next", "theme", "line", "from", "until", "minutes", "format", "date", "time", "also", "repeat", "all", "people", "stage",
    "part", "about", "sharing", "page", "circle", "status", "q", "o", "p", "is_active__exact", "status__exact", "_facets",
)  # fmt: skip


@settings(max_examples=POSTS // 5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_address_is_a_fault_of_ours(site: Site, data: st.DataObject) -> None:
    path, person = data.draw(st.sampled_from(site.pages))
    names = data.draw(st.sets(st.sampled_from(ASKED), min_size=1, max_size=3))
    asked = {name: data.draw(st.sampled_from(NASTY)) for name in sorted(names)}
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        answer = site.clients[person].get(f"{path}?{body(asked).decode()}")
        assert answer.status_code < 500 or path == "/readyz", (path, asked)
        if not answer.streaming:
            assert MARKUP.encode() not in answer.content, (path, asked)
        transaction.set_rollback(True)


@settings(max_examples=POSTS, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_is_a_fault_of_ours(site: Site, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(site.listed))
    fields = dict(form.fields)
    for name in data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1, max_size=4)) if fields else ():
        fields[name] = data.draw(st.sampled_from(NASTY))
    for name in data.draw(st.sets(st.sampled_from(sorted(fields)), max_size=2)) if fields else ():
        del fields[name]
    moment, amiss = data.draw(st.sampled_from(MOMENTS)), data.draw(st.sampled_from(TROUBLES))
    raw = body(fields, times=data.draw(st.sampled_from(TIMES)))
    tried = (form.action, fields, moment, amiss)
    client = site.clients[form.person]
    client.cookies.pop("messages", None)
    with transaction.atomic(), stored() as texts, time_machine.travel(NOW, tick=False) as clock:
        clock.move_to(come_to(moment, site.world))
        texts.clear()
        with trouble(amiss):
            answer = client.post(form.action, raw, content_type="application/x-www-form-urlencoded")
            committed()
            assert answer.status_code < 500 or answer.status_code in CALM.get(amiss, ()), tried
            if answer.status_code == 302:
                assert not urlsplit(answer.url).netloc, (tried, answer.url)
                if any(MARKUP in value for value in fields.values()):
                    answer = client.get(answer.url)
                    assert answer.status_code < 500 or answer.status_code in CALM.get(amiss, ()), tried
        if not answer.streaming:
            assert MARKUP.encode() not in answer.content, tried
        assert [text for text in texts if clean_text(text[1], lines=True) != text[1]] == [], tried
        transaction.set_rollback(True)
