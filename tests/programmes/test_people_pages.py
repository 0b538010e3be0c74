"""Finding people of a programme, reminding those who have not answered, writing to its facilitators."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Availability, User
from accounts.refusals import Refused
from accounts.templatetags.times import day
from circles.models import Membership
from notifications.outbox import turn
from programmes.enrolment_services import people_invite
from programmes.enums import EnrolmentStatus
from programmes.invitation_services import invitation_resend, invitation_withdraw, invitations_remind
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Round, RoundCircle
from programmes.services import programme_end
from tests.factories import NOW, make_circle, make_programme, make_user, signed_in
from tests.programmes.boards import Board, asking
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


def names(client: Any, board: Board, **asked: str) -> list[str]:
    answer = client.get(page("people", board.programme), asked)
    return [enrolment.user.first for enrolment, _place in answer.context["rows"]]


def test_people_are_found_by_name_address_and_where_they_stand(clock: Any) -> None:
    board = Board(6)
    client = signed_in(board.dana)
    people = board.people
    circle = make_circle(people[0].user, [])
    made = Round.objects.create(programme=board.programme, number=9, first_on=NOW.date(), published_at=NOW)
    RoundCircle.objects.create(round=made, circle=circle)
    Enrolment.objects.filter(pk__in=[people[0].pk, people[1].pk]).update(status=EnrolmentStatus.PLACED)
    Enrolment.objects.filter(pk=people[2].pk).update(status=EnrolmentStatus.WAITING)
    Availability.objects.filter(user=people[3].user).delete()
    assert names(client, board, q="p04") == ["P04"]
    assert names(client, board, q="p05@example") == ["P05"]
    assert names(client, board, q="nobody at all") == []
    assert names(client, board, state="inside") == ["P00"]
    assert names(client, board, state="none") == ["P01"]
    assert names(client, board, state="unanswered") == []
    assert names(client, board, state="line") == ["P02"]
    assert names(client, board, state="asking") == ["P03", "P04", "P05"]
    assert names(client, board, state="no_hours") == ["P03"]
    assert names(client, board, state="nonsense") == names(client, board)


def test_pages_of_a_search_stay_in_it(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    asking(programme, [f"Q{at:02}" for at in range(52)])
    client = signed_in(dana)
    answer = client.get(page("people", programme), {"q": "person"})
    assert "q=person&amp;page=2#in" in answer.content.decode()
    second = client.get(page("people", programme), {"q": "person", "page": "2"})
    assert len(second.context["rows"]) == 2


@pytest.mark.parametrize("people", [3, 12])
def test_the_list_costs_the_same_with_few_people_and_many(
    clock: Any, people: int, django_assert_num_queries: Any
) -> None:
    board = Board(people)
    client = signed_in(board.dana)
    client.get(page("people", board.programme))
    with django_assert_num_queries(11):
        client.get(page("people", board.programme), {"q": "p", "state": "no_hours"})


def invited(programme: Programme, dana: User, *emails: str) -> list[ProgrammeInvitation]:
    people_invite(programme=programme, people={email: {} for email in emails}, by=dana, now=NOW)
    return list(ProgrammeInvitation.objects.order_by("email"))


def test_whoever_has_not_answered_for_three_days_is_reminded_and_one_time(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    _one, other, gone = invited(programme, dana, "a@example.org", "b@example.org", "c@example.org")
    turn()
    mail.outbox.clear()
    client = signed_in(dana)
    assert "Remind" not in client.get(page("people", programme)).content.decode()
    assert invitations_remind(programme=programme, now=NOW + timedelta(days=2)) == 0
    ProgrammeInvitation.objects.filter(pk=other.pk).update(used_at=NOW)
    invitation_withdraw(invitation=gone, now=NOW)
    clock.move_to(NOW + timedelta(days=4))
    client = signed_in(dana)
    assert "Remind 1 who has not answered" in " ".join(client.get(page("people", programme)).content.decode().split())
    said = client.post(page("remind", programme), follow=True).content.decode()
    assert "1 person is reminded by mail." in said
    turn()
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["a@example.org"], "Reminder: Dana Diaz invites you to Leading well")
    ]
    assert "Each is reminded one time." not in said
    assert invitations_remind(programme=programme, now=NOW + timedelta(days=9)) == 0
    programme_end(programme=programme, now=NOW + timedelta(days=9))
    assert "is over" in client.post(page("remind", programme), follow=True).content.decode()


def test_facilitators_are_found_and_written_to_by_ones_own_mail_program(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date(), published_at=NOW)
    for name in ("Alice Archer", "Bob Baker"):
        RoundCircle.objects.create(round=made, circle=make_circle(make_user(name), [], name=name))
    client = signed_in(dana)
    before = len(mail.outbox)
    body = client.get(page("facilitators", programme)).content.decode()
    assert "mailto:?" not in body, "where no mail program is set up, a press on it would show nothing"
    assert 'href="?write=1#letter"' in body
    written = {"write": "1"}
    body = client.get(page("facilitators", programme), written).content.decode()
    assert 'href="mailto:?bcc=alice@example.org,bob@example.org"' in body
    assert 'value="alice@example.org, bob@example.org"' in body
    assert "This site keeps nothing of it." in " ".join(body.split())
    turn()
    assert len(mail.outbox) == before
    found = client.get(page("facilitators", programme), {"q": "bob"})
    assert [one.user.name for one in found.context["carried"]] == ["Bob Baker"]
    User.objects.filter(email="bob@example.org").update(is_active=False)
    assert "bcc=alice@example.org" in client.get(page("facilitators", programme), written).content.decode()
    Membership.objects.all().delete()
    body = client.get(page("facilitators", programme), written).content.decode()
    assert ("bcc=" in body, "write=1" in body) == (False, False)


def test_an_invitation_is_sent_again_from_its_row_three_times_a_day_at_most(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    people_invite(programme=programme, people={"a@example.org": {"name": "Ann Archer"}}, by=dana, now=NOW)
    first = ProgrammeInvitation.objects.get()
    turn()
    mail.outbox.clear()
    client = signed_in(dana)
    shown = " ".join(client.get(page("people", programme)).content.decode().split())
    assert f"Invited on {day(first.created_at)} · the link works until {day(first.expires_at)}" in shown
    again = page("invitation_resend", programme, invitation=first.code)
    assert f'action="{again}"' in shown
    assert "The earlier link no longer works." in client.post(again, follow=True).content.decode()
    turn()
    assert [message.to for message in mail.outbox] == [["a@example.org"]]
    second = ProgrammeInvitation.objects.get(revoked_at=None)
    assert (second.pk != first.pk, second.called) == (True, "Ann Archer")
    assert "answered or withdrawn meanwhile" in client.post(again, follow=True).content.decode()
    client.post(page("invitation_resend", programme, invitation=second.code))
    third = ProgrammeInvitation.objects.get(revoked_at=None)
    path = page("invitation_resend", programme, invitation=third.code)
    assert "sent often today" in client.post(path, follow=True).content.decode()
    assert ProgrammeInvitation.objects.get(revoked_at=None) == third, "it works on"
    clock.move_to(NOW + timedelta(days=61))
    client = signed_in(dana)
    client.post(path)
    fourth = ProgrammeInvitation.objects.get(revoked_at=None)
    assert fourth.created_at == NOW + timedelta(days=61), "one that ran out, too"
    programme_end(programme=programme, now=NOW + timedelta(days=61))
    ProgrammeInvitation.objects.filter(pk=fourth.pk).update(revoked_at=None)
    path = page("invitation_resend", programme, invitation=fourth.code)
    assert path not in client.get(page("people", programme)).content.decode()
    assert "is over" in client.post(path, follow=True).content.decode()


def test_an_invitation_is_not_sent_again_to_whoever_had_many_mails_today_or_is_in(clock: Any) -> None:
    dana, bob = make_user("Dana Diaz"), make_user("Bob Baker")
    programme = make_programme(dana)
    asking(programme, ["Ann"])
    (one,) = invited(programme, dana, "a@example.org")
    for at in range(4):
        people_invite(programme=make_programme(dana, name=f"N{at}"), people={one.email: {}}, by=dana, now=NOW)
    with pytest.raises(Refused, match="sent often today"):
        invitation_resend(invitation=one, by=dana, now=NOW)
    Enrolment.objects.filter(programme=programme).update(user=bob)
    ProgrammeInvitation.objects.filter(pk=one.pk).update(email=bob.email)
    one.refresh_from_db()
    with pytest.raises(Refused, match="asked for a place already"):
        invitation_resend(invitation=one, by=dana, now=NOW)
    one.refresh_from_db()
    assert one.revoked_at is None


def test_those_who_were_invited_and_have_not_answered_are_found_among_what_is_shown(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    client, asked = signed_in(dana), {"state": "not_answered"}
    assert '<option value="not_answered">' in client.get(page("people", programme)).content.decode()
    nobody = client.get(page("people", programme), asked, follow=True).content.decode()
    assert "No invitation like that is open." in nobody
    invited(programme, dana, "a@example.org", "b@example.org")
    assert client.get(page("people", programme), asked).url == page("people", programme) + "#open"
    found = client.get(page("people", programme), asked | {"q": "a@"})
    assert found.url == page("people", programme) + "?q=a%40#open"
    shown = client.get(found.url.partition("#")[0])
    assert [one.email for one in shown.context["invitations"]] == ["a@example.org"]
    assert "is open." not in shown.content.decode()
