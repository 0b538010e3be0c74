"""The secrets of links: one that works once, by compare-and-set, and what a link says itself, signed."""

import ast
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import SetupToken
from accounts.tokens import LONGEST, signed, signed_read
from notifications.registry import registered
from tests.factories import NOW
from tools.rooms import FLOORS, ROOT, modules

pytestmark = pytest.mark.django_db
ENDS = NOW + timedelta(days=7)


@pytest.fixture
def token() -> SetupToken:
    return SetupToken.objects.create(token_hash=SetupToken.hash_of("a secret"), expires_at=ENDS)


def test_it_is_used_once(token: SetupToken) -> None:
    assert SetupToken.use(token.pk, now=NOW) is True
    assert SetupToken.use(token.pk, now=NOW + timedelta(seconds=1)) is False
    token.refresh_from_db()
    assert token.used_at == NOW
    assert not token.is_open(NOW)


def test_one_that_is_out_of_date_or_withdrawn_opens_nothing(token: SetupToken) -> None:
    assert token.is_open(ENDS - timedelta(microseconds=1))
    assert not token.is_open(ENDS)
    assert SetupToken.use(token.pk, now=ENDS) is False
    SetupToken.objects.update(revoked_at=NOW)
    token.refresh_from_db()
    assert not token.is_open(NOW)
    assert SetupToken.use(token.pk, now=NOW) is False
    SetupToken.objects.update(revoked_at=None)
    assert SetupToken.use(token.pk, now=ENDS - timedelta(microseconds=1)) is True


def test_only_its_own_row_is_used(token: SetupToken) -> None:
    other = SetupToken.objects.create(token_hash=SetupToken.hash_of("another"), expires_at=ENDS)
    assert SetupToken.use(other.pk, now=NOW)
    token.refresh_from_db()
    assert token.is_open(NOW)
    assert SetupToken.use(other.pk + 1, now=NOW) is False


def test_a_secret_is_known_whatever_has_become_of_it(token: SetupToken) -> None:
    SetupToken.objects.update(revoked_at=NOW)
    assert SetupToken.is_known("a secret")
    assert not SetupToken.is_known("a secret ")


CODE = "0123456789abcdef0123456789abcdef"
UUID_CODE = "01234567-89ab-cdef-0123-456789abcdef"
SIGNED_AT = 1_790_000_000
PREVIEW = [UUID_CODE, [["bob@example.org", {"team": "x" * 60}]]]
# Made by the code of before they had one module; the mails with them lie in people's mailboxes.
SENT = [
    (
        "talking piece: answer about a plan",
        [CODE, 3, "yes"],
        "WyIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsMywieWVzIl0:1x8elk:TMGVncLLr8dDpgFUJwxcu7ekPBcqUFHWCiO9nzeFXKk",
    ),
    (
        "talking piece: answer by link",
        [CODE, "yes"],
        "WyIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsInllcyJd:1x8elk:JfVCMfDrXewP2eGX9eHsJjvpAzjjbWCpDTCyGhrDU-Q",
    ),
    (
        "talking piece: put an address back",
        UUID_CODE,
        "IjAxMjM0NTY3LTg5YWItY2RlZi0wMTIzLTQ1Njc4OWFiY2RlZiI:1x8elk:4owMQ45mNRn2fT8Q9Rxtm3ACIdG4F-HRlqxHMIDEhcA",
    ),
    (
        "talking piece: unsubscribe",
        [7, "sessions.reminder", UUID_CODE],
        "WzcsInNlc3Npb25zLnJlbWluZGVyIiwiMDEyMzQ1NjctODlhYi1jZGVmLTAxMjMtNDU2Nzg5YWJjZGVmIl0"
        ":1x8elk:pP8A-xfYP50aANnYckoVc98ya9O-x5VtwR4-CaSm7GY",
    ),
    (
        "talking piece: second step lost",
        [7, "abcdefghijkl"],
        "WzcsImFiY2RlZmdoaWprbCJd:1x8elk:juqKARKQXOLOrG39fyqi8ZjZnHq1aESMqibTsDDz9-I",
    ),
    (
        "talking piece: people to invite",
        PREVIEW,
        ".eJyLVjIwNDI2MTUz17WwTEzSTU5JTdMFCemCxEBCIBElnehopaT8JIfUisTcgpxUvfyidCWdaqWS1MRcJSulCgqAUm1sbCwAiy0x1w"
        ":1x8elk:3iy-AU2SyyjPUmuYL06KRBBjsr4SIeySEp40OG6Qc3A",
    ),
]


@pytest.mark.parametrize(("salt", "value", "sent"), SENT)
def test_links_and_previews_that_were_sent_stay_good(salt: str, value: object, sent: str, settings: Any) -> None:
    settings.SECRET_KEY = "the key of links that were sent"
    with patch("django.core.signing.time.time", lambda: SIGNED_AT):
        assert signed_read(salt, sent) == value
        assert signed(salt, value, compress=sent.startswith(".")) == sent
    with patch("django.core.signing.time.time", lambda: SIGNED_AT + 3601):
        assert signed_read(salt, sent) == value
        assert signed_read(salt, sent, max_age=3600) is None
    assert signed_read(f"{salt} ", sent) is None


@pytest.mark.parametrize("token", ["", ":", "a:b:c", "\udcff:x:y", ".eJw:1x8elk:x", "x" * 5000])
def test_what_we_did_not_sign_is_read_as_nothing(token: str) -> None:
    assert signed_read("talking piece: unsubscribe", token) is None


def test_no_link_of_ours_is_longer_than_what_is_read() -> None:
    longest = max(registered(), key=len)
    assert len(signed("talking piece: unsubscribe", [2**31, longest, UUID_CODE])) < LONGEST
    cut = signed("x", "y" * LONGEST)
    assert signed_read("x", cut) is None
    assert signed_read("x", cut, longest=len(cut)) == "y" * LONGEST


# Whatever else calls for a salt, and why two may share one.
SHARED = {"programmes.invitation": "hashes of questions that are open stand on it; `AdminInvitation.secret` says more"}


def salts_of(path: Path) -> list[str]:
    """The literal salts of a file: what a name with SALT in it is set to, and what those who make secrets are called with."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        given: ast.expr | None = None
        if isinstance(node, ast.Assign) and "SALT" in ast.unparse(node.targets[0]):
            given = node.value
        elif isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func).rpartition(".")[2]
            given = node.args[0] if called in ("secret_of", "salted_hmac", "signed", "_token") else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            found.append(given.value)
    return found


def test_every_salt_is_used_for_one_kind_of_secret() -> None:
    found = Counter(salt for app in FLOORS for path in modules(app) for salt in salts_of(path))
    assert len(found) > 12
    assert {salt for salt, times in found.items() if times > 1} == set(SHARED)


def test_nobody_signs_or_reads_by_hand() -> None:
    by_hand = {
        str(path.relative_to(ROOT))
        for app in FLOORS
        for path in modules(app)
        if "django.core import signing" in path.read_text() or "django.core.signing" in path.read_text()
    }
    assert by_hand == {"accounts/tokens.py"}
