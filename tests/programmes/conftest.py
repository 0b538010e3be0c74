"""A programme of Dana's, and a clock that stands."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import User
from programmes.models import Programme
from tests.factories import NOW, make_programme, make_user


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def dana() -> User:
    return make_user("Dana Diaz")


@pytest.fixture
def programme(dana: User) -> Programme:
    return make_programme(dana)
