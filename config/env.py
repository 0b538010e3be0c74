"""Reading the environment: every variable may also be given as a file (`NAME_FILE`), and nonsense fails loudly."""

import os
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from email.utils import getaddresses
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit


class BadSetting(SystemExit):
    """A setting that cannot be used; the process stops with this sentence."""


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `NAME_FILE` names, or the default."""
    if file := os.environ.get(f"{name}_FILE"):
        if os.environ.get(name):
            raise BadSetting(f"{name} and {name}_FILE are both set, and one of them would not be heard.")
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE: {file} cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise BadSetting(f"{name}_FILE: {file} cannot be read (it is no text).") from error
    return os.environ.get(name, default).strip()


def choice(name: str, options: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise BadSetting(f"{name} is {value!r}; it must be one of: {', '.join(options)}.")
    return value


def number(name: str, default: int, *, low: int, high: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) < 20) or not low <= int(value) <= high:
        raise BadSetting(f"{name} is {value!r}; it must be a whole number from {low} to {high}.")
    return int(value)


def boolean(name: str, default: bool) -> bool:
    return choice(name, ("0", "1"), "1" if default else "0") == "1"


def folder(name: str, default: Path, *, needed: bool) -> Path:
    """A folder; where it is needed it is made, and this process may write to it."""
    path = Path(text(name, str(default))).resolve()
    if not needed:
        return path
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadSetting(f"{name} is {path}, which cannot be made ({error.strerror}).") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadSetting(f"{name} is {path}, in which this user may not write.")
    return path


def existing_file(name: str) -> str:
    """The path of a file that has to be there, or nothing where the variable is not set."""
    path = text(name)
    if path and not os.access(path, os.R_OK):
        raise BadSetting(f"{name} is {path}, which cannot be read.")
    return path


def site_address(name: str, default: str) -> SplitResult:
    """The address people use, of a host alone: pages, cookies and mails assume that the whole host is ours."""
    try:
        address = urlsplit(text(name, default).rstrip("/"))
        if address.scheme not in ("http", "https") or not address.hostname or address.port == 0:
            raise ValueError
    except ValueError as error:
        raise BadSetting(f"{name} must be the address people use, such as https://circles.example.org.") from error
    if address.path or address.query or address.fragment or address.username is not None:
        raise BadSetting(
            f"{name} must be a host of its own, such as https://circles.example.org, and nothing behind it."
        )
    return address


def sender(name: str, default: str) -> str:
    """What stands as the sender of mails: an address, with a name before it or without."""
    value = text(name, default)
    (_said, address), *more = getaddresses([value]) or [("", "")]
    local, at, domain = address.partition("@")
    if more or not (local and at and domain) or "@" in domain or len(address.split()) > 1:
        raise BadSetting(
            f"{name} is {value!r}; it must be an address, such as Our circles <circles@example.org>, and one alone."
        )
    return value


def answer_address(name: str) -> str:
    """`calendar@example.org`, which gets mail to `calendar+anything@` too, or `@answers.example.org`, which gets all;
    in small letters, or empty. A token of 26 letters has to fit before the @."""
    value = text(name).lower()
    if value and not re.fullmatch(r"[a-z0-9._-]{0,37}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}", value):
        raise BadSetting(
            f"{name} is {value!r}; it must be an address such as calendar@example.org, to which calendar+anything@ is "
            "delivered too, or @answers.example.org, where every address is."
        )
    return value


def go_together(*names: str) -> None:
    """Refuses some of these settings without the others: they would not be heard."""
    if len({bool(text(name)) for name in names}) > 1:
        *first, last = names
        raise BadSetting(f"{', '.join(first)} and {last} go together: set all of them, or none.")


def words(name: str, default: str = "") -> list[str]:
    return [word for word in text(name, default).replace(",", " ").split() if word]


def networks(name: str) -> list[str]:
    """Networks such as 192.0.2.0/24, or single numbers."""
    found = words(name)
    for one in found:
        try:
            ip_network(one)
        except ValueError as error:
            raise BadSetting(f"{name} has {one!r}; write networks such as 192.0.2.0/24 or 2001:db8::/32.") from error
    return found


def kept_secret(path: Path, make: str) -> str:
    """A secret of the embedded mode: made at the first start, readable by its owner only, kept for ever."""
    try:
        keep_private(path)
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        value = make
        # O_EXCL: of two processes starting at once, one writes and the other reads.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(value)
        return value


def keep_private(path: Path) -> None:
    """What lies there is for its owner alone, also where an earlier version left it open."""
    if path.stat().st_mode & 0o077:
        with suppress(PermissionError):
            path.chmod(0o600)


def new_secret() -> str:
    return secrets.token_urlsafe(48)


def new_content_key() -> str:
    """`id:key`, the key being 32 random bytes in URL-safe base64."""
    return f"k1:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"
