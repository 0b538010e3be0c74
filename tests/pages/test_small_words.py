"""What a button says it did is what it did, and a sentence counts right."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from circles.invitation_services import members_invite
from circles.models import Invitation
from circles.tokens import token_for
from sessions.formats.library import definitions
from sessions.formats.services import format_make
from sessions.live.services import session_command
from sessions.live.starting_services import session_start, too_few
from sessions.models import CheckOut, CircleSession
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


def held(people: Cast, **when: Any) -> CircleSession:
    session = make_session(people.circle, people.alice, **when)
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    facts: dict[str, Any] = {"here": ids, "presenting": ids, "expected_seq": 0, "by": people.alice}
    session_start(session=session, now=session.starts_at, **facts)
    session.refresh_from_db()
    session_command(session=session, kind="end", seat=1, expected_seq=1, now=session.starts_at)
    return session


@pytest.mark.parametrize(("insight", "said"), [("", "Nothing this time is a full answer."), ("x", "Shared with your")])
def test_what_was_not_shared_is_not_called_shared(people: Cast, clock: Any, insight: str, said: str) -> None:
    session = held(people, in_=timedelta(hours=1))
    clock.move_to(session.starts_at + timedelta(hours=2))
    path = reverse("sessions:check_out", args=[session.code])
    page = signed_in(people.bob).post(path, {"insight": insight, "text": "", "due_on": ""}, follow=True)
    assert said in page.content.decode()
    assert CheckOut.objects.count() == 1


@pytest.mark.parametrize("name", ["pages:closing", "circles:goals"])
def test_nothing_is_not_called_kept(people: Cast, clock: Any, name: str) -> None:
    if name == "pages:closing":
        people.circle.covenants.update(decided_at=NOW, decision="close")
    path, bob = reverse(name, args=[people.circle.code]), signed_in(people.bob)
    empty = {"thanks": "", "takes": "", "text": ""}
    assert "Nothing of yours stands here." in bob.post(path, empty, follow=True).content.decode()
    assert "Your circle can read it." in bob.post(path, dict.fromkeys(empty, "x"), follow=True).content.decode()


def test_a_session_that_is_late_is_the_next_one(people: Cast, clock: Any) -> None:
    session = held(people, in_=timedelta(hours=1))
    late = make_session(people.circle, people.alice, in_=timedelta(days=1))
    make_session(people.circle, people.alice, in_=timedelta(days=9))
    clock.move_to(late.starts_at + timedelta(minutes=5))
    page = signed_in(people.bob).get(reverse("sessions:session", args=[session.code])).content.decode()
    assert reverse("sessions:session", args=[late.code]) in page


def test_a_copy_of_our_own_is_not_called_our_our(people: Cast, clock: Any) -> None:
    alice = signed_in(people.alice)
    library = alice.get(reverse("formats:detail", args=["council"]))
    assert library.context["copy_form"].initial["name"] == "Our council"
    texts = dict(definitions()["council"]["texts"]) | {"name": {"en": "Our council"}}
    definition = dict(definitions()["council"]) | {"texts": texts}
    own = format_make(circle=people.circle, definition=definition, now=NOW)
    page = alice.get(reverse("formats:detail", args=[own.ref]))
    assert page.context["copy_form"].initial["name"] == "Our council"


def test_one_is_and_two_are() -> None:
    assert "and 1 is ticked as here" in too_few(1, 3, "Council")
    assert "and 2 are ticked as here" in too_few(2, 3, "Council")


def test_what_is_missing_in_an_invitation_is_said_by_its_name(people: Cast, clock: Any) -> None:
    members_invite(circle=people.circle, emails=["ivy@example.org"], by=people.alice, now=NOW)
    visitor = Client()
    visitor.get(reverse("pages:invitation_open", args=[token_for(Invitation.objects.get())]))
    page = visitor.post("/invitation/", {"yes": "1"}).content.decode()
    assert "This field is required." not in page
    for said in ("Enter your name.", "Choose a password.", "Choose a city."):
        assert said in page


@pytest.mark.parametrize(
    "door", ["account_login", "account_signup", "account_request_login_code", "account_reset_password"]
)
def test_the_doors_ask_in_our_words(client: Client, door: str) -> None:
    """No library's label, no rule about passwords that nobody can follow, and nothing written into an empty field."""
    page = client.get(reverse(door)).content.decode()
    empty = client.post(reverse(door), {}).content.decode()
    for theirs in ("Remember Me", "too similar", "placeholder=", "This field is required."):
        assert theirs not in page + empty, theirs
    assert "Enter your email address." in empty
    assert ("Stay signed in on this device" in page) == (door == "account_login")
    assert ("At least 10 characters." in page) == (door == "account_signup")


def test_a_page_of_slips_without_a_slip_leads_to_where_they_are_made(people: Cast, clock: Any) -> None:
    page = signed_in(people.alice).get(reverse("circles:slips", args=[people.circle.code])).content.decode()
    assert f"{reverse('circles:people', args=[people.circle.code])}#slips" in page
    assert "hand each slip" not in page
    made_where = signed_in(people.alice).get(reverse("circles:people", args=[people.circle.code])).content.decode()
    assert 'id="slips"' in made_where
