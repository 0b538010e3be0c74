"""The helping principles and the training cards: a readable file beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sessions.formats.words import language

FILE = Path(__file__).with_name("cards.yaml")


@dataclass(frozen=True)
class Card:
    """A short card to read before a session or from the stage it serves."""

    key: str
    names: Mapping[str, str]
    texts: Mapping[str, list[str]]

    @property
    def name(self) -> str:
        return self.names.get(language(), self.names["en"])

    @property
    def lines(self) -> list[str]:
        return self.texts.get(language(), self.texts["en"])


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text()))


@cache
def cards() -> dict[str, Card]:
    """All cards by key, in the order of the file."""
    return {card["key"]: Card(card["key"], card["name"], card["lines"]) for card in _file()["cards"]}


def card_of(key: str) -> Card | None:
    return cards().get(key)


def principles() -> dict[str, str]:
    """The seven principles by key, in the reader's language."""
    return {key: texts.get(language(), texts["en"]) for key, texts in _file()["principles"].items()}


def principle_of(key: str) -> str:
    """The line of a principle, or empty."""
    return principles().get(key, "")
