"""A programme of Dana's, and a clock that stands."""

import pytest

from accounts.models import User
from programmes.models import Programme
from tests.factories import make_programme, make_user


@pytest.fixture
def dana() -> User:
    return make_user("Dana Diaz")


@pytest.fixture
def programme(dana: User) -> Programme:
    return make_programme(dana)
