"""A form that makes something and is sent five times at the same moment makes it once.

Every form of every page for people who are signed in is tried: sent once and taken back, to see what it makes; then five
times in parallel, with the same key where it carries one. A new form is in this test as soon as a page shows it. In
`make test` only those that surely make something; all of them in `.ci/run`.
"""

from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.apps import apps
from django.db import transaction
from django.urls import resolve

from accounts.models import FormKey, Leftover
from notifications.models import Heartbeat
from tests.factories import NOW, signed_in
from tests.forms import OURS, Form, Site
from tests.thorough import THOROUGH
from tests.together import at_once

# What a person would type, by the name of the field; what the page has filled in already stays.
TYPED = {
    "name": "Words", "title": "Words", "text": "Words", "why": "Words", "people": "new@example.org", "email": "n@example.org",
    "date": "2027-02-01", "time": "11:00", "due_on": "2027-02-01", "first_on": "2027-02-02", "last_on": "2027-02-03",
    "starts_on": "2027-02-01", "ends_on": "2027-06-01", "date0": "2027-02-10", "time0": "10:00", "date1": "2027-02-11",
    "time1": "10:00", "stance": "yes", "read": "on", "comment": "Words", "word": "Words", "number": "2", "sessions": "4", "sure": "on", "to": "contact",
    "weekdays": "0", "start": "09:00", "end": "11:00", "thanks": "Words", "takes": "Words", "cards": "listening",
}  # fmt: skip


def counts() -> dict[str, int]:
    """How many rows there are of everything of ours."""
    # A note that bytes are to be written over is nothing anybody made.
    kept = (FormKey, Heartbeat, Leftover)
    models = [one for one in apps.get_models() if one._meta.app_label in OURS and one not in kept]
    return {one.__name__: one._default_manager.count() for one in models}


# Buttons that only look: without them the form is meant.
LOOKS = {"show"}
# What ends things comes last, so that there is something left for the others.
LAST = {
    "proposals", "left", "close", "cancel", "not-held", "withdraw", "remove", "leave", "start", "removal", "retire", "end",
}  # fmt: skip


def filled(form: Form) -> dict[str, str]:
    # The first day that is offered for a plan is today, whose usual hour may be over.
    fields = {name: value for name, value in form.fields.items() if name not in LOOKS and not name.startswith("cue")}
    return {name: value or TYPED.get(name, "") for name, value in fields.items()}


def ends_something(form: Form) -> bool:
    parts = set(urlsplit(form.action).path.strip("/").split("/"))
    return bool(LAST & parts) and "circles/start" not in form.action


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_five_times_at_once_makes_one_thing() -> None:
    with time_machine.travel(NOW, tick=False):
        site = Site()
        signed = [form for form in site.listed if form.person]
        assert sum("form_key" in form.fields for form in signed) > 50
        made: dict[str, dict[str, int]] = {}
        for form in sorted(signed, key=ends_something):
            if THOROUGH or address(form) in MAKES:
                made |= sent(site, form)
    assert len(made) >= (36 if THOROUGH else len(MAKES)), sorted(made)
    for name in MAKES:
        assert any(name in one for one in made), name


# Addresses whose form surely makes something here; without them the test would try too little.
MAKES = (
    "agreements:agreement_sign", "sessions:issue", "sessions:swap_ask", "programmes:answer", "programmes:join",
    "pages:circle_start", "circles:people", "circles:slips_make", "sessions:schedule", "sessions:poll_start",
    "sessions:guest_invite", "agreements:commitment_add", "agreements:propose", "agreements:step_add", "formats:copy",
    "programmes:start", "programmes:people", "programmes:draft_add", "pages:times",
)  # fmt: skip


def sent(site: Site, form: Form) -> dict[str, dict[str, int]]:
    """What one sending makes, by address; five at once make as much. Empty when this form makes nothing."""
    person = site.people[form.person]
    assert person, form.action
    fields, before = filled(form), counts()
    client = site.clients[form.person]
    with transaction.atomic():
        client.post(form.action, fields)
        once = grown(before)
        transaction.set_rollback(True)
    if not any(number > 0 for number in once.values()):
        return {}
    browsers = [signed_in(person) for _browser in range(5)]
    before = counts()
    answers: list[Any] = []
    at_once(*[lambda one=one: answers.append(one.post(form.action, fields)) for one in browsers])  # type: ignore[misc]
    assert len(answers) == 5, form.action
    assert {answer.status_code for answer in answers} == {302}, (form.action, [a.status_code for a in answers])
    assert len({answer.url for answer in answers}) == 1, form.action
    assert grown(before) == once, form.action
    return {address(form): once}


def address(form: Form) -> str:
    return resolve(urlsplit(form.action).path).view_name


def grown(before: dict[str, int]) -> dict[str, int]:
    return {name: number - before[name] for name, number in counts().items() if number != before[name]}
