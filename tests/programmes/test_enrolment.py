"""Setting a programme up, inviting people to it, and their own yes."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Availability, User
from notifications.models import Message
from notifications.outbox import turn
from programmes.asking_services import admin_add
from programmes.enrolment_services import (
    FORGOTTEN_AFTER,
    INVITATION_LIVES,
    EnrolmentDetails,
    enrolment_make,
    enrolment_withdraw,
    invitations_prune,
    people_invite,
)
from programmes.invitation_services import invitation_withdraw
from programmes.models import Enrolment, Programme, ProgrammeInvitation
from tests.factories import NOW, PASSWORD, make_programme, make_user, signed_in
from tests.programmes.enrolling import YES, may_sign_up, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(dana: User, clock: Any) -> Programme:
    return make_programme(dana, is_open=False)


def test_setting_a_programme_up_is_for_those_who_run_the_server(dana: User, clock: Any) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True, time_zone="Europe/London")
    client = signed_in(sue)
    form = client.get("/programmes/start/").context["form"]
    started = {name: value for name, value in form.initial.items() if value not in (None, False)}
    answer = client.post("/programmes/start/", started | {"name": "Leading well"})
    made = Programme.objects.get()
    assert answer.url == page("people", made)
    assert [row.user for row in made.admins.all()] == [sue]
    assert signed_in(dana).get("/programmes/start/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"ends_on": "2026-01-01"}, "ends_on"),
        ({"ends_on": "2036-01-01"}, "ends_on"),
        ({"starts_on": "0001-01-01", "ends_on": "0001-02-01"}, "starts_on"),
        ({"max_size": "3"}, "max_size"),
        ({"min_size": "99999999999999999999"}, "min_size"),
        ({"kickoff_date": "2027-02-01"}, "kickoff_time"),
        ({"format_key": "nothing"}, "format_key"),
        ({"asks": ["shoe_size"]}, "asks"),
        ({"places": "1"}, "places"),
    ],
)
def test_mistakes_in_a_programme_stand_beside_their_field(
    programme: Programme, dana: User, changes: dict[str, Any], field: str
) -> None:
    client = signed_in(dana)
    path = page("settings", programme)
    started = client.get(path).context["form"].initial
    form = {name: value for name, value in started.items() if value not in (None, False)} | changes
    answer = client.post(path, form)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    programme.refresh_from_db()
    assert programme.name == "Leading well"


def test_a_personal_invitation_leads_to_a_persons_own_yes(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(
        programme=programme, people={"bob@example.org": {"function": "Finance", "name": "Bob"}}, by=dana, now=NOW
    )
    turn()
    assert mail.outbox[0].subject == "Dana Diaz invites you to Leading well"
    invitation = ProgrammeInvitation.objects.get()
    link = page("invitation_open", programme, token=invitation.secret)
    assert link in str(mail.outbox[0].body)
    visitor = Client()
    assert visitor.get(page("join", programme)).status_code == 404
    shown = visitor.get(link, follow=True)
    assert shown.status_code == 200
    assert invitation.secret not in shown.content.decode()
    assert may_sign_up(visitor)
    bob = make_user("Bob Baker")
    client = signed_in(bob)
    assert client.get(link).url == page("join", programme)
    shown = client.get(page("join", programme))
    assert shown.context["form"].initial["function"] == "Finance"
    assert Enrolment.objects.count() == 0
    answer = client.post(page("join", programme), YES | {"function": "Finance", "apart": "erin@example.org"})
    assert answer.url == page("mine", programme)
    row = Enrolment.objects.get()
    assert (row.status, row.motive, row.facts, row.apart) == (
        "enrolled", "To think aloud", {"function": "Finance"}, "erin@example.org",
    )  # fmt: skip
    assert Availability.objects.filter(user=bob).count() == 2
    invitation.refresh_from_db()
    assert invitation.used_at == NOW
    assert Client().get(link, follow=True).status_code == 404


def test_a_door_to_sign_up_is_as_open_as_what_leads_to_it(
    programme: Programme, dana: User, clock: Any, settings: Any
) -> None:
    """Withdrawn, or used for one account: it lets nobody make another on a site that is closed."""
    settings.REGISTRATION = "invite"
    people_invite(programme=programme, people={"bob@example.org": {}, "carol@example.org": {}}, by=dana, now=NOW)
    first, second = ProgrammeInvitation.objects.order_by("email")
    visitor = Client()
    assert not may_sign_up(visitor)
    visitor.get(page("invitation_open", programme, token=first.secret), follow=True)
    assert may_sign_up(visitor)
    invitation_withdraw(invitation=first, now=NOW)
    assert not may_sign_up(visitor)
    visitor.get(page("invitation_open", programme, token=second.secret), follow=True)
    form = {"name": "Carol", "email": "carol@example.org", "password1": PASSWORD, "time_zone": "Europe/London"}
    visitor.post("/sign/signup/", form)
    assert User.objects.filter(email="carol@example.org").exists()
    assert "may_sign_up" not in visitor.session


def test_an_invitation_is_for_the_address_it_was_sent_to(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    link = page("invitation_open", programme, token=ProgrammeInvitation.objects.get().secret)
    client = signed_in(make_user("Erin Else"))
    shown = client.get(link, follow=True).content.decode()
    assert "This invitation was sent to another address" in shown
    client.post(page("join", programme), YES)
    assert Enrolment.objects.count() == 0


def test_an_open_programme_is_open_to_everybody_with_its_address(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    assert Client().get(page("join", programme)).status_code == 200
    erin = make_user("Erin Else")
    signed_in(erin).post(page("join", programme), YES)
    assert Enrolment.objects.get().user == erin


def test_refusals_say_why_and_keep_what_was_typed(dana: User, clock: Any) -> None:
    programme = make_programme(dana, enrol_until=(NOW - timedelta(days=1)).date())
    answer = signed_in(make_user("Erin Else")).post(page("join", programme), YES)
    assert "The last day to ask for a place has passed" in answer.content.decode()
    assert "To think aloud" in answer.content.decode()
    assert Enrolment.objects.count() == 0
    bad = {"together": "nobody", "apart": "erin@example.org", "manager": "erin@example.org"}
    answer = signed_in(User.objects.get(name="Erin Else")).post(page("join", programme), YES | bad)
    assert sorted(answer.context["form"].errors) == ["apart", "manager", "together"]


def test_wishes_contradict_each_other(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    both = {"together": "x@example.org", "apart": "x@example.org"}
    answer = signed_in(make_user("Erin Else")).post(page("join", programme), YES | both)
    assert answer.context["form"].errors["apart"] == ["You name the same person in both."]


def test_full_programmes_have_a_waiting_list_that_moves_up_in_turn(dana: User, clock: Any) -> None:
    programme = make_programme(dana, places=2)
    rows = [
        enrolment_make(
            programme=programme,
            user=make_user(f"Person{at} X"),
            yes=EnrolmentDetails(motive="w"),
            now=NOW + timedelta(minutes=at),
        )
        for at in range(4)
    ]
    assert [row.status for row in rows] == ["enrolled", "enrolled", "waiting", "waiting"]
    enrolment_withdraw(enrolment=rows[0], now=NOW)
    statuses = list(Enrolment.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["withdrawn", "enrolled", "enrolled", "waiting"]
    rows[0].refresh_from_db()
    assert (rows[0].motive, rows[0].facts) == ("", {})
    assert Message.objects.filter(kind="programme_place_free").get().user == rows[2].user
    again = enrolment_make(programme=programme, user=rows[0].user, yes=EnrolmentDetails(), now=NOW)
    assert (again.pk, again.status) == (rows[0].pk, "waiting")


def test_more_places_go_to_those_who_wait(dana: User, clock: Any) -> None:
    programme = make_programme(dana, places=2)
    for at in range(4):
        enrolment_make(programme=programme, user=make_user(f"Person{at} X"), yes=EnrolmentDetails(), now=NOW)
    client = signed_in(dana)
    started = client.get(page("settings", programme)).context["form"].initial
    form = {name: value for name, value in started.items() if value not in (None, False)}
    client.post(page("settings", programme), form | {"places": "3"})
    statuses = list(Enrolment.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["enrolled", "enrolled", "enrolled", "waiting"]
    client.post(page("settings", programme), form | {"places": ""})
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"enrolled"}


def test_people_are_invited_once_and_asked_again_only_after_they_withdrew(programme: Programme, dana: User) -> None:
    bob = make_user("Bob Baker")
    first = people_invite(programme=programme, people={"bob@example.org": {}, "x@example.org": {}}, by=dana, now=NOW)
    assert (first.sent, first.already_in, first.already_invited) == (2, (), ())
    second = people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    assert (second.sent, second.already_invited) == (0, ("bob@example.org",))
    held = ProgrammeInvitation.objects.get(email="bob@example.org")
    row = enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(), now=NOW, invitation=held)
    third = people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    assert (third.sent, third.already_in) == (0, ("bob@example.org",))
    enrolment_withdraw(enrolment=row, now=NOW)
    assert people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW).sent == 1


def test_a_withdrawn_or_expired_invitation_opens_nothing(programme: Programme, dana: User, clock: Any) -> None:
    people_invite(programme=programme, people={"a@example.org": {}, "b@example.org": {}}, by=dana, now=NOW)
    one, other = ProgrammeInvitation.objects.order_by("email")
    client = signed_in(dana)
    client.post(page("invitation_withdraw", programme, invitation=one.code))
    assert Client().get(page("invitation_open", programme, token=one.secret), follow=True).status_code == 404
    for seconds, opens in ((-1, 200), (0, 404)):
        clock.move_to(NOW + timedelta(days=60, seconds=seconds))
        assert Client().get(page("invitation_open", programme, token=other.secret), follow=True).status_code == opens
    invitation_withdraw(invitation=other, now=NOW)
    turn()
    assert mail.outbox == []


def test_whoever_never_answers_is_forgotten_a_month_after_their_invitation_ran_out(
    programme: Programme, dana: User, clock: Any
) -> None:
    facts = {"function": "Data"}
    people_invite(programme=programme, people={f"p{at}@example.org": facts for at in range(3)}, by=dana, now=NOW)
    turn()
    said, withdrawn, _silent = ProgrammeInvitation.objects.order_by("email")
    enrolment_make(
        programme=programme, user=make_user("Pia P", email=said.email), yes=EnrolmentDetails(), now=NOW, invitation=said
    )
    invitation_withdraw(invitation=withdrawn, now=NOW)

    def known() -> list[str]:
        rows = ProgrammeInvitation.objects.order_by("pk")
        return [one.email.partition("@")[2] for one in rows if one.facts]

    assert (timedelta(days=30), timedelta(days=60)) == (FORGOTTEN_AFTER, INVITATION_LIVES), "as the page says"
    assert invitations_prune(now=NOW + FORGOTTEN_AFTER - timedelta(seconds=1)) == 0
    assert invitations_prune(now=NOW + FORGOTTEN_AFTER) == 1
    assert len(known()) == 2
    over = NOW + INVITATION_LIVES + FORGOTTEN_AFTER
    assert invitations_prune(now=over - timedelta(seconds=1)) == 0
    assert invitations_prune(now=over) == 1
    assert invitations_prune(now=over) == 0
    assert list(ProgrammeInvitation.objects.filter(email__endswith="example.org")) == [said]
    assert Message.objects.filter(kind="programme_invitation").values_list("email", flat=True).get() == said.email
    assert ProgrammeInvitation.objects.values("email").distinct().count() == 3, "how many were invited stays"
    assert b"30 days after" in signed_in(dana).get(page("people", programme)).content


def test_the_form_names_who_reads_what_is_said_with_a_yes(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    admin_add(programme=programme, user=make_user("Omar Other"), now=NOW)
    text = signed_in(make_user("Pia P")).get(page("join", programme)).content.decode()
    assert (
        "now Dana Diaz, Omar Other; by nobody else. Should somebody join them, you hear of it three days before" in text
    )
