"""What a mail to the answer address says: an answer of somebody's calendar, a bounce, or something to put aside.

Whose answer it is and whether it counts is decided above, by the tokens and the UIDs found here; who the mail says it
is from is not looked at. Whatever people write into an answer is not read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from sessions.rules.calendar_lines import Calendar, Entry, Line, When, holds_calendar, read_calendars
from sessions.rules.raw_mail import MAIL_AT_MOST, Heads, Leaf, Mail, first, take_apart

ANSWER, COUNTER, BOUNCE, ASIDE = "answer", "counter", "bounce", "aside"
# Whoever delegates does not come: nobody else takes a seat in a circle.
ANSWERS = {"ACCEPTED": "yes", "TENTATIVE": "maybe", "DECLINED": "no", "DELEGATED": "no"}
CALENDARS = ("text/calendar", "text/x-vcalendar", "application/ics", "application/calendar", "text/ics")
MAY_HOLD_ONE = ("text/plain", "application/octet-stream")
# Where a mail says to which address it came, the nearest to its delivery first.
ADDRESSED = (
    "to", "cc", "delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to", "original-recipient",
    "resent-to", "apparently-to", "x-forwarded-to", "received",
)  # fmt: skip
# Bad mailbox, bad system, moved without forwarding, no mail here at all, disabled.
NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1"})
REPLIES_AT_MOST = 60
TOKENS_AT_MOST = 10
TOKEN_AT = re.compile(r'([a-z2-7]{26})"?(?:@|%40|=40)([a-z0-9.-]{1,253})', re.IGNORECASE)
PART_OF_ADDRESS = "abcdefghijklmnopqrstuvwxyz0123456789.+_%-"
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True)
class AnswerAddress:
    """Where answers go: `calendar@example.org` has tokens as `calendar+token@`, `@answers.example.org` as `token@`."""

    local: str
    domain: str

    @classmethod
    def of(cls, address: str) -> "AnswerAddress":
        """From the one address that mails are read at; a mailbox of its own has no part before the @."""
        local, _at, domain = address.rpartition("@")
        return cls(local, domain)

    def with_token(self, token: str) -> str:
        """Where the answer about one entry goes: behind a plus sign, or as the whole name where every name arrives."""
        return f"{self.local}+{token}@{self.domain}" if self.local else f"{token}@{self.domain}"

    def tokens(self, text: str) -> Iterator[str]:
        """Every token in a text that stands in such an address, however its plus sign is written."""
        for found in TOKEN_AT.finditer(text):
            before = text[max(0, found.start() - len(self.local) - 4) : found.start()].lower()
            if found[2].lower().rstrip(".") == self.domain and self._begins(before):
                yield found[1].lower()

    def _begins(self, before: str) -> bool:
        """Whether what stands before a token is all that stands there in such an address."""
        if self.local:
            local = next((before.removesuffix(plus) for plus in ("+", "%2b", "=2b") if before.endswith(plus)), "")
            if not local.endswith(self.local):
                return False
            before = local.removesuffix(self.local)
        return before[-1:] not in PART_OF_ADDRESS or not before


@dataclass(frozen=True)
class Said:
    """One ATTENDEE of an answer: their address, and `yes`, `maybe`, `no` or nothing."""

    address: str
    answer: str
    machine: bool = False
    stands_in: bool = False


@dataclass(frozen=True)
class Reply:
    """One entry of an answer. `instance` is the one date of a series that it is about; `stamp` when it was said."""

    uid: str
    said: tuple[Said, ...]
    counter: bool = False
    sequence: int | None = None
    stamp: datetime | None = None
    starts: When | None = None
    instance: When | None = None

    def answer_of(self, addresses: frozenset[str]) -> str:
        """The one answer in it, or of several that of the person with one of these addresses; else nothing."""
        if self.counter:
            return "no"
        told = {one.answer for one in self.said if one.answer}
        if len(told) > 1:
            told = {one.answer for one in self.said if one.answer and one.address in addresses}
        return told.pop() if len(told) == 1 else ""


@dataclass(frozen=True)
class Letter:
    """What one mail says. `why` names the reason of what is put aside, or the code of a bounce; it is never a word of
    the mail."""

    outcome: str
    why: str = ""
    tokens: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    # Of a bounce: the addresses that it says were written to, in small letters.
    written_to: tuple[str, ...] = ()
    message_id: str = ""
    sent_at: datetime | None = field(default=None, compare=False)
    raw_digest: str = ""

    def says_no_mailbox(self, address: str) -> bool:
        """Whether it is a bounce that says there is no mailbox `address`, by name and by its code (RFC 3463, 3.2).

        A full mailbox, a refusal for what was written, or a forward to somewhere else that failed say no such thing.
        """
        return self.outcome == BOUNCE and self.why in NO_MAILBOX and address.lower() in self.written_to

    def digest(self, part: str = "") -> str:
        """The same for every copy of a mail, by whichever way it came; another for another answer in it."""
        known = self.message_id or self.raw_digest
        return sha256(f"{known}\n{self.outcome}\n{self.why}\n{part}".encode()).hexdigest()


def read_letter(raw: bytes, at: AnswerAddress) -> Letter:
    """What a raw mail says to the answer address `at`. Nothing makes it fail; time and memory are bounded."""
    digest = sha256(raw).hexdigest()
    # Before anything is taken apart: what somebody sends must not decide how long we read.
    if len(raw) > MAIL_AT_MOST:
        return Letter(ASIDE, "too_large", raw_digest=digest)
    mail = take_apart(raw)
    # A bounce carries our own invitation back, which would read like an answer.
    calendars = [] if mail.report else list(_calendars(mail))
    letter = _meaning(mail, calendars)
    found = dict.fromkeys(_tokens(mail, calendars, at))
    return replace(
        letter,
        tokens=tuple(found)[:TOKENS_AT_MOST],
        message_id=first(mail.heads, "message-id")[:500],
        sent_at=_sent_at(mail),
        raw_digest=digest,
    )


def _meaning(mail: Mail, calendars: list[Calendar]) -> Letter:
    if not mail.heads and not calendars:
        return Letter(ASIDE, "garbage")
    if mail.report:
        return _report(mail)
    replies = list(dict.fromkeys(reply for calendar in calendars for reply in _replies(calendar)))[:REPLIES_AT_MOST]
    definite = tuple(one for one in replies if one.counter or any(said.answer for said in one.said))
    if definite:
        if first(mail.heads, "auto-submitted").lower().startswith("auto-replied"):
            return Letter(ASIDE, "automatic")
        if any(said.machine for one in definite for said in one.said):
            return Letter(ASIDE, "room")
        # Somebody else answered in their place: nobody says yes for another here.
        if any(said.stands_in for one in definite for said in one.said):
            return Letter(ASIDE, "delegate")
        return Letter(COUNTER if all(one.counter for one in definite) else ANSWER, replies=definite)
    if code := _bounced(mail):
        return Letter(BOUNCE, code, written_to=_addresses(mail.heads.get("x-failed-recipients", [])))
    if _automatic(mail.heads):
        return Letter(ASIDE, "automatic")
    if replies:
        return Letter(ASIDE, "no_answer")
    if calendars:
        return Letter(ASIDE, "no_reply")
    if any(leaf.kind == "application/ms-tnef" or leaf.name == "winmail.dat" for leaf in mail.leaves):
        return Letter(ASIDE, "winmail")
    return Letter(ASIDE, "cut_short" if mail.cut else "no_calendar")


def _calendars(mail: Mail) -> Iterator[Calendar]:
    for leaf in mail.leaves:
        if leaf.kind in CALENDARS or leaf.name.endswith((".ics", ".vcs", ".ical")):
            yield from _with_method(leaf, read_calendars(leaf.content()))
        elif leaf.kind in MAY_HOLD_ONE and holds_calendar(content := leaf.content()):
            yield from read_calendars(content)


def _with_method(leaf: Leaf, calendars: list[Calendar]) -> list[Calendar]:
    """A file that does not say its method may be said to have one by the part that holds it."""
    found = re.search(r';\s*method\s*=\s*"?([a-z]+)', first(leaf.heads, "content-type"), re.IGNORECASE)
    for calendar in calendars:
        calendar.method = calendar.method or (found[1].upper() if found else "")
    return calendars


def _replies(calendar: Calendar) -> Iterator[Reply]:
    """The entries of a calendar that answer. Some programs leave the method out, and some write it in small letters."""
    if calendar.method not in ("REPLY", "COUNTER", ""):
        return
    for entry in calendar.entries:
        if entry.kind == "VEVENT" and (uid := entry.text("UID")):
            yield _reply(calendar, entry, uid)


def _reply(calendar: Calendar, entry: Entry, uid: str) -> Reply:
    sequence = entry.text("SEQUENCE")
    stamp = calendar.when(entry.one("DTSTAMP"))
    return Reply(
        uid=uid.lower(),
        said=tuple(_said(line) for line in entry.lines.get("ATTENDEE", [])),
        counter=calendar.method == "COUNTER",
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else None,
        stamp=min(stamp.instants) if stamp and stamp.instants else None,
        starts=calendar.when(entry.one("DTSTART")),
        instance=calendar.when(entry.one("RECURRENCE-ID")),
    )


def _said(line: Line) -> Said:
    written = line.parameters
    # EMAIL is the person's own where a calendar writes something else behind `mailto:` (RFC 7986, 6.2).
    address = re.sub(r"^mailto:", "", (written.get("EMAIL") or line.value).strip(), flags=re.IGNORECASE)
    return Said(
        address.strip("<> ").lower(),
        ANSWERS.get(written.get("PARTSTAT", "").strip().upper(), ""),
        machine=written.get("CUTYPE", "").strip().upper() in ("ROOM", "RESOURCE"),
        stands_in="DELEGATED-FROM" in written,
    )


def _report(mail: Mail) -> Letter:
    """A delivery report (RFC 3464): a bounce where it failed for good."""
    if mail.report != "delivery-status":
        return Letter(ASIDE, "receipt")
    text = b"\n".join(leaf.content() for leaf in mail.leaves if leaf.kind.startswith("message/")).decode("latin-1")
    actions = {found.lower() for found in re.findall(r"^action:\s*([a-z]+)", text, re.IGNORECASE | re.MULTILINE)}
    codes = re.findall(r"^status:\s*(\d\.\d{1,3}\.\d{1,3})", text, re.IGNORECASE | re.MULTILINE)
    if "failed" in actions:
        found = re.findall(r"^(?:final|original)-recipient:\s*rfc822\s*;([^\r\n]*)", text, re.IGNORECASE | re.MULTILINE)
        return Letter(BOUNCE, codes[0] if codes else "5.0.0", written_to=_addresses(found))
    return Letter(ASIDE, "delayed" if "delayed" in actions else "receipt")


def _bounced(mail: Mail) -> str:
    """The code of a bounce in one of the older shapes; empty where it is none."""
    heads = mail.heads
    sender = first(heads, "from").lower()
    empty = first(heads, "return-path") == "<>"
    if not ("x-failed-recipients" in heads or ("mailer-daemon" in sender and (empty or "postmaster" not in sender))):
        return ""
    text = b"\n".join(leaf.content()[:20_000] for leaf in mail.leaves if leaf.kind == "text/plain").decode("latin-1")
    found = STATUS.search(text)
    # Not for good yet: their server goes on trying.
    if found and found[1] == "4":
        return ""
    return found[0] if found else "5.0.0"


def _addresses(written: Iterable[str]) -> tuple[str, ...]:
    """What stands in heads that name addresses, as a few of them in small letters."""
    found = [one.strip().strip("<>").lower() for value in written for one in value[:1000].split(",")]
    return tuple(dict.fromkeys(one for one in found if "@" in one))[:TOKENS_AT_MOST]


def _automatic(heads: Heads) -> bool:
    said = first(heads, "auto-submitted").lower()
    marks = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-mail-autoreply")
    precedence = first(heads, "precedence").lower() in ("auto_reply", "bulk", "junk", "list")
    return (said not in ("", "no")) or precedence or any(one in heads for one in marks)


def _tokens(mail: Mail, calendars: list[Calendar], at: AnswerAddress) -> Iterator[str]:
    for heads in mail.messages:
        for name in ADDRESSED:
            for value in heads.get(name, []):
                yield from at.tokens(value)
    for calendar in calendars:
        for entry in calendar.entries:
            yield from at.tokens(entry.text("ORGANIZER"))
    if mail.report:  # what came back names in its own entry to whom it went
        for leaf in mail.leaves:
            if leaf.kind in CALENDARS:
                for calendar in read_calendars(leaf.content()):
                    for entry in calendar.entries:
                        yield from at.tokens(entry.text("ORGANIZER"))


def _sent_at(mail: Mail) -> datetime | None:
    """When the innermost mail says that it was sent: a forward came later than what it carries."""
    for heads in reversed(mail.messages):
        try:
            at = parsedate_to_datetime(first(heads, "date")[:200])
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None
