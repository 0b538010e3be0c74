"""What `make test` has time for. `THOROUGH=1` (.ci/run) asks everybody and everything, everywhere."""

import os
from collections.abc import Iterable
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
THOROUGH = os.environ.get("THOROUGH") == "1"


def part(things: Iterable[T], *, of: int, first: int = 0) -> list[T]:
    """Every `of`-th from the `first` on, the same ones each time; all of them when there is time."""
    return list(things) if THOROUGH else list(things)[first::of]


def seldom(cases: Iterable[Any], *, of: int, first: int = 0) -> list[Any]:
    """Cases for `parametrize`: every `of`-th from the `first` on in `make test`, the others are `long` (.ci/run)."""
    asked = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=[] if at % of == first else [pytest.mark.long]) for at, case in enumerate(asked)]
