"""Django's cache, in a table of its own where nothing is pushed out: what it holds is what limits guessing.

Django's table holds 300 rows and throws out others when it is full, and a cache server may forget or be away: whoever
can fill it, or waits until it is gone, would be given their tries back. Here a row stays until its time is over, the
database is what a sign-in needs anyway, and values are plain JSON.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone


class Rows(BaseCache):
    """The cache backend. Django's interface hands no `now`, so the clock is read here."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    @property
    def _rows(self) -> Any:
        from accounts.models import CacheRow  # Django makes caches before its apps are loaded

        return CacheRow.objects

    def _hash(self, key: str, version: int | None) -> str:
        return hashlib.sha256(self.make_key(key, version).encode()).hexdigest()

    def _content(self, value: Any, timeout: Any) -> dict[str, Any]:
        until = self.get_backend_timeout(timeout)
        return {"value": value, "expires_at": None if until is None else datetime.fromtimestamp(until, UTC)}

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is kept under the key and not over yet, else `default`. A row that is over may still stand."""
        alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        found = self._rows.filter(alive, name_hash=self._hash(key, version)).values_list("value", flat=True)
        return next(iter(found), default)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """True for one of those who add it at the same moment: locks are taken with it.

        A lock may be given back between the row that is in the way and the next look at it, so nobody looks again.
        """
        name, content = self._hash(key, version), self._content(value, timeout)
        if self._rows.filter(name_hash=name, expires_at__lte=timezone.now()).update(**content):
            return True
        if self._rows.filter(name_hash=name).exists():
            return False
        try:
            with transaction.atomic():
                self._rows.create(name_hash=name, **content)
        except IntegrityError:
            return False
        return True

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep it for `timeout` seconds (None: until it is deleted), in place of what stood there."""
        row = self._rows.model(name_hash=self._hash(key, version), **self._content(value, timeout))
        # One statement: between two of them the row may come and go.
        self._rows.bulk_create(
            [row], update_conflicts=True, update_fields=["value", "expires_at"], unique_fields=["name_hash"]
        )

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep what stands there for so many seconds from now. False where nothing did."""
        until = self._content(None, timeout)["expires_at"]
        return bool(self._rows.filter(name_hash=self._hash(key, version)).update(expires_at=until))

    def delete(self, key: str, version: int | None = None) -> bool:
        """False where nothing stood under the key."""
        return bool(self._rows.filter(name_hash=self._hash(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget every limit of the site at once: whoever was shut out may try again."""
        self._rows.all().delete()


def cache_prune(*, now: datetime) -> int:
    """Rows whose time is over. A minute later than that: an `add` may be about to take one over."""
    from accounts.models import CacheRow

    return CacheRow.objects.filter(expires_at__lte=now - timedelta(minutes=1)).delete()[0]
