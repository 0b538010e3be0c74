"""A vault holds one data key. Destroying it makes everything sealed under it unreadable for ever."""

import uuid
from functools import cache

from django.conf import settings
from django.db import models

from circles.rules import crypto


@cache
def _keys_from(items: tuple[str, ...]) -> dict[str, bytes]:
    return crypto.parse_keys(items)


def content_keys() -> dict[str, bytes]:
    """The wrapping keys of `CONTENT_KEYS`, newest first. ValueError when one is malformed."""
    return _keys_from(tuple(settings.CONTENT_KEYS))


class Vault(models.Model):
    """One 256-bit data key, wrapped. Each circle has its own."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wrapped_key = models.BinaryField(null=True)
    key_id = models.CharField(max_length=32, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at=None, wrapped_key__isnull=False)
                | models.Q(destroyed_at__isnull=False, wrapped_key=None),
                name="vault_destroyed_has_no_key",
            )
        ]

    def __str__(self) -> str:
        return f"vault {self.code}"

    def lock_new_key(self) -> None:
        """Give a vault that is not yet saved its own data key."""
        self.key_id, self.wrapped_key = crypto.wrap(crypto.new_data_key(), content_keys(), str(self.code))

    def data_key(self) -> bytes:
        """CannotOpen when the key was destroyed or its wrapping key is not among `CONTENT_KEYS`."""
        wrapped = bytes(self.wrapped_key) if self.wrapped_key else None
        return crypto.unwrap(wrapped, self.key_id, content_keys(), str(self.code))

    def digest(self, text: str) -> str:
        return crypto.digest(self.data_key(), text)
