"""Keys are rotated without losing a word, and nothing is half done when a text cannot be opened."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from agreements.models import Clause, Commitment, Signature
from agreements.selectors import current_version, signatures_of
from circles.keys_services import keys_rewrap
from circles.models import AuditEntry, Circle
from circles.sealed import SealedModel, SealedTextField, Unreadable
from circles.vault import Vault
from config.checks import content_keys_complete, content_keys_fit
from demonstration.circles import load
from notifications.models import Heartbeat
from pages.rekey_services import CannotRekey, vault_rekey
from tests.factories import NEWER, NOW, Cast, make_circle, sign, signed_in

pytestmark = pytest.mark.django_db


def texts() -> dict[tuple[str, str, str], str]:
    """Every sealed text there is, opened."""
    return {
        (model.__name__, str(row.code), field.name): getattr(row, field.name)
        for model in apps.get_models()
        if issubclass(model, SealedModel)
        for row in model.objects.select_related("vault")
        for field in model._meta.fields
        if isinstance(field, SealedTextField)
    }


def test_rewrapping_needs_the_old_key_once_and_then_never_again(people: Cast) -> None:
    before = texts()
    assert before
    with override_settings(CONTENT_KEYS=[NEWER, *settings.CONTENT_KEYS]):
        done = keys_rewrap(now=NOW)
        assert (done.rewrapped, done.current, done.missing) == (1, 0, {})
        assert str(AuditEntry.objects.latest("pk")) == "The site’s key over your circle’s own was changed"
        assert keys_rewrap(now=NOW).rewrapped == 0
    with override_settings(CONTENT_KEYS=[NEWER]):
        assert texts() == before
        assert content_keys_complete(None, databases=["default"]) == []


def test_a_key_that_is_not_there_is_told_and_left(people: Cast) -> None:
    id_before = Vault.objects.get().key_id
    with override_settings(CONTENT_KEYS=[NEWER]):
        (warning,) = run_checks(databases=["default"], tags=["database"])
        assert warning.id == "talking_piece.W001"
        assert f"1 under {id_before}" in warning.msg
        with pytest.raises(CommandError, match="Not everything"):
            call_command("rotate_content_keys", stdout=StringIO(), stderr=StringIO())
        page = signed_in(people.bob).get(reverse("agreements:agreement", args=[people.circle.code]))
        assert page.status_code == 200
        assert "cannot be read at the moment" in page.content.decode()
    assert Vault.objects.get().key_id == id_before
    assert not any(isinstance(text, Unreadable) for text in texts().values())


def test_a_destroyed_key_stays_destroyed(people: Cast) -> None:
    Vault.objects.update(wrapped_key=None, destroyed_at=NOW)
    with override_settings(CONTENT_KEYS=[NEWER, *settings.CONTENT_KEYS]):
        done = keys_rewrap(now=NOW)
    assert (done.rewrapped, done.missing) == (0, {})
    assert Vault.objects.get().wrapped_key is None


def test_a_new_key_opens_everything_the_old_one_opens_nothing_and_signatures_hold(clock: Any) -> None:
    load(now=NOW)
    before, old = texts(), {vault.pk: bytes(vault.wrapped_key or b"") for vault in Vault.objects.all()}
    signed = Signature.objects.count()
    call_command("rotate_content_keys", "--rekey", stdout=StringIO())
    assert texts() == before
    assert all(bytes(vault.wrapped_key or b"") != old[vault.pk] for vault in Vault.objects.all())
    for circle in Circle.objects.all():
        version = current_version(circle)
        assert version
        assert all(one.digest == version.digest for one in signatures_of(version).values())
    assert Signature.objects.count() == signed
    circle = Circle.objects.get(name="Alder circle")
    assert AuditEntry.objects.filter(circle=circle, verb="key_renewed").count() == 1
    # Somebody who had not signed yet can, so the digest is one of the text that stands there.
    ewan = circle.memberships.get(user__email="ewan@example.org").user
    sign(circle, ewan)
    Vault.objects.filter(pk=circle.vault_id).update(wrapped_key=old[circle.vault_id])
    clause = Clause.objects.filter(version=current_version(circle)).first()
    assert clause
    assert isinstance(clause.text, Unreadable)


def test_nothing_is_changed_while_one_text_cannot_be_opened(people: Cast) -> None:
    other = make_circle(people.erin, name="Other")
    row = Clause.objects.filter(version__agreement__circle=people.circle).first()
    assert row
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM agreements_clause WHERE id = %s", [row.pk])
        sealed = bytearray(cursor.fetchone()[0])
        sealed[-1] ^= 1
        cursor.execute("UPDATE agreements_clause SET text = %s WHERE id = %s", [bytes(sealed), row.pk])
    before = texts()
    keys = {vault.pk: bytes(vault.wrapped_key or b"") for vault in Vault.objects.all()}
    with pytest.raises(CannotRekey):
        vault_rekey(vault=people.circle.vault, now=NOW)
    with pytest.raises(CommandError, match="1 keys were left"):
        call_command("rotate_content_keys", "--rekey", stdout=StringIO())
    after = {vault.pk: bytes(vault.wrapped_key or b"") for vault in Vault.objects.all()}
    assert after[people.circle.vault_id] == keys[people.circle.vault_id]
    assert after[other.vault_id] != keys[other.vault_id]
    assert texts() == before


def test_sealing_again_is_refused_while_the_site_runs(people: Cast, clock: Any) -> None:
    Heartbeat.objects.create(name="outbox", at=NOW - timedelta(seconds=119))
    with pytest.raises(CommandError, match="Stop web, worker and beat"):
        call_command("rotate_content_keys", "--rekey", stdout=StringIO())
    call_command("rotate_content_keys", stdout=StringIO())
    clock.move_to(NOW + timedelta(seconds=2))
    out = StringIO()
    call_command("rotate_content_keys", "--rekey", stdout=out)
    assert "texts sealed under new keys" in out.getvalue()


def test_no_key_and_no_text_is_printed(people: Cast) -> None:
    out, err = StringIO(), StringIO()
    call_command("rotate_content_keys", "--rekey", stdout=out, stderr=err)
    said = out.getvalue() + err.getvalue()
    assert settings.CONTENT_KEYS[0].split(":")[1] not in said
    assert not any(text and text in said for text in texts().values())
    assert Commitment.objects.count() == 0


def test_another_key_under_a_known_id_is_refused(people: Cast, tmp_path: Path) -> None:
    key_id = Vault.objects.get().key_id
    other = f"{key_id}:{NEWER.split(':')[1]}"
    assert content_keys_fit(None, databases=["default"]) == []
    (tmp_path / "staticfiles.json").write_text("{}")
    with override_settings(CONTENT_KEYS=[other], STATIC_ROOT=tmp_path, EMBEDDED=False):
        with pytest.raises(SystemCheckError, match=f"1 under {key_id} cannot be opened"):
            call_command("migrate", verbosity=0, skip_checks=False)
        for name in ("serve", "run"):
            with pytest.raises(CommandError, match="another key than the one that was used"):
                call_command(name)
    assert other.split(":")[1] not in str(content_keys_fit(None, databases=["default"]))
