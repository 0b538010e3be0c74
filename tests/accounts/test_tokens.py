"""A secret that works once: by compare-and-set, whoever holds what was read a moment ago."""

from datetime import timedelta

import pytest

from accounts.models import SetupToken
from tests.factories import NOW

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
