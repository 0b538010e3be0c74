"""Addresses outside this network that the site may fetch from because somebody pasted them; pure.

Two gates, and both have to open. The address as it is written: https, a name and no number, one of two ports, nobody's
name or password in it. And each machine that the name stands for: all of them have to be out in the world, since
whoever owns a name can let it point anywhere, also to what only this server reaches.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

import idna

LONGEST = 2000
PORTS = (443, 8443)
# What a name may end in that only ever means a machine nearby (RFC 6761, 6762, 8375, and what routers hand out).
NEARBY = (
    "localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "localdomain", "test",
    "invalid", "onion", "arpa",
)  # fmt: skip
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Said to be out in the world by what Python knows, and yet no place to fetch from; older Pythons know fewer.
NEVER = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # what machines of Azure are told by: a public number that is answered next door
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
# What a network that speaks IPv6 alone writes for a machine of IPv4: it is as near or far as that machine.
WRITTEN_IN_SIX = ip_network("64:ff9b::/96")


class NotOutside(Exception):
    """An address that is not fetched from."""


@dataclass(frozen=True)
class OutsideAddress:
    """An address as it is asked for: `target` is what follows the name."""

    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The address written out, as what leads on from it is understood."""
        return f"https://{self.host}{'' if self.port == 443 else f':{self.port}'}{self.target}"


def read_outside(text: str) -> OutsideAddress:
    """An address that may be asked for, as far as its letters say. NotOutside for every other.

    `webcal`, as calendars write it, is taken for https.
    """
    text = text.strip()
    if len(text) > LONGEST or any(ord(one) < 33 or one == "\\" or ord(one) == 127 for one in text):
        raise NotOutside
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NotOutside from error
    if parts.scheme not in ("https", "webcal", "webcals") or parts.username is not None or parts.password is not None:
        raise NotOutside
    if (443 if port is None else port) not in PORTS:
        raise NotOutside
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=~") if parts.query else ""
    )
    return OutsideAddress(_name(parts.hostname or ""), 443 if port is None else port, target)


def led_on(at: OutsideAddress, location: str) -> OutsideAddress:
    """Where an answer sends on to, looked at like the first address. NotOutside."""
    try:
        return read_outside(urljoin(at.url, location.strip()))
    except ValueError as error:
        raise NotOutside from error


def _name(host: str) -> str:
    """A name of the world with a dot in it, in small letters. No number, however it is spelled."""
    try:
        name = idna.encode(host.rstrip("."), uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise NotOutside from error
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or not all(LABEL.fullmatch(one) for one in labels):
        raise NotOutside
    # A last part in digits is read as a number by some resolvers, also in other counts: 0x7f.1, 017700000001.
    if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", labels[-1]) or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise NotOutside
    if any(name == one or name.endswith(f".{one}") for one in NEARBY):
        raise NotOutside
    return name


def is_outside(address: str, never: Iterable[str] = ()) -> bool:
    """Whether a machine, by its number, is out in the world: neither this one, nor a neighbour, nor many at once.

    `never` are networks with public numbers that whoever runs the site counts as inside.
    """
    try:
        number: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False  # also one with a zone: fe80::1%eth0
    if isinstance(number, IPv6Address):
        if number.scope_id is not None:
            return False
        if number in WRITTEN_IN_SIX:
            number = IPv4Address(int(number) & 0xFFFFFFFF)
    inside = (*NEVER, *map(ip_network, never))
    if any(number in one for one in inside if one.version == number.version):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)
