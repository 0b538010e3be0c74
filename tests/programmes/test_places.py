"""Where people stand whom a programme placed: what is said of them is so."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from circles.enums import CircleStatus
from circles.invitation_services import invitation_accept, invitation_decline
from circles.models import Circle, Invitation, Membership
from programmes.enrolment_services import people_invite
from programmes.forming_services import round_publish
from programmes.models import RoundCircle
from programmes.places_selectors import placed_counts, places_of
from tests.factories import NOW, Cast, make_circle, make_user, signed_in
from tests.programmes.test_figures import in_programme
from tests.programmes.test_rounds import Ready

pytestmark = pytest.mark.django_db
LATER = timedelta(days=100)


def made() -> Ready:
    """Two circles were made; of those invited one said yes, one no, one left again."""
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    invitations = {one.email: one for one in Invitation.objects.all()}
    for at in (2, 1):
        user = ready.people[at].user
        invitation_accept(invitation=invitations[user.email], user=user, now=NOW)
    invitation_decline(invitation=invitations[ready.people[3].user.email], word="Too much on", now=NOW)
    Membership.objects.filter(user=ready.people[1].user).update(left_at=NOW)
    return ready


def test_who_is_in_a_circle_is_told_from_who_has_not_answered_said_no_or_left(clock: Any) -> None:
    ready = made()
    users = [row.user for row in ready.people]
    words = {user: place.words for user, place in places_of(ready.programme, users, now=NOW).items()}
    assert [words[user.pk] for user in users] == [
        "In Alder", "No longer in Birch", "In Alder", "Said no to Birch", "Invited to Alder, not answered",
        "Invited to Birch, not answered",
    ]  # fmt: skip
    assert placed_counts(ready.programme, now=NOW) == {"inside": 2, "unanswered": 2, "in_none": 2}
    later = places_of(ready.programme, users, now=NOW + LATER)
    assert later[users[4].pk].words == "The invitation to Alder has run out"
    assert placed_counts(ready.programme, now=NOW + LATER) == {"inside": 2, "unanswered": 0, "in_none": 4}
    Circle.objects.filter(name="Alder").update(closed_at=NOW, status=CircleStatus.CLOSED)
    assert places_of(ready.programme, users, now=NOW)[users[0].pk].words == "Alder has closed"


def test_administrators_and_people_themselves_read_where_they_stand(clock: Any) -> None:
    ready = made()
    page = signed_in(ready.dana).get(reverse("programmes:people", args=[ready.programme.code])).content.decode()
    assert "2 are in a circle, 2 have not answered their circle’s invitation." in " ".join(page.split())
    assert "2 were offered a circle and are in none." in page
    assert "In Alder" in page
    assert "Said no to Birch" in page
    assert "Too much on" not in page, "never why"
    # The list that is everything names it.
    alder = Circle.objects.get(name="Alder")
    seen = signed_in(ready.people[2].user).get(reverse("pages:circle_seen", args=[alder.code])).content.decode()
    assert "whether they are invited, in it, said no or have left, never why" in seen
    # Who is in none stands first: somebody has to look after them.
    assert page.index("Person1 Number1") < page.index("Person0 Number0")
    for at, said, again in (
        (3, "You said no to Birch.", True),
        (1, "You are no longer in Birch.", True),
        (4, "Alder is made for you: the invitation came by mail.", False),
        (2, "Your circle is Alder.", False),
    ):
        mine = signed_in(ready.people[at].user).get(reverse("programmes:mine", args=[ready.programme.code])).content
        assert said in mine.decode()
        assert (b'id="again"' in mine) is again


def test_long_lists_of_a_programme_say_how_many_there_are_and_lead_there(people: Cast, clock: Any) -> None:
    circles = [people.circle, *(make_circle(make_user(f"F{at} Last"), name=f"Circle {at:03}") for at in range(60))]
    programme, dana = in_programme(*circles)
    RoundCircle.objects.update(worth_a_call=True, signs=["no_date"])
    addresses = {f"p{at}@example.org": {"name": ""} for at in range(101)}
    people_invite(programme=programme, people=addresses, by=dana, now=NOW)
    client = signed_in(dana)

    def page(name: str, query: str = "") -> str:
        return client.get(reverse(f"programmes:{name}", args=[programme.code]) + query).content.decode()

    overview = page("overview")
    assert "1 to 8 of 61" in overview
    assert 'href="?calls=2#look"' in overview
    assert "57 to 61 of 61" in page("overview", "?calls=8")
    assert "1 to 60 of 61" in page("facilitators")
    assert "61 to 61 of 61" in page("facilitators", "?page=2")
    assert "1 to 100 of 101" in page("people")
    assert 'href="?invited=2#open"' in page("people")
    assert "101 to 101 of 101" in page("people", "?invited=2")
    # Nothing is left out on paper.
    report = page("report")
    assert all(circle.name in report for circle in circles)
