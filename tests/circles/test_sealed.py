"""Content at rest: encrypted, bound to its place, unreadable without the key, never overwritten by accident."""

import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from accounts.refusals import Refused
from circles.models import Goal
from circles.rules import crypto
from circles.rules.crypto import CannotOpen, Destroyed
from circles.sealed import SealedModel, SealedQuerySet, SealedTextField, Unreadable, sealed_models
from circles.services import goal_write
from sessions.models import Issue
from sessions.planning.bringing_services import issue_bring
from tests.factories import NEWER, NOW, Cast, make_circle, make_session, signed_in

pytestmark = pytest.mark.django_db

CANARY = "the canary sings at noon"


@pytest.fixture
def issue(people: Cast) -> Issue:
    session = make_session(people.circle, people.alice)
    return issue_bring(session=session, owner=people.bob, title=CANARY, text="lines", ask="listen")


def raw(issue: Issue) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM circle_sessions_issue WHERE id = %s", [issue.pk])
        return bytes(cursor.fetchone()[0])


def put(issue: Issue, sealed: bytes, column: str = "title") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE circle_sessions_issue SET "{column}" = %s WHERE id = %s', [sealed, issue.pk])


def test_the_column_holds_ciphertext_and_the_program_text(issue: Issue) -> None:
    assert CANARY.encode() not in raw(issue)
    again = Issue.objects.get()
    assert (again.title, again.text) == (CANARY, "lines")


def test_opening_a_list_costs_one_query(issue: Issue, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [found.title for found in Issue.objects.all()] == [CANARY]


@pytest.mark.parametrize("at", [0, 5, 14, -1])
def test_a_changed_bit_is_detected(issue: Issue, at: int) -> None:
    sealed = bytearray(raw(issue))
    sealed[at] ^= 1
    put(issue, bytes(sealed))
    assert isinstance(Issue.objects.get().title, Unreadable)


def test_a_text_moved_to_another_field_row_or_circle_does_not_open(issue: Issue, people: Cast) -> None:
    put(issue, raw(issue), column="text")
    assert isinstance(Issue.objects.get().text, Unreadable)
    other = make_circle(people.erin, name="Other")
    session = make_session(other, people.erin)
    theirs = issue_bring(session=session, owner=people.erin, title="x", text="", ask="listen")
    put(theirs, raw(issue))
    assert isinstance(Issue.objects.get(pk=theirs.pk).title, Unreadable)
    Issue.objects.filter(pk=issue.pk).update(code=uuid4())
    assert isinstance(Issue.objects.get(pk=issue.pk).title, Unreadable)


def test_without_the_key_pages_say_so_and_nothing_is_overwritten(issue: Issue, people: Cast) -> None:
    sealed = raw(issue)
    other_key = ["k9:" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    with override_settings(CONTENT_KEYS=other_key):
        client = signed_in(people.bob)
        page = client.get(f"/sessions/{issue.session.code}/")
        assert page.status_code == 200
        assert b"This text cannot be read at the moment." in page.content
        assert CANARY.encode() not in page.content
        assert client.get(f"/circles/{people.circle.code}/").status_code == 200
        again = Issue.objects.get()
        with pytest.raises(Refused):
            issue_bring(session=issue.session, owner=people.bob, title="new", text="", ask="listen")
        again.title = again.title
        with pytest.raises(FieldError), transaction.atomic():
            again.save()
    assert raw(issue) == sealed
    assert Issue.objects.get().title == CANARY


def test_a_destroyed_vault_opens_nothing(issue: Issue, people: Cast) -> None:
    vault = people.circle.vault
    vault.wrapped_key, vault.destroyed_at = None, NOW
    vault.save()
    assert isinstance(Issue.objects.get().title, Unreadable)


@pytest.mark.parametrize("look_up", [{"title": CANARY}, {"title__contains": "canary"}, {"title__in": [CANARY]}])
def test_sealed_text_cannot_be_looked_up(issue: Issue, look_up: dict[str, object]) -> None:
    with pytest.raises(FieldError):
        Issue.objects.filter(**look_up).first()


def test_sealed_text_cannot_be_written_around_the_model(issue: Issue) -> None:
    with pytest.raises(FieldError):
        Issue.objects.update(title="plain")
    issue.title = "plain"
    with pytest.raises(FieldError):
        Issue.objects.bulk_update([issue], ["title"])


def test_dumps_hold_ciphertext_and_cannot_be_loaded_as_text(issue: Issue, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("dumpdata", "circle_sessions", "circles", "agreements")
    dumped = capsys.readouterr().out
    assert CANARY not in dumped
    assert "What is said in the circle" not in dumped  # a clause of the agreement
    one = [row for row in json.loads(dumped) if row["model"] == "circle_sessions.issue"]
    with pytest.raises(Exception, match="sealed"):
        list(serializers.deserialize("json", json.dumps(one)))


def test_every_sealed_field_belongs_to_a_sealed_model() -> None:
    for model in apps.get_models():
        if any(isinstance(field, SealedTextField) for field in model._meta.concrete_fields):
            assert issubclass(model, SealedModel), model


@pytest.mark.parametrize("items", [[], ["k1"], ["k1:short"], [":MDEy"], ["a:" + "A" * 43, "a:" + "A" * 43], ["k1:%%%"]])
def test_keys_that_cannot_be_used_are_named(items: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        crypto.parse_keys(items)


def test_a_second_newest_key_still_opens_what_it_wrapped(issue: Issue) -> None:
    from django.conf import settings

    newer = "k9:" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    with override_settings(CONTENT_KEYS=[newer, *settings.CONTENT_KEYS]):
        assert Issue.objects.get().title == CANARY


@pytest.mark.parametrize("model", sealed_models(), ids=lambda model: model.__name__)
def test_nothing_is_kept_in_clear_without_a_key(people: Cast, model: type[SealedModel]) -> None:
    row = model(vault=people.circle.vault, **dict.fromkeys(model.sealed_names(), "plain"))
    with override_settings(CONTENT_KEYS=[NEWER]), pytest.raises(CannotOpen):
        row.save()
    row.vault.wrapped_key = None
    with pytest.raises(Destroyed):
        row.save()


def test_a_field_that_a_query_left_out_is_read_when_it_is_asked(people: Cast) -> None:
    goal_write(covenant=people.circle.covenants.get(), user=people.bob, text="Say no once a week.", now=NOW)
    for rows in (Goal.objects.defer("text"), Goal.objects.only("code", "vault")):
        assert rows.get().text == "Say no once a week."
    row = Goal.objects.defer("text").get()
    row.save()
    assert Goal.objects.get().text == "Say no once a week."
    with override_settings(CONTENT_KEYS=[NEWER]):
        assert isinstance(Goal.objects.defer("text").get().text, Unreadable)


def test_every_way_to_delete_sealed_rows_is_noted() -> None:
    for model in sealed_models():
        assert isinstance(model.objects.all(), SealedQuerySet), model
        assert model.delete is SealedModel.delete
