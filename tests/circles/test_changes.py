"""What all rely on is changed before everybody's eyes: told at once, in force days later, and not against a member."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from circles.change_services import (
    ANNOUNCED_A_DAY,
    COLUMNS,
    EFFECTS,
    WAITS,
    change_object,
    change_withdraw,
    changes_prune,
    changes_take_effect,
    circle_change,
    contact_erase,
    facilitation_answer,
    facilitation_ask,
    facilitator_stop,
    hosting_end,
    hosting_say,
)
from circles.enums import Outcome, Relied
from circles.membership_services import member_leave
from circles.models import Announcement, AuditEntry, Circle, Covenant, Membership
from circles.services import CircleDetails
from notifications.outbox import turn
from sessions.live.writing_services import issues_prune
from sessions.models import Issue
from sessions.planning.bringing_services import issue_bring
from tests.factories import NOW, Cast, make_cast, make_circle, make_session, signed_in
from tests.together import at_once

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def details(**more: Any) -> CircleDetails:
    return CircleDetails(**({"name": "Alder circle", "time_zone": "Europe/London"} | more))


def seat(people: Cast, name: str) -> Membership:
    return Membership.objects.select_related("circle", "user").get(circle=people.circle, user=getattr(people, name))


def page(client: Client, people: Cast, name: str = "pages:circle") -> str:
    return client.get(reverse(name, args=[people.circle.code])).content.decode()


def answer(client: Client, change: Announcement, said: str) -> int:
    return client.post(reverse("circles:change_answer", args=[change.code]), {"answer": said}).status_code


def subjects() -> dict[str, str]:
    turn()
    told = {message.to[0].split("@")[0]: message.subject for message in mail.outbox}
    mail.outbox.clear()
    return told


def test_everything_of_this_kind_has_a_rule() -> None:
    assert timedelta(days=3) == WAITS, "every page and mail says three days"
    # Closing takes more with it than a circle knows of: see tests/pages/test_ending.py.
    assert set(EFFECTS) == set(Relied.values) - {Relied.CLOSING}


IN_THE_FORM = {
    Relied.CONTACT: {"contact_name": "Ines Falk", "contact_email": "ines@example.org"},
    Relied.RETENTION: {"retention_days": 0},
    Relied.MANAGERS: {"managers_here": "Alice manages Bob"},
    Relied.PROMISE: {"sessions": 3},
}


def value(people: Cast, what: str) -> dict[str, Any]:
    if what == Relied.PROMISE:
        return {"sessions": Covenant.objects.get(circle=people.circle).sessions}
    circle = Circle.objects.get(pk=people.circle.pk)
    return {name: getattr(circle, name) for name in COLUMNS[what]}


@pytest.mark.parametrize("what", list(IN_THE_FORM))
def test_a_change_is_told_first_and_in_force_three_days_later(people: Cast, clock: Any, what: str) -> None:
    before, after = value(people, what), IN_THE_FORM[Relied(what)]
    (change,) = circle_change(
        circle=people.circle, details=details(name="Elm circle", **after), by=people.alice, now=NOW
    )
    assert (value(people, what), Circle.objects.get().name) == (before, "Elm circle")
    assert subjects() == dict.fromkeys(("bob", "carol", "dave"), "Something is to change in Elm circle")
    bob = signed_in(people.bob)
    for name in ("pages:circle", "agreements:agreement", "circles:people"):
        shown = page(bob, people, name)
        assert "This is to change" in shown
        assert ("Announced by Alice Archer" in shown) is (name != "pages:circle"), "where the overview leads to"
    assert changes_take_effect(now=NOW + WAITS - SECOND) == 0
    assert value(people, what) == before
    assert changes_take_effect(now=NOW + WAITS) == 1
    assert value(people, what) == after
    change.refresh_from_db()
    assert (change.outcome, change.before, change.after) == (Outcome.TAKEN, before, after)
    trail = page(bob, people, "circles:people")
    for said in ("Alice Archer announced a change", "Alice Archer changed: "):
        assert said in trail
    assert "This is to change" not in page(bob, people)
    assert changes_take_effect(now=NOW + WAITS) == 0


@pytest.mark.parametrize("what", list(IN_THE_FORM))
def test_a_member_who_objects_leaves_everything_as_it_is(people: Cast, clock: Any, what: str) -> None:
    before = value(people, what)
    (change,) = circle_change(
        circle=people.circle, details=details(**IN_THE_FORM[Relied(what)]), by=people.alice, now=NOW
    )
    assert answer(signed_in(people.erin), change, "object") == 404
    answer(signed_in(people.alice), change, "object")
    assert Announcement.objects.get().settled_at is None, "whoever announced it takes it back instead"
    subjects()
    assert answer(signed_in(people.dave), change, "object") == 302
    assert changes_take_effect(now=NOW + WAITS) == 0
    assert value(people, what) == before
    turn()
    said = "Dave Dyer would rather talk about it first."
    assert [said in str(message.body) for message in mail.outbox] == [True] * 3
    assert subjects() == dict.fromkeys(("alice", "bob", "carol"), "It stays as it is in Alder circle")
    assert "Dave Dyer objected" in str(AuditEntry.objects.latest("pk"))
    assert answer(signed_in(people.bob), change, "object") == 404
    # It can be announced again once they have talked.
    again = circle_change(
        circle=people.circle, details=details(**IN_THE_FORM[Relied(what)]), by=people.alice, now=NOW + SECOND
    )
    assert len(again) == 1
    assert changes_take_effect(now=NOW + SECOND + WAITS) == 1
    assert value(people, what) == IN_THE_FORM[Relied(what)]


def test_it_can_be_taken_back_and_said_anew(people: Cast, clock: Any) -> None:
    (first,) = circle_change(circle=people.circle, details=details(retention_days=0), by=people.alice, now=NOW)
    assert circle_change(circle=people.circle, details=details(retention_days=0), by=people.alice, now=NOW) == []
    (second,) = circle_change(
        circle=people.circle, details=details(retention_days=90), by=people.alice, now=NOW + SECOND
    )
    first.refresh_from_db()
    assert first.outcome == Outcome.WITHDRAWN
    with pytest.raises(Refused, match="Only whoever announced"):
        change_withdraw(change=second, by=people.bob, now=NOW)
    assert answer(signed_in(people.alice), second, "withdraw") == 302
    assert changes_take_effect(now=NOW + WAITS + SECOND) == 0
    assert Circle.objects.get().retention_days == 30
    with pytest.raises(Refused, match="settled meanwhile"):
        change_object(change=second, by=people.bob, now=NOW)


def test_nothing_waits_where_nobody_else_relies_on_it(people: Cast, clock: Any) -> None:
    alone = make_circle(people.erin, name="Alone")
    assert circle_change(circle=alone, details=details(retention_days=0), by=people.erin, now=NOW) == []
    alone.refresh_from_db()
    assert alone.retention_days == 0


def test_a_new_contact_is_written_to_from_the_day_on(people: Cast, clock: Any) -> None:
    """Before, a word went to whoever had just been put in the place of the trusted one."""
    Circle.objects.update(contact_name="Ines Falk", contact_email="ines@example.org")
    people.circle.refresh_from_db()
    swapped = details(contact_name="Ines Falk", contact_email="accomplice@example.org")
    circle_change(circle=people.circle, details=swapped, by=people.alice, now=NOW)
    bob, word = signed_in(people.bob), reverse("circles:word", args=[people.circle.code])
    bob.post(word, {"person": "outside"})
    assert "ines" in subjects()
    clock.shift(WAITS)
    changes_take_effect(now=NOW + WAITS)
    bob.post(word, {"person": "outside"})
    assert "accomplice" in subjects()


def test_a_shorter_retention_deletes_nothing_before_its_day(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    issue_bring(session=session, owner=people.bob, title="mine", text="", ask="listen")
    held = session.starts_at + timedelta(days=1)
    with time_machine.travel(held, tick=False):
        circle_change(circle=people.circle, details=details(retention_days=0), by=people.alice, now=held)
        changes_take_effect(now=held + WAITS - SECOND)
        assert issues_prune(now=held + WAITS - SECOND) == 0
        assert Issue.objects.exists()


def test_who_is_asked_to_look_after_it_says_yes_and_everybody_hears_of_it_first(people: Cast, clock: Any) -> None:
    alice, bob, carol = (signed_in(user) for user in (people.alice, people.bob, people.carol))
    alice.post(reverse("circles:facilitation_ask", args=[people.circle.code, seat(people, "bob").code]))
    change = Announcement.objects.get()
    assert subjects() == {"bob": "Would you look after Alder circle too?"}
    assert "asks whether you would look after the circle too" in page(bob, people)
    assert "Would you look after this circle too?" in page(bob, people, "circles:people")
    assert "look after" not in page(carol, people), "nobody hears of a question that may be answered with no"
    assert answer(carol, change, "object") == 404
    assert answer(alice, change, "yes") == 302
    changes_take_effect(now=NOW + timedelta(days=99))
    assert not seat(people, "bob").facilitates
    answer(bob, change, "yes")
    assert set(subjects()) == {"alice", "carol", "dave"}
    assert changes_take_effect(now=NOW + WAITS - SECOND) == 0
    assert changes_take_effect(now=NOW + WAITS) == 1
    assert seat(people, "bob").facilitates
    clock.shift(WAITS)
    assert "Stop facilitating" in page(bob, people, "circles:people")
    bob.post(reverse("circles:facilitator_stop", args=[people.circle.code]))
    assert not seat(people, "bob").facilitates
    assert seat(people, "bob").left_at is None
    assert subjects() == dict.fromkeys(("alice", "carol", "dave"), "Something has changed in Alder circle")
    assert str(AuditEntry.objects.latest("pk")) == "Bob Baker no longer looks after the circle"
    assert bob.post(reverse("circles:facilitator_stop", args=[people.circle.code])).status_code == 404


def test_a_no_is_heard_by_nobody_else_and_the_others_may_object_to_a_yes(people: Cast, clock: Any) -> None:
    first = facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    with pytest.raises(Refused, match="asked already"):
        facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    with pytest.raises(Refused, match="not asked of you"):
        facilitation_answer(change=first, by=people.carol, yes=True, now=NOW)
    noted = AuditEntry.objects.count()
    facilitation_answer(change=first, by=people.bob, yes=False, now=NOW)
    assert subjects() == {}
    assert AuditEntry.objects.count() == noted
    assert "look after" not in page(signed_in(people.carol), people)
    second = facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    facilitation_answer(change=second, by=people.bob, yes=True, now=NOW)
    second.refresh_from_db()
    change_object(change=second, by=people.carol, now=NOW)
    assert changes_take_effect(now=NOW + WAITS) == 0
    with pytest.raises(Refused, match="already"):
        facilitation_ask(membership=seat(people, "alice"), by=people.alice, now=NOW)


def test_the_only_one_cannot_stop_and_nobody_from_outside_can(people: Cast, clock: Any) -> None:
    with pytest.raises(Refused, match="only facilitator"):
        facilitator_stop(membership=seat(people, "alice"), now=NOW)
    Membership.objects.filter(user=people.bob).update(facilitates=True, takes_part=False)
    with pytest.raises(Refused, match="no seat"):
        facilitator_stop(membership=seat(people, "bob"), now=NOW)


def test_what_somebody_announced_falls_when_they_leave(people: Cast, clock: Any) -> None:
    Membership.objects.filter(user=people.bob).update(facilitates=True)
    circle_change(circle=people.circle, details=details(retention_days=0), by=people.alice, now=NOW)
    asked = facilitation_ask(membership=seat(people, "carol"), by=people.alice, now=NOW)
    member_leave(membership=seat(people, "alice"), now=NOW)
    assert answer(signed_in(people.carol), asked, "yes") == 404
    assert changes_take_effect(now=NOW + WAITS) == 0
    assert set(Announcement.objects.values_list("outcome", flat=True)) == {Outcome.FALLEN}
    assert subjects() == {}, "nothing is told of what is no longer to come"


def test_running_itself_begins_with_all_and_ends_with_one_and_everybody_hears_of_both(people: Cast, clock: Any) -> None:
    for user in (people.alice, people.bob, people.carol):
        assert not hosting_say(circle=people.circle, user=user, yes=True, now=NOW)
    assert hosting_say(circle=people.circle, user=people.dave, yes=True, now=NOW)
    assert set(subjects().values()) == {"Something has changed in Alder circle"}
    people.circle.refresh_from_db()
    hosting_end(circle=people.circle, by=people.carol, now=NOW)
    assert subjects() == dict.fromkeys(("alice", "bob", "dave"), "Something is to change in Alder circle")
    change = Announcement.objects.get(settled_at=None)
    with pytest.raises(Refused, match="cannot be objected"):
        change_object(change=change, by=people.bob, now=NOW)
    changes_take_effect(now=NOW + WAITS - SECOND)
    assert Circle.objects.get().self_run
    changes_take_effect(now=NOW + WAITS)
    assert not Circle.objects.get().self_run


def test_a_contact_who_is_erased_stands_nowhere(people: Cast, clock: Any) -> None:
    Circle.objects.update(contact_name="Erin Else", contact_email="erin@example.org")
    people.circle.refresh_from_db()
    circle_change(circle=people.circle, details=details(), by=people.alice, now=NOW)
    other = make_circle(people.dave, [people.bob], name="Other")
    circle_change(
        circle=other,
        details=details(contact_name="Erin Else", contact_email="erin@example.org"),
        by=people.dave,
        now=NOW,
    )
    contact_erase(email="Erin@example.org")
    assert Circle.objects.exclude(contact_email="").count() == 0
    assert "erin" not in str(list(Announcement.objects.values_list("before", "after"))).lower()


def test_settled_changes_stay_as_long_as_the_trail(people: Cast, clock: Any) -> None:
    circle_change(circle=people.circle, details=details(retention_days=0), by=people.alice, now=NOW)
    changes_take_effect(now=NOW + WAITS)
    assert changes_prune(now=NOW + WAITS + timedelta(days=180)) == 0
    assert changes_prune(now=NOW + WAITS + timedelta(days=180) + SECOND) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_same_at_once_leave_one_to_come() -> None:
    people = make_cast()
    Circle.objects.update(self_run=True)
    acts = [
        lambda by=by, days=days: circle_change(
            circle=Circle.objects.get(pk=people.circle.pk), details=details(retention_days=days), by=by, now=NOW
        )
        for by, days in ((people.alice, 0), (people.bob, 90))
    ]
    at_once(*acts)
    assert Announcement.objects.filter(settled_at=None).count() == 1
    assert Announcement.objects.count() == 2


def test_nobody_writes_to_all_without_end_by_changing_there_and_back(people: Cast, clock: Any) -> None:
    client, path = signed_in(people.alice), reverse("circles:settings", args=[people.circle.code])
    for at in range(ANNOUNCED_A_DAY):
        circle_change(circle=people.circle, details=details(contact_name=f"C{at}"), by=people.alice, now=NOW)
    typed = {name: value for name, value in client.get(path).context["form"].initial.items() if value is not None}
    shown = client.post(path, typed | {"contact_name": "Once more", "contact_email": "c@example.org"})
    assert "Go on tomorrow" in shown.content.decode()
    with pytest.raises(Refused):
        facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    assert Announcement.objects.count() == ANNOUNCED_A_DAY
    # Somebody else is not kept from it, nor is the same person the day after.
    circle_change(circle=people.circle, details=details(contact_name="Other"), by=people.bob, now=NOW)
    later = NOW + timedelta(days=1)
    facilitation_ask(membership=seat(people, "bob"), by=people.alice, now=later)
    assert Announcement.objects.count() == ANNOUNCED_A_DAY + 2
