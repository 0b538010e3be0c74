"""A page that was drawn before: what is pressed there answers nothing that it did not ask, and opens no door again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.doors_services import account_claim
from accounts.models import User
from agreements.enums import Became, Facet
from agreements.mirror_services import mirror_answer, mirror_close, mirror_open, one_change_decide
from agreements.models import MirrorTicket
from circles.models import Membership
from sessions.enums import Rsvp
from sessions.formats.library import version_of
from sessions.guests.services import guest_accept, guest_invite
from sessions.journeys.library import journey_version_of, shipped_definitions
from sessions.journeys.services import journey_copy, journey_retire
from sessions.models import CircleSession, GuestPass, JourneyTaken, Leg, Participation
from sessions.planning.journey_services import journey_leave, journey_take
from sessions.planning.poll_services import poll_start
from sessions.planning.services import SessionDetails, session_update
from sessions.replies.links import link_of
from sessions.replies.services import answer_row
from tests.factories import NOW, Cast, make_session, make_user, signed_in
from tests.forms import Form, forms_of
from tests.pages.doors import VICTIM, shown_link
from tests.pages.test_invitations import browser_at, twin

pytestmark = pytest.mark.django_db
CHANGED = "The date was changed meanwhile."


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    return make_session(people.circle, people.alice)


def move(session: CircleSession, by: User) -> None:
    """The same session three hours later."""
    local = (NOW + timedelta(days=3, hours=3)).replace(tzinfo=None)
    details = SessionDetails(local_start=local, zone="UTC", format=version_of("council"), minutes=120)
    session_update(session=CircleSession.objects.get(pk=session.pk), details=details, now=NOW)


def asked_on(client: Client, page: str, action: str) -> Form:
    found = [form for form in forms_of(client, page, 0) if form.action.endswith(action)]
    assert found, page
    return found[0]


def yes_of(client: Client, page: str) -> dict[str, str]:
    """The form that says yes or no, as the press on yes sends it."""
    fields = next(form.fields for form in forms_of(client, page, 0) if "yes" in form.fields)
    return {name: value for name, value in fields.items() if name != "no"}


@pytest.mark.parametrize("page", ["today", "circle", "circle_sessions", "joined", "session"])
def test_an_answer_from_before_a_change_of_date_is_none_to_the_new_one(
    people: Cast, session: CircleSession, page: str
) -> None:
    code = people.circle.code
    path = {"today": "/", "session": reverse("sessions:session", args=[session.code])}.get(page)
    path = path or reverse(f"pages:{page}", args=[code])
    bob = signed_in(people.bob)
    form = asked_on(bob, path, reverse("sessions:rsvp", args=[session.code]))
    move(session, people.alice)
    told = bob.post(form.action, form.fields | {"answer": "yes"}, follow=True).content.decode()
    assert CHANGED in told
    assert not Participation.objects.filter(user=people.bob, rsvp=Rsvp.YES).exists()
    again = asked_on(bob, path, form.action)
    bob.post(again.action, again.fields | {"answer": "yes"})
    assert Participation.objects.get(user=people.bob).rsvp == Rsvp.YES


def test_what_is_called_off_is_the_date_that_stood_there(people: Cast, session: CircleSession) -> None:
    """Of two who look after a circle one moves a session, and the other, who has not seen it, takes the old date off."""
    path = reverse("sessions:session_cancel", args=[session.code])
    alice = signed_in(people.alice)
    form = asked_on(alice, path, path)
    move(session, people.alice)
    assert CHANGED in alice.post(path, form.fields | {"reason": "Storm"}, follow=True).content.decode()
    session.refresh_from_db()
    assert (session.status, session.reason) == ("planned", "")
    alice.post(path, asked_on(alice, path, path).fields)
    session.refresh_from_db()
    assert session.status == "cancelled"


def test_the_button_behind_a_link_answers_for_the_date_it_stood_under(people: Cast, session: CircleSession) -> None:
    path = link_of(answer_row(user=people.bob, session=session, now=NOW), Rsvp.YES)
    form = asked_on(Client(), path, path)
    move(session, people.alice)
    told = Client().post(path, form.fields).content.decode()
    assert (CHANGED in told, "Thank you" in told) == (True, False)
    assert not Participation.objects.filter(user=people.bob, rsvp=Rsvp.YES).exists()
    assert "Thank you" in Client().post(path, asked_on(Client(), path, path).fields).content.decode()


@pytest.mark.parametrize("new", [False, True])
def test_a_guest_says_yes_to_the_date_they_read(people: Cast, session: CircleSession, new: bool) -> None:
    guest = guest_invite(session=session, name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    client = Client() if new else signed_in(make_user("Gus Guest", email="gus@example.org"))
    client.get(reverse("sessions:guest_open", args=[guest.secret]))
    path = reverse("sessions:guest")
    person = {"name": "Gus", "time_zone": "UTC", "password": "three plain words"} if new else {}
    sent = yes_of(client, path) | person
    move(session, people.alice)
    assert CHANGED in client.post(path, sent, follow=True).content.decode()
    assert not GuestPass.objects.filter(used_at__isnull=False).exists()
    assert User.objects.filter(email="gus@example.org").exists() is not new
    sent = yes_of(client, path) | person
    assert client.post(path, sent).status_code == 302
    assert GuestPass.objects.get().used_at


def test_a_guest_who_cannot_come_is_promised_no_other_answer(people: Cast, session: CircleSession) -> None:
    """Their no takes their yes back, and with it every link: there is nothing to press if that changes."""
    guest = guest_invite(session=session, name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    gus = make_user("Gus Guest", email="gus@example.org")
    guest_accept(guest=guest, user=gus, now=NOW)
    row = answer_row(user=gus, session=session, now=NOW)
    told = Client().post(link_of(row, Rsvp.NO)).content.decode()
    assert ("The others see that you cannot come." in told, "press another link" in told) == (True, False)
    assert Client().get(link_of(row, Rsvp.YES)).status_code == 404
    told = Client().post(link_of(answer_row(user=people.bob, session=session, now=NOW), Rsvp.NO)).content.decode()
    assert "press another link" in told


def test_a_second_press_opens_no_account_that_its_owner_has_claimed_meanwhile(people: Cast, clock: Any) -> None:
    impostor, form = browser_at(shown_link(people))
    second = twin(impostor)
    form |= {"email": VICTIM}
    assert impostor.post("/invitation/", form).status_code == 302
    account_claim(user=User.objects.get(email=VICTIM), now=NOW)
    assert second.post("/invitation/", form).status_code == 404
    assert second.get("/circles/").status_code == 302, (
        "the mailbox's owner has it, and everything from before has ended"
    )
    assert Membership.objects.filter(user__email=VICTIM).count() == 1


def test_a_journey_is_left_that_the_page_showed(people: Cast, clock: Any) -> None:
    """Of two who look after a circle one has changed to another journey, and the other still sees the first."""
    page, leave = (
        reverse(f"sessions:{name}", args=[people.circle.code]) for name in ("circle_journey", "journey_leave")
    )
    journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)
    alice = signed_in(people.alice)
    form, leg = asked_on(alice, page, leave), Leg.objects.get(number=3)
    journey_leave(circle=people.circle, by=people.alice, now=NOW)
    later = NOW + timedelta(minutes=5)
    journey_take(circle=people.circle, version=journey_version_of("forum_year"), by=people.alice, now=later)
    told = alice.post(leave, form.fields, follow=True).content.decode()
    assert "Your circle is on another journey by now" in told
    assert JourneyTaken.objects.get(left_at=None).version.journey.library_key == "forum_year"
    # So it is with one session of the journey that was left.
    skip = reverse("sessions:leg_skip", args=[people.circle.code, leg.code])
    told = alice.post(skip, {"skip": "yes"}, follow=True).content.decode()
    assert "has begun, or the circle has left it" in told
    alice.post(leave, asked_on(alice, page, leave).fields)
    assert not JourneyTaken.objects.filter(left_at=None).exists()


def test_a_journey_that_was_put_away_meanwhile_is_said_to_be(people: Cast, clock: Any) -> None:
    own = journey_copy(circle=people.circle, definition=shipped_definitions()["first_six"], name="Ours", now=NOW)
    journey_retire(journey=own, now=NOW)
    take = reverse("sessions:journey_take", args=[people.circle.code])
    told = signed_in(people.alice).post(take, {"journey": own.ref}, follow=True).content.decode()
    assert "This journey is not offered any more. Choose another." in told
    assert not JourneyTaken.objects.exists()


def test_a_look_that_was_closed_takes_no_answers_for_the_next_and_closes_none(people: Cast, clock: Any) -> None:
    """Somebody's page of the first look stands open while the circle looks once more."""
    Membership.objects.create(circle=people.circle, user=people.erin, joined_at=NOW)
    page, close = (reverse(f"pages:{name}", args=[people.circle.code]) for name in ("mirror", "mirror_close"))
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    first = mirror_open(circle=people.circle, by=people.alice, now=NOW)
    answer = asked_on(bob, page, page)
    mirror_answer(mirror=first, user=people.carol, scores=dict.fromkeys(Facet.values, 3), now=NOW)
    wait_no_more = asked_on(carol, page, close)
    mirror_close(mirror=first, now=NOW)
    second = mirror_open(circle=people.circle, by=people.alice, now=NOW)
    carol.post(close, wait_no_more.fields)
    second.refresh_from_db()
    assert second.closed_at is None
    scores = dict.fromkeys(Facet.values, "5")
    told = bob.post(page, answer.fields | scores).content.decode()
    assert "Your circle looks anew by now" in told
    assert not MirrorTicket.objects.filter(mirror=second, answered=True).exists()
    bob.post(page, asked_on(bob, page, page).fields | scores)
    assert MirrorTicket.objects.get(mirror=second, answered=True).user == people.bob


def test_what_became_of_a_change_is_said_once_and_whoever_is_second_reads_so(people: Cast, clock: Any) -> None:
    change = one_change_decide(circle=people.circle, text="Begin on time", now=NOW)
    path = reverse("pages:one_change_settle", args=[people.circle.code, change.code])
    first, second = (
        signed_in(one).post(path, {"became": became}, follow=True).content.decode()
        for one, became in ((people.bob, Became.HELPED), (people.carol, Became.NOT_DONE))
    )
    said = "Somebody has said meanwhile what became of it."
    assert (said in first, said in second) == (False, True)
    change.refresh_from_db()
    assert change.became == Became.HELPED


def test_the_poll_that_the_page_showed_is_closed_and_none_after_it(people: Cast, clock: Any) -> None:
    soon = (NOW + timedelta(days=2)).replace(tzinfo=None)
    first, second = (
        poll_start(
            circle=people.circle, starts=[soon, soon + timedelta(hours=at)], zone="UTC", by=people.alice, now=NOW
        )
        for at in (1, 2)
    )
    signed_in(people.alice).post(reverse("sessions:poll_close", args=[first.code]))
    second.refresh_from_db()
    assert second.closed_at is None
    signed_in(people.alice).post(reverse("sessions:poll_close", args=[second.code]))
    second.refresh_from_db()
    assert second.closed_at == NOW
