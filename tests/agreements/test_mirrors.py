"""A circle looks at itself: nothing tells whose an answer is, the widest is a question, one change is tried."""

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.refusals import Refused
from agreements import mirror_services as services
from agreements.enums import Became, Facet
from agreements.models import Mirror, MirrorTicket, OneChange
from agreements.rules.mirror import added, nothing_said, spread, widest
from circles.models import Circle, Membership
from notifications import outbox
from sessions.live.putting_back_services import session_put_back
from sessions.live.starting_services import session_start
from tests.agreements.committing import subjects
from tests.factories import NOW, Cast, make_circle, make_session, make_user, sign, signed_in

NAMES = ["Ann A", "Ben B", "Cat C", "Dan D", "Eva E", "Fay F"]
DAY = timedelta(days=1)
ALIKE = dict.fromkeys(Facet.values, 3)


def circle_of(number: int) -> tuple[Circle, list[User]]:
    people = [make_user(name) for name in NAMES[:number]]
    circle = make_circle(people[0], people[1:])
    sign(circle, *people)
    return circle, people


def opened(number: int = 5) -> tuple[Mirror, list[User]]:
    circle, people = circle_of(number)
    return services.mirror_open(circle=circle, by=people[0], now=NOW), people


def answer(mirror: Mirror, user: User, **scores: int) -> None:
    services.mirror_answer(mirror=mirror, user=user, scores=ALIKE | scores, now=NOW)


def page(circle: Circle) -> str:
    return reverse("pages:mirror", args=[circle.code])


@given(st.lists(st.fixed_dictionaries({one: st.integers(1, 5) for one in Facet.values}), max_size=9))
def test_the_counts_of_everybody_say_nothing_of_the_order(people: list[dict[str, int]]) -> None:
    forwards, backwards = (nothing_said(Facet.values) for _way in range(2))
    for scores in people:
        forwards = added(forwards, scores)
    for scores in reversed(people):
        backwards = added(backwards, scores)
    assert forwards == backwards
    named = widest(forwards)
    assert len(named) <= 2
    if len(people) < 5 or all(one == people[0] for one in people):
        assert named == []
    else:
        assert spread(forwards[named[0]]) == max(spread(said) for said in forwards.values())


def test_a_second_statement_is_named_where_people_differ_about_it_nearly_as_much() -> None:
    counts = nothing_said(["a", "b", "c"])
    counts |= {"a": [2, 0, 0, 0, 3], "b": [2, 0, 0, 1, 2], "c": [0, 0, 3, 2, 0]}
    assert widest(counts) == ["a", "b"]
    assert widest(counts | {"b": [0, 0, 4, 1, 0]}) == ["a"]
    assert widest({"a": [2, 0, 0, 0, 2]}) == [], "of four answers nothing"


def test_each_answers_alone_and_what_differs_most_is_asked(db: None, clock: Any) -> None:
    mirror, people = opened()
    for at, user in enumerate(people):
        assert signed_in(user).get(page(mirror.circle)).content.decode().count("<legend") >= 5
        form = dict.fromkeys(Facet.values, "3") | {"room": "1" if at % 2 else "5"}
        signed_in(user).post(page(mirror.circle), form)
    mirror.refresh_from_db()
    assert (mirror.closed_at, mirror.widest, mirror.sums) == (NOW, ["room"], "")
    shown = signed_in(people[1]).get(page(mirror.circle)).content.decode()
    assert "Each of us gets about as much room as the others." in shown
    assert "I say here what I would not say elsewhere." not in shown


def test_nothing_stored_tells_whose_an_answer_is(db: None, clock: Any) -> None:
    """Whoever has the whole database and the key finds the same, however the answers were given out among the people."""
    found = set()
    for number, order in enumerate(list(permutations(range(1, 6)))[::20]):
        people = [make_user(f"P{number} Q{at}", email=f"p{number}q{at}@example.org") for at in range(5)]
        circle = make_circle(people[0], people[1:])
        mirror = services.mirror_open(circle=circle, by=people[0], now=NOW)
        for user, score in zip(people[:4], order, strict=False):
            answer(mirror, user, said=score, use=6 - score)
        tickets = MirrorTicket.objects.filter(mirror=mirror).order_by("pk").values_list("answered", flat=True)
        kept = json.loads(Mirror.objects.get(pk=mirror.pk).sums)
        assert sorted(kept) == sorted(Facet.values)
        assert sum(kept["said"]) == 4
        found.add((tuple(tickets), json.dumps({one: sum(said) for one, said in kept.items()}, sort_keys=True)))
        columns = {one.column for one in MirrorTicket._meta.fields}
        assert columns == {"id", "mirror_id", "user_id", "answered"}, "no time, no score"
    assert len(found) == 1


def test_an_answer_leaves_no_row_of_its_own(db: None, clock: Any) -> None:
    mirror, people = opened()
    tables = [one for one in connection.introspection.table_names() if "session" not in one]

    def counts() -> dict[str, int]:
        with connection.cursor() as cursor:
            rows = {}
            for table in tables:
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
                rows[table] = cursor.fetchone()[0]
            return rows

    before, length = counts(), {len(bytes(row)) for row in Mirror.objects.values_list("sums", flat=True)}
    for user in people[:4]:
        answer(mirror, user, said=1)
    assert counts() == before
    assert {len(bytes(row)) for row in Mirror.objects.values_list("sums", flat=True)} == length


def test_of_four_answers_there_is_only_the_question(db: None, clock: Any) -> None:
    mirror, people = opened(6)
    for at, user in enumerate(people[:4]):
        answer(mirror, user, said=1 + at)
    services.mirror_close(mirror=mirror, now=NOW)
    mirror.refresh_from_db()
    assert (mirror.widest, mirror.sums) == ([], "")
    assert not MirrorTicket.objects.filter(answered=True).exists()
    shown = signed_in(people[5]).get(page(mirror.circle)).content.decode()
    assert "What here would each of you answer differently from the others?" in shown


def test_a_circle_of_four_gathers_nothing_at_all(db: None, clock: Any) -> None:
    circle, people = circle_of(4)
    signed_in(people[0]).post(reverse("pages:mirror_open", args=[circle.code]))
    mirror = Mirror.objects.get()
    assert (mirror.closed_at, mirror.sums, MirrorTicket.objects.count()) == (NOW, "", 0)
    assert "What here would each of you" in signed_in(people[1]).get(page(circle)).content.decode()


def test_nobody_answers_twice_or_late_or_unasked(db: None, clock: Any) -> None:
    mirror, people = opened()
    answer(mirror, people[0])
    with pytest.raises(Refused):
        answer(mirror, people[0])
    with pytest.raises(Refused):
        answer(mirror, make_user("Erin Else"))
    with pytest.raises(Refused):
        services.mirror_open(circle=mirror.circle, by=people[1], now=NOW)
    services.mirror_close(mirror=mirror, now=NOW)
    with pytest.raises(Refused):
        answer(mirror, people[1])


def test_an_answer_that_lacks_a_number_is_asked_again(db: None, clock: Any) -> None:
    mirror, people = opened()
    shown = signed_in(people[0]).post(page(mirror.circle), {"said": "6", "room": "1"}).content.decode()
    assert shown.count("Choose a number from 1 to 5") >= 4
    assert not MirrorTicket.objects.filter(answered=True).exists()


def test_those_asked_hear_of_it_and_what_nobody_closes_closes(db: None, clock: Any) -> None:
    mirror, people = opened()
    answer(mirror, people[1])
    outbox.turn()
    assert subjects(people[0].email) == subjects(people[1].email) == []
    assert subjects(people[2].email) == [f"{mirror.circle.name}: how are you together?"]
    assert services.mirrors_close(now=NOW + 14 * DAY - timedelta(seconds=1)) == 0
    assert services.mirrors_close(now=NOW + 14 * DAY) == 1
    assert services.mirrors_close(now=NOW + 14 * DAY) == 0


def test_one_change_at_a_time_stands_at_three_openings_and_is_then_asked_about(db: None, clock: Any) -> None:
    circle, people = circle_of(5)
    client = signed_in(people[0])
    services.mirror_open(circle=circle, by=people[0], now=NOW)
    services.mirror_close(mirror=Mirror.objects.get(), now=NOW)
    client.post(reverse("pages:one_change", args=[circle.code]), {"text": "Begin with the quiet ones"})
    change = OneChange.objects.get()
    with pytest.raises(Refused):
        services.one_change_decide(circle=circle, text="Another", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        OneChange.objects.create(circle=circle, vault=circle.vault, decided_at=NOW)
    asked = []
    for _opening in range(6):
        services.one_change_told(circle=circle)
        change.refresh_from_db()
        asked.append(change.is_asked)
    assert asked == [False, False, False, True, True, True]
    path = reverse("pages:one_change_settle", args=[circle.code, change.code])
    assert client.post(path, {"became": "x"}).status_code == 404
    client.post(path, {"became": "helped"})
    client.post(path, {"became": "not"})
    change.refresh_from_db()
    assert (change.became, change.settled_at) == (Became.HELPED, NOW)
    services.one_change_decide(circle=circle, text="Another", now=NOW)


@pytest.mark.parametrize(("practice", "told"), [(True, 0), (False, 1)])
def test_a_practice_session_uses_up_none_of_its_openings(people: Cast, clock: Any, practice: bool, told: int) -> None:
    services.one_change_decide(circle=people.circle, text="Wait three breaths", now=NOW)
    OneChange.objects.update(told=0)
    session = make_session(people.circle, people.alice, in_=DAY)
    type(session).objects.filter(pk=session.pk).update(practice=practice)
    session.refresh_from_db()
    pks, begins = [people.alice.pk, people.bob.pk, people.carol.pk], session.starts_at
    session_start(session=session, here=pks, presenting=pks, expected_seq=0, by=people.alice, now=begins)
    assert OneChange.objects.get().told == told
    # Put back, it has told nothing; a practice session takes nothing back either.
    OneChange.objects.update(told=1)
    session_put_back(session=session, by_seat=1, now=begins)
    assert OneChange.objects.get().told == 1 - told


def test_a_change_that_everybody_who_knew_of_it_has_left_behind_is_in_nobodys_way(db: None, clock: Any) -> None:
    circle, people = circle_of(3)
    old = services.one_change_decide(circle=circle, text="Wait three breaths", now=NOW)
    late = make_user("Lou Late")
    Membership.objects.create(circle=circle, user=late, joined_at=NOW + DAY)
    sign(circle, late)
    clock.move_to(NOW + 2 * DAY)
    services.mirror_open(circle=circle, by=late, now=NOW + 2 * DAY)
    path = reverse("pages:one_change", args=[circle.code])
    # While one of the others is there it is they who say what became of it.
    Membership.objects.filter(circle=circle, user__in=people[1:]).update(left_at=NOW + DAY)
    answer = signed_in(late).post(path, {"text": "Begin with the quiet ones"}, follow=True)
    assert "You are trying something already" in answer.content.decode()
    Membership.objects.filter(circle=circle, user=people[0]).update(takes_part=False)
    shown = signed_in(late).get(page(circle)).content.decode()
    assert "We try it" in shown
    assert "three breaths" not in shown
    signed_in(late).post(path, {"text": "Begin with the quiet ones"})
    old.refresh_from_db()
    assert (old.became, old.settled_at) == (Became.NOT_DONE, NOW + 2 * DAY)
    assert OneChange.objects.get(became=Became.TRYING).text == "Begin with the quiet ones"


def test_a_session_put_back_has_told_nothing(db: None, clock: Any) -> None:
    circle, _people = circle_of(5)
    change = services.one_change_decide(circle=circle, text="Wait three breaths", now=NOW)
    services.one_change_told(circle=circle)
    services.one_change_untold(circle=circle, at=NOW + DAY)
    services.one_change_untold(circle=circle, at=NOW)
    change.refresh_from_db()
    assert change.told == 0


def test_who_came_later_or_is_from_outside_reads_no_change(db: None, clock: Any) -> None:
    circle, people = circle_of(5)
    services.one_change_decide(circle=circle, text="Wait three breaths", now=NOW)
    assert "Wait three breaths" in signed_in(people[1]).get(page(circle)).content.decode()
    late = make_user("Lou Late")
    Membership.objects.create(circle=circle, user=late, joined_at=NOW + DAY)
    sign(circle, late)
    clock.move_to(NOW + 2 * DAY)
    assert "Wait three breaths" not in signed_in(late).get(page(circle)).content.decode()
    Membership.objects.filter(user=late).update(takes_part=False, facilitates=True)
    assert signed_in(late).get(page(circle)).status_code == 404


def test_what_came_of_a_look_from_before_they_came_is_not_theirs(db: None, clock: Any) -> None:
    mirror, people = opened()
    for at, person in enumerate(people):
        answer(mirror, person, **{Facet.values[0]: 1 + at})
    late = make_user("Lou Late")
    Membership.objects.create(circle=mirror.circle, user=late, joined_at=NOW + timedelta(seconds=1))
    sign(mirror.circle, late)
    clock.move_to(NOW + DAY)
    said = str(Facet(Facet.values[0]).label)
    was_there, came = (signed_in(one).get(page(mirror.circle)).content.decode() for one in (people[1], late))
    assert (said in was_there, said in came) == (True, False)
    assert "What here would each of you answer differently from the others?" in came


def test_a_change_of_five_thousand_letters_stays_typed(db: None, clock: Any) -> None:
    circle, people = circle_of(5)
    services.mirror_open(circle=circle, by=people[0], now=NOW)
    services.mirror_close(mirror=Mirror.objects.get(), now=NOW)
    path = reverse("pages:one_change", args=[circle.code])
    shown = signed_in(people[0]).post(path, {"text": "x" * 5000}).content.decode()
    assert "Use at most 200 characters; this has 5000." in shown
    assert not OneChange.objects.exists()
