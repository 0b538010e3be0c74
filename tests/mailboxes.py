"""A small IMAP server on a real socket: folders of mails in memory, and as much of the protocol as a reader needs."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.test import override_settings

SECRET = "a secret of the mailbox"


@dataclass
class Box:
    """Mails by their number, in folders. `slow` is called before each fetch; `moves` is whether it can move by itself."""

    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    moves: bool = True
    slow: Callable[[], None] = lambda: None
    fetched: list[int] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    last: int = 0

    def put(self, raw: bytes, folder: str = "INBOX") -> int:
        with self.lock:
            self.last += 1
            self.folders.setdefault(folder, {})[self.last] = raw
            return self.last

    def waiting(self) -> int:
        return len(self.folders["INBOX"])

    def aside(self) -> list[bytes]:
        return list(self.folders.get("Put aside", {}).values())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: Box) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.box = box


class _Talk(socketserver.StreamRequestHandler):
    """One client: a line in, lines out, until it logs out or goes away."""

    server: _Server
    # An answer in two pieces would else wait for the other side, forty thousandths of a second each time.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.box, self.folder, self.gone, self.known = self.server.box, "INBOX", set[int](), False
        self.say(b"* OK ready")
        while line := self.rfile.readline(65536):
            tag, _space, rest = line.strip().decode().partition(" ")
            verb, _space, more = rest.partition(" ")
            if verb.upper() == "UID":
                verb, _space, more = more.partition(" ")
                verb = f"UID_{verb}"
            act = getattr(self, f"do_{verb.lower()}", None)
            with self.box.lock:
                answer = act(more) if act else "BAD unknown"
            self.say(f"{tag} {answer or 'OK done'}".encode())
            if verb.upper() == "LOGOUT":
                return

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    @property
    def mails(self) -> dict[int, bytes]:
        return self.box.folders[self.folder]

    def do_capability(self, _more: str) -> None:
        self.say(b"* CAPABILITY IMAP4rev1" + (b" MOVE" if self.box.moves else b""))

    def do_login(self, more: str) -> str:
        self.known = more == f'"circles" "{SECRET}"'
        return "" if self.known else "NO wrong"

    def do_select(self, more: str) -> str:
        self.folder = _name(more)
        if not self.known or self.folder not in self.box.folders:
            return "NO no such folder"
        self.say(f"* {len(self.mails)} EXISTS".encode())
        self.say(b"* OK [UIDVALIDITY 7] valid")
        return ""

    def do_list(self, more: str) -> None:
        for name in self.box.folders:
            if _name(more.split(" ", 1)[1]) in (name, "*"):
                self.say(f'* LIST (\\HasNoChildren) "/" "{name}"'.encode())

    def do_create(self, more: str) -> str:
        if _name(more) in self.box.folders:
            return "NO exists"
        self.box.folders[_name(more)] = {}
        return ""

    def do_uid_search(self, _more: str) -> None:
        self.say(b"* SEARCH " + " ".join(str(uid) for uid in sorted(self.mails)).encode())

    def do_uid_fetch(self, more: str) -> None:
        uid, _space, what = more.partition(" ")
        raw = self.mails.get(int(uid))
        if raw is None:
            return
        if "SIZE" in what:
            self.say(f"* 1 FETCH (RFC822.SIZE {len(raw)} UID {uid})".encode())
            return
        self.box.fetched.append(int(uid))
        self.say(f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}".encode())
        self.wfile.write(raw)
        self.say(b")")
        self.box.slow()

    def do_uid_store(self, more: str) -> None:
        self.gone.add(int(more.split(" ")[0]))

    def do_expunge(self, _more: str) -> None:
        for uid in self.gone:
            self.mails.pop(uid, None)

    def do_uid_copy(self, more: str) -> str:
        uid, name = re.fullmatch(r"(\d+) (.*)", more).groups()  # type: ignore[union-attr]  # the reader's own line
        if int(uid) in self.mails:
            self.box.put(self.mails[int(uid)], _name(name))
        return ""

    def do_uid_move(self, more: str) -> str:
        self.do_uid_copy(more)
        self.mails.pop(int(more.split(" ")[0]), None)
        return ""

    def do_logout(self, _more: str) -> None:
        self.say(b"* BYE")


def _name(text: str) -> str:
    return text.strip().strip('"')


@contextmanager
def mailbox_used(box: Box, **more: Any) -> Iterator[int]:
    """Answers are looked for in this mailbox, until the end of the block. Its port."""
    server = _Server(box)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    port = server.server_address[1]
    try:
        with override_settings(
            ANSWER_ADDRESS="calendar@circles.example", ANSWER_IMAP_HOST="127.0.0.1", ANSWER_IMAP_PORT=port,
            ANSWER_IMAP_SECURITY="none", ANSWER_IMAP_USER="circles", ANSWER_IMAP_PASSWORD=SECRET,
            ANSWER_IMAP_FOLDER="INBOX", **more,
        ):  # fmt: skip
            yield int(port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
