"""A sentence that five circles or more have given cannot be traced: to its writer, or to its circle.

As `tests/programmes/test_attribution.py`, which says how it is tried. `ROUNDS=20` is the long form.
"""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from circles.models import Circle, Covenant
from sessions.models import Sentence, SentenceOffer
from sessions.tasks import tend_shelf
from tests.attribution import Attack, Group, Secret, Tables, attack, rows_of, whole_database
from tests.factories import NOW, make_circle, make_held, make_user, sign, signed_in
from tests.programmes.test_attribution import ROUNDS, form_key

pytestmark = pytest.mark.django_db(transaction=True)
SIX = 6


class Site:
    """Six circles of six; in each of six batches another member of each offers a sentence, at random moments."""

    def __init__(self, clock: Any, *, seed: int, batches: int = SIX) -> None:
        self.clock, self.at, self.random = clock, NOW, Random(seed)
        self.browsers: dict[int, Client] = {}
        self.circles: list[Circle] = []
        # What a table to which each is added at the end would have held.
        self.appended: list[dict[str, Any]] = []
        self.truth: dict[str, tuple[int, int]] = {}
        for number in range(SIX):
            people = [make_user(f"S{seed}C{number}M{at} X") for at in range(SIX)]
            circle = make_circle(people[0], people[1:], name=f"Circle {seed} {number}")
            sign(circle, *people)
            make_held(circle, people[0])
            Covenant.objects.filter(circle=circle).update(decided_at=NOW, decision="carry_on")
            self.circles.append(circle)
        self.writers = {circle.pk: self.shuffled(self.people(circle)) for circle in self.circles}
        self.batches = [self.batch(number) for number in range(batches)]

    def people(self, circle: Circle) -> list[User]:
        return [one.user for one in circle.memberships.select_related("user").order_by("pk")]

    def browser(self, user: User) -> Client:
        self.browsers.setdefault(user.pk, signed_in(user))
        return self.browsers[user.pk]

    def shuffled(self, some: Any) -> list[Any]:
        mixed = list(some)
        self.random.shuffle(mixed)
        return mixed

    def later(self, **than: float) -> None:
        self.at += timedelta(**than) if than else timedelta(seconds=self.random.uniform(5, 300))
        self.clock.move_to(self.at)

    def batch(self, number: int) -> list[str]:
        texts = []
        for circle in self.shuffled(self.circles):
            self.later()
            writer, text = self.writers[circle.pk][number], f"Sentence {number} of {circle.pk}"
            path = reverse("shelf:circle_sentences", args=[circle.code])
            form = {"text": text, "form_key": form_key()}
            assert self.browser(writer).post(path, form).status_code == 302
            self.truth[text] = (writer.pk, circle.pk)
            self.appended.append({"(place)": len(self.appended), "text": text})
            texts.append(text)
        # Some look at what waits; nobody says no.
        for circle in self.shuffled(self.circles):
            self.later()
            one = self.random.choice(self.people(circle))
            assert self.browser(one).get(reverse("shelf:circle_sentences", args=[circle.code])).status_code == 200
        self.browsers.clear()  # by then nobody is signed in any more
        self.later(days=15)
        tend_shelf()
        return texts

    def groups(self, tables: Tables) -> list[Group]:
        """The sentences of each batch, and those who offered one then."""
        keys = {str(row.text): row.pk for row in Sentence.objects.all()}
        found = []
        for texts in self.batches:
            secrets = [
                Secret(rows_of(tables, Sentence, [keys[text]])[0], self.truth[text][0]) for text in sorted(texts)
            ]
            self.random.shuffle(secrets)
            found.append(Group(frozenset(self.truth[text][0] for text in texts), secrets))
        return found

    def circle_groups(self, tables: Tables) -> list[Group]:
        """As `groups`, where each circle is stood for by one of its members, who offered none of these."""
        by_writer = dict(self.truth.values())
        return [
            Group(
                frozenset(self.stands_for(by_writer[one]) for one in group.people),
                [Secret(one.row, self.stands_for(by_writer[one.truth])) for one in group.answers],
            )
            for group in self.groups(tables)
        ]

    def stands_for(self, circle: int) -> int:
        """Whoever looks after it: rows of the circle are theirs."""
        return next(one for one in self.circles if one.pk == circle).memberships.order_by("pk")[0].user_id


def told(found: Attack) -> str:
    return f"{len(found.sorts)} sorts of guesses, the best right in {found.best:.0%}: {found.leaks}"


def test_nothing_stored_tells_whose_a_published_sentence_is(clock: Any) -> None:
    for seed in range(ROUNDS):
        site = Site(clock, seed=seed)
        assert (Sentence.objects.count(), SentenceOffer.objects.count()) == (SIX * SIX, 0)
        tables = whole_database()
        for groups in (site.groups(tables), site.circle_groups(tables)):
            found = attack(tables, groups)
            assert len(found.sorts) > 500, len(found.sorts)
            assert found.leaks == {}, told(found)


def test_the_attack_finds_what_keeping_the_offers_would_store(clock: Any) -> None:
    """Sentences added at the end beside offers that are kept, as they came: all of them."""
    site = Site(clock, seed=99, batches=3)
    groups = []
    for texts in site.batches:
        rows = [one for one in site.appended if one["text"] in texts]
        secrets = [Secret({"(place)": one["(place)"]}, site.truth[one["text"]][0]) for one in rows]
        groups.append(Group(frozenset(site.truth[text][0] for text in texts), secrets))
    kept = [{"user_id": site.truth[one["text"]][0], "id": one["(place)"]} for one in site.appended]
    found = attack({"circle_sessions_sentenceoffer": kept}, groups)
    sort = found.sorts["circle_sessions_sentenceoffer.id, first beside (place)"]
    assert (sort.right, sort.guesses) == (3 * SIX, 3 * SIX)
    assert "circle_sessions_sentenceoffer.id, first beside (place)" in found.leaks
