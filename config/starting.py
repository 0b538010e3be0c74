"""What must be so before anybody is served."""

from django.core.management.base import CommandError

from config.checks import content_keys_fit


def keys_must_fit() -> None:
    """CommandError when a content key is another than the one that its id was used for."""
    for trouble in content_keys_fit(None, databases=["default"]):
        raise CommandError(f"{trouble.msg} {trouble.hint}")
