"""Fetching a calendar from outside: one name, looked up once, every number of it looked at, and that number called.

A name that is looked up a second time may stand for another machine by then; so the line is opened to the number that
was looked at, while the certificate and the request say the name. What it leads on to goes the same way from the start.
No proxy is asked, whatever the environment says: it would look the name up by itself.
"""

import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sessions.rules.outside import NotOutside, OutsideAddress, is_outside, led_on, read_outside

BYTES_AT_MOST = 2 * 1024 * 1024
SECONDS = 5.0
LED_ON_AT_MOST = 3
NUMBERS_TRIED = 3
LEADS_ON = (301, 302, 303, 307, 308)
HEADS = {
    "Accept": "text/calendar, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "Talking Piece",
}
NOWHERE, SLOW, LARGE, REFUSED, UNSAFE = "nowhere", "slow", "large", "refused", "certificate"


class NotFetched(Exception):
    """Nothing was fetched; its text is one of the words above."""


def numbers_of(host: str, port: int) -> list[str]:
    """The numbers that a name stands for now."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def line_to(number: str, port: int, seconds: float) -> socket.socket:
    """A line to a number: no name is looked up."""
    line = socket.socket(socket.AF_INET6 if ":" in number else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect((number, port))
    except OSError:
        line.close()
        raise
    return line


@dataclass(frozen=True)
class Network:
    """What is used of the network; tests hand in one of their own."""

    numbers: Callable[[str, int], Sequence[str]] = numbers_of
    line: Callable[[str, int, float], socket.socket] = line_to
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    never: tuple[str, ...] = ()


class _Connection(http.client.HTTPConnection):
    """Says the name, and calls the number that was looked at; always over TLS."""

    default_port = http.client.HTTPS_PORT

    def __init__(self, at: OutsideAddress, network: Network, until: float) -> None:
        super().__init__(at.host, at.port, timeout=SECONDS)
        self.network, self.until = network, until
        # The answer is read from it after the connection has let go of it.
        self.open_line: socket.socket | None = None

    def connect(self) -> None:
        line = self._line()
        try:
            self.sock = self.open_line = self.network.trust().wrap_socket(line, server_hostname=self.host)
        except BaseException:
            line.close()
            raise

    def _line(self) -> socket.socket:
        try:
            numbers = list(dict.fromkeys(self.network.numbers(self.host, self.port)))
        except (OSError, UnicodeError) as error:
            raise NotFetched(NOWHERE) from error
        # All of them and not only the first: which of them is called would be for whoever owns the name to say. And
        # in one word with a name that is not known: nobody learns here which names there are inside.
        if not numbers or not all(is_outside(one, self.network.never) for one in numbers):
            raise NotFetched(NOWHERE)
        for number in numbers[:NUMBERS_TRIED]:
            try:
                return self.network.line(number, self.port, _left(self.until) / 2)
            except OSError:
                continue
        raise NotFetched(NOWHERE)


def fetch(address: str, *, network: Network) -> bytes:
    """What lies at an address, within five seconds and two megabytes. NotFetched.

    A server that says its heads letter by letter is given more; whoever calls ends that (busy_child.py).
    """
    until = time.monotonic() + SECONDS
    try:
        at = read_outside(address)
        for _hop in range(LED_ON_AT_MOST + 1):
            found = _ask(at, network, until)
            if isinstance(found, bytes):
                return found
            at = led_on(at, found)
    except NotOutside as error:
        raise NotFetched(NOWHERE) from error
    except ssl.SSLError as error:
        raise NotFetched(UNSAFE) from error
    except TimeoutError as error:
        raise NotFetched(SLOW) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched(REFUSED) from error
    raise NotFetched(REFUSED)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ask(at: OutsideAddress, network: Network, until: float) -> bytes | str:
    """What an address holds, or where it leads on to."""
    connection = _Connection(at, network, until)
    try:
        connection.request("GET", at.target, headers=HEADS)
        answer = connection.getresponse()
        if answer.status in LEADS_ON:
            return answer.headers.get("Location", "")
        if answer.status != 200:
            raise NotFetched(REFUSED)
        return _read(answer, connection.open_line, until)
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, line: socket.socket | None, until: float) -> bytes:
    packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("identity", "", "gzip"):
        raise NotFetched(REFUSED)
    # Some pack although nobody asked. What comes out is counted as it comes out, and not after.
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if packed == "gzip" else None
    whole = bytearray()
    while piece := answer.read1(1 << 16):
        if line is not None:
            line.settimeout(_left(until))
        try:
            whole += unpacker.decompress(piece, BYTES_AT_MOST + 1 - len(whole)) if unpacker else piece
        except zlib.error as error:
            raise NotFetched(REFUSED) from error
        if len(whole) > BYTES_AT_MOST:
            raise NotFetched(LARGE)
    return bytes(whole)
