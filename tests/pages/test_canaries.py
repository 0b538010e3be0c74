"""P8: words planted in every content field of every model reach no administrator, staff member or superuser.

The demonstration is loaded, every sealed field of every row is overwritten with a canary of its own, and then everything
these people can open is searched: pages, files, the admin site with its lists and forms, the mails that are due. A model
with sealed text of which the demonstration has no row is planted here; one that is missing altogether fails.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agreements.models import Commitment
from circles.covenant_services import farewell_write
from circles.models import Circle
from circles.sealed import SealedModel, SealedTextField
from notifications.models import Message
from notifications.outbox import turn
from pages.demo import load
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Pulse, PulseAnswer, Quote, Round
from sessions.models import CircleSession, Note, ScribeNote
from tests.config.access import RULES
from tests.factories import NOW, signed_in

pytestmark = pytest.mark.django_db

# What those who administer a programme do read: the form that asks for it says so. Nobody else does.
READ_BY_ADMINISTRATORS = {
    (Enrolment, "motive"), (Enrolment, "offers"), (Enrolment, "attributes"), (ProgrammeInvitation, "attributes"),
    (Quote, "text"),
}  # fmt: skip


def sealed_fields() -> list[tuple[type[SealedModel], str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, SealedModel)
        for field in model._meta.fields
        if isinstance(field, SealedTextField)
    ]


def canary(model: type[SealedModel], field: str) -> str:
    return f"canary{model.__name__}{field}".lower()


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            load(now=NOW)
            plant()
        yield
        transaction.set_rollback(True)


def plant() -> None:
    """A canary in every sealed field of every row; models of which there is no row get one."""
    circle = Circle.objects.get(name="Alder circle")
    member = circle.memberships.order_by("pk")[1].user
    session = CircleSession.objects.filter(circle=circle, status="ended").first()
    assert session
    farewell_write(circle=circle, user=member, thanks="x", takes="x")
    if not Note.objects.exists():
        Note(session=session, author=member, vault=circle.vault, text="x").save()
    if not ScribeNote.objects.exists():
        ScribeNote(session=session, vault=circle.vault, reader=member, text="x").save()
    for model, name in sealed_fields():
        rows = list(model.objects.select_related("vault"))
        assert rows, f"{model.__name__} has no row here: plant one, so that {name} is searched for"
        for one in rows:
            text = canary(model, name)
            setattr(one, name, text if name != "attributes" else f'{{"function": "{text}"}}')
            one.save(update_fields=[name])
    PulseAnswer.objects.update(helps_released=False, change_released=False)


@pytest.fixture
def people(planted: None, db: None) -> Iterator[dict[str, Client]]:
    with time_machine.travel(NOW, tick=False):
        dana = User.objects.get(email="dana@example.org")
        User.objects.filter(pk=dana.pk).update(is_staff=False, is_superuser=False)
        staff = User.objects.create_user("stan@example.org", name="Stan", zone_confirmed=True, is_staff=True)
        sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
        dana.refresh_from_db()
        yield {"administrator": signed_in(dana), "staff": signed_in(staff), "superuser": signed_in(sue)}


def addresses() -> Iterator[str]:
    """Every address that answers GET, with the codes of the demonstration."""
    programme, circle = Programme.objects.get(), Circle.objects.get(name="Alder circle")
    board = Round.objects.get(published_at=None)
    known = {
        "circle": circle.code, "draft": board.drafts.first().code, "person": uuid4(), "invitation": uuid4(),  # type: ignore[union-attr]
        "token": "nothing", "change": "add", "number": 1, "ref": "council", "key": "listening", "pk": 1,
    }  # fmt: skip
    owned = {
        "programmes": [programme.code, board.code, Pulse.objects.latest("pk").code],
        "sessions": [circle.code, CircleSession.objects.filter(circle=circle).latest("pk").code],
        "agreements": [circle.code, Commitment.objects.latest("pk").code],
    }
    for name, (method, _rule) in RULES.items():
        if method != "GET":
            continue
        for code in owned.get(name.split(":")[0], [circle.code]):
            for kwargs in ({"code": code}, {}, *({key: value} for key, value in known.items()),
                           *({"code": code, key: value} for key, value in known.items())):  # fmt: skip
                try:
                    yield reverse(name, kwargs=kwargs)
                except Exception:
                    continue


def search(answer: Any, who: str, path: str, may: set[str]) -> list[str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = set(re.findall(rb"canary[a-z_]+", body.lower()))
    return [f"{who} {path} {word.decode()}" for word in found if word.decode() not in may]


def test_every_page_for_those_who_must_not_read(people: dict[str, Client]) -> None:
    wrong, opened = [], 0
    may = {canary(model, name) for model, name in READ_BY_ADMINISTRATORS}
    paths = sorted(set(addresses()))
    for who, client in people.items():
        for path in paths:
            answer = client.get(path)
            assert answer.status_code != 500, (who, path)
            opened += answer.status_code == 200
            wrong += search(answer, who, path, may if who == "administrator" else set())
    assert wrong == []
    assert opened > 60


def test_the_search_finds_a_canary_where_a_member_reads_it(people: dict[str, Client]) -> None:
    """The crawl itself is no good if it could not find one."""
    amara = signed_in(User.objects.get(email="amara@example.org"))
    circle = Circle.objects.get(name="Alder circle")
    found = search(amara.get(reverse("pages:circle", args=[circle.code])), "member", "circle", set())
    assert any("canaryclausetext" in one for one in found)


def test_the_admin_site(people: dict[str, Client]) -> None:
    registered = [model for model in admin.site._registry if not issubclass(model, SealedModel)]
    assert [model for model in admin.site._registry if issubclass(model, SealedModel)] == []
    wrong = []
    for who in ("staff", "superuser"):
        for model in registered:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            row = model._default_manager.first()
            paths = [reverse(f"{base}_changelist"), reverse(f"{base}_changelist") + "?q=canary&o=1"]
            for act in ("change", "history", "delete"):
                paths += [reverse(f"{base}_{act}", args=[row.pk])] if row else []
            for path in paths:
                answer = people[who].get(path)
                assert answer.status_code < 500, path
                wrong += search(answer, who, path, set())
    assert wrong == []


def test_mails_hold_none(people: dict[str, Client]) -> None:
    """Everything the demonstration would have mailed, to anybody."""
    Message.objects.exclude(kind="").update(state="waiting", due_at=NOW - timedelta(minutes=1), claimed_until=None)
    turn()
    assert len(mail.outbox) > 10
    found = [(m.subject, word) for m in mail.outbox for word in re.findall(r"canary[a-z_]+", str(m.message()).lower())]
    assert found == []
