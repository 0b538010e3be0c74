"""Sentences: offered at the end, each can say no without a name, published without a trace, taken away at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from circles.covenant_services import circle_mark_closed, vault_empty
from circles.models import Circle, Covenant, Membership
from circles.vault import Vault
from notifications import outbox
from notifications.models import Message
from pages.erasing_services import person_erase
from pages.rekey_services import vault_rekey
from sessions.live.services import session_command
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Sentence, SentenceKey, SentenceOffer, SentenceShelf
from sessions.rules.sentences import MARKS
from sessions.shelf import sentence_services as services
from sessions.shelf.sentence_selectors import may_offer, theirs
from tests.factories import NOW, make_circle, make_held, make_session, make_user, sign, signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK = 7 * DAY


def circles_of(number: int, size: int = 3) -> list[Circle]:
    """Circles that have held what they promised."""
    made = []
    for at in range(number):
        people = [make_user(f"C{at}M{one} X") for one in range(size)]
        made.append(went_on(people, f"Circle {at}"))
    return made


def went_on(people: list[User], name: str) -> Circle:
    """A circle that has met, and goes on after what it promised."""
    circle = make_circle(people[0], people[1:], name=name)
    make_held(circle, people[0])
    Covenant.objects.filter(circle=circle).update(decided_at=NOW, decision="carry_on")
    return circle


def people_of(circle: Circle) -> list[User]:
    return [one.user for one in circle.memberships.select_related("user").order_by("pk")]


def offer(circle: Circle, by: User | None = None, text: str = "", *, now: Any = NOW) -> SentenceOffer:
    words = text or f"What we learned in {circle.name}."
    return services.sentence_offer(circle=circle, user=by or people_of(circle)[0], text=words, now=now)


def published(number: int = 5) -> list[Circle]:
    circles = circles_of(number)
    for circle in circles:
        offer(circle)
    assert services.sentences_tend(now=NOW + WEEK) == number
    return circles


def page(circle: Circle) -> str:
    return reverse("shelf:circle_sentences", args=[circle.code])


ALL = reverse("shelf:sentences")


def test_one_account_in_four_circles_learns_nothing_of_the_fifth() -> None:
    mallory, others = make_user("Mal Lory"), [make_user(f"Pal{n} P") for n in range(4)]
    theirs_too = [went_on([mallory, other], f"M{at}") for at, other in enumerate(others)]
    # Also where somebody else has written each: Mallory has read them all.
    for circle, other in zip(theirs_too, others, strict=True):
        offer(circle, other)
    offer(circles_of(1)[0])
    assert services.sentences_tend(now=NOW + WEEK) == 0
    for circle in circles_of_more(3):
        offer(circle)
    assert services.sentences_tend(now=NOW + WEEK) == 5
    assert SentenceOffer.objects.filter(circle__in=theirs_too).count() == 3


@pytest.mark.parametrize("seat", [{"joined_at": NOW + DAY}, {"joined_at": NOW - DAY, "left_at": NOW + DAY}])
def test_nor_does_whoever_came_or_left_while_they_waited(seat: dict[str, Any]) -> None:
    circles, between = circles_of(5), make_user("Nora Between")
    for circle in circles:
        offer(circle)
    for circle in circles[:2]:
        Membership.objects.create(circle=circle, user=between, **seat)
    assert services.sentences_tend(now=NOW + WEEK) == 0
    # Whoever looks after both from outside reads nothing that waits there.
    Membership.objects.filter(user=between).update(takes_part=False, facilitates=True)
    assert services.sentences_tend(now=NOW + WEEK) == 5


def test_a_circle_that_never_met_has_no_sentence_to_give() -> None:
    """Made, closed and written in within a minute it would be one of five for nothing."""
    people = [make_user("Uma One"), make_user("Vic Two")]
    circle = make_circle(people[0], people[1:])
    session = make_session(circle, people[0])
    circle_mark_closed(circle=circle, by=people[0], now=NOW)
    assert not may_offer(circle)
    with pytest.raises(Refused, match="are not over yet"):
        offer(circle)
    CircleSession.objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW, practice=True)
    assert not may_offer(circle)
    CircleSession.objects.filter(pk=session.pk).update(practice=False)
    assert may_offer(circle)


def test_a_circle_of_one_has_no_sentence_to_give() -> None:
    """Nobody could have said no, and it would be one of five for nothing."""
    four, person = circles_of(4), make_user("Sol Itary")
    alone = went_on([person], "Alone")
    circle_mark_closed(circle=alone, by=person, now=NOW)
    with pytest.raises(Refused, match="You are alone in this circle"):
        offer(alone)
    # One from before that was refused.
    early = SentenceOffer(circle=alone, user=person, vault=alone.vault, offered_at=NOW)
    early.text = "Of mine alone."
    early.save(force_insert=True)
    for circle in four:
        offer(circle)
    assert services.sentences_tend(now=NOW + WEEK) == 0


def test_who_leaves_before_it_is_published_can_take_it_away_too() -> None:
    circles = circles_of(5)
    for circle in circles:
        offer(circle)
    leaver, rejoiner = people_of(circles[0])[1:]
    Membership.objects.filter(circle=circles[0], user=leaver).update(left_at=NOW + DAY)
    seat = Membership.objects.filter(circle=circles[0], user=rejoiner)
    seat.update(left_at=NOW + timedelta(hours=1))
    Membership.objects.create(circle=circles[0], user=rejoiner, joined_at=NOW + DAY)
    early = people_of(circles[1])[1]
    Membership.objects.filter(circle=circles[1], user=early).update(left_at=NOW - DAY)
    assert services.sentences_tend(now=NOW + WEEK) == 5
    assert [len(theirs(one)) for one in (leaver, rejoiner, early)] == [1, 1, 0]
    assert {len(set(one.marks)) for one in Sentence.objects.all()} == {MARKS}


def test_it_is_offered_after_the_last_promised_session_and_not_before() -> None:
    alice, bob = make_user("Alice Archer"), make_user("Bob Baker")
    circle = make_circle(alice, [bob])
    assert not may_offer(circle)
    with pytest.raises(Refused):
        offer(circle, alice)
    client = signed_in(alice)
    assert "after your last promised session" in client.get(page(circle)).content.decode()
    Covenant.objects.filter(circle=circle).update(sessions=1)
    session = make_session(circle, alice)
    type(session).objects.filter(pk=session.pk).update(status="ended", started_at=NOW, ended_at=NOW)
    assert may_offer(circle)
    client.post(page(circle), {"text": "Ask before you answer."})
    assert SentenceOffer.objects.get().text == "Ask before you answer."


def test_what_is_not_a_sentence_comes_back_beside_its_field() -> None:
    circle = circles_of(1)[0]
    client = signed_in(people_of(circle)[0])
    assert "Write your sentence." in client.post(page(circle), {"text": "  "}).content.decode()
    long = client.post(page(circle), {"text": "x" * 241}).content.decode()
    assert "Use at most 240 characters" in long
    assert "x" * 241 in long
    assert not SentenceOffer.objects.exists()


def test_one_waits_for_each_person() -> None:
    circle = circles_of(1)[0]
    offer(circle)
    with pytest.raises(Refused):
        offer(circle)
    row = SentenceOffer(circle=circle, user=people_of(circle)[0], vault=circle.vault, offered_at=NOW)
    row.text = "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_everybody_with_a_seat_hears_that_one_waits_and_nobody_stands_out(clock: Any) -> None:
    circle = circles_of(1)[0]
    made = offer(circle, text="Silence is an answer.")
    for kind in ("sentence_offered", "sentence_week_over"):
        heard = Message.objects.filter(kind=kind).values_list("user", flat=True)
        assert set(heard) == {one.pk for one in people_of(circle)}
    outbox.turn()
    assert Message.objects.filter(kind="sentence_offered", state="sent").count() == 3
    services.offer_take_back(offer=made)
    assert not Message.objects.filter(state="waiting").exists()


def test_it_is_shown_in_the_circle_without_its_writer() -> None:
    circle = circles_of(1)[0]
    writer, other, _third = people_of(circle)
    offer(circle, writer, "Silence is an answer.")
    text = signed_in(other).get(page(circle)).content.decode()
    assert "Silence is an answer." in text
    assert writer.name not in text.split("<main")[-1]
    assert "Yours waits" in signed_in(writer).get(page(circle)).content.decode()


def test_who_has_no_seat_or_came_later_or_administers_sees_nothing_that_waits() -> None:
    circle = circles_of(1)[0]
    made = offer(circle, text="Silence is an answer.")
    late, outside, staff = make_user("Lena Late"), make_user("Oscar Out"), make_user("Stan Staff")
    Membership.objects.create(circle=circle, user=late, joined_at=NOW + DAY)
    Membership.objects.create(circle=circle, user=outside, joined_at=NOW, facilitates=True, takes_part=False)
    User.objects.filter(pk=staff.pk).update(is_staff=True, is_superuser=True)
    no = reverse("shelf:sentence_no", args=[circle.code, made.code])
    client = signed_in(late)
    assert "Silence is an answer." not in client.get(page(circle)).content.decode()
    assert client.post(no).status_code == 404
    for person in (outside, staff):
        assert signed_in(person).get(page(circle)).status_code == 404
        assert signed_in(person).post(no).status_code == 404
        assert "Silence is an answer." not in signed_in(person).get(ALL).content.decode()


@pytest.mark.parametrize("after", [timedelta(0), 8 * WEEK])
def test_each_can_say_no_as_long_as_it_waits_and_nothing_is_left_of_it(clock: Any, after: timedelta) -> None:
    circle = circles_of(1)[0]
    writer, objector, _third = people_of(circle)
    made = offer(circle, writer)
    before = Message.objects.count()
    clock.move_to(NOW + after)
    assert "I would rather it stayed here" in signed_in(objector).get(page(circle)).content.decode()
    answer = signed_in(objector).post(reverse("shelf:sentence_no", args=[circle.code, made.code]), follow=True)
    assert "Nobody learns who wished so." in answer.content.decode()
    assert not SentenceOffer.objects.exists()
    assert Message.objects.count() == before
    offer(circle, writer, "Another one.")


def written(asked: CaptureQueriesContext) -> set[str]:
    """The tables that are written to."""
    sql = [one["sql"].split() for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    return {words[1] if words[0] == "UPDATE" else words[2] for words in sql}


def test_saying_no_writes_nothing_about_whoever_does() -> None:
    circle = circles_of(1)[0]
    made = offer(circle)
    client = signed_in(people_of(circle)[1])
    client.get(page(circle))
    with CaptureQueriesContext(connection) as asked:
        client.post(reverse("shelf:sentence_no", args=[circle.code, made.code]))
    # And the note that its table is to be swept, which names a table alone.
    assert written(asked) == {'"circle_sessions_sentenceoffer"', '"accounts_leftover"'}


@pytest.mark.parametrize(
    ("number", "after", "stands"), [(4, WEEK, 0), (5, WEEK - timedelta(seconds=1), 0), (5, WEEK, 5)]
)
def test_they_appear_together_once_five_circles_have_given_one(number: int, after: timedelta, stands: int) -> None:
    for circle in circles_of(number):
        offer(circle)
    assert services.sentences_tend(now=NOW + after) == stands
    assert Sentence.objects.count() == stands
    assert SentenceOffer.objects.count() == number - stands


def test_five_of_one_circle_are_not_five_circles() -> None:
    circles = circles_of(4)
    for circle in circles:
        for person in people_of(circle):
            offer(circle, person, f"By {person.name}")
    assert services.sentences_tend(now=NOW + WEEK) == 0
    (fifth,) = circles_of_more(1)
    offer(fifth)
    assert services.sentences_tend(now=NOW + WEEK) == 5
    assert {one.circle_id for one in SentenceOffer.objects.all()} == {one.pk for one in circles}


def circles_of_more(number: int) -> list[Circle]:
    return [went_on([make_user(f"Z{at}{one} More") for one in range(3)], f"More {at}") for at in range(number)]


def test_what_is_published_says_neither_circle_nor_writer() -> None:
    circles = published()
    text = signed_in(make_user("Erin Else")).get(ALL).content.decode()
    assert all(f"What we learned in {circle.name}." in text for circle in circles)
    assert "Take it away" not in text
    for row in Sentence.objects.all():
        assert len(row.marks) == MARKS
    assert not SentenceOffer.objects.exists()
    assert {field.name for field in Sentence._meta.fields} == {"key", "code", "vault", "text", "marks"}
    assert len({row.vault_id for row in Sentence.objects.all()}) == 1


def test_its_writer_takes_it_away_with_one_press() -> None:
    circles = published()
    writer = people_of(circles[2])[0]
    client = signed_in(writer)
    mine = [one for one in theirs(writer) if one.is_mine]
    assert [one.sentence.text for one in mine] == ["What we learned in Circle 2."]
    client.post(reverse("shelf:sentence_away", args=[mine[0].sentence.key]))
    assert "What we learned in Circle 2." not in client.get(ALL).content.decode()
    assert Sentence.objects.count() == 4
    again = client.post(reverse("shelf:sentence_away", args=[mine[0].sentence.key]), follow=True)
    assert "There is no such sentence of yours any more." in again.content.decode()


def test_taking_away_writes_nothing_about_whoever_does() -> None:
    circles = published()
    writer = people_of(circles[2])[0]
    client = signed_in(writer)
    client.get(ALL)
    (mine,) = theirs(writer)
    with CaptureQueriesContext(connection) as asked:
        client.post(reverse("shelf:sentence_away", args=[mine.sentence.key]))
    assert written(asked) == {'"circle_sessions_sentence"', '"accounts_leftover"'}


def test_a_member_who_objects_after_publishing_takes_it_away_too() -> None:
    circles = published()
    other = people_of(circles[2])[1]
    (found,) = theirs(other)
    assert (found.is_mine, found.sentence.text) == (False, "What we learned in Circle 2.")
    assert services.sentence_take_away(user=other, key=found.sentence.key)
    assert Sentence.objects.count() == 4


def test_nobody_else_takes_it_away() -> None:
    circles = published()
    stranger, late = make_user("Erin Else"), make_user("Lena Late")
    Membership.objects.create(circle=circles[0], user=late, joined_at=NOW + DAY)
    for person in (stranger, late, people_of(circles[1])[0]):
        for row in Sentence.objects.exclude(pk__in=[one.sentence.pk for one in theirs(person)]):
            assert not services.sentence_take_away(user=person, key=row.key)
    assert Sentence.objects.count() == 5


def test_who_joined_between_offering_and_publishing_has_no_key_to_it() -> None:
    circles = circles_of(5)
    for circle in circles:
        offer(circle)
    late = make_user("Lena Late")
    Membership.objects.create(circle=circles[0], user=late, joined_at=NOW + DAY)
    offer(circles[0], late, "Mine, later.", now=NOW + DAY)
    services.sentences_tend(now=NOW + WEEK)
    assert theirs(late) == []


def test_it_is_taken_away_after_leaving_and_after_the_circle_is_gone() -> None:
    circles = published()
    writer = people_of(circles[0])[0]
    Membership.objects.filter(circle=circles[0]).update(left_at=NOW)
    vault_empty(vault=circles[0].vault, now=NOW)
    (mine,) = theirs(writer)
    assert services.sentence_take_away(user=writer, key=mine.sentence.key)


def test_no_said_while_it_is_published_is_told_where_to_take_it_away() -> None:
    circles = circles_of(5)
    codes = {circle: offer(circle).code for circle in circles}
    services.sentences_tend(now=NOW + WEEK)
    client = signed_in(people_of(circles[0])[1])
    answer = client.post(reverse("shelf:sentence_no", args=[circles[0].code, codes[circles[0]]]), follow=True)
    assert "If it is on the shelf, take it away there." in answer.content.decode()
    assert "Take it away" in answer.content.decode()


def test_where_everybody_left_nothing_is_published() -> None:
    circles = circles_of(6)
    for circle in circles:
        offer(circle)
    Membership.objects.filter(circle=circles[0]).update(left_at=NOW)
    services.sentences_tend(now=NOW + WEEK)
    assert sorted(one.text for one in Sentence.objects.all()) == [
        f"What we learned in Circle {n}." for n in range(1, 6)
    ]
    assert not SentenceOffer.objects.exists()


def test_where_the_words_are_deleted_nothing_waits() -> None:
    circles = circles_of(5)
    for circle in circles:
        offer(circle)
    vault_empty(vault=circles[0].vault, now=NOW)
    assert services.sentences_tend(now=NOW + WEEK) == 0
    assert SentenceOffer.objects.count() == 4


def test_a_closed_circle_offers_and_objects_while_it_has_its_words(clock: Any) -> None:
    circle = circles_of(1)[0]
    circle_mark_closed(circle=circle, by=people_of(circle)[0], now=NOW)
    client = signed_in(people_of(circle)[0])
    client.post(page(circle), {"text": "Ask before you answer."})
    made = SentenceOffer.objects.get()
    outbox.turn()
    assert Message.objects.filter(kind="sentence_offered", state="sent").count() == 3
    signed_in(people_of(circle)[1]).post(reverse("shelf:sentence_no", args=[circle.code, made.code]))
    assert not SentenceOffer.objects.exists()


def test_an_erased_person_takes_their_sentences_along() -> None:
    circles = published()
    writer = people_of(circles[3])[1]
    kept = people_of(circles[3])[0]
    offer(circles[3], writer, "Waits.", now=NOW + WEEK)
    vault = SentenceKey.objects.get(user=writer).vault
    person_erase(user=writer, now=NOW + WEEK)
    assert not SentenceOffer.objects.exists()
    assert not SentenceKey.objects.filter(user=writer).exists()
    assert Vault.objects.get(pk=vault.pk).destroyed_at
    assert Sentence.objects.count() == 5  # of others in that circle: theirs to take away
    Membership.objects.filter(circle=circles[3]).exclude(user=kept).update(facilitates=True)
    person_erase(user=kept, now=NOW + WEEK)
    assert "What we learned in Circle 3." not in [one.text for one in Sentence.objects.all()]


def test_new_keys_lose_nobody_their_sentence() -> None:
    circles = published()
    writer = people_of(circles[0])[0]
    for vault in Vault.objects.all():
        vault_rekey(vault=vault, now=NOW)
    (mine,) = theirs(writer)
    assert mine.sentence.text == "What we learned in Circle 0."


def test_publishing_touches_no_row_of_a_person() -> None:
    """Secrets are made when something is offered: made when it is published they would tell who had to do with it."""
    circles = circles_of(5)
    for circle in circles:
        offer(circle)
    before = list(SentenceKey.objects.order_by("pk").values())
    assert len(before) == 15
    services.sentences_tend(now=NOW + WEEK)
    assert list(SentenceKey.objects.order_by("pk").values()) == before
    assert SentenceShelf.objects.count() == 1


def test_a_second_batch_is_shuffled_into_the_first() -> None:
    circles = published()
    for circle in circles:
        offer(circle, people_of(circle)[1], f"Second of {circle.name}.", now=NOW + WEEK)
    services.sentences_tend(now=NOW + 2 * WEEK)
    assert Sentence.objects.count() == 10
    places = [one.text.startswith("Second") for one in Sentence.objects.raw("SELECT * FROM circle_sessions_sentence")]
    assert sum(places) == 5


@pytest.mark.parametrize(("promised", "offered"), [(1, True), (6, False)])
def test_the_check_out_of_the_last_session_leads_there(promised: int, offered: bool, clock: Any) -> None:
    alice, bob, carol = (make_user(name) for name in ("Alice Archer", "Bob Baker", "Carol Cook"))
    circle = make_circle(alice, [bob, carol])
    sign(circle, alice, bob, carol)
    Covenant.objects.filter(circle=circle).update(sessions=promised)
    session = make_session(circle, alice, in_=timedelta(minutes=1))
    ids = [one.pk for one in (alice, bob, carol)]
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=alice, now=NOW)
    session_command(session=session, kind="end", seat=1, expected_seq=1, now=NOW + timedelta(minutes=2))
    clock.move_to(NOW + timedelta(minutes=3))
    text = signed_in(bob).get(reverse("sessions:check_out", args=[session.code])).content.decode()
    assert "What do you take with you?" in text
    assert (page(circle) in text) is offered
