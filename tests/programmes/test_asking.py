"""Nobody administers a programme or looks after its circles without their own yes, and no form tells who has an account."""

from datetime import time, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from notifications.outbox import turn
from programmes.asking_services import (
    admin_add,
    admin_answer,
    admin_ask,
    admin_remove,
    admins_tell,
    facilitator_answer,
    facilitators_ask,
    questions_prune,
)
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, enrolment_withdraw, people_invite
from programmes.forming_selectors import board_of
from programmes.forming_services import draft_change, round_publish
from programmes.models import AdminInvitation, Enrolment, FacilitatorAsked, Programme
from tests.factories import NOW, make_programme, make_user, signed_in
from tests.programmes.test_rounds import FIRST_ON, Ready

pytestmark = pytest.mark.django_db


def said(client: Client, programme: Programme, email: str) -> list[str]:
    path = reverse("programmes:admin_ask", args=[programme.code])
    answer = client.post(path, {"email": email}, follow=True)
    return [str(one).replace(email, "ADDRESS") for one in answer.context["messages"]]


def test_the_form_answers_alike_whoever_has_an_account(clock: Any, programme: Programme, dana: User) -> None:
    make_user("Omar Other")
    User.objects.filter(pk=make_user("Olga Other").pk).update(is_active=False)
    client = signed_in(dana)
    addresses = ("omar@example.org", "olga@example.org", "nobody@example.org")
    answers = [said(client, programme, email) for email in addresses]
    assert answers == [["ADDRESS is asked by mail. They administer the programme after their yes."]] * 3
    page = client.get(reverse("programmes:settings", args=[programme.code])).content.decode()
    assert not [name for name in ("Omar Other", "Olga Other") if name in page]
    assert all(email in page for email in addresses)
    turn()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(addresses)


def test_nobody_is_asked_without_end_and_the_limit_tells_of_no_account(
    clock: Any, programme: Programme, dana: User
) -> None:
    make_user("Omar Other")
    client = signed_in(dana)

    def asked(email: str) -> bool:
        answer = said(client, programme, email)
        AdminInvitation.objects.update(revoked_at=NOW)
        turn()
        return answer == ["ADDRESS is asked by mail. They administer the programme after their yes."]

    tries = {email: [asked(email) for _try in range(7)] for email in ("omar@example.org", "nobody@example.org")}
    assert list(tries.values()) == [[True] * 5 + [False] * 2] * 2
    # Nor does another door that counts the same.
    invited = people_invite(programme=programme, people={email: {} for email in tries}, by=dana, now=NOW)
    assert set(invited.often) == set(tries)


def test_somebody_without_an_account_makes_one_for_the_answer(clock: Any, settings: Any, programme: Programme) -> None:
    settings.REGISTRATION = "invite"
    dana = programme.admins.get().user
    admin_ask(programme=programme, email="new@example.org", by=dana, now=NOW)
    turn()
    body = str(mail.outbox[-1].body)
    path = "/programmes/administer/" + body.partition("/programmes/administer/")[2].split()[0]
    client = Client()
    page = client.get(path, follow=True)
    assert b"Create an account" in page.content
    assert client.get(reverse("account_signup")).status_code == 200
    assert Client().get(reverse("programmes:administer", args=[AdminInvitation.objects.get().code])).status_code == 404


def test_the_yes_is_their_own_and_the_asker_hears_of_it(clock: Any, programme: Programme, dana: User) -> None:
    omar = make_user("Omar Other")
    admin_ask(programme=programme, email=omar.email, by=dana, now=NOW)
    asked = AdminInvitation.objects.get()
    page = reverse("programmes:administer", args=[asked.code])
    assert signed_in(make_user("Stella Stranger")).get(page).status_code == 404
    client = signed_in(omar)
    assert page in client.get(reverse("programmes:programmes")).content.decode()
    assert client.get(reverse("programmes:overview", args=[programme.code])).status_code == 404
    client.post(page, {"yes": "1"})
    assert client.get(reverse("programmes:overview", args=[programme.code])).status_code == 200
    assert client.post(page, {"no": "1"}).status_code == 404
    turn()
    assert "omar@example.org has answered: Leading well" in [message.subject for message in mail.outbox]


def test_a_no_is_told_and_leaves_nothing_behind(clock: Any, programme: Programme, dana: User) -> None:
    omar = make_user("Omar Other")
    admin_ask(programme=programme, email=omar.email, by=dana, now=NOW)
    admin_answer(invitation=AdminInvitation.objects.get(), user=omar, yes=False, now=NOW)
    assert not programme.admins.filter(user=omar).exists()
    turn()
    assert "The answer is no." in str(mail.outbox[-1].body)
    assert questions_prune(now=NOW + timedelta(days=15)) == 1


def test_who_wrote_something_hears_of_a_new_administrator_three_days_before(
    clock: Any, programme: Programme, dana: User
) -> None:
    bob, omar, carol = make_user("Bob Baker"), make_user("Omar Other"), make_user("Carol Cook")
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="Mine"), now=NOW)
    enrolment_make(programme=programme, user=carol, yes=EnrolmentDetails(motive="Hers"), now=NOW)
    admin_ask(programme=programme, email=omar.email, by=dana, now=NOW)
    admin_answer(invitation=AdminInvitation.objects.get(), user=omar, yes=True, now=NOW)
    client = signed_in(omar)
    people = reverse("programmes:people", args=[programme.code])
    assert client.get(people).status_code == 404
    mail.outbox.clear()
    late = NOW + timedelta(hours=5)  # whatever tells of it was down
    clock.move_to(late)
    assert admins_tell(now=late) == 1
    assert admins_tell(now=late) == 0
    turn()
    told = [m.to[0] for m in mail.outbox if m.subject == "Omar Other administers Leading well too"]
    assert sorted(told) == ["bob@example.org", "carol@example.org", "dana@example.org"]
    with pytest.raises(Refused, match="Name another"):
        admin_remove(programme=programme, user=dana, by=dana, now=NOW)
    # Until then, and after it, people change or take back what they wrote.
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="Other words"), now=late)
    enrolment_withdraw(enrolment=Enrolment.objects.get(user=carol), now=late)
    clock.move_to(late + timedelta(days=3, seconds=-1))
    assert client.get(people).status_code == 404
    clock.move_to(late + timedelta(days=3))
    shown = client.get(people).content.decode()
    assert ["Other words" in shown, "Mine" in shown, "Hers" in shown] == [True, False, False]


def test_asked_twice_is_asked_once_and_an_administrator_is_not_asked(programme: Programme, dana: User) -> None:
    for _time in range(2):
        admin_ask(programme=programme, email="new@example.org", by=dana, now=NOW)
    assert AdminInvitation.objects.count() == 1
    with pytest.raises(Refused, match="already"):
        admin_ask(programme=programme, email=dana.email, by=dana, now=NOW)
    # A question that has lapsed may be put again.
    admin_ask(programme=programme, email="new@example.org", by=dana, now=NOW + timedelta(days=15))
    assert AdminInvitation.objects.filter(revoked_at=None).count() == 1


def test_one_address_is_not_flooded_with_questions(dana: User) -> None:
    for at in range(5):
        admin_ask(programme=make_programme(dana, name=f"P{at}"), email="new@example.org", by=dana, now=NOW)
    with pytest.raises(Refused, match="tomorrow"):
        admin_ask(programme=make_programme(dana, name="P6"), email="new@example.org", by=dana, now=NOW)


def test_circles_are_made_when_whoever_looks_after_them_has_said_yes(clock: Any) -> None:
    ready = Ready()
    FacilitatorAsked.objects.all().delete()
    first = ready.people[0].user
    with pytest.raises(Refused, match="has not said yet"):
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    assert board_of(ready.round).to_ask == 2
    board = reverse("programmes:forming", args=[ready.programme.code])
    client = signed_in(ready.dana)
    assert b"Ask 2 people" in client.get(board).content
    mail.outbox.clear()
    client.post(reverse("programmes:facilitators_ask", args=[ready.round.code]))
    turn()
    # Whoever chose themself has said yes by it.
    asking = "Dana Diaz asks whether you would look after a circle of Leading well"
    assert [m.to for m in mail.outbox if m.subject == asking] == [[first.email]]
    assert board_of(ready.round).blocks == [("Alder", f"{first} has not said yet whether they look after it.")]
    page = reverse("programmes:look_after", args=[FacilitatorAsked.objects.get(user=first).code])
    assert signed_in(ready.people[1].user).get(page).status_code == 404
    signed_in(first).post(page, {"yes": "1"})
    assert board_of(ready.round).blocks == []
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    turn()
    assert [m.to for m in mail.outbox if m.subject == "Alder is made, and you look after it"] == [[first.email]]
    with pytest.raises(Refused, match="meanwhile"):
        facilitator_answer(asked=FacilitatorAsked.objects.get(user=first), yes=False, now=NOW)


def test_a_no_takes_them_off_the_board_and_they_are_not_offered_again(clock: Any) -> None:
    ready = Ready()
    first = ready.people[0].user
    asked = FacilitatorAsked.objects.get(user=first)
    facilitator_answer(asked=asked, yes=False, now=NOW)
    pot = board_of(ready.round).pots[0]
    assert (pot.draft.facilitator, pot.blocks) == (None, ["Choose who looks after it."])
    client = signed_in(ready.dana)
    page = reverse("programmes:draft_change", args=[ready.round.code, pot.draft.code])
    assert str(first.code) not in client.get(page).content.decode()
    # They may change their mind until the circles are made.
    facilitator_answer(asked=asked, yes=True, now=NOW)
    draft_change(draft=pot.draft, name="Alder", facilitator=first, first_on=None, first_at=None)
    assert facilitators_ask(round_=ready.round, by=ready.dana, now=NOW) == 0
    assert board_of(ready.round).blocks == []


def test_the_board_counts_and_warns_whom_it_gives_two_circles(clock: Any) -> None:
    ready = Ready()
    for draft in ready.drafts:
        draft_change(draft=draft, name=draft.name, facilitator=ready.dana, first_on=None, first_at=None)
    first, other = board_of(ready.round).pots
    assert (first.warnings, other.warnings) == (
        ["Dana Diaz would look after Birch at the same hour."],
        ["Dana Diaz would look after Alder at the same hour."],
    )
    page = reverse("programmes:draft_change", args=[ready.round.code, first.draft.code])
    assert "Dana Diaz (looks after 1 circle)" in signed_in(ready.dana).get(page).content.decode()
    draft_change(draft=first.draft, name="Alder", facilitator=ready.dana, first_on=FIRST_ON, first_at=time(17))
    assert [pot.warnings for pot in board_of(ready.round).pots] == [[], []]


def test_an_address_that_nobody_has_proved_is_asked_nothing(clock: Any, programme: Programme, dana: User) -> None:
    omar = make_user("Omar Other")
    EmailAddress.objects.update_or_create(user=omar, email=omar.email, defaults={"verified": False, "primary": True})
    admin_ask(programme=programme, email=omar.email, by=dana, now=NOW)
    page = reverse("programmes:administer", args=[AdminInvitation.objects.get().code])
    client = signed_in(omar)
    assert client.get(page).status_code == 404
    assert client.post(page, {"yes": "1"}).status_code == 404
    assert page not in client.get(reverse("programmes:programmes")).content.decode()
    assert not programme.admins.filter(user=omar).exists()


def test_whoever_administers_no_more_is_told_and_so_are_the_others(
    clock: Any, programme: Programme, dana: User
) -> None:
    """One of them could otherwise be left alone with what people wrote, and nobody would know."""
    omar, nina = make_user("Omar Other"), make_user("Nina New")
    for other in (omar, nina):
        admin_add(programme=programme, user=other, now=NOW)
    path = reverse("programmes:admin_remove", args=[programme.code, dana.code])
    assert signed_in(omar).post(path).status_code == 302
    turn()
    told = {m.to[0]: m.subject for m in mail.outbox if "no more" in m.subject}
    assert told == {
        "dana@example.org": "You administer Leading well no more",
        "nina@example.org": f"{dana.name} administers Leading well no more",
    }
    assert signed_in(dana).get(reverse("programmes:overview", args=[programme.code])).status_code == 404


def test_whoever_gives_it_up_is_told_nothing_and_one_who_is_back_is_not_said_to_be_gone(
    clock: Any, programme: Programme, dana: User
) -> None:
    omar = make_user("Omar Other")
    admin_add(programme=programme, user=omar, now=NOW)
    admin_remove(programme=programme, user=dana, by=dana, now=NOW)
    admin_add(programme=programme, user=dana, now=NOW)
    turn()
    assert [m.subject for m in mail.outbox if "no more" in m.subject] == []
    admin_remove(programme=programme, user=dana, by=dana, now=NOW + timedelta(seconds=1))
    clock.move_to(NOW + timedelta(seconds=1))
    turn()
    assert [m.to for m in mail.outbox if "no more" in m.subject] == [["omar@example.org"]]
