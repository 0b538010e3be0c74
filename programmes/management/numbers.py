"""Numbers that are typed behind an option: a clear sentence and exit code 2 for what is none, or out of bounds."""

from django.core.management.base import CommandError


def number_of(text: str, name: str, least: float, most: float, *, whole: bool = False) -> float:
    """The number somebody typed for the option `name`, within its bounds; CommandError says what it must be."""
    try:
        value = float(int(text)) if whole else float(text)
        if least <= value <= most:
            return value
    except (ValueError, OverflowError):
        pass
    kind = "whole number" if whole else "number"
    raise CommandError(f"{name} must be a {kind} from {least:g} to {most:g}, not {text!r}.", returncode=2)


def whole_of(text: str, name: str, least: int, most: int) -> int:
    """As `number_of`, for whole numbers."""
    return int(number_of(text, name, least, most, whole=True))
