"""Whoever comes after circles were made: a free seat, the circle's own yes, theirs, and nobody else is moved."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Level
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import availability_add
from circles.invitation_services import invitation_accept
from circles.models import Circle, Invitation, Membership
from notifications.outbox import turn
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, enrolment_withdraw
from programmes.enums import EnrolmentStatus
from programmes.forming_services import round_begin, round_publish
from programmes.late_selectors import late_of, late_page
from programmes.late_services import late_answer, late_ask, late_ask_all, late_take_back
from programmes.models import Enrolment, LatePlace, Placement, Programme
from programmes.services import programme_end
from tests.factories import NOW, make_user, signed_in
from tests.programmes.boards import asking
from tests.programmes.test_rounds import Ready

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


class After:
    """Two circles of three were made, with a fourth seat each; two people come late."""

    def __init__(self, late: int = 2, **yes: Any) -> None:
        ready = Ready(asks=["function", "level", "manager", "together"])
        self.dana, self.programme, self.people = ready.dana, ready.programme, ready.people
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
        for one in Invitation.objects.all():
            invitation_accept(invitation=one, user=User.objects.get(email=one.email), now=NOW)
        self.late = asking(self.programme, [f"Late{at}" for at in range(late)], **yes)

    def circle(self, name: str) -> Circle:
        return Circle.objects.get(name=name)

    def ask(self, at: int, name: str) -> LatePlace:
        asked = {self.late[at].code: self.circle(name).code}
        late_ask(programme=self.programme, asked=asked, by=self.dana, now=LATER)
        return LatePlace.objects.get(enrolment=self.late[at], of__circle__name=name)

    def page(self) -> str:
        shown = signed_in(self.dana).get(reverse("programmes:late", args=[self.programme.code])).content.decode()
        return " ".join(shown.split())

    def seats(self) -> set[tuple[str, str]]:
        rows = Membership.objects.filter(left_at=None, takes_part=True)
        return set(rows.values_list("circle__name", "user__email"))


def test_a_circle_is_asked_first_and_the_person_says_yes_themselves(clock: Any) -> None:
    after = After()
    before = after.seats()
    client = signed_in(after.dana)
    begin = client.get(reverse("programmes:forming", args=[after.programme.code])).content.decode()
    assert "2 people have asked for a place since the circles were made." in " ".join(begin.split())
    assert "Proposed: Alder" in after.page()
    mail.outbox.clear()
    late0 = after.late[0]
    path = reverse("programmes:late_ask", args=[after.programme.code, late0.code])
    answer = client.post(path, {"circle": str(after.circle("Alder").code)})
    assert answer.url.endswith(f"#person-{late0.code}")
    assert "Alder was asked on" in after.page()
    assert after.seats() == before
    assert not Invitation.objects.filter(email=late0.user.email).exists(), "before the circle has said yes"
    turn(clock=lambda: LATER)
    asked = LatePlace.objects.get()
    person0 = after.people[0].user
    [letter] = [one for one in mail.outbox if one.subject == "Would Alder take one more person?"]
    assert letter.to == [person0.email]
    led = reverse("programmes:late_place", args=[asked.code])
    assert led in letter.body
    facilitator = signed_in(person0)
    assert b"Late0 Person" in facilitator.get(led).content
    facilitator.post(led, {"yes": "1"})
    invitation = Invitation.objects.get(email=late0.user.email)
    assert (invitation.circle.name, invitation.invited_by) == ("Alder", person0)
    late0.refresh_from_db()
    assert late0.status == EnrolmentStatus.PLACED
    assert b"The answer was yes" in facilitator.get(led).content
    mail.outbox.clear()
    turn(clock=lambda: LATER)
    assert [one.subject for one in mail.outbox if after.dana.email in one.to] == ["Alder has answered for Late0 Person"]
    invitation_accept(invitation=invitation, user=late0.user, now=LATER)
    assert after.seats() == before | {("Alder", late0.user.email)}, "nobody else has moved"
    # The one place is taken: the other is proposed the other circle.
    assert "Proposed: Birch" in after.page()


def test_a_no_leads_to_another_circle_and_never_back(clock: Any) -> None:
    after = After(1)
    late_answer(asked=after.ask(0, "Alder"), yes=False, by=after.people[0].user, now=LATER)
    assert "Proposed: Birch" in after.page()
    assert after.late[0].status == EnrolmentStatus.ENROLLED
    with pytest.raises(Refused, match="no place for them any more"):
        after.ask(0, "Alder")
    # Dana looks after Birch herself: her asking is its yes.
    after.ask(0, "Birch")
    assert Invitation.objects.filter(email=after.late[0].user.email, circle__name="Birch").exists()
    with pytest.raises(Refused, match="answered or taken back"):
        late_answer(asked=LatePlace.objects.get(yes=True), yes=False, by=after.dana, now=LATER)


def test_all_are_asked_for_by_one_press_and_nobody_gets_a_seat_twice(clock: Any) -> None:
    after = After(3)
    client = signed_in(after.dana)
    assert "Ask the circles proposed for 2 people" in after.page()
    client.post(reverse("programmes:late_ask_all", args=[after.programme.code]), {"page": "1"})
    rows = LatePlace.objects.order_by("of__circle__name").values_list("of__circle__name", "yes")
    assert list(rows) == [("Alder", None), ("Birch", True)]
    assert "No circle has a free seat" in after.page()
    assert late_ask_all(programme=after.programme, people=[after.late[2].code], by=after.dana, now=LATER) == 0


def test_a_circle_that_lost_people_comes_first(clock: Any) -> None:
    after = After(1)
    Membership.objects.filter(user=after.people[1].user).update(left_at=NOW)
    assert "Proposed: Birch" in after.page()
    assert "2 people, 2 seats free, 1 fewer than this programme wants" in after.page()


def test_whoever_cannot_at_the_hour_of_a_circle_is_not_proposed_for_it(clock: Any) -> None:
    after = After(0)
    late = make_user("Thea Thursday")
    availability_add(user=late, weekdays=[3], start=540, end=720, level=Level.GOOD)
    enrolment_make(programme=after.programme, user=late, yes=EnrolmentDetails(), now=NOW)
    assert "No circle has a free seat at an hour that suits them" in after.page()


def test_nobody_comes_late_into_the_circle_of_their_manager(clock: Any) -> None:
    after = After(1, facts={"manager": "person0@example.org"})
    Programme.objects.update(forming={"manager": "none"})
    with pytest.raises(Refused, match="no place"):
        after.ask(0, "Alder")
    enrolment_make(programme=after.programme, user=after.late[0].user, yes=EnrolmentDetails(), now=NOW)
    asked = after.ask(0, "Alder")
    boss = EnrolmentDetails(facts={"manager": "person2@example.org"})
    enrolment_make(programme=after.programme, user=after.late[0].user, yes=boss, now=NOW)
    with pytest.raises(Refused, match="answers to another"):
        late_answer(asked=asked, yes=True, by=after.people[0].user, now=LATER)
    assert not Invitation.objects.filter(email=after.late[0].user.email).exists()


def test_what_all_told_of_managers_is_not_said_of_whoever_did_not_tell(clock: Any) -> None:
    after = After(1)
    said = "Nobody, by what they all told the programme."
    Circle.objects.update(managers_here=said)
    late_answer(asked=after.ask(0, "Alder"), yes=True, by=after.people[0].user, now=LATER)
    assert list(Circle.objects.order_by("name").values_list("managers_here", flat=True)) == ["", said]


def test_where_something_was_told_in_confidence_the_choice_is_the_administrators(clock: Any) -> None:
    after = After(1)
    Programme.objects.update(in_confidence=True)
    plain = after.page()
    assert "Proposed:" not in plain
    assert "Which circle it is, you choose" in plain
    shy = EnrolmentDetails(apart=["person0@example.org", "person1@example.org"], facts={"function": "Data"})
    enrolment_make(programme=after.programme, user=after.late[0].user, yes=shy, now=NOW)
    page = late_page(Programme.objects.get(), None, now=NOW)
    assert [choice.circle.row.circle.name for choice in page["rows"][0].choices] == ["Alder", "Birch"]


def test_a_question_falls_when_its_person_goes_or_has_a_place(clock: Any) -> None:
    after = After(2)
    asked = after.ask(0, "Alder")
    enrolment_withdraw(enrolment=after.late[0], now=LATER)
    assert not LatePlace.objects.exists()
    with pytest.raises(Refused, match="answered or taken back"):
        late_answer(asked=asked, yes=True, by=after.people[0].user, now=LATER)
    asked = after.ask(1, "Alder")
    with pytest.raises(Refused, match=r"no place|asked for them"):
        after.ask(1, "Birch")
    late_take_back(asked=asked)
    assert "Proposed: Alder" in after.page()
    asked = after.ask(1, "Alder")
    Enrolment.objects.filter(pk=after.late[1].pk).update(status=EnrolmentStatus.PLACED)
    with pytest.raises(Refused, match="a place in another circle by now"):
        late_answer(asked=asked, yes=True, by=after.people[0].user, now=LATER)
    assert LatePlace.objects.get().yes is None
    programme_end(programme=after.programme, now=LATER)
    with pytest.raises(Refused, match="over"):
        late_answer(asked=LatePlace.objects.get(), yes=True, by=after.people[0].user, now=LATER)
    after.programme.refresh_from_db()
    with pytest.raises(Refused, match="This programme is over"):
        after.ask(0, "Alder")
    assert LatePlace.objects.count() == 1


def test_whoever_is_invited_late_leaves_the_open_board(clock: Any) -> None:
    after = After(1)
    round_ = round_begin(programme=after.programme, first_on=(NOW + timedelta(days=40)).date())
    Placement.objects.create(round=round_, enrolment=after.late[0], draft=round_.drafts.get())
    late_answer(asked=after.ask(0, "Alder"), yes=True, by=after.people[0].user, now=LATER)
    assert not Placement.objects.filter(round=round_).exists()


def test_a_full_circle_is_offered_to_nobody_and_questions_count_as_seats(clock: Any) -> None:
    after = After(2)
    after.ask(0, "Alder")
    with pytest.raises(Refused, match="no place for them any more"):
        after.ask(1, "Alder")
    Circle.objects.filter(name="Birch").update(max_size=3)
    with pytest.raises(Refused, match="no place for them any more"):
        after.ask(1, "Birch")
    with pytest.raises(Refused, match="not among those who wait"):
        late_ask(programme=after.programme, asked={after.circle("Alder").code: after.circle("Alder").code},
                 by=after.dana, now=LATER)  # fmt: skip


def test_queries_do_not_grow_with_people(clock: Any) -> None:
    after = After(1)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            late_of(
                after.programme,
                list(Enrolment.objects.filter(status="enrolled").select_related("user", "vault")),
                now=NOW,
            )
        return len(found)

    before = queries()
    asking(after.programme, ["Another", "Third"])
    assert queries() == before
