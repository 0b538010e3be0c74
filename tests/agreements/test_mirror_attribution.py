"""P10 for a circle's look at itself: nothing that is stored tells who answered otherwise than the others.

`tests/attribution.py` says how it is tried and when something counts as a leak; `ROUNDS=20` is the long form. In each
circle one of six sees something quite differently. Answers are no rows of their own, so what there is to lay beside
people is the row of the look itself, while five have answered and once all have.
"""

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import User
from agreements.enums import Facet
from agreements.mirror_services import mirror_open
from agreements.models import Mirror
from circles.models import Circle
from tests.attribution import Group, Secret, Tables, attack, rows_of, whole_database
from tests.factories import NOW
from tests.programmes.test_attribution import ROUNDS, SIX, Site, form_key, told

pytestmark = pytest.mark.django_db(transaction=True)


class Mirrors(Site):
    """In every second circle all six answer and it closes; in the others one has not answered yet."""

    def __init__(self, clock: Any, *, circles: int, seed: int) -> None:
        super().__init__(clock, circles=circles, seed=seed)
        self.looks: list[tuple[Mirror, list[User], int]] = []
        steps: list[tuple[Circle, User, bool]] = []
        for number, circle in enumerate(self.circles):
            mirror = mirror_open(circle=circle, by=self.people(circle)[0], now=NOW)
            answering = self.shuffled(self.people(circle))[: SIX - number % 2]
            alone = self.random.choice(answering)
            self.looks.append((mirror, answering, alone.pk))
            steps += [(circle, one, one == alone) for one in answering]
        for circle, one, otherwise in self.shuffled(steps):
            self.later()
            form = dict.fromkeys(Facet.values, "4") | ({"said": "1"} if otherwise else {}) | {"form_key": form_key()}
            assert self.browser(one).post(reverse("pages:mirror", args=[circle.code]), form).status_code == 302

    def groups(self, tables: Tables) -> list[Group]:
        return [
            Group(frozenset(one.pk for one in people), [Secret(row, alone)], frozenset({mirror.code.hex}))
            for mirror, people, alone in self.looks
            for row in rows_of(tables, Mirror, [mirror.pk])
        ]


def test_nothing_stored_tells_who_sees_it_otherwise(clock: Any) -> None:
    for seed in range(ROUNDS):
        site = Mirrors(clock, circles=14 if ROUNDS == 1 else 40, seed=seed)
        assert Mirror.objects.filter(closed_at=None, circle__in=site.circles).count() == len(site.circles) // 2
        closed = Mirror.objects.exclude(closed_at=None).filter(circle__in=site.circles)
        assert [one.widest for one in closed] == [["said"]] * (len(site.circles) // 2)
        tables = whole_database()
        found = attack(tables, site.groups(tables))
        assert len(found.sorts) > 20
        assert found.leaks == {}, told(found)


def test_the_attack_finds_a_time_that_an_answer_would_leave(clock: Any) -> None:
    """With a time of each person's answer in their ticket, and that of the odd one in the look, it is found out."""
    site = Mirrors(clock, circles=12, seed=7)
    tables = whole_database()
    moments = {one.pk: f"2027-01-04 10:{at % 60:02}:{at // 60:02}" for at, one in enumerate(_everybody(site))}
    name = "agreements_mirrorticket"
    assert name in connection.introspection.table_names()
    tables[name] = [row | {"answered_at": moments.get(row["user_id"], "")} for row in tables[name]]
    groups = [
        Group(
            one.people,
            [Secret(dict(one.answers[0].row) | {"told_at": moments[one.answers[0].truth]}, one.answers[0].truth)],
        )
        for one in site.groups(tables)
    ]
    found = attack(tables, groups)
    assert f"told_at near {name}.answered_at" in found.leaks


def _everybody(site: Mirrors) -> list[User]:
    return [one for circle in site.circles for one in site.people(circle)]
