"""What a mail server's answer is about: only a refused address is final."""

import smtplib

import pytest

from notifications.rules.smtp_replies import Phase, SmtpReply, Trouble, reply_of

RELAY, MAIL, ADDRESS = Trouble.RELAY, Trouble.MAIL, Trouble.ADDRESS


def refused(code: int, text: bytes = b"no") -> Exception:
    return smtplib.SMTPRecipientsRefused({"bob@example.org": (code, text)})


@pytest.mark.parametrize(
    ("error", "opened", "trouble"),
    [
        # No line, no TLS, no sign-in: nobody's mail is at fault.
        (ConnectionRefusedError(), False, RELAY),
        (TimeoutError(), False, RELAY),
        (OSError("certificate verify failed"), False, RELAY),
        (smtplib.SMTPConnectError(554, b"go away"), False, RELAY),
        (smtplib.SMTPHeloError(501, b"who"), False, RELAY),
        (smtplib.SMTPNotSupportedError("STARTTLS extension not supported"), False, RELAY),
        (smtplib.SMTPResponseException(454, b"4.7.0 TLS not available"), False, RELAY),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 bad password"), False, RELAY),
        (smtplib.SMTPAuthenticationError(534, b"5.7.9 use another way"), False, RELAY),
        (smtplib.SMTPServerDisconnected("closed"), False, RELAY),
        # The sender.
        (smtplib.SMTPSenderRefused(550, b"5.1.8 who are you", "a@b"), True, RELAY),
        (smtplib.SMTPSenderRefused(530, b"5.7.0 sign in first", "a@b"), True, RELAY),
        (smtplib.SMTPSenderRefused(421, b"closing", "a@b"), True, RELAY),
        (smtplib.SMTPSenderRefused(452, b"4.3.1 full", "a@b"), True, RELAY),
        (smtplib.SMTPSenderRefused(552, b"5.3.4 too large", "a@b"), True, MAIL),
        # A number that says "for now" is this mail's, whatever stands behind it.
        (refused(450, b"4.1.8 sender's domain not found"), True, MAIL),
        (refused(550, b"5.1.8 sender's domain not found"), True, RELAY),
        # The address.
        (refused(550), True, ADDRESS),
        (refused(551), True, ADDRESS),
        (refused(553), True, ADDRESS),
        (refused(550, b"5.1.1 unknown"), True, ADDRESS),
        (refused(552, b"5.2.2 mailbox full"), True, ADDRESS),
        (refused(450, b"4.2.0 later"), True, MAIL),
        (refused(451), True, MAIL),
        (refused(421, b"closing"), True, RELAY),
        # Said at the address, about something else.
        (refused(530, b"5.7.0 sign in first"), True, RELAY),
        (refused(503, b"5.5.1 bad sequence"), True, RELAY),
        (refused(550, b"5.1.8 sender's domain unknown"), True, RELAY),
        (refused(554, b"5.7.1 relay access denied"), True, MAIL),
        (refused(550, b"5.3.2 system not accepting"), True, MAIL),
        # The text.
        (smtplib.SMTPDataError(552, b"too much"), True, MAIL),
        (smtplib.SMTPDataError(553, b"no"), True, MAIL),
        (smtplib.SMTPDataError(554, b"5.7.1 policy"), True, MAIL),
        (smtplib.SMTPDataError(451, b"4.1.1 later"), True, MAIL),
        (smtplib.SMTPDataError(421, b"closing"), True, RELAY),
        (smtplib.SMTPDataError(550, b"5.1.1 unknown"), True, ADDRESS),
        (smtplib.SMTPDataError(552, b"5.2.2 mailbox full"), True, ADDRESS),
        (smtplib.SMTPDataError(550, b"5.1.7 bad sender"), True, MAIL),
        # The line, after it stood.
        (smtplib.SMTPServerDisconnected("closed"), True, MAIL),
        (TimeoutError(), True, MAIL),
    ],
)
def test_only_an_address_that_is_refused_is_final(error: Exception, opened: bool, trouble: Trouble) -> None:
    assert reply_of(error, opened=opened).trouble == trouble


def test_an_answer_keeps_numbers_and_no_word_of_the_server() -> None:
    answer = reply_of(refused(550, b"5.1.1 <bob@example.org>: unknown"), opened=True)
    assert answer == SmtpReply(Phase.RECIPIENT, 550, (1, 1))
    assert str(answer) == "recipient 550"
    assert str(SmtpReply(Phase.OPEN)) == "open"
    assert max(len(str(SmtpReply(phase, 599))) for phase in Phase) <= 40
