"""The people of a circle on one page: in the order of the ring, with what each wants, and what can be done about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.templatetags.times import day
from circles.invitation_services import members_invite
from circles.models import AuditEntry, Circle, Covenant
from circles.services import audit_write, goal_write
from tests.factories import NOW, Cast, signed_in

pytestmark = pytest.mark.django_db


def shown(people: Cast, user: User) -> str:
    page = signed_in(user).get(reverse("circles:people", args=[people.circle.code]))
    return " ".join(page.content.decode().split())


def rows(page: str) -> list[str]:
    return page.split('id="in"')[1].split('<span class="audience">')[0].split("<li>")[1:]


def test_each_stands_there_with_their_hour_and_what_they_want(people: Cast, clock: Any) -> None:
    covenant = Covenant.objects.get()
    Circle.objects.update(purpose="To get better at saying no")
    assert "To get better at saying no" in shown(people, people.bob)
    User.objects.filter(pk=people.carol.pk).update(time_zone="America/Toronto")
    goal_write(covenant=covenant, user=people.carol, text="To say no", now=NOW)
    alice, bob, carol, _dave = rows(shown(people, people.bob))
    assert "Alice Archer" in alice
    assert "facilitator" in alice
    assert "Toronto, 04:00" in carol
    assert "Wants: To say no" in carol
    assert "You have not written what you want from it." in bob
    assert "Write it" in bob
    assert "You have not written" not in alice
    goal_write(covenant=covenant, user=people.bob, text="To listen", now=NOW)
    assert "Change" in rows(shown(people, people.bob))[1]


def test_what_can_be_done_about_somebody_is_for_those_who_look_after_the_circle(people: Cast, clock: Any) -> None:
    alice, bob, *_others = rows(shown(people, people.alice))
    assert "Stop facilitating" in alice
    assert "Ask to share facilitating" in bob
    assert "Ask the others to end the membership" in bob
    page = shown(people, people.bob)
    assert "More for" not in page
    assert "Send invitations" not in page


def test_an_open_invitation_says_when_it_was_sent_and_until_when_its_link_works(people: Cast, clock: Any) -> None:
    one = members_invite(circle=people.circle, emails=["new@example.org"], by=people.alice, now=NOW).sent[0]
    words = f"Invited on {day(NOW)} · the link works until {day(one.expires_at)}"
    assert words in shown(people, people.alice)


def test_a_word_with_somebody_is_two_presses(people: Cast, clock: Any) -> None:
    bob = signed_in(people.bob)
    to = f"{reverse('circles:word', args=[people.circle.code])}?to={people.carol.code}"
    assert f'href="{to}"' in bob.get(reverse("circles:people", args=[people.circle.code])).content.decode()
    page = " ".join(bob.get(to).content.decode().split())
    chosen = page.split(f'value="{people.carol.code}"')[1].split(">")[0]
    assert "checked" in chosen
    assert (
        "checked"
        not in " ".join(bob.get(to.split("?")[0]).content.decode().split()).split("<main")[1].split("</main")[0]
    )


def test_people_and_invitations_cost_the_same_however_many(people: Cast, clock: Any) -> None:
    client, counts = signed_in(people.alice), []
    for number in (1, 3):
        members_invite(
            circle=people.circle,
            emails=[f"x{number}{at}@example.org" for at in range(number)],
            by=people.alice,
            now=NOW,
        )
        goal_write(
            covenant=Covenant.objects.get(), user=[people.bob, people.carol, people.dave][number - 1], text="w", now=NOW
        )
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("circles:people", args=[people.circle.code]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 14


def test_nobody_pushes_an_entry_out_of_the_trail(people: Cast, clock: Any) -> None:
    """Whoever changes what others rely on could do thirty harmless things after it."""
    audit_write(circle=people.circle, verb="announced_contact", by=people.alice, now=NOW)
    for at in range(1, 31):
        audit_write(circle=people.circle, verb="circle_changed", by=people.alice, now=NOW + timedelta(seconds=at))
    said = str(AuditEntry.objects.get(verb="announced_contact"))
    client, path = signed_in(people.bob), reverse("circles:people", args=[people.circle.code])
    first, second = (client.get(path + query).content.decode() for query in ("", "?trail=2"))
    assert said not in first
    assert "?trail=2#trail" in first
    assert said in second
