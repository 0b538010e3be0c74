"""What `make test` has time for. `THOROUGH=1` (.ci/run) asks everybody and everything, everywhere."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
THOROUGH = os.environ.get("THOROUGH") == "1"


def part(things: Iterable[T], *, of: int, first: int = 0) -> list[T]:
    """Every `of`-th from the `first` on, the same ones each time; all of them when there is time."""
    return list(things) if THOROUGH else list(things)[first::of]
