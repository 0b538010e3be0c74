"""A raw mail taken apart into the heads of its messages and its leaves, whatever somebody sends.

Python's own parser asks every open boundary at each line and calls itself at each level, so that a mail made for it
takes minutes or all of the stack. Here each level is searched once, levels and parts are bounded, and what lies beyond
the bounds is left unread. Line ends are made plain first; what is read afterwards is ASCII in every charset but UTF-16.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAIL_AT_MOST = 5 * 1024 * 1024
HEADS_AT_MOST = 256 * 1024
HEAD_LINES_AT_MOST = 1000
VALUE_AT_MOST = 8000
PARTS_AT_MOST = 100
LEVELS_AT_MOST = 12
MARKS_AT_MOST = 5000  # lines of one level that begin like its boundary
LEAF_AT_MOST = 1024 * 1024

FOLD = re.compile(r"\n[ \t]+")
PARAMETER = re.compile(r';\s*([\w*.-]{1,60})\s*=\s*(?:"([^"]*)"|([^;\s]*))')
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
Heads = dict[str, list[str]]


@dataclass(frozen=True)
class Leaf:
    """One part that holds no others. `level` counts the messages around the one it belongs to."""

    kind: str
    name: str
    level: int
    heads: Heads
    body: bytes = field(repr=False)

    def content(self) -> bytes:
        """Its bytes after transfer decoding, at most `LEAF_AT_MOST` of what was sent."""
        body = self.body[:LEAF_AT_MOST]
        encoding = first(self.heads, "content-transfer-encoding").split("(")[0].split(";")[0].strip().lower()
        if encoding == "base64":
            return _from_base64(body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
        return body


@dataclass(frozen=True)
class Mail:
    """`messages` are the heads of the mail and then of those inside it; `report` is what it reports, if it does."""

    messages: list[Heads]
    leaves: list[Leaf]
    report: str = ""
    cut: bool = False

    @property
    def heads(self) -> Heads:
        """The head of the mail itself, not of one that it carries."""
        return self.messages[0]


def first(heads: Heads, name: str) -> str:
    """The first head of that name, or nothing."""
    return heads.get(name, [""])[0]


def take_apart(raw: bytes) -> Mail:
    """All messages and leaves of a mail of at most `MAIL_AT_MOST` bytes, in the order in which they stand."""
    plain = _plain(raw[:MAIL_AT_MOST])
    if plain.startswith((b"From ", b">From ")):  # the line before each mail in a Unix mailbox
        plain = plain[plain.find(b"\n") + 1 :]
    messages: list[Heads] = []
    leaves: list[Leaf] = []
    report = ""
    seen = 0
    # Each: buffer, from where to where, how many parts and how many messages are around it, whether it is a message.
    waiting: list[tuple[bytes, int, int, int, int, bool]] = [(plain, 0, len(plain), 0, 0, True)]
    while waiting and seen < PARTS_AT_MOST:
        seen += 1
        buffer, start, end, level, inside, is_message = waiting.pop()
        heads, start = _heads(buffer, start, end)
        if is_message:
            messages.append(heads)
        kind, parameters = content_type(heads)
        boundary = parameters.get("boundary", "").encode("latin-1", "replace")
        if kind == "multipart/report" and not report and inside == 0:
            report = parameters.get("report-type", "").lower()
        if level < LEVELS_AT_MOST and kind.startswith("multipart/") and 0 < len(boundary) <= 200:
            spans = list(_between(buffer, start, end, boundary))
            if spans:
                # Backwards, since the last is taken first: leaves come out in the order in which they stand.
                waiting += [(buffer, one, other, level + 1, inside, False) for one, other in reversed(spans)]
                continue
        name = parameters.get("name") or _filename(heads)
        leaf = Leaf(kind, name.lower(), inside, heads, buffer[start : min(end, start + LEAF_AT_MOST)])
        if level < LEVELS_AT_MOST and (kind in ("message/rfc822", "message/global") or leaf.name.endswith(".eml")):
            # A mail inside a mail is decoded once and then searched by itself, never together with what is around it.
            nested = _plain(leaf.content())
            waiting.append((nested, 0, len(nested), level + 1, inside + 1, True))
        elif kind == "text/rfc822-headers":
            messages.append(_heads(_plain(leaf.content()) + b"\n\n", 0, LEAF_AT_MOST)[0])
        else:
            leaves.append(leaf)
    return Mail(messages, leaves, report, cut=bool(waiting) or len(raw) > MAIL_AT_MOST)


def content_type(heads: Heads) -> tuple[str, dict[str, str]]:
    """Type and parameters of a part in small letters; `text/plain` where it says none that can be read."""
    value = first(heads, "content-type")
    kind = value.split(";")[0].strip().lower()
    return kind if "/" in kind else "text/plain", _parameters(value)


def _plain(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")


def _filename(heads: Heads) -> str:
    return _parameters(first(heads, "content-disposition")).get("filename", "")


def _parameters(value: str) -> dict[str, str]:
    """By name; one that was divided (`name*0`) or says its charset (`name*`), put together (RFC 2231)."""
    found: dict[str, str] = {}
    for match in PARAMETER.finditer(value):
        name, divided, _rest = match[1].lower().partition("*")
        text = match[2] if match[2] is not None else match[3]
        if divided and "''" in text:
            text = text.partition("''")[2]
        found[name] = found.get(name, "") + text if divided else text
    return found


def _heads(buffer: bytes, start: int, end: int) -> tuple[Heads, int]:
    """The heads of a part, and where its body begins."""
    if buffer.startswith(b"\n", start):
        return {}, start + 1
    limit = min(end, start + HEADS_AT_MOST)
    blank = buffer.find(b"\n\n", start, limit)
    stop = blank if blank >= 0 else limit
    heads: Heads = {}
    lines = FOLD.sub(" ", buffer[start:stop].decode("latin-1")).split("\n", HEAD_LINES_AT_MOST)
    for line in lines[:HEAD_LINES_AT_MOST]:
        name, colon, value = line.partition(":")
        if colon and 0 < len(name) <= 80 and " " not in name.strip():
            heads.setdefault(name.strip().lower(), []).append(value.strip()[:VALUE_AT_MOST])
    return heads, blank + 2 if blank >= 0 else end


def _between(buffer: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """From where to where each part between the lines of a boundary goes; the last may lack its end."""
    mark = b"--" + boundary
    at = start - 1 if buffer.startswith(mark, start) else buffer.find(b"\n" + mark, start, end)
    begun: int | None = None
    found = looked = 0
    while at >= 0 and found <= PARTS_AT_MOST and looked < MARKS_AT_MOST:
        looked += 1
        after = at + 1 + len(mark)
        line_end = buffer.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = buffer[after : min(line_end, after + 80)].strip()
        if rest in (b"", b"--"):  # otherwise it is a longer boundary that begins like this one
            if begun is not None:
                yield begun, max(begun, at)
                found += 1
            begun = None if rest else min(line_end + 1, end)
            if rest:
                return
        at = buffer.find(b"\n" + mark, max(line_end - 1, after), end)
    if begun is not None and at < 0:
        yield begun, end


def _from_base64(body: bytes) -> bytes:
    """What can be read of it: whatever is no letter of base64 is passed over, a torn end is left out."""
    letters = body.translate(None, delete=NOT_BASE64)
    # One letter over stands for no byte, and Python would refuse all of it.
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
