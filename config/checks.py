"""Start-up checks of what only a running site would notice."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from circles.vault import content_keys


@register()
def content_keys_usable(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """CONTENT_KEYS must be a list of `id:key`, newest first; nothing of a key is printed."""
    try:
        content_keys()
    except ValueError as error:
        return [Error(f"CONTENT_KEYS: {error}", id="talking_piece.E001")]
    return []
