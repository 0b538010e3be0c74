"""`DATABASE_URL`, word by word: what is not heard is refused, and nothing of it is printed, for its password's sake."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import dj_database_url

from config.env import BadSetting

# What PostgreSQL's own library understands and a site may want to say. `options` are given to the server as they are.
HEARD = {
    "application_name", "channel_binding", "connect_timeout", "gssencmode", "keepalives", "keepalives_count",
    "keepalives_idle", "keepalives_interval", "options", "sslcert", "sslcrl", "sslkey", "sslmode", "sslrootcert",
    "target_session_attrs", "tcp_user_timeout",
}  # fmt: skip
TLS = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
FILES = ("sslcert", "sslcrl", "sslkey", "sslrootcert")
UNREADABLE = (
    "DATABASE_URL cannot be read. It is postgres://name:password@host:port/database; write / # ? @ : % and spaces in a "
    "password with percent signs, for instance %2F for /."
)


def database(url: str, limits: Mapping[str, int]) -> dict[str, Any]:
    """Django's settings of a database. `limits` are PostgreSQL's, in milliseconds, by name."""
    try:
        parts, asked = urlsplit(url), _asked(url)
        port_is_one = parts.port is None or parts.port > 0
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except (ValueError, dj_database_url.UnknownSchemeError) as error:
        raise BadSetting(UNREADABLE) from error
    if found["ENGINE"] == "django.db.backends.sqlite3":
        if asked or parts.fragment:
            raise BadSetting("DATABASE_URL: SQLite takes nothing after a ? or a #.")
        if found["NAME"] in ("", ":memory:") or not Path(found["NAME"]).absolute().parent.is_dir():
            raise BadSetting(
                "DATABASE_URL: there is no folder for this file of SQLite. It needs four slashes: sqlite:////…"
            )
        return found | {"OPTIONS": SQLITE_OPTIONS}
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise BadSetting("DATABASE_URL must begin with postgres:// or sqlite:///.")
    if parts.fragment or not port_is_one or not found["NAME"] or set("/@:") & set(str(found["NAME"])):
        raise BadSetting(UNREADABLE)
    ours = " ".join(f"-c {name}={value}" for name, value in limits.items())
    # What comes later counts, so that whoever says a limit of their own is heard.
    asked["options"] = f"{ours} {asked.get('options', '')}".strip()
    return found | {"OPTIONS": {"connect_timeout": 3} | asked}


def _asked(url: str) -> dict[str, str]:
    """What stands after the question mark, each once and each something that is heard."""
    asked: dict[str, str] = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=bool(urlsplit(url).query)):
        if name not in HEARD or not value or name in asked:
            raise BadSetting(
                "DATABASE_URL says something after its ? that is not heard, says it twice, or says nothing. "
                f"These are heard: {', '.join(sorted(HEARD))}."
            )
        asked[name] = value
    if asked.get("sslmode", "require") not in TLS:
        raise BadSetting(f"DATABASE_URL: sslmode must be one of {', '.join(TLS)}.")
    for name in FILES:
        if name in asked and not os.access(asked[name], os.R_OK) and asked[name] != "system":
            raise BadSetting(f"DATABASE_URL: {name} is a file that cannot be read.")
    return asked


# WAL lets pages read while the outbox writes; IMMEDIATE makes writers queue instead of failing half-way; what is
# deleted is overwritten with zeros.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA secure_delete=ON;",
}
