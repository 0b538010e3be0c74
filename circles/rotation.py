"""Who holds which role next: pure, deterministic, and it corrects itself because it looks at what happened.

Each role goes to the person whose share is furthest behind. A share is counted as credit: everyone present at a
past session earned 1/(number present) of each of its roles, and spent 1 for a role held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PastSession:
    """Who was there (any hashable ids) and who held which role."""

    present: tuple[int, ...]
    held: Mapping[str, int]


def balances(role: str, people: Sequence[int], history: Sequence[PastSession]) -> dict[int, float]:
    """Credit of each person for one role: positive means they have held it less than their share."""
    credit = dict.fromkeys(people, 0.0)
    for past in history:
        for person in past.present:
            if person in credit:
                credit[person] += 1 / len(past.present)
        holder = past.held.get(role)
        if holder in credit:
            credit[holder] -= 1
    return credit


def assign(roles: Sequence[str], people: Sequence[int], history: Sequence[PastSession]) -> dict[str, int]:
    """One holder a role, in the order of `roles`; ties go round the ring, starting one seat further each session.

    Nobody holds two roles while someone has none, and nobody holds the same role twice running when it can be
    avoided. With nobody there, nothing is assigned.
    """
    assigned: dict[str, int] = {}
    last = history[-1].held if history else {}
    for offset, role in enumerate(roles):
        if not people:
            break
        credit = balances(role, people, history)
        busy = [list(assigned.values()).count(person) for person in people]
        start = (len(history) + offset) % len(people)

        def rank(
            at: int,
            credit: Mapping[int, float] = credit,
            busy: Sequence[int] = busy,
            role: str = role,
            start: int = start,
        ) -> tuple[float, bool, float, int]:
            person = people[at]
            return (busy[at], last.get(role) == person, -round(credit[person], 9), (at - start) % len(people))

        assigned[role] = people[min(range(len(people)), key=rank)]
    return assigned
