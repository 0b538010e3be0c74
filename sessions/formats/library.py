"""The library of formats: one readable file each in `shipped/`; its database row is made at first use."""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from django.db import IntegrityError, transaction
from django.db.models import Max

from sessions.formats.files import read_file
from sessions.models import Format, FormatVersion
from sessions.rules.format import FormatRule, suits
from sessions.rules.reading import read_format

HERE = Path(__file__).parent


@cache
def common_stages() -> Mapping[str, Any]:
    """The opening, closing and thanks that every format without its own gets."""
    return dict(yaml.safe_load((HERE / "common_stages.yaml").read_text()))


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """The files' definitions by key, in the order of their names; each is checked when it is first read."""
    read = [read_file(path.read_text(), common_stages()) for path in sorted((HERE / "shipped").glob("*.yaml"))]
    return {definition["key"]: definition for definition in read}


@cache
def rules() -> dict[str, FormatRule]:
    return {key: read_format(definition) for key, definition in definitions().items()}


def fitting(people: int) -> list[FormatRule]:
    """Formats made for that many people, in the library's order."""
    return [rule for rule in rules().values() if suits(rule, people)]


def digest_of(definition: Mapping[str, Any]) -> str:
    return sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()


def version_of(key: str) -> FormatVersion:
    """The row of a library format as the file has it now; an older text stays as its own version."""
    # By what it says and not by a number in the file: an upgrade that changes a text changes no session that was
    # planned with it.
    digest = digest_of(definitions()[key])
    found = FormatVersion.objects.filter(format__library_key=key, digest=digest).select_related("format").first()
    return found or _make(key, digest, definitions()[key])


def _make(key: str, digest: str, definition: dict[str, Any]) -> FormatVersion:
    format_, _made = Format.objects.get_or_create(library_key=key)
    newest = format_.versions.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            return FormatVersion.objects.create(format=format_, number=newest + 1, digest=digest, definition=definition)
    except IntegrityError:  # another process was first
        return FormatVersion.objects.select_related("format").get(format=format_, digest=digest)
