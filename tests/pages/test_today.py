"""Today, for whoever has no circle yet: what happens next, or a first page. Never an empty one."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.proposal_services import ProposalDetails, proposal_make
from circles.invitation_services import members_invite
from circles.models import Circle, Invitation
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite
from programmes.forming_services import round_begin, round_publish
from programmes.models import Programme, RoundCircle
from programmes.services import programme_end
from sessions.enums import Attendance
from sessions.models import Participation, RoleSwap
from tests.factories import NOW, Cast, make_circle, make_programme, make_session, make_user, sign, signed_in
from tests.programmes.test_rounds import FIRST_ON, Ready

pytestmark = pytest.mark.django_db
NOT_YET = "You are not in a circle yet"


def today(user: User) -> str:
    return " ".join(signed_in(user).get("/").content.decode().split())


def test_a_first_page_says_how_to_begin(clock: Any, settings: Any) -> None:
    erin = make_user("Erin Else")
    page = today(erin)
    assert NOT_YET in page
    assert 'href="/circles/start/"' in page
    assert "Nothing open." not in page
    settings.CIRCLE_CREATION = "staff"
    assert "circles that invite you at this address stand here too" in today(erin)
    User.objects.filter(pk=erin.pk).update(is_staff=True)
    assert 'href="/programmes/start/"' in today(User.objects.get(pk=erin.pk))


def test_an_invitation_to_a_circle_stands_on_today_for_whoever_holds_the_address(people: Cast, clock: Any) -> None:
    members_invite(circle=people.circle, emails=[people.erin.email], by=people.alice, now=NOW)
    page = today(people.erin)
    assert "You are invited to Alder circle" in page
    assert NOT_YET not in page
    path = page.split("You are invited to Alder circle")[1].split('href="')[1].split('"')[0]
    shown = signed_in(people.erin).get(path, follow=True).content.decode()
    assert "Alder circle" in shown
    # Somebody who has not proved that the address is theirs is not told what was sent to it.
    User.objects.filter(pk=people.erin.pk).update(unproved_since=NOW)
    assert "Alder circle" not in today(User.objects.get(pk=people.erin.pk))
    User.objects.filter(pk=people.erin.pk).update(unproved_since=None)
    Invitation.objects.update(expires_at=NOW)
    assert NOT_YET in today(people.erin)


def test_whoever_asked_for_a_place_reads_what_happens_next(clock: Any) -> None:
    dana, bob, carol = (make_user(name) for name in ("Dana Diaz", "Bob Baker", "Carol Cook"))
    day = (NOW + timedelta(days=8)).date()
    programme = make_programme(dana, places=1, is_open=False, kickoff_date=day, kickoff_time=time(14))
    people_invite(programme=programme, people={bob.email: {}, carol.email: {}}, by=dana, now=NOW)
    page = today(bob)
    assert "Dana Diaz invites you. Look at it, then say yes or let it be." in page
    path = f"/programmes/{programme.code}/join/"
    assert f'href="{path}"' in page
    # Their address is proved, so the page opens without the link that was mailed.
    assert signed_in(bob).get(path).status_code == 200
    assert signed_in(make_user("Erin Else")).get(path).status_code == 404
    held = {one.email: one for one in programme.invitations.all()}
    for user in (bob, carol):
        enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(), now=NOW, invitation=held[user.email])
    assert "You have asked for a place. Circles are being made" in today(bob)
    assert "Kick-off of everybody: Tuesday 19 January, 14:00 (London)" in today(bob)
    assert "All places are taken. You are in line" in today(carol)
    assert NOT_YET not in today(carol)
    programme_end(programme=programme, now=NOW)
    assert NOT_YET in today(carol)


def test_whoever_was_placed_reads_where_they_stand_until_they_are_in(clock: Any) -> None:
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    user = ready.people[2].user
    page = today(user)
    assert "You are invited to Alder" in page
    assert "A circle is made for you: your own yes makes it yours." in page
    Invitation.objects.update(revoked_at=NOW)
    assert "You are in none of its circles. If you like, ask for another." in today(user)
    # The facilitator is in: their circle stands there, and no programme.
    assert "Programmes you take part in" not in today(ready.people[0].user)


def test_an_administrator_reads_the_next_step_of_each_programme(clock: Any) -> None:
    ready = Ready()
    steps = f'href="/programmes/{ready.programme.code}/'
    assert "A board is open: circles are being made" in today(ready.dana)
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    assert f'{steps}"' in today(ready.dana)
    assert "Two circles, and no sign of trouble" in today(ready.dana)
    RoundCircle.objects.filter(circle__name="Alder").update(worth_a_call=True)
    assert "One circle is worth a call" in today(ready.dana)
    Programme.objects.update(ends_on=NOW.date() - timedelta(days=1), starts_on=NOW.date() - timedelta(days=9))
    assert "Its last day has passed. End it, and everybody in it is told." in today(ready.dana)
    assert f'{steps}settings/"' in today(ready.dana)
    programme_end(programme=ready.programme, now=NOW)
    assert "Programmes you administer" not in today(ready.dana)


def test_a_new_programme_asks_for_people_first_and_then_for_circles(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    assert "Nobody has asked for a place yet. Invite people, or share its page." in today(dana)
    enrolment_make(programme=programme, user=make_user("Bob Baker"), yes=EnrolmentDetails(), now=NOW)
    assert "One person waits for a circle" in today(dana)
    round_begin(programme=programme, first_on=FIRST_ON)
    assert "A board is open" in today(dana)


def test_a_circle_without_a_date_says_so_and_near_days_stand_within_a_sentence(people: Cast, clock: Any) -> None:
    assert "no date yet" in today(people.bob)
    make_session(people.circle, people.alice, in_=timedelta(hours=3))
    assert "next today, 12:00" in today(people.bob)


def test_today_costs_the_same_with_one_programme_and_with_three(people: Cast, clock: Any) -> None:
    dana, bob = make_user("Dana Diaz"), people.bob

    def costs() -> list[int]:
        counts = []
        for user in (dana, bob):
            client = signed_in(user)
            with CaptureQueriesContext(connection) as queries:
                client.get("/")
            counts.append(len(queries))
        return counts

    def add(name: str) -> None:
        enrolment_make(programme=make_programme(dana, name=name), user=bob, yes=EnrolmentDetails(), now=NOW)
        people_invite(
            programme=make_programme(people.alice, name=f"{name} 2"), people={bob.email: {}}, by=dana, now=NOW
        )

    add("One")
    once = costs()
    add("Two")
    add("Three")
    assert costs() == once
    assert Circle.objects.count() == 1


def test_saying_that_one_comes_is_one_press_on_today_and_one_stays_there(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    bob, page = signed_in(people.bob), today(people.bob)
    form = page.split(f'action="/sessions/{session.code}/rsvp/"')[1].split("</form>")[0]
    assert 'name="next" value="/"' in form
    assert form.count('aria-pressed="false"') == 3
    said = bob.post(f"/sessions/{session.code}/rsvp/", {"answer": "yes", "next": "/"}, follow=True)
    assert said.redirect_chain == [("/", 302)]
    page = said.content.decode()
    assert "You come on Thursday 14 January." in page
    assert page.count('aria-pressed="true"') == 1
    assert "Prepare, or change your answer" in page
    assert "say you cannot come" not in page
    assert "Prepare, or say you cannot come" in today(people.carol)


def test_all_that_waits_in_all_circles_is_one_list_answered_in_place(people: Cast, clock: Any) -> None:
    birch = make_circle(people.erin, [people.bob], name="Birch circle")
    make_session(people.circle, people.alice)
    session = make_session(birch, people.erin, in_=timedelta(days=8))
    swap = RoleSwap.objects.create(
        session=session, role_key="scribe", asked_by=people.erin, asked=people.bob, asked_at=NOW
    )
    proposal_make(
        circle=people.circle, details=ProposalDetails(change="add", theme="scope", text="CANARY", why=""),
        by=people.carol, now=NOW,
    )  # fmt: skip
    waits = today(people.bob).split('id="waits"')[1].split("</section>")[0]
    for said in (
        "Read the agreement and sign it", "Erin asks you to be scribe on Tuesday 19 January",
        "Carol proposes a change of the agreement", "Do you come Tuesday 19 January at 09:00?",
    ):  # fmt: skip
        assert said in waits
    assert "CANARY" not in waits
    assert "Do you come Thursday 14 January" not in waits, "it stands above, with the session"
    assert waits.count('value="/#waits"') == 2, "the role, and whether he comes"
    answer = signed_in(people.bob).post(f"/swaps/{swap.code}/answer/", {"answer": "no", "next": "/#waits"})
    assert answer.url == "/#waits"
    said = today(people.bob)
    assert "asks you to be scribe" not in said


def test_what_was_said_stands_in_the_list_and_not_at_the_head(people: Cast, clock: Any) -> None:
    birch = make_circle(people.erin, [people.bob], name="Birch circle")
    make_session(people.circle, people.alice)
    session = make_session(birch, people.erin, in_=timedelta(days=8))
    bob = signed_in(people.bob)
    bob.post(f"/sessions/{session.code}/rsvp/", {"answer": "maybe", "next": "/#waits"})
    page = bob.get("/").content.decode()
    assert "Tuesday 19 January: you are not sure yet." in page.split('id="waits"')[1]
    assert "you are not sure yet" not in page.split('id="waits"')[0]


def test_five_first_steps_until_all_are_done_or_the_first_session_is_over(people: Cast, clock: Any) -> None:
    page = today(make_user("Fred Fox"))
    assert "Five small things before your first session. One is done." in page
    assert "Only you can see this" in page
    page = today(people.bob)
    assert "Two are done." in page
    steps = page.split("Your first steps")[1].split("</ol>")[0]
    assert f'href="/circles/{people.circle.code}/agreement/?next=/"' in steps
    assert "Read the agreement and sign it" not in page.split('id="waits"')[1], "once is enough"
    sign(people.circle, people.bob)
    assert "Three are done." in today(people.bob)
    session = make_session(people.circle, people.alice)
    Participation.objects.create(session=session, user=people.bob, attendance=Attendance.CAME)
    assert "small things" not in today(people.bob)


def test_a_facilitator_sees_each_circle_they_look_after_with_the_one_thing_that_is_due(
    people: Cast, clock: Any
) -> None:
    make_circle(people.alice, name="Birch circle")
    make_session(people.circle, people.alice)
    cards = today(people.alice).split('id="cards"')[1].split("</section>")[0]
    alder, birch = cards.split('class="card"')[1:]
    assert "Four people, 0 of 6 sessions held" in alder
    assert "Not signed yet: 3 people" in alder
    assert "Remind" in alder
    assert "Has not met yet" in birch
    assert "Choose a date" in birch
    assert 'id="cards"' not in today(people.bob)


def test_cards_cost_the_same_with_one_circle_and_with_three(people: Cast, clock: Any) -> None:
    client, counts = signed_in(people.alice), []
    for name in ("Birch circle", "Cedar circle", "Durian circle"):
        make_circle(people.alice, name=name)
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 13


def test_what_was_ticked_stands_there_for_ten_minutes_and_is_opened_again_there(people: Cast, clock: Any) -> None:
    details = CommitmentDetails("Ask one open question", NOW.date(), None)
    made = commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    bob, path = signed_in(people.bob), f"/commitments/{made.code}/settle/"
    assert bob.post(path, {"status": "kept", "next": "/#mine"}).url == "/#mine"
    pages = ("/", f"/circles/{people.circle.code}/")
    for page in pages:
        mine = " ".join(bob.get(page).content.decode().split()).split('id="mine"')[1].split("</section>")[0]
        assert "Kept, Monday 11 January" in mine
        assert "Open again: Ask one open question" in mine
    clock.shift(timedelta(minutes=10))
    assert all("Ask one open question" not in bob.get(page).content.decode() for page in pages)
    clock.shift(timedelta(minutes=-10))
    bob.post(path, {"status": "open", "next": "/#mine"})
    assert "Mark as kept: Ask one open question" in bob.get("/").content.decode()
