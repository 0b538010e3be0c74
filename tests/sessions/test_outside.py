"""What people paste as the address of their calendar leads nowhere inside: not by its letters, its name, nor its answers.

Nothing here is pretended of sockets: what must not be reached is listened to, and connections are counted.
"""

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sessions.planning import busy_fetching
from sessions.planning.busy_fetching import BYTES_AT_MOST, Network, NotFetched, fetch
from sessions.rules import outside
from sessions.rules.outside import NotOutside, is_outside, read_outside

PUBLIC = "93.184.215.14"
NAME = "calendar.example.org"
# Refused by how they are written, whatever they may stand for.
LETTERS = """
    https://localhost/a.ics https://LOCALHOST/ https://localhost./ https://a.localhost/ https://localhost.localdomain/
    https://127.0.0.1/ https://127.1/ https://127.0.1/ https://2130706433/ https://0x7f000001/ https://0x7f.0.0.1/
    https://0x7f.1/ https://0177.0.0.1/ https://017700000001/ https://127.000.000.001/ https://0/ https://0.0.0.0/
    https://127.0.0.1./ https://１２７.０.０.１/ https://①②⑦.0.0.1/ https://127。0。0。1/ https://[::1]/ https://[::]/
    https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0:0:0:0:0:0:1]/ https://[fe80::1%25lo]/
    https://169.254.169.254/latest/meta-data/ https://[fd00:ec2::254]/ https://100.100.100.200/ https://192.168.1.1/
    https://10.0.0.1/ https://metadata.google.internal/ https://redis/ https://db:5432/ https://nas.local/
    https://router.lan/ https://wiki.intranet/ https://printer.home.arpa/ https://10.0.0.1.in-addr.arpa/
    http://calendar.example.org/ ftp://calendar.example.org/ file:///etc/passwd gopher://calendar.example.org/
    https://calendar.example.org:22/ https://calendar.example.org:6379/ https://calendar.example.org:0/
    https://calendar.example.org:99999/ https://calendar.example.org:x/ https://me@calendar.example.org/
    https://me:word@calendar.example.org/ https://calendar.example.org@127.0.0.1/ https://calendar.example.org\\@127.0.0.1/
    https:///a.ics https://./ https://..example.org/ https://-a.example.org/ https://exa%6dple.org/
    https://calendar.example.0x7f/ https://calendar.example.1/ //calendar.example.org/ calendar.example.org javascript:1
""".split()  # noqa: SIM905 (a table)
# Written well, and their name stands for one of these.
NUMBERS = """
    127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 100.64.0.1
    100.100.100.200 169.254.169.254 169.254.170.2 168.63.129.16 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 ::1 :: ::127.0.0.1 ::ffff:127.0.0.1
    ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001::1
    2001:0:7f00:1:: 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:5db8:d70e::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%lo fec0::1 ff02::1 ff0e::1 nonsense 127.0.0.01
""".split()  # noqa: SIM905 (a table)
OUTSIDE = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::8.8.8.8"]


class Server:
    """Listens on this machine under every number of it, answers in TLS as `answers` says, and counts who came."""

    def __init__(self, folder: Path) -> None:
        self.hits: list[str] = []
        self.answers: Callable[[bytes], bytes] = lambda _head: answered(b"hello")
        self.context, self.trusted = certificate(folder)
        # Both families behind one port.
        self.listener = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, peer = self.listener.accept()
            except OSError:
                return
            self.hits.append(peer[0])
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        try:
            with self.context.wrap_socket(line, server_side=True) as tls:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += tls.recv(4096)
                tls.sendall(self.answers(head))
        except OSError:
            line.close()

    def line(self, number: str, port: int, seconds: float) -> socket.socket:
        """The true way to a number, but to this server's port; what is out in the world is this server as well."""
        self.called.append(number)
        to = "127.0.0.1" if is_outside(number) else number
        return busy_fetching.line_to(to, self.port, 0.5)

    called: list[str]

    def network(self, numbers: Callable[[str, int], list[str]], never: tuple[str, ...] = ()) -> Network:
        self.called = []
        return Network(numbers=numbers, line=self.line, trust=self.trust, never=never)

    def trust(self) -> ssl.SSLContext:
        """This server's certificate, and no other."""
        return ssl.create_default_context(cafile=self.trusted)


def answered(body: bytes, *heads: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", *heads]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """For NAME and nobody else."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    text = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + text)
    (folder / "trusted.pem").write_bytes(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context, str(folder / "trusted.pem")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path)
    yield one
    one.listener.close()


def outside_only(host: str, port: int) -> list[str]:
    return [PUBLIC]


@contextmanager
def refused(why: str) -> Iterator[None]:
    with pytest.raises(NotFetched) as caught:
        yield
    assert str(caught.value) == why


def test_sixty_addresses_and_more_reach_nobody(server: Server) -> None:
    assert len(set(LETTERS)) + len(set(NUMBERS)) > 100
    for address in LETTERS:
        with refused("nowhere"):
            fetch(address, network=server.network(lambda host, _port: [host]))
        assert server.called == [], address
    for number in NUMBERS:
        with refused("nowhere"):
            fetch(f"https://{NAME}/", network=server.network(lambda _host, _port, one=number: [one]))  # type: ignore[misc]
        assert server.called == [], number
        # Also where it hides behind one that is right.
        with refused("nowhere"):
            fetch(f"https://{NAME}/", network=server.network(lambda _host, _port, one=number: [PUBLIC, one]))  # type: ignore[misc]
        assert server.called == [], number
    assert server.hits == []


def test_the_count_would_notice(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the gate taken away loopback is reached, in each of its spellings that this machine has."""
    monkeypatch.setattr(busy_fetching, "is_outside", lambda _number, _never=(): True)
    for number in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"):
        fetch(f"https://{NAME}/", network=server.network(lambda _host, _port, one=number: [one]))  # type: ignore[misc]
    assert len(server.hits) == 4


@pytest.mark.parametrize("address", LETTERS)
def test_letters_alone_refuse_them(address: str) -> None:
    with pytest.raises(NotOutside):
        read_outside(address)


def test_what_is_out_in_the_world_may_be_fetched() -> None:
    assert [one for one in OUTSIDE if not is_outside(one)] == []
    assert [one for one in NUMBERS if is_outside(one)] == []
    assert is_outside("193.5.5.5") > is_outside("193.5.5.5", ["193.5.0.0/16"])
    assert read_outside(" webcal://Calendar.Example.org/a b.ics?x=%20y#z".replace(" b", "%20b")).url == (
        "https://calendar.example.org/a%20b.ics?x=%20y"
    )
    assert read_outside("https://kalender.müller.example:8443/ü").url == (
        "https://kalender.xn--mller-kva.example:8443/%C3%BC"
    )


def test_what_leads_on_to_the_inside_is_not_followed(server: Server) -> None:
    """Where a name is left out, that of the page before is meant (RFC 3986), which is outside."""
    led = [to for to in LETTERS if "://" in to and not to.startswith("https:///")] + ["//localhost/", "//127.0.0.1/"]
    for to in led:
        server.answers = lambda _head, to=to: answered(b"", f"Location: {to}", status="302 Found")  # type: ignore[misc]
        with refused("nowhere"):
            fetch(f"https://{NAME}/", network=server.network(outside_only))
        assert server.called == [PUBLIC], to
    assert len(server.hits) == len(led)


def test_a_name_that_stands_for_another_machine_from_the_second_look_on(server: Server) -> None:
    """One look for each address that is asked for, and it is that number which is called."""
    looks = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    fetch(f"https://{NAME}/", network=server.network(lambda _host, _port: next(looks)))
    assert server.called == [PUBLIC]
    # What leads on is looked up anew, and looked at anew.
    server.answers = lambda _head: answered(b"", f"Location: https://{NAME}/again", status="307 Go on")
    looks = iter([[PUBLIC], ["127.0.0.1"]])
    with refused("nowhere"):
        fetch(f"https://{NAME}/", network=server.network(lambda _host, _port: next(looks)))
    assert server.called == [PUBLIC]


def test_a_calendar_is_fetched_and_led_on_to_three_times(server: Server) -> None:
    heads: list[bytes] = []

    def answers(head: bytes) -> bytes:
        heads.append(head)
        step = int(head.split(b" ")[1].strip(b"/") or b"0")
        return answered(b"", f"Location: /{step + 1}", status="301 Moved") if step < 3 else answered(b"found")

    server.answers = answers
    assert fetch(f"https://{NAME}/0", network=server.network(outside_only)) == b"found"
    assert b"Host: calendar.example.org\r\n" in heads[0]
    assert b"cookie" not in heads[-1].lower()
    server.answers = lambda _head: answered(b"", "Location: /more", status="302 Found")
    with refused("refused"):
        fetch(f"https://{NAME}/", network=server.network(outside_only))
    assert len(server.called) == 4


def test_no_proxy_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(f"https://{NAME}/", network=server.network(outside_only)) == b"hello"


def test_another_certificate_is_none(server: Server) -> None:
    with refused("certificate"):
        fetch("https://other.example.org/", network=server.network(outside_only))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (answered(b"x" * (BYTES_AT_MOST + 1)), "large"),
        (answered(b"no gzip", "Content-Encoding: gzip"), "refused"),
        (answered(b"x", "Content-Encoding: br"), "refused"),
        (answered(b"", status="404 Not Found"), "refused"),
        (answered(b"", status="204 Nothing"), "refused"),
        (answered(b"", *(f"X-{n}: x" for n in range(200))), "refused"),
        (answered(b"", "X: " + "x" * 100_000), "refused"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "refused"),
        (b"", "refused"),
        (answered(b"zz\r\nx", "Transfer-Encoding: chunked"), "refused"),
    ],
)
def test_what_no_calendar_answers(server: Server, answer: bytes, why: str) -> None:
    answers_no_calendar(server, answer, why)


def test_what_unpacks_to_two_hundred_times_what_may_come(server: Server) -> None:
    # Packed here and not in the list above: it takes a second, which every process that collects would spend.
    packed = zlib.compress(bytes(200 * BYTES_AT_MOST), wbits=31)
    answers_no_calendar(server, answered(packed, "Content-Encoding: gzip"), "large")


def answers_no_calendar(server: Server, answer: bytes, why: str) -> None:
    server.answers = lambda _head: answer
    with refused(why):
        fetch(f"https://{NAME}/", network=server.network(outside_only))


def test_what_is_packed_is_unpacked(server: Server) -> None:
    server.answers = lambda _head: answered(zlib.compress(b"hello" * 9, wbits=31), "Content-Encoding: gzip")
    assert fetch(f"https://{NAME}/", network=server.network(outside_only)) == b"hello" * 9


def test_every_network_that_is_never_asked_is_one() -> None:
    """A table that was mistyped would say so here."""
    assert len(outside.NEVER) == len(set(outside.NEVER)) > 25
