"""Giving a circle or a programme a new key of its own: every text under it is opened and sealed again.

For when a key may have been seen. What was read with it stays read; what is in older backups stays readable with it.
Second steps lie under the keys of the environment themselves, and are sealed again when those are rotated.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from accounts.leftover_services import leftovers_note
from agreements.models import AgreementVersion, Clause, Signature
from agreements.services import text_of
from circles.models import Circle
from circles.rules.crypto import CannotOpen
from circles.sealed import SealedModel, Unreadable, sealed_models
from circles.services import audit_write
from circles.vault import Vault, content_keys
from pages.second_steps import opened, sealed, secrets_in, with_secrets


class CannotRekey(Exception):
    """A text under this key cannot be opened, or is not the one that was signed: nothing was changed."""


@transaction.atomic
def vault_rekey(*, vault: Vault, now: datetime) -> int:
    """A new key, and every text under it; how many texts. CannotRekey, and nothing changed, when one cannot be opened.

    Nothing else may write meanwhile (circles/alone.py): another process would seal with the key it read before.
    """
    old = Vault.objects.select_for_update().get(pk=vault.pk)
    # All are opened before the key changes: read one after the other, later ones would be opened with the new key.
    rows = [(row, words) for row in _rows(old) if (words := _opened(row))]
    texts = _signed_texts(old)
    # A second copy of the row: `old` keeps the key with which what was read above is still opened.
    fresh = Vault.objects.get(pk=old.pk)
    fresh.lock_new_key()
    fresh.save(update_fields=["wrapped_key", "key_id"])
    for row, words in rows:
        row.vault = fresh
        for name, text in words.items():
            setattr(row, name, text)
        row.save(update_fields=list(words))
    for version, text in texts:
        digest = fresh.digest(text)
        Signature.objects.filter(version=version, digest=version.digest).update(digest=digest)
        AgreementVersion.objects.filter(pk=version.pk).update(digest=digest)
    leftovers_note(Vault)
    circle = Circle.objects.filter(vault=fresh).first()
    if circle:
        audit_write(circle=circle, verb="key_renewed", by=None, now=now)
    return sum(len(words) for _row, words in rows)


def second_steps_reseal() -> int:
    """Seal every second step that does not lie under the newest key anew; how many. Safe while the site runs.

    One that cannot be opened stays as it is; `second_steps.missing` counts those.
    """
    newest, done = f"{next(iter(content_keys()))}:", 0
    for pk in with_secrets().values_list("pk", flat=True):
        with transaction.atomic():
            row = with_secrets().select_for_update().filter(pk=pk).first()
            old = secrets_in(row.data) if row else {}
            try:
                fresh = {name: sealed(opened(kept)) for name, kept in old.items() if not kept.startswith(newest)}
            except CannotOpen:
                continue
            if row and fresh:
                row.data |= fresh
                row.save(update_fields=["data"])
                leftovers_note(type(row))
                done += 1
    return done


def _rows(vault: Vault) -> Iterator[SealedModel]:
    for model in sealed_models():
        yield from model.objects.filter(vault=vault)


def _opened(row: SealedModel) -> dict[str, str]:
    """The texts of a row by field, the empty ones that were sealed too; a column that holds nothing stays so."""
    words = {name: getattr(row, name) for name in row.sealed_names() if row.__dict__[name]}
    if any(isinstance(text, Unreadable) for text in words.values()):
        raise CannotRekey
    return words


def _signed_texts(vault: Vault) -> list[tuple[AgreementVersion, str]]:
    """Every version of the agreement with its exact text, whose digest is made with the key too."""
    found = []
    for version in AgreementVersion.objects.filter(agreement__circle__vault=vault):
        clauses = Clause.objects.filter(version=version).order_by("position")
        text = text_of([(one.theme, one.text) for one in clauses], version.adopt_days)
        if vault.digest(text) != version.digest:
            raise CannotRekey
        found.append((version, text))
    return found
