"""How people of one circle are called on its pages. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from accounts.rules.clean import given_name


class Named(Protocol):
    """Whoever has a name and a number of their own: a user, a guest's seat."""

    pk: int
    name: str


def given_names(people: Iterable[Named]) -> dict[int, str]:
    """Given names by id; two people with the same one are called by their whole names."""
    listed = list(people)
    firsts = {person.pk: given_name(person.name) or "?" for person in listed}
    often = Counter(name.casefold() for name in firsts.values())
    return {
        person.pk: person.name if often[firsts[person.pk].casefold()] > 1 else firsts[person.pk] for person in listed
    }
