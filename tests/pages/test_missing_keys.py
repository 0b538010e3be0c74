"""M10: every page and every form of the site, while the key is missing or destroyed: a calm page, never a fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from accounts.models import FormKey
from circles.vault import Vault
from tests.factories import NEWER, NOW
from tests.forms import Form, Site
from tests.thorough import THOROUGH, part

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = Site()
        yield made
        transaction.set_rollback(True)


@contextmanager
def missing() -> Iterator[None]:
    with override_settings(CONTENT_KEYS=[NEWER]):
        yield


@contextmanager
def destroyed() -> Iterator[None]:
    Vault.objects.update(wrapped_key=None, destroyed_at=NOW)
    yield


STATES = pytest.mark.parametrize(("state", "calm"), [(missing, 503), (destroyed, 410)])


def filled(form: Form) -> dict[str, str]:
    """What somebody writes: words wherever the page left room for them."""
    # When a plan begins is no words: a day that is over would be refused before anything is sealed.
    words = {name: value for name, value in form.fields.items() if not name.startswith("cue")}
    return {name: value or "Some words of mine" for name, value in words.items()}


@STATES
def test_no_form_is_a_fault_of_ours(site: Site, state: Any, calm: int) -> None:
    met = []
    # A destroyed key is reached by few forms: all are sent.
    for form in site.listed if calm == 410 else part(site.listed, of=2):
        with time_machine.travel(NOW, tick=False), transaction.atomic():
            with state():
                client = site.clients[form.person]
                client.cookies.pop("messages", None)
                FormKey.objects.all().delete()
                answer = client.post(form.action, filled(form))
            assert answer.status_code < 500 or answer.status_code == calm, form.action
            if answer.status_code == calm:
                met.append(form.action)
                assert b"Whom to ask for help" in answer.content, form.action
            transaction.set_rollback(True)
    if calm == 410:
        # Of a circle whose key is destroyed nothing is left: its forms are refused before a word is read. What asks
        # across circles, and what a programme keeps, meets it.
        assert {one.split("/")[1] for one in met} == {"commitments", "programmes", "pulses"}
    else:
        assert len(met) >= 8 // (1 if THOROUGH else 2), met


@STATES
def test_no_page_is_a_fault_of_ours(site: Site, state: Any, calm: int) -> None:
    for path, person in part(site.pages, of=2):
        with time_machine.travel(NOW, tick=False), transaction.atomic():
            with state():
                answer = site.clients[person].get(path)
            assert answer.status_code < 500 or answer.status_code == calm or path == "/readyz", path
            transaction.set_rollback(True)
