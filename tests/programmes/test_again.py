"""A next round for those who are in open circles: they are asked, answer themselves, and keep the circle they are in."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.refusals import Refused
from circles.models import Circle, Membership
from notifications.outbox import turn
from programmes.again_services import again_ask, circle_wanted_again
from programmes.engine_selectors import met_before
from programmes.enums import EnrolmentStatus
from programmes.forming_selectors import board_of
from programmes.forming_services import round_begin
from programmes.late_selectors import late_people
from programmes.models import Enrolment, Placement, Round
from programmes.services import programme_end
from tests.factories import NOW, signed_in
from tests.programmes.test_late import LATER, After

pytestmark = pytest.mark.django_db


def test_those_in_open_circles_are_asked_once_and_their_yes_puts_them_on_the_next_board(clock: Any) -> None:
    after = After(0)
    dana, row = signed_in(after.dana), after.people[2]
    client, mine = signed_in(row.user), reverse("programmes:mine", args=[after.programme.code])
    again = reverse("programmes:again", args=[after.programme.code])
    forming = reverse("programmes:forming", args=[after.programme.code])
    assert 'id="again"' not in client.get(mine).content.decode(), "before anybody was asked"
    client.post(again)
    row.refresh_from_db()
    assert row.status == EnrolmentStatus.PLACED
    mail.outbox.clear()
    dana.post(reverse("programmes:again_ask", args=[after.programme.code]))
    turn(clock=lambda: NOW)
    letters = [one for one in mail.outbox if "would you like to be in the next round?" in one.subject]
    assert sorted(to for one in letters for to in one.to) == sorted(one.user.email for one in after.people)
    assert f"{mine}#again" in letters[0].body
    client.post(again, {"together": "1"})
    row.refresh_from_db()
    assert (row.status, row.stays_together) == (EnrolmentStatus.ENROLLED, True)
    assert "1 person who is in a circle has said yes." in " ".join(dana.get(forming).content.decode().split())
    assert list(late_people(after.programme)) == [], "nobody looks for a place for whoever is in a circle"
    round_ = round_begin(programme=after.programme, first_on=(NOW + timedelta(days=90)).date())
    assert [one.enrolment for one in board_of(round_).everybody] == [row]
    assert Membership.objects.filter(user=row.user, left_at=None, circle__name="Alder").exists(), "theirs meanwhile"
    with pytest.raises(Refused, match="asked for this round already"):
        again_ask(programme=after.programme, now=LATER)


def test_whoever_said_yes_can_take_it_back_and_leaves_the_board(clock: Any) -> None:
    after = After(0)
    again_ask(programme=after.programme, now=NOW)
    row = after.people[2]
    circle_wanted_again(enrolment=row, now=NOW)
    round_ = round_begin(programme=after.programme, first_on=(NOW + timedelta(days=90)).date())
    Placement.objects.create(round=round_, enrolment=row, draft=round_.drafts.get())
    client = signed_in(row.user)
    mine = client.get(reverse("programmes:mine", args=[after.programme.code])).content.decode()
    assert "Rather not, after all" in mine
    client.post(reverse("programmes:again", args=[after.programme.code]), {"no": "1"})
    row.refresh_from_db()
    assert row.status == EnrolmentStatus.PLACED
    assert not Placement.objects.filter(round=round_).exists()
    # Of no effect for somebody who is in no circle: they take their yes back by withdrawing.
    Membership.objects.filter(user=row.user).update(left_at=NOW)
    Enrolment.objects.filter(pk=row.pk).update(status=EnrolmentStatus.ENROLLED)
    client.post(reverse("programmes:again", args=[after.programme.code]), {"no": "1"})
    row.refresh_from_db()
    assert row.status == EnrolmentStatus.ENROLLED


def test_the_question_is_dropped_for_whoever_answered_or_left(clock: Any) -> None:
    after = After(0)
    mail.outbox.clear()
    again_ask(programme=after.programme, now=LATER)
    circle_wanted_again(enrolment=after.people[0], now=LATER)
    Membership.objects.filter(user=after.people[1].user).update(left_at=LATER)
    turn(clock=lambda: LATER)
    asked = {to for one in mail.outbox if "next round?" in one.subject for to in one.to}
    assert asked == {one.user.email for one in after.people[2:]}


def test_who_sits_together_now_has_met_when_the_next_circles_are_made(clock: Any) -> None:
    after = After(0)
    again_ask(programme=after.programme, now=NOW)
    for row in after.people:
        circle_wanted_again(enrolment=row, now=NOW)
    round_ = round_begin(programme=after.programme, first_on=(NOW + timedelta(days=90)).date())
    met = met_before(after.programme, board_of(round_).everybody, 2)
    members = [
        set(Membership.objects.filter(circle=circle).values_list("user", flat=True)) for circle in Circle.objects.all()
    ]
    of = {one.pk: one.user_id for one in after.people}
    for one, other in met:
        assert any({of[one], of[other]} <= here for here in members)
    assert len(met) == 6


def test_before_there_is_a_circle_and_after_the_end_nobody_is_asked(clock: Any) -> None:
    after = After(0)
    Round.objects.update(published_at=None)
    with pytest.raises(Refused, match="no circles were made yet"):
        again_ask(programme=after.programme, now=NOW)
    Round.objects.update(published_at=NOW)
    programme_end(programme=after.programme, now=NOW)
    with pytest.raises(Refused, match="over"):
        again_ask(programme=after.programme, now=NOW)
