"""The commitments of a circle as far as each may see them: one's own, whom one asks, what others share, what is closed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from agreements.commitment_selectors import OPEN_AT_MOST
from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from circles.models import Membership
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_circle, make_session, sign, signed_in

pytestmark = pytest.mark.django_db


def path(people: Cast) -> str:
    return reverse("pages:circle_commitments", args=[people.circle.code])


def shown(people: Cast, user: User) -> str:
    return " ".join(signed_in(user).get(path(people)).content.decode().split())


def make(people: Cast, owner: User, text: str, *, partner: User | None = None, audience: str = "circle") -> Commitment:
    details = CommitmentDetails(text, date(2027, 2, 1), partner, audience=audience)
    return commitment_make(circle=people.circle, owner=owner, details=details, now=NOW)


def parts(page: str) -> dict[str, str]:
    return {
        name: page.split(f'id="{name}"')[1].split("</section>")[0]
        for name in ("mine", "done", "asked", "shared")
        if f'id="{name}"' in page
    }


def test_each_sees_their_own_whom_they_ask_and_what_is_shared_with_all(people: Cast, clock: Any) -> None:
    make(people, people.bob, "bobs-own", audience="me")
    make(people, people.carol, "carols-for-bob", partner=people.bob, audience="partner")
    make(people, people.carol, "carols-own", audience="me")
    make(people, people.dave, "daves-for-all")
    elsewhere = make_circle(people.bob, name="Birch circle")
    details = CommitmentDetails("elsewhere", date(2027, 2, 1), None)
    commitment_make(circle=elsewhere, owner=people.bob, details=details, now=NOW)
    commitment_settle(commitment=make(people, people.bob, "bobs-kept"), status=CommitmentStatus.KEPT, now=NOW)
    page = shown(people, people.bob)
    found = parts(page)
    assert "bobs-own" in found["mine"]
    assert "bobs-kept" in found["done"]
    assert "1 kept, 0 in part, 0 let go" in found["done"]
    assert "carols-for-bob" in found["asked"]
    assert "Yes, I will ask" in found["asked"]
    assert "daves-for-all" in found["shared"]
    assert "carols-own" not in page
    assert "elsewhere" not in page
    assert "bobs-own" not in shown(people, people.carol)


def test_what_is_past_its_day_stands_first_with_the_clock_or_the_page_says_that_nothing_is(
    people: Cast, clock: Any
) -> None:
    make(people, people.dave, "daves-later")
    make(people, people.carol, "carols-for-bob", partner=people.bob)
    assert "none is past its day" in parts(shown(people, people.bob))["shared"]
    make(people, people.carol, "carols-late")
    Commitment.objects.filter(owner=people.carol).update(due_on=NOW.date() - timedelta(days=1))
    found = parts(shown(people, people.bob))
    assert "what is past its day stands first" in found["shared"]
    assert found["shared"].index('Carol <span class="tag">') < found["shared"].index("Dave ·")
    assert 'Carol <span class="tag">' in found["asked"]


def test_what_others_share_is_read_by_members_who_have_signed(people: Cast, clock: Any) -> None:
    make(people, people.dave, "daves-for-all")
    assert "daves-for-all" in shown(people, people.bob), "before the first session nobody has to"
    session = make_session(people.circle, people.alice)
    CircleSession.objects.filter(pk=session.pk).update(status=SessionStatus.ENDED)
    page = shown(people, people.bob)
    assert "daves-for-all" not in page
    assert "You read what others share once you have signed the agreement." in page
    sign(people.circle, people.bob, people.alice)
    assert "daves-for-all" in shown(people, people.bob)
    Membership.objects.filter(user=people.alice).update(takes_part=False)
    assert "daves-for-all" not in shown(people, people.alice), "from outside, while a session runs"
    Membership.objects.filter(user=people.bob).update(joined_at=NOW + timedelta(seconds=1))
    assert "daves-for-all" not in shown(people, people.bob), "from before he came"
    Membership.objects.filter(user=people.bob).update(joined_at=NOW)
    Membership.objects.filter(user=people.dave).update(left_at=NOW)
    assert "daves-for-all" not in shown(people, people.bob), "his words left with him"


def test_settling_leads_back_to_where_it_was_pressed(people: Cast, clock: Any) -> None:
    made = make(people, people.bob, "bobs-own")
    bob = signed_in(people.bob)
    answer = bob.post(f"/commitments/{made.code}/settle/", {"status": "kept", "next": path(people)})
    assert answer.url == path(people)
    assert "bobs-own" in parts(shown(people, people.bob))["done"]


@pytest.mark.parametrize("number", [1, 4])
def test_the_page_costs_the_same_however_many_there_are(people: Cast, clock: Any, number: int) -> None:
    for at in range(number):
        make(people, people.bob, f"own-{at}", partner=people.carol)
        make(people, people.carol, f"asked-{at}", partner=people.bob)
        make(people, people.dave, f"shared-{at}")
        commitment_settle(commitment=make(people, people.bob, "k"), status=CommitmentStatus.LET_GO, now=NOW)
    client = signed_in(people.bob)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path(people)).status_code == 200
    assert len(queries) == 11


def test_a_list_that_is_cut_says_so(people: Cast, clock: Any) -> None:
    """Fifty stand there, and the page does not look as if those were all."""
    said = f"These are the {OPEN_AT_MOST} that are due first."
    for at in range(OPEN_AT_MOST - 1):
        make(people, people.bob, f"promise {at}", partner=people.carol)
    assert said not in shown(people, people.bob)
    make(people, people.bob, "the fiftieth", partner=people.carol)
    for user, part in ((people.bob, "mine"), (people.carol, "asked"), (people.dave, "shared")):
        assert said in parts(shown(people, user))[part]
        assert shown(people, user).count(said) == 1
    for user in (people.bob, people.carol):
        assert said in " ".join(signed_in(user).get(reverse("agreements:commitments")).content.decode().split())
