"""Formats for tests that live through whole sessions: a second for each minute. The product has no setting for a clock."""

from typing import Any


def shorten(definition: dict[str, Any]) -> None:
    """A second for each of a definition's minutes, and no stage without one."""
    frame = [definition[part] for part in ("opening", "closing", "thank_you") if definition.get(part)]
    blocks = definition.get("blocks", [])
    for holder in (*frame, *blocks, *(stage for block in blocks for stage in block["stages"])):
        for length in ("minutes", "least", "most", "split", "turn_most"):
            if length in holder:
                holder[length] = max(round(holder[length]), 1) / 60
