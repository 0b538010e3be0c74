"""Fixtures every test may use. No test sleeps and none looks at the wall clock: `now` is handed in."""

import pytest
from django.core.cache import cache

from tests.factories import Cast, make_cast


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Sign-in limits counted by one test must not meet the next."""
    cache.clear()
