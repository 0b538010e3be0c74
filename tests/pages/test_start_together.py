"""Starting without a facilitator: one form, slips, rights as in a circle that runs itself, sentences to read aloud."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from circles.models import Circle, Invitation, Membership
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Leg, SessionRole
from tests.factories import NOW, make_user, signed_in

FORM = {
    "name": "The three of us", "journey": "first_six", "date": "2027-01-14", "time": "16:00", "zone": "Europe/London",
    "others": "2", "minutes": "60", "cadence": "two_weeks",
}  # fmt: skip


@pytest.fixture
def ada(db: None, clock: Any) -> Client:
    return signed_in(make_user("Ada First"))


def start(client: Client, **changes: str) -> Any:
    return client.post(reverse("pages:circle_start_together"), FORM | changes)


def test_one_form_gives_a_circle_that_runs_itself_with_a_date_for_each_session(ada: Client) -> None:
    answer = start(ada)
    circle = Circle.objects.get()
    assert answer.url == reverse("circles:slips", args=[circle.code])
    assert circle.self_run
    sessions = list(CircleSession.objects.order_by("starts_at"))
    assert [(one.local_date, one.local_time, one.minutes) for one in sessions] == [
        (date(2027, 1, 14) + timedelta(weeks=2 * n), time(16), 60) for n in range(6)
    ]
    legs = Leg.objects.order_by("place")
    assert [leg.session for leg in legs] == sessions
    page = ada.get(answer.url).content.decode()
    assert page.count('class="slip"') == 2
    assert page.count("/invitation/") >= 2


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"journey": "nothing"}, "journey"),
        ({"date": "2027-01-10"}, "date"), ({"date": "soon"}, "date"), ({"others": "1"}, "others"),
        ({"others": "8"}, "others"), ({"minutes": "61"}, "minutes"), ({"zone": "Mars/Base"}, "zone"),
        ({"cadence": "never"}, "cadence"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_is_made(
    ada: Client, changes: dict[str, str], wrong: str
) -> None:
    answer = start(ada, **changes)
    assert wrong in answer.context["form"].errors
    assert answer.context["form"]["name"].value() == (FORM | changes)["name"]
    assert not Circle.objects.exists()


def joined(ada: Client, name: str) -> Client:
    """With a slip, then let in by somebody who is in: here as the services do it."""
    from circles.invitation_services import invitation_accept, slip_settle

    circle, founder = Circle.objects.get(), Membership.objects.earliest("pk").user
    slip = Invitation.objects.filter(email="", claimed_by=None).order_by("pk").first()
    assert slip
    user = make_user(name)
    invitation_accept(invitation=slip, user=user, now=NOW)
    slip.refresh_from_db()
    assert slip_settle(invitation=slip, confirm=True, by=founder, now=NOW)
    assert Membership.objects.filter(circle=circle, user=user).exists()
    return signed_in(user)


def test_everybody_who_came_may_what_the_first_may(ada: Client) -> None:
    start(ada)
    ben, circle = joined(ada, "Ben Second"), Circle.objects.get()
    for client in (ada, ben):
        assert client.get(reverse("sessions:schedule", args=[circle.code])).status_code == 200
        leg = Leg.objects.get(number=4)
        path = reverse("sessions:leg_skip", args=[circle.code, leg.code])
        assert client.post(path, {"skip": "yes"}).status_code == 302


def test_a_host_is_proposed_and_reads_aloud_one_sentence_at_a_time(ada: Client, clock: Any) -> None:
    start(ada)
    joined(ada, "Ben Second")
    joined(ada, "Cem Third")
    session = CircleSession.objects.earliest("starts_at")
    host = SessionRole.objects.get(session=session, role_key="host").user
    people = [one.user for one in Membership.objects.order_by("pk")]
    assert host in people
    clock.move_to(session.starts_at)
    pks = [one.pk for one in people]
    session_start(session=session, here=pks, presenting=pks, expected_seq=0, by=host, now=session.starts_at)
    path = reverse("sessions:live", args=[session.code])
    page = signed_in(host).get(path)
    assert page.context["aloud"][0] == "Welcome. Our theme today is: Who is here."
    assert page.content.decode().count("Next sentence") == len(page.context["aloud"]) - 1
    assert "Read this aloud" in page.content.decode()
    other = next(one for one in people if one != host)
    assert "Read this aloud" not in signed_in(other).get(path).content.decode()
    signed_in(host).post(reverse("sessions:command", args=[session.code, "next"]), {"expected_seq": 1})
    aloud = signed_in(host).get(path).context["aloud"]
    assert aloud[:2] == [
        "Now comes: Check-in.",
        "The first question is: What would have to happen in six sessions for you to say: that was time well spent?",
    ]


def test_the_form_is_begun_with_the_journey_that_was_looked_at(ada: Client) -> None:
    path = reverse("pages:circle_start_together")
    assert ada.get(path, {"journey": "intervision"}).context["form"]["journey"].value() == "intervision"
    assert ada.get(path, {"journey": "<x>"}).context["form"]["journey"].value() == "first_six"
