"""Rotating the keys of the environment: every circle's own key is wrapped anew under the newest of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.leftover_services import leftovers_note
from circles.models import Circle
from circles.rules import crypto
from circles.services import audit_write
from circles.vault import Vault, content_keys


@dataclass(frozen=True)
class Rotated:
    """How many keys were wrapped anew, how many were so already, and how many could not be opened, by key id."""

    rewrapped: int
    current: int
    missing: dict[str, int]


def keys_rewrap(*, now: datetime) -> Rotated:
    """Wrap every key that lies under an older wrapping key anew; safe while the site runs, and to be repeated.

    A key whose wrapping key is not among CONTENT_KEYS stays as it is. One that is destroyed meanwhile stays destroyed.
    """
    keys = content_keys()
    newest = next(iter(keys))
    standing = Vault.objects.filter(destroyed_at=None)
    current, rewrapped = standing.filter(key_id=newest).count(), 0
    missing: Counter[str] = Counter()
    for vault in standing.exclude(key_id=newest).order_by("pk").iterator(chunk_size=500):
        try:
            key_id, wrapped = crypto.wrap(vault.data_key(), keys, str(vault.code))
        except crypto.CannotOpen:
            missing[vault.key_id] += 1
            continue
        before = Vault.objects.filter(pk=vault.pk, key_id=vault.key_id, destroyed_at=None)
        if before.update(key_id=key_id, wrapped_key=wrapped):
            rewrapped += 1
            for circle in Circle.objects.filter(vault=vault):
                audit_write(circle=circle, verb="keys_rotated", by=None, now=now)
    if rewrapped:
        leftovers_note(Vault)
    return Rotated(rewrapped, current, dict(missing))


def keys_wrong() -> dict[str, int]:
    """How many circles and programmes lie under a key that has the id of one of CONTENT_KEYS and is another."""
    wrong: Counter[str] = Counter()
    # No cursor on the server: it is asked before the first migration too, and closing one of a table that is not there
    # yet is an error of its own, of the driver.
    for vault in Vault.objects.filter(destroyed_at=None, key_id__in=list(content_keys())):
        try:
            vault.data_key()
        except crypto.CannotOpen:
            wrong[vault.key_id] += 1
    return dict(wrong)


def keys_missing() -> dict[str, int]:
    """How many circles and programmes need a wrapping key that is not among CONTENT_KEYS, by its id. One query."""
    rows = Vault.objects.filter(destroyed_at=None).exclude(key_id__in=list(content_keys()))
    return dict(Counter(rows.values_list("key_id", flat=True)))
