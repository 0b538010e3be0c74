"""What a mail server's answer is about: the server itself, this one mail, or the person's address. Pure.

Only an address that the server refuses is final. Everything else is trouble of the relay, which passes without the
mails being changed: a password that ran out, a sender it does not know, a limit, no connection. Numbers after RFC 5321
(replies) and RFC 3463 (`5.1.1`, the enhanced codes); no text of an answer is kept, since it may name a person.
"""

import re
import smtplib
from dataclasses import dataclass
from enum import StrEnum

ENHANCED = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# "Sign in first", "speak otherwise", "I do not know that command": about how we speak, whoever the mail is for.
ABOUT_US = frozenset({500, 501, 502, 503, 504, 521, 530, 534, 535, 538})
GOING_AWAY = 421
TOO_LARGE = 552
# Of the addresses in a mail, the sender's: 5.1.7 and 5.1.8; 5.7 is policy, 5.3 and 5.5 the server itself.
SENDER = frozenset({(1, 7), (1, 8)})


class Phase(StrEnum):
    """How far the talk with the server had come."""

    OPEN = "open"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"
    CUT = "cut"


class Trouble(StrEnum):
    """RELAY: every mail waits. MAIL: this one waits, and several in a row are the relay's. ADDRESS: final."""

    RELAY = "relay"
    MAIL = "mail"
    ADDRESS = "address"


@dataclass(frozen=True)
class SmtpReply:
    """One answer: in which phase, with which number (0 for none) and enhanced number."""

    phase: Phase
    code: int = 0
    enhanced: tuple[int, int] | None = None

    @property
    def trouble(self) -> Trouble:
        """Whose trouble the answer is: the server's or ours (all mails wait), this mail's, or the address's (final).

        By when it came rather than by its number alone: a 550 to a password is ours, the same 550 to a recipient may
        be theirs. RFC 5321 (4.2) and RFC 3463 say what the numbers mean.
        """
        if self.phase in (Phase.OPEN, Phase.SIGN_IN) or self.code == GOING_AWAY:
            return Trouble.RELAY
        if self.phase == Phase.SENDER:
            return Trouble.MAIL if self.code == TOO_LARGE else Trouble.RELAY
        if self.phase == Phase.RECIPIENT:
            return self._of_recipient()
        if self.phase == Phase.CONTENT and self.code >= 500 and self._names_mailbox():
            return Trouble.ADDRESS
        return Trouble.MAIL

    def _of_recipient(self) -> Trouble:
        if self.code in ABOUT_US or (self.code >= 500 and self.enhanced in SENDER):
            return Trouble.RELAY
        about_server = self.enhanced is not None and self.enhanced[0] in (3, 4, 5, 7)
        return Trouble.MAIL if self.code < 500 or about_server else Trouble.ADDRESS

    def _names_mailbox(self) -> bool:
        return self.enhanced is not None and self.enhanced[0] in (1, 2) and self.enhanced not in SENDER

    def __str__(self) -> str:
        """What is kept of it, at most forty characters: `recipient 550`, `open`."""
        return f"{self.phase} {self.code}" if self.code else str(self.phase)


def reply_of(error: Exception, *, opened: bool) -> SmtpReply:
    """What an exception of smtplib, or of the line to the server, says. `opened` when signing in was over already."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return SmtpReply(Phase.RECIPIENT, code, _enhanced(text))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return SmtpReply(Phase.SENDER, error.smtp_code, _enhanced(error.smtp_error))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return SmtpReply(Phase.SIGN_IN, error.smtp_code, _enhanced(error.smtp_error))
    if isinstance(error, smtplib.SMTPDataError):
        return SmtpReply(Phase.CONTENT, error.smtp_code, _enhanced(error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return SmtpReply(Phase.CONTENT if opened else Phase.OPEN, error.smtp_code, _enhanced(error.smtp_error))
    return SmtpReply(Phase.CUT if opened else Phase.OPEN)


def _enhanced(text: bytes | str) -> tuple[int, int] | None:
    found = ENHANCED.match(text.encode(errors="replace") if isinstance(text, str) else text)
    return (int(found[2]), int(found[3])) if found else None
