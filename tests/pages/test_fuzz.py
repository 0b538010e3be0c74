"""Every form that a page shows, filled with what nobody should type: never a fault of ours, nothing comes back as markup.

The forms are read from the pages themselves, so a new one is in this test as soon as a page shows it. Five hundred posts
in the ordinary suite; POSTS=20000 for the long run (make security).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.access import ENTRANCE, RULES
from tests.config.test_access import World, names
from tests.factories import NOW, signed_in

pytestmark = pytest.mark.django_db
POSTS = int(os.environ.get("POSTS", "500"))
MARKUP = "<script>alert('fuzz')</script>"
NASTY = [
    "", " ", "\x00", "a\x00b", "\ud800", "\u202eevil", "\u200b\u200b", "👩‍👩‍👧", "a\r\nBcc: x@example.org", "=1+1", "@SUM(A1)",
    "{{ 7|add:7 }}", "{% load x %}", MARKUP, f'"><img src=x onerror=alert(1)>{MARKUP}', "'; DROP TABLE users; --", "%s%n",
    "9" * 40, "-1", "1e309", "NaN", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "24:00", "99:99", "2027-03-28",
    "x" * 6000, "é" * 3000, "../../etc/passwd", "http://evil.example/", "//evil.example", "javascript:alert(1)",
    "00000000-0000-0000-0000-000000000000", "true", "on", "null", "[]", "\t", "\u2028", "ﷺ" * 300, "a@b", "x@example.org," * 40,
]  # fmt: skip


@dataclass
class Form:
    """A form as a browser would read it: where it goes, and what its fields hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    person: int = 0


class Forms(HTMLParser):
    """The POST forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = known.get("method", "").lower() == "post"
            if self.inside:
                self.found.append(Form(known.get("action", "")))
        elif self.inside and tag in ("input", "select", "textarea", "button") and known.get("name"):
            self.found[-1].fields.setdefault(known["name"], known.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


# Leaving through these doors would end the person's session for the rest of the run.
NOT_FUZZED = ("/sign/logout/", "/account/delete/", "/sign/sessions/", "/admin/")


def forms_of(client: Client, path: str, person: int) -> Iterator[Form]:
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return
    reader = Forms()
    reader.feed(answer.content.decode())
    for form in reader.found:
        form.action, form.person = form.action or path, person
        form.fields.pop("csrfmiddlewaretoken", None)
        if not form.action.startswith(NOT_FUZZED):
            yield form


# Who opens an address of each rule; a facilitator sees all that a member does, and more forms.
OPENED_BY = {
    "open": 0, "token": 0, "signed": 1, "fresh": 1, "member": 1, "attending": 1, "facilitator": 1, "partner": 1,
    "pair": 2, "owner": 2, "enrolled": 2, "leads": 3, "administrator": 4,
}  # fmt: skip


class Site:
    """Every form there is, with somebody who may send it: read once."""

    def __init__(self) -> None:
        world = World()
        people = [world.people[name] for name in ("facilitator", "member", "programme administrator", "superuser")]
        self.clients = [Client(), *(signed_in(person) for person in people if person)]
        forms: dict[tuple[str, tuple[str, ...]], Form] = {}
        for path, number in self.paths(world):
            for form in forms_of(self.clients[number], path, number):
                forms.setdefault((form.action, tuple(sorted(form.fields))), form)
        self.listed = [forms[key] for key in sorted(forms)]

    def paths(self, world: World) -> Iterator[tuple[str, int]]:
        for name, (method, rule) in RULES.items():
            if method == "GET" and rule in OPENED_BY:
                named = rule in ("open", "signed", "fresh", "token")
                yield reverse(name, kwargs=names(name)) if named else world.path(name), OPENED_BY[rule]
        for name in sorted(ENTRANCE):
            if name.startswith("account_") and "_from_key" not in name:
                yield reverse(name), 0
        yield reverse("programmes:join", args=[world.programme.code]), 2
        yield "/", 2


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = Site()
        yield made
        transaction.set_rollback(True)


def body(fields: dict[str, str]) -> bytes:
    """What a browser, or somebody with worse intentions, would send."""
    parts = (
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in fields.items()
    )
    return "&".join(parts).encode()


def test_forms_of_all_kinds_were_found(site: Site) -> None:
    actions = {form.action for form in site.listed}
    assert len(site.listed) > 80
    for part in ("/circles/start/", "/settings/", "/commitments/add/", "/agreement/propose/", "/join/",
                 "/people/import/", "/sign/login/", "/account/times/", "/pulses/"):  # fmt: skip
        assert any(part in action for action in actions), part


@settings(max_examples=POSTS, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_is_a_fault_of_ours(site: Site, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(site.listed))
    fields = dict(form.fields)
    for name in data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1, max_size=4)) if fields else ():
        fields[name] = data.draw(st.sampled_from(NASTY))
    client = site.clients[form.person]
    client.cookies.pop("messages", None)
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        answer = client.post(form.action, body(fields), content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500 or answer.status_code == 503, (form.action, fields)
        if answer.status_code == 302:
            assert not urlsplit(answer.url).netloc, (form.action, answer.url)
            if any(MARKUP in value for value in fields.values()):
                answer = client.get(answer.url)
                assert answer.status_code < 500, (form.action, fields, answer.request["PATH_INFO"])
        if not answer.streaming:
            assert MARKUP.encode() not in answer.content, (form.action, fields)
        transaction.set_rollback(True)
