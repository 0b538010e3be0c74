"""Ending somebody else's membership: the facilitator asks, one more member agrees, and it takes effect at once."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Refused
from circles.membership_services import facilitator_add, member_leave
from circles.models import AuditEntry, Circle, Membership, RemovalRequest
from circles.removal_services import removal_agree, removal_ask, removal_withdraw
from notifications.outbox import turn
from tests.factories import NOW, Cast, make_circle, signed_in

pytestmark = pytest.mark.django_db


def seat(people: Cast, name: str) -> Membership:
    return Membership.objects.select_related("circle", "user").get(circle=people.circle, user=getattr(people, name))


def test_two_people_end_a_membership_and_the_next_request_is_refused(people: Cast, clock: Any) -> None:
    alice, bob, carol, dave = (signed_in(user) for user in (people.alice, people.bob, people.carol, people.dave))
    page = reverse("circles:people", args=[people.circle.code])
    alice.post(reverse("circles:removal_ask", args=[people.circle.code, seat(people, "dave").code]))
    removal = RemovalRequest.objects.get()
    answer = reverse("circles:removal_answer", args=[removal.code])
    assert "Should Dave Dyer leave the circle?" in bob.get(page).content.decode()
    assert "Should Dave" not in dave.get(page).content.decode()
    assert dave.post(answer, {"answer": "agree"}).status_code == 404
    assert alice.post(answer, {"answer": "agree"}).status_code == 404
    assert signed_in(people.erin).post(answer, {"answer": "agree"}).status_code == 404
    assert dave.get(page).status_code == 200
    carol.post(answer, {"answer": "agree"})
    assert dave.get(page).status_code == 404
    assert bob.post(answer, {"answer": "agree"}).status_code == 404
    assert str(AuditEntry.objects.latest("pk")) == "Alice Archer and one more member ended Dave Dyer’s membership"
    turn()
    told = {message.to[0]: message.subject for message in mail.outbox}
    assert told["dave@example.org"] == "You are no longer in Alder circle"
    assert not any("Dave" in str(message.message()) for message in mail.outbox if message.to != ["dave@example.org"])


def test_the_others_are_told_that_there_is_something_to_decide(people: Cast, clock: Any) -> None:
    removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    turn()
    assert sorted(message.to[0] for message in mail.outbox) == ["bob@example.org", "carol@example.org"]
    assert {message.subject for message in mail.outbox} == {"Something to decide in Alder circle"}
    assert not any("Dave" in str(message.message()) for message in mail.outbox), "not whom it is about"


def test_who_cannot_be_asked_about(people: Cast) -> None:
    with pytest.raises(Refused, match="Leave the circle"):
        removal_ask(membership=seat(people, "alice"), by=people.alice, now=NOW)
    with pytest.raises(Refused, match="only facilitator"):
        removal_ask(membership=seat(people, "alice"), by=people.bob, now=NOW)
    facilitator_add(membership=seat(people, "bob"), by=people.alice, now=NOW)
    removal_ask(membership=seat(people, "alice"), by=people.bob, now=NOW)
    with pytest.raises(Refused, match="asked already"):
        removal_ask(membership=seat(people, "alice"), by=people.bob, now=NOW)
    pair = make_circle(people.erin, [people.dave], name="A pair")
    member = Membership.objects.get(circle=pair, user=people.dave)
    with pytest.raises(Refused, match="nobody else"):
        removal_ask(membership=member, by=people.erin, now=NOW)


def test_taking_it_back_changes_nothing(people: Cast, clock: Any) -> None:
    removal = removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    assert signed_in(people.bob).post(
        reverse("circles:removal_answer", args=[removal.code]), {"answer": "withdraw"}
    ).status_code == 404  # fmt: skip
    removal_withdraw(removal=removal, now=NOW)
    with pytest.raises(Refused, match="settled"):
        removal_agree(removal=removal, by=people.bob, now=NOW)
    assert seat(people, "dave").left_at is None
    turn()
    assert mail.outbox == []


def test_two_requests_against_each_other_leave_somebody_who_looks_after(people: Cast, clock: Any) -> None:
    facilitator_add(membership=seat(people, "bob"), by=people.alice, now=NOW)
    about_bob = removal_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    about_alice = removal_ask(membership=seat(people, "alice"), by=people.bob, now=NOW)
    carol = signed_in(people.carol)
    for removal in (about_bob, about_alice):
        carol.post(reverse("circles:removal_answer", args=[removal.code]), {"answer": "agree"})
    assert seat(people, "bob").left_at == NOW
    assert seat(people, "alice").left_at is None
    with pytest.raises(Refused, match="no longer looks after"):
        removal_agree(removal=about_alice, by=people.carol, now=NOW)


def test_a_request_falls_with_whoever_asked(people: Cast, clock: Any) -> None:
    facilitator_add(membership=seat(people, "bob"), by=people.alice, now=NOW)
    removal = removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    member_leave(membership=seat(people, "alice"), now=NOW)
    carol = signed_in(people.carol)
    assert "Should Dave" not in carol.get(reverse("circles:people", args=[people.circle.code])).content.decode()
    assert carol.post(reverse("circles:removal_answer", args=[removal.code]), {"answer": "agree"}).status_code == 404
    with pytest.raises(Refused, match="no longer looks after"):
        removal_agree(removal=removal, by=people.carol, now=NOW)
    turn()
    assert not [message for message in mail.outbox if "decide" in message.subject]
    assert removal_ask(membership=seat(people, "dave"), by=people.bob, now=NOW), "it can be asked anew"


def test_what_it_takes_is_asked_when_it_is_decided(people: Cast, clock: Any) -> None:
    facilitator_add(membership=seat(people, "bob"), by=people.alice, now=NOW)
    about_bob = removal_ask(membership=seat(people, "bob"), by=people.alice, now=NOW)
    about_dave = removal_ask(membership=seat(people, "dave"), by=people.alice, now=NOW)
    for wrong in (people.alice, people.bob, people.erin):
        with pytest.raises(Refused, match="one more member"):
            removal_agree(removal=about_bob, by=wrong, now=NOW)
    Membership.objects.filter(circle=people.circle, user=people.alice).update(facilitates=False)
    for removal in (about_bob, about_dave):
        with pytest.raises(Refused, match="no longer looks after"):
            removal_agree(removal=removal, by=people.carol, now=NOW)
    Circle.objects.update(self_run=True)  # whoever has a seat may ask now, and still somebody looks after it
    with pytest.raises(Refused, match="only facilitator"):
        removal_agree(removal=about_bob, by=people.carol, now=NOW)
    removal_agree(removal=about_dave, by=people.carol, now=NOW)
    assert seat(people, "bob").left_at is None


def test_the_database_wants_two_people(people: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RemovalRequest.objects.create(
            membership=seat(people, "dave"), asked_by=people.alice, asked_at=NOW, agreed_by=people.alice, settled_at=NOW
        )
