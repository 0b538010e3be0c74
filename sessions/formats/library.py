"""The library of formats: a readable file beside this module; its database row is made at first use."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from sessions.models import Format, FormatVersion
from sessions.rules.timeline import Format as FormatRule
from sessions.rules.timeline import read_format, suits

FILE = Path(__file__).with_name("library.json")


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """The file's definitions by key, in its order; each is checked when it is first read."""
    return {item["key"]: item for item in json.loads(FILE.read_text()) if read_format(item)}


@cache
def rules() -> dict[str, FormatRule]:
    return {key: read_format(definition) for key, definition in definitions().items()}


def fitting(people: int) -> list[FormatRule]:
    """Formats made for that many people, in the library's order."""
    return [rule for rule in rules().values() if suits(rule, people)]


def version_of(key: str) -> FormatVersion:
    """The row of a library format as the file has it now; an older text stays as its own version."""
    definition = definitions()[key]
    digest = sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()
    found = FormatVersion.objects.filter(format__library_key=key, digest=digest).select_related("format").first()
    return found or _make(key, digest, definition)


def _make(key: str, digest: str, definition: dict[str, Any]) -> FormatVersion:
    format_, _made = Format.objects.get_or_create(library_key=key)
    newest = format_.versions.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            return FormatVersion.objects.create(format=format_, number=newest + 1, digest=digest, definition=definition)
    except IntegrityError:  # another process was first
        return FormatVersion.objects.select_related("format").get(format=format_, digest=digest)
