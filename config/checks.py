"""Start-up checks of what only a running site would notice."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from circles.keys_services import keys_missing, keys_wrong
from circles.vault import content_keys
from pages.second_steps import missing as second_steps_missing


@register()
def content_keys_usable(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """CONTENT_KEYS must be a list of `id:key`, newest first; nothing of a key is printed."""
    try:
        content_keys()
    except ValueError as error:
        return [Error(f"CONTENT_KEYS: {error}", id="talking_piece.E001")]
    return []


@register()
def mail_server_named(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """In production without EMAIL_HOST every mail, invitations too, becomes a file that reaches nobody."""
    if settings.EMAIL_HOST or settings.MODE != "production":
        return []
    said = f"EMAIL_HOST is empty: mails are written to {settings.EMAIL_FILE_PATH} and reach nobody."
    return [Warning(said, id="talking_piece.W002")]


@register(Tags.database)
def content_keys_fit(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Whether each of CONTENT_KEYS is the one that its id was used for; asked at each `migrate` and each start.

    With another key under a known id everything would look as if it worked, and what is written from then on would
    need both.
    """
    if not databases:
        return []
    try:
        wrong = keys_wrong()
    except (ValueError, DatabaseError):
        return []
    if not wrong:
        return []
    said = ", ".join(f"{number} under {key_id}" for key_id, number in wrong.items())
    return [
        Error(
            f"CONTENT_KEYS holds another key than the one that was used: {said} cannot be opened.",
            hint="Put the earlier key back. A new key needs an id of its own, before the old one.",
            id="talking_piece.E002",
        )
    ]


@register(Tags.database)
def content_keys_complete(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Whether every circle's key and every second step can be opened; asked at each `migrate`, so at each start.

    Names ids, never keys.
    """
    if not databases:
        return []
    try:
        missing, steps = keys_missing(), second_steps_missing()
    except (ValueError, DatabaseError):  # malformed keys are another check's; before the first migration there is none
        return []
    told = [f"{number} under {key_id}" for key_id, number in missing.items()]
    told += [f"{number} second steps under {key_id}" for key_id, number in steps.items()]
    said = f"CONTENT_KEYS lacks keys that are needed: {', '.join(told)}. "
    said += "What was said there cannot be read until they are back."
    return [Warning(said, id="talking_piece.W001")] if told else []
